// SPDX-License-Identifier: GPL-2.0-only
/* A viewer: one open view, its queue, its buffers, and who owns them. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <media/videobuf2-vmalloc.h>

#include "buffer.h"
#include "compat.h"
#include "feed.h"
#include "format.h"
#include "relay.h"
#include "veil.h"
#include "viewer.h"

#define MAX_OPEN	512	/* each is looked at with the lock held */
#define MAX_STREAMING	32	/* viewers of a veil: what they cost, the relay pays */
#define MAX_OWNERS	(2 * MAX_STREAMING)
#define MAX_HELD	SZ_512M	/* bytes of a veil's; not of those let go and still mapped */

struct workqueue_struct *pv_workers;	/* copy, and paint */

/* Of what there is in a veil for all, one user has half. */
enum share { OPENS, OWNS, STREAMS, HOLDS };

static unsigned long share_of(const struct pv_viewer *viewer, enum share what)
{
	switch (what) {
	case OWNS:
		return !!viewer->owner;
	case STREAMS:
		return viewer->streaming;
	case HOLDS:
		return atomic_long_read(&viewer->held);
	default:
		return 1;
	}
}

/*
 * May the viewer have so @much, beside what others of its user have? Those with
 * CAP_SYS_ADMIN may, and do not count. veil->lock held.
 */
static bool has_share(const struct pv_viewer *viewer, enum share what, unsigned long much)
{
	static const unsigned long all[] = { MAX_OPEN, MAX_OWNERS, MAX_STREAMING, MAX_HELD };
	const struct pv_viewer *other;

	if (viewer->admin)
		return true;
	list_for_each_entry(other, &viewer->veil->viewers, node)
		if (other != viewer && !other->admin && uid_eq(other->uid, viewer->uid))
			much += share_of(other, what);
	return much <= all[what] / 2;
}

/* Counts @size bytes more as the viewer's, if it may hold them. */
static bool hold(struct pv_viewer *viewer, unsigned long size)
{
	struct pv_veil *veil = viewer->veil;
	bool may;

	mutex_lock(&veil->lock);
	may = atomic_long_read(&veil->held) + size <= MAX_HELD &&
	      has_share(viewer, HOLDS, atomic_long_read(&viewer->held) + size);
	if (may) {
		atomic_long_add(size, &veil->held);
		atomic_long_add(size, &viewer->held);
	}
	mutex_unlock(&veil->lock);
	return may;
}

static int queue_setup(struct vb2_queue *q, unsigned int *buffers, unsigned int *planes,
		       unsigned int sizes[], struct device *alloc_devs[])
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	u32 size = pv_veil_frame_size(viewer->veil), had = vb2_get_num_buffers(q);

	if (had >= PV_VIEWER_BUFFERS)
		return -ENOBUFS;
	*buffers = min(*buffers, PV_VIEWER_BUFFERS - had);
	if (*planes)
		return pv_buffer_check(sizes[0], size);
	*planes = 1;
	sizes[0] = size;
	/* read() asks for one, and would miss what comes while it copies. */
	if (q->fileio)
		*buffers = max(*buffers, PV_READ_BUFFERS);
	return 0;
}

static int buf_init(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);

	if (vb->memory != VB2_MEMORY_MMAP)
		return 0;
	return hold(viewer, vb2_plane_size(vb, 0)) ? 0 : -ENOMEM;
}

static void buf_cleanup(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);

	if (vb->memory != VB2_MEMORY_MMAP)
		return;
	atomic_long_sub(vb2_plane_size(vb, 0), &viewer->held);
	atomic_long_sub(vb2_plane_size(vb, 0), &viewer->veil->held);
}

static int buf_prepare(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);
	u32 size = pv_veil_frame_size(viewer->veil);

	if (vb2_plane_size(vb, 0) < size || !vb2_plane_vaddr(vb, 0))
		return -EINVAL;
	vb2_set_plane_payload(vb, 0, size);
	return pv_buffer_begin(vb, DMA_TO_DEVICE);
}

static void buf_finish(struct vb2_buffer *vb)
{
	pv_buffer_end(vb, DMA_TO_DEVICE);
}

static void buf_queue(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);

	pv_buffer_push(&viewer->buffers, &viewer->buffer_lock, vb);
}

static struct pv_buffer *take_buffer(struct pv_viewer *viewer)
{
	return pv_buffer_pop(&viewer->buffers, &viewer->buffer_lock);
}

static void return_buffers(struct pv_viewer *viewer, enum vb2_buffer_state state)
{
	struct pv_buffer *buf;

	while ((buf = take_buffer(viewer)))
		vb2_buffer_done(&buf->vb.vb2_buf, state);
}

