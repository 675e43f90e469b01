// SPDX-License-Identifier: GPL-2.0-only
/* A veil: its making, its mode, its end. */

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <media/v4l2-event.h>

#include "compat.h"
#include "controls.h"
#include "feed.h"
#include "format.h"
#include "relay.h"
#include "veil.h"
#include "view.h"
#include "viewer.h"

/* What a veil offers until a helper says better. */
static const struct plateveil_mode first_mode = {
	.pixelformat = V4L2_PIX_FMT_YUYV,
	.width = 640,
	.height = 480,
	.numerator = 1,
	.denominator = 30,
};

/* Does any viewer hold buffers? Then the mode stands still. veil->lock held. */
bool pv_veil_busy(struct pv_veil *veil)
{
	struct pv_viewer *viewer;

	list_for_each_entry(viewer, &veil->viewers, node)
		if (viewer->owner)
			return true;
	return false;
}

/* Bytes of a frame of the mode in force. */
u32 pv_veil_frame_size(struct pv_veil *veil)
{
	u32 size;

	spin_lock(&veil->mode_lock);
	size = pv_mode_size(&veil->mode);
	spin_unlock(&veil->mode_lock);
	return size;
}

/* Tells every viewer but the one who chose that the picture is another. */
static void announce_change(struct pv_veil *veil, struct v4l2_fh *by)
{
	static const struct v4l2_event changed = {
		.type = V4L2_EVENT_SOURCE_CHANGE,
		.u.src_change.changes = V4L2_EVENT_SRC_CH_RESOLUTION,
	};
	struct pv_viewer *viewer;

	list_for_each_entry(viewer, &veil->viewers, node)
		if (&viewer->fh != by)
			v4l2_event_queue_fh(&viewer->fh, &changed);
}

/*
 * A card for pictures of a mode, NULL if there is no memory. It takes as long as some
 * frames: not with a lock that others wait for.
 */
static void *paint_card(const struct plateveil_card *look, const struct plateveil_mode *mode,
			u32 *size)
{
	u8 *card = vzalloc(pv_mode_size(mode)), *fit;

	if (!card)
		return NULL;
	*size = pv_card_paint(look, mode, card);
	if (*size == pv_mode_size(mode))
		return card;
	/* A JPEG is a small part of what it may be at most. */
	fit = *size ? vmalloc(*size) : NULL;
	if (fit)
		memcpy(fit, card, *size);
	vfree(card);
	return fit;
}

static bool same_card(const struct plateveil_mode *a, const struct plateveil_mode *b)
{
	return pv_mode_same_picture(a, b) && a->flags == b->flags;
}

/* On a thread of the kernel's own: one of a user's could be stopped, and others with it. */
static void card_work(struct work_struct *work)
{
	struct pv_veil *veil = container_of(work, struct pv_veil, card_work);
	struct plateveil_card look;
	struct plateveil_mode mode;
	u32 size = 0;
	void *card;

	mutex_lock(&veil->lock);
	look = veil->look;
	mode = veil->mode;
	mutex_unlock(&veil->lock);
	card = paint_card(&look, &mode, &size);
	mutex_lock(&veil->lock);
	veil->card_failed = !card;
	/* Of another look or mode by now, it is no good. */
	if (card && same_card(&mode, &veil->mode) && !memcmp(&look, &veil->look, sizeof(look))) {
		swap(veil->card, card);
		veil->card_size = size;
		veil->card_old = false;
	}
	mutex_unlock(&veil->lock);
	vfree(card);
}

/* Has it no card as it is to be? veil->lock held. */
bool pv_veil_needs_card(struct pv_veil *veil)
{
	return !veil->card || veil->card_old;
}

/* Paints one and waits for it, or ENOMEM. veil->lock held, but for that time. */
int pv_veil_repaint(struct pv_veil *veil)
{
	mutex_unlock(&veil->lock);
	queue_work(pv_workers, &veil->card_work);
	flush_work(&veil->card_work);
	mutex_lock(&veil->lock);
	return veil->card_failed && pv_veil_needs_card(veil) ? -ENOMEM : 0;
}

/* Puts a mode in force; @by chose it, or NULL. veil->lock held, nobody holds buffers. */
void pv_veil_mode_choose(struct pv_veil *veil, const struct plateveil_mode *mode,
			 struct v4l2_fh *by)
{
	bool same;

	if (pv_mode_equal(mode, &veil->mode))
		return;
	same = pv_mode_same_picture(mode, &veil->mode);
	/* None till somebody streams. */
	if (!same_card(mode, &veil->mode)) {
		vfree(veil->card);
		veil->card = NULL;
	}
	spin_lock(&veil->mode_lock);
	veil->mode = *mode;
	/* Zero is what an unbound feed has. */
	if (!++veil->generation)
		veil->generation = 1;
	spin_unlock(&veil->mode_lock);
	pv_relay_expire(veil);
	if (!same)
		announce_change(veil, by);
	if (video_is_registered(&veil->feed))
		pv_feed_announce(veil);
}

/*
 * In force from the next card dealt on; on ENOMEM the old one stays till there is memory.
 * @look has been checked.
 */
int pv_veil_card_set(struct pv_veil *veil, const struct plateveil_card *look)
{
	int err = 0;

	mutex_lock(&veil->lock);
	veil->look = *look;
	veil->card_old = true;
	/* Who streams later waits for it; before that the mode may change with each one painted. */
	while (!err && veil->streaming && pv_veil_needs_card(veil))
		err = pv_veil_repaint(veil);
	mutex_unlock(&veil->lock);
	return err;
}

/* veil->lock held. */
bool pv_veil_offers(struct pv_veil *veil, const struct plateveil_mode *mode)
{
	unsigned int i;

	for (i = 0; i < veil->mode_count; i++)
		if (pv_mode_equal(&veil->modes[i], mode))
			return true;
	return false;
}

/* Leaves a mode that is no longer offered, once nobody holds buffers. veil->lock held. */
void pv_veil_mode_settle(struct pv_veil *veil)
{
	if (!veil->gone && !pv_veil_busy(veil) && !pv_veil_offers(veil, &veil->mode))
		pv_veil_mode_choose(veil, &veil->modes[0], NULL);
}

/*
 * Zones are burned into pixels, so where they are, only formats that have pixels are
 * offered. False when none would be left: nothing changes then. veil->lock held.
 */
static bool offer(struct pv_veil *veil, const struct plateveil_mode *modes, unsigned int count,
		  bool zones)
{
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		n += !zones || !pv_mode_compressed(&modes[i]);
	if (!n)
		return false;
	for (i = 0, n = 0; i < count; i++)
		if (!zones || !pv_mode_compressed(&modes[i]))
			veil->modes[n++] = modes[i];
	veil->mode_count = n;
	return true;
}

/* @modes have passed pv_mode_check(). */
int pv_veil_modes_set(struct pv_veil *veil, const struct plateveil_mode *modes,
		      unsigned int count, u32 lease_ms)
{
	mutex_lock(&veil->lock);
	if (!offer(veil, modes, count, veil->zones.count)) {
		mutex_unlock(&veil->lock);
		return -EINVAL;
	}
	memcpy(veil->registered, modes, count * sizeof(*modes));
	veil->registered_count = count;
	if (lease_ms)
		pv_relay_lease(veil, (u64)lease_ms * NSEC_PER_MSEC);
	pv_veil_mode_settle(veil);
	mutex_unlock(&veil->lock);
	return 0;
}

/*
 * Is the mode, while viewers hold on to it, one that zones cannot be burned into?
 * veil->lock or mode_lock held.
 */
bool pv_veil_unzoned(struct pv_veil *veil)
{
	return veil->zones.count && pv_mode_compressed(&veil->mode);
}

/* Nothing sealed up to now is good any more; and while the machine is @asleep nothing is dealt. */
void pv_veil_forget(struct pv_veil *veil, bool asleep)
{
	mutex_lock(&veil->lock);
	veil->asleep = asleep;
	veil->forget_ns = ktime_get_boottime_ns();
	pv_relay_expire(veil);
	mutex_unlock(&veil->lock);
}