/* Copies a picture into the viewer's next buffer; false when it has none. */
static bool copy(struct pv_viewer *viewer, const struct pv_picture *picture)
{
	const struct plateveil_mode *mode = &viewer->veil->mode;
	struct pv_buffer *buf = take_buffer(viewer);
	void *to;

	if (!buf) {
		viewer->dropped++;
		return false;
	}
	to = vb2_plane_vaddr(&buf->vb.vb2_buf, 0);
	if (picture->zones && !pv_mode_compressed(mode))
		pv_zones_copy(picture->zones, mode, to, picture->data);
	else
		memcpy(to, picture->data, picture->size);
	vb2_set_plane_payload(&buf->vb.vb2_buf, 0, picture->size);
	buf->vb.vb2_buf.timestamp = picture->timestamp;
	buf->vb.sequence = picture->sequence - viewer->first_sequence;
	buf->vb.field = V4L2_FIELD_NONE;
	vb2_buffer_done(&buf->vb.vb2_buf, VB2_BUF_STATE_DONE);
	if (picture->zones)
		viewer->dealt++;
	else
		viewer->cards++;
	return true;
}

/* On behalf of the relay, which waits for it with veil->lock held. */
static void copy_work(struct work_struct *work)
{
	struct pv_viewer *viewer = container_of(work, struct pv_viewer, work);

	viewer->given = copy(viewer, viewer->picture);
}

/* Lets another processor begin what pv_viewer_deal() is to do. veil->lock held. */
void pv_viewer_deal_ahead(struct pv_viewer *viewer, const struct pv_picture *picture)
{
	viewer->picture = picture;
	queue_work(pv_workers, &viewer->work);
}

/* Gives a picture to a viewer; false when it has no buffer for it. veil->lock held. */
bool pv_viewer_deal(struct pv_viewer *viewer, const struct pv_picture *picture)
{
	if (!viewer->picture || cancel_work(&viewer->work))
		viewer->given = copy(viewer, picture);
	else
		flush_work(&viewer->work);
	viewer->picture = NULL;
	return viewer->given;
}

/* Who it is, for one who asks from another process. veil->lock held. */
void pv_viewer_tell(const struct pv_viewer *viewer, struct plateveil_viewer *to)
{
	memset(to, 0, sizeof(*to));
	to->pid = pid_vnr(viewer->pid);
	to->streaming = viewer->streaming;
	memcpy(to->comm, viewer->comm, sizeof(to->comm));
	to->dealt = viewer->dealt;
	to->cards = viewer->cards;
	to->dropped = viewer->dropped;
}

/* veil->lock held. */
static int may_stream(const struct pv_viewer *viewer)
{
	const struct pv_veil *veil = viewer->veil;

	if (veil->gone)
		return -ENODEV;
	return veil->streaming < MAX_STREAMING && has_share(viewer, STREAMS, 1) ? 0 : -EBUSY;
}

/*
 * May it stream, and is there a card? With its buffers the mode stands still, which that is
 * painted for; one of the look before is better than none. veil->lock held, but while it waits.
 */
static int await_card(struct pv_viewer *viewer)
{
	struct pv_veil *veil = viewer->veil;
	int err = may_stream(viewer), failed = 0;

	while (!err && !failed && pv_veil_needs_card(veil)) {
		failed = pv_veil_repaint(veil);
		err = may_stream(viewer);
	}
	return err ?: veil->card ? 0 : failed;
}

static int start_streaming(struct vb2_queue *q, unsigned int count)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	struct pv_veil *veil = viewer->veil;
	int err;

	mutex_lock(&veil->lock);
	err = await_card(viewer);
	if (err) {
		mutex_unlock(&veil->lock);
		return_buffers(viewer, VB2_BUF_STATE_QUEUED);
		return err;
	}
	viewer->first_sequence = veil->sequence;
	viewer->streaming = true;
	if (!veil->streaming++)
		pv_relay_begin(veil);
	pv_feed_announce(veil);
	mutex_unlock(&veil->lock);
	return 0;
}

static void stop_streaming(struct vb2_queue *q)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	struct pv_veil *veil = viewer->veil;

	mutex_lock(&veil->lock);
	viewer->streaming = false;
	veil->streaming--;
	pv_feed_announce(veil);
	mutex_unlock(&veil->lock);
	/* The relay no longer sees this viewer. */
	return_buffers(viewer, VB2_BUF_STATE_ERROR);
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	.buf_init = buf_init,
	.buf_cleanup = buf_cleanup,
	.buf_prepare = buf_prepare,
	.buf_finish = buf_finish,
	.buf_queue = buf_queue,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
	PV_COMPAT_VB2_OPS
};

/*
 * Its buffers are to be of the picture that the viewer was told of last, though others may have
 * chosen since: of that again, or EBUSY where these hold buffers by now. veil->lock held.
 */