/* Does each zone there is lie inside one of @zones? */
bool pv_veil_zones_keep(struct pv_veil *veil, const struct plateveil_zone *zones,
			unsigned int count)
{
	bool keep;

	mutex_lock(&veil->lock);
	keep = pv_zones_keep(&veil->zones, zones, count);
	mutex_unlock(&veil->lock);
	return keep;
}

/* In force from the next frame dealt on. */
int pv_veil_zones_set(struct pv_veil *veil, const struct plateveil_zone *zones,
		      unsigned int count)
{
	struct pv_zones new;
	int err = pv_zones_set(&new, zones, count);

	if (err)
		return err;
	mutex_lock(&veil->lock);
	if (offer(veil, veil->registered, veil->registered_count, count)) {
		spin_lock(&veil->mode_lock);
		veil->zones = new;
		spin_unlock(&veil->mode_lock);
		pv_veil_mode_settle(veil);
	} else {
		err = -EINVAL;
	}
	mutex_unlock(&veil->lock);
	return err;
}

void pv_veil_info(struct pv_veil *veil, struct plateveil_info *info)
{
	memset(info, 0, sizeof(*info));
	mutex_lock(&veil->lock);
	info->id = veil->id;
	info->view = veil->view.num;
	info->feed = veil->feed.num;
	info->lease_ms = div_u64(veil->lease_ns, NSEC_PER_MSEC);
	info->generation = veil->generation;
	info->viewers = veil->streaming;
	info->feed_open = veil->feed_opens;
	info->live = pv_relay_live(veil);
	info->mode = veil->mode;
	info->sealed = veil->sealed;
	info->refused = veil->refused;
	info->dealt = veil->dealt;
	info->cards = veil->cards;
	info->dropped = veil->dropped;
	strscpy(info->name, veil->name, sizeof(info->name));
	mutex_unlock(&veil->lock);
}

/* For a node that is being opened: it keeps them until it is closed. */
struct pv_controls *pv_veil_controls(struct pv_veil *veil)
{
	struct pv_controls *controls;

	mutex_lock(&veil->lock);
	controls = pv_controls_get(veil->controls);
	mutex_unlock(&veil->lock);
	return controls;
}

/*
 * Takes over @controls, or NULL; like those there are, they only bring news of them, of values
 * unless they @stay.
 */
void pv_veil_controls_set(struct pv_veil *veil, struct pv_controls *controls, bool stay)
{
	struct pv_controls *old = pv_veil_controls(veil);

	if (pv_controls_alike(old, controls)) {
		pv_controls_update(old, controls, stay);
		pv_controls_put(controls);
	} else {
		mutex_lock(&veil->lock);
		swap(veil->controls, controls);
		mutex_unlock(&veil->lock);
		pv_controls_put(controls);
	}
	pv_controls_put(old);
}

/* Fills in as many as there is @room for, those that stream first; returns how many there are. */
u32 pv_veil_viewers(struct pv_veil *veil, struct plateveil_viewer *viewers, u32 room)
{
	struct pv_viewer *viewer;
	int streaming;
	u32 n = 0;

	mutex_lock(&veil->lock);
	for (streaming = 1; streaming >= 0; streaming--)
		list_for_each_entry(viewer, &veil->viewers, node) {
			if (viewer->streaming != streaming)
				continue;
			if (n < room)
				pv_viewer_tell(viewer, &viewers[n]);
			n++;
		}
	mutex_unlock(&veil->lock);
	return n;
}

static atomic_t alive;
static DECLARE_WAIT_QUEUE_HEAD(alive_wait);

static void release(struct v4l2_device *v4l2_dev)
{
	struct pv_veil *veil = container_of(v4l2_dev, struct pv_veil, v4l2_dev);

	v4l2_device_unregister(v4l2_dev);
	pv_controls_put(veil->controls);
	vfree(veil->card);
	kfree(veil);
	if (atomic_dec_and_test(&alive))
		wake_up(&alive_wait);
}

/*
 * Till no veil is left, nor anybody in release(), which the core calls for a file after that
 * has let go of the module: of one reached by an old inode the core counts another.
 */
void pv_veil_wait(void)
{
	wait_event(alive_wait, !atomic_read(&alive));
	synchronize_rcu_tasks();
}

static struct pv_veil *alloc(u32 id, const char *name, u32 lease_ms)
{
	struct pv_veil *veil = kzalloc(sizeof(*veil), GFP_KERNEL);
	int err;

	if (!veil)
		return ERR_PTR(-ENOMEM);
	veil->id = id;
	strscpy(veil->name, name, sizeof(veil->name));
	mutex_init(&veil->lock);
	spin_lock_init(&veil->mode_lock);
	init_waitqueue_head(&veil->relay_wait);
	INIT_WORK(&veil->card_work, card_work);
	INIT_LIST_HEAD(&veil->viewers);
	veil->lease_ns = (u64)(lease_ms ?: PLATEVEIL_LEASE_MS) * NSEC_PER_MSEC;
	veil->look = pv_card_default;
	veil->modes[0] = first_mode;
	veil->mode_count = 1;
	veil->registered[0] = first_mode;
	veil->registered_count = 1;
	snprintf(veil->v4l2_dev.name, sizeof(veil->v4l2_dev.name), "plateveil-%03u", id);
	err = v4l2_device_register(NULL, &veil->v4l2_dev);
	if (err) {
		kfree(veil);
		return ERR_PTR(err);
	}
	/* From here on putting the v4l2_device frees the veil. */
	veil->v4l2_dev.release = release;
	atomic_inc(&alive);
	return veil;
}

/* Open files keep the memory until the last of them closes. */
void pv_veil_remove(struct pv_veil *veil)
{
	struct pv_viewer *viewer;

	mutex_lock(&veil->lock);
	veil->gone = true;
	mutex_unlock(&veil->lock);
	video_unregister_device(&veil->view);
	video_unregister_device(&veil->feed);
	pv_relay_stop(veil);
	/*
	 * Nobody will fill their buffers any more: wake who waits for one, or for
	 * an event of these. Without the queues' locks, which a viewer may hold for as
	 * long as a page fault of its own takes.
	 */
	mutex_lock(&veil->lock);
	list_for_each_entry(viewer, &veil->viewers, node)
		vb2_queue_error(&viewer->queue);
	announce_change(veil, NULL);
	pv_feed_announce(veil);
	mutex_unlock(&veil->lock);
	vb2_queue_error(&veil->feed_queue);
	v4l2_device_put(&veil->v4l2_dev);
}

/* @number: the first that it may have, or -1 for any; @must: and no other. */
static int add_node(struct video_device *vdev, int number, bool must)
{
	int err = video_register_device_no_warn(vdev, VFL_TYPE_VIDEO, number);

	/* The core takes the next where this is in use. */
	return err ?: !must || vdev->num == number ? 0 : -EBUSY;
}

/* The feed, which is there first, must not have the view's. */
static int add_nodes(struct pv_veil *veil, const struct plateveil_create *wanted)
{
	bool view = wanted->flags & PLATEVEIL_CREATE_VIEW;
	bool feed = wanted->flags & PLATEVEIL_CREATE_FEED;

	return add_node(&veil->feed, feed ? wanted->feed : view ? wanted->view + 1 : -1, feed) ?:
	       add_node(&veil->view, view ? wanted->view : -1, view);
}

/* @wanted has been checked. */
struct pv_veil *pv_veil_create(u32 id, const struct plateveil_create *wanted)
{
	struct pv_veil *veil = alloc(id, wanted->name, wanted->lease_ms);
	int err;

	if (IS_ERR(veil))
		return veil;
	pv_view_init(veil);
	pv_veil_mode_choose(veil, &first_mode, NULL);
	err = pv_feed_init(veil);
	if (!err)
		err = pv_relay_start(veil);
	if (err) {
		v4l2_device_put(&veil->v4l2_dev);
		return ERR_PTR(err);
	}
	err = add_nodes(veil, wanted);
	if (!err)
		return veil;
	/* Somebody may have opened a node already. */
	pv_veil_remove(veil);
	return ERR_PTR(err);
}