static int choose_again(struct pv_viewer *viewer)
{
	struct pv_veil *veil = viewer->veil;
	const struct plateveil_mode *told = &viewer->told;

	if (!told->width || pv_mode_equal(told, &veil->mode) || !pv_veil_offers(veil, told))
		return 0;
	if (pv_veil_busy(veil))
		return pv_mode_same_picture(told, &veil->mode) ? 0 : -EBUSY;
	pv_veil_mode_choose(veil, told, &viewer->fh);
	return 0;
}

/*
 * V4L2 has one owner of the buffers of a node. Here that holds in a process: a
 * second open in the same process is told EBUSY while the first owns buffers.
 * Other processes have queues of their own.
 */
int pv_viewer_claim(struct pv_viewer *viewer, bool claim)
{
	struct pv_veil *veil = viewer->veil;
	struct pv_viewer *other;
	unsigned int owners = 0;
	int err = 0;

	mutex_lock(&veil->lock);
	list_for_each_entry(other, &veil->viewers, node) {
		if (other == viewer)
			continue;
		/* Who has some may let them go, wherever they came from. */
		if (other->owner == task_tgid(current) && (claim || !viewer->owner))
			err = -EBUSY;
		owners += !!other->owner;
	}
	if (claim && !err && (owners >= MAX_OWNERS || !has_share(viewer, OWNS, 1)))
		err = -ENOMEM;
	if (claim && !err && !viewer->owner)
		err = choose_again(viewer);
	if (claim && !err) {
		put_pid(viewer->owner);
		viewer->owner = get_pid(task_tgid(current));
	}
	mutex_unlock(&veil->lock);
	return err;
}

/* After anything that may have freed the viewer's buffers. */
void pv_viewer_settle(struct pv_viewer *viewer)
{
	struct pv_veil *veil = viewer->veil;

	if (vb2_is_busy(&viewer->queue))
		return;
	mutex_lock(&veil->lock);
	put_pid(viewer->owner);
	viewer->owner = NULL;
	pv_veil_mode_settle(veil);
	mutex_unlock(&veil->lock);
}

void pv_viewer_free(struct pv_viewer *viewer)
{
	put_pid(viewer->owner);
	put_pid(viewer->pid);
	kfree(viewer);
}

/* Who has many ids in a namespace of its own is one, whose that is. */
static kuid_t user_of_current(void)
{
	const struct user_namespace *ns = current_user_ns();
	kuid_t uid = current_euid();

	for (; ns != &init_user_ns; ns = ns->parent)
		uid = ns->owner;
	return uid;
}

/* Of the calling process; or an error. */
struct pv_viewer *pv_viewer_new(struct pv_veil *veil)
{
	struct pv_viewer *viewer;
	struct vb2_queue *q;

	/* Each is looked at for each picture. */
	if (READ_ONCE(veil->open) >= MAX_OPEN)
		return ERR_PTR(-EBUSY);
	viewer = kzalloc(sizeof(*viewer), GFP_KERNEL_ACCOUNT);
	if (!viewer)
		return ERR_PTR(-ENOMEM);
	viewer->uid = user_of_current();
	viewer->admin = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	viewer->pid = get_pid(task_tgid(current));
	get_task_comm(viewer->comm, current->group_leader);
	q = &viewer->queue;

	viewer->veil = veil;
	mutex_init(&viewer->lock);
	spin_lock_init(&viewer->buffer_lock);
	INIT_LIST_HEAD(&viewer->buffers);
	INIT_WORK(&viewer->work, copy_work);
	q->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	q->io_modes = VB2_MMAP | VB2_USERPTR | VB2_DMABUF | VB2_READ;
	q->drv_priv = viewer;
	q->buf_struct_size = sizeof(struct pv_buffer);
	q->ops = &queue_ops;
	q->mem_ops = &vb2_vmalloc_memops;
	q->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	q->lock = &viewer->lock;
	if (!vb2_queue_init(q))
		return viewer;
	pv_viewer_free(viewer);
	return ERR_PTR(-ENOMEM);
}

/* Among the veil's viewers; or EBUSY. */
int pv_viewer_add(struct pv_viewer *viewer)
{
	struct pv_veil *veil = viewer->veil;
	int err = 0;

	mutex_lock(&veil->lock);
	if (veil->open >= MAX_OPEN || !has_share(viewer, OPENS, 1)) {
		err = -EBUSY;
	} else {
		list_add_tail(&viewer->node, &veil->viewers);
		veil->open++;
	}
	mutex_unlock(&veil->lock);
	return err;
}

int pv_viewer_init(void)
{
	pv_workers = alloc_workqueue("plateveil", WQ_UNBOUND, 0);
	return pv_workers ? 0 : -ENOMEM;
}

void pv_viewer_exit(void)
{
	destroy_workqueue(pv_workers);
}
