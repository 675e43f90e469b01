// SPDX-License-Identifier: GPL-2.0-only
/* The relay: copies seals into viewers' buffers, and deals the card without one. */

#include <linux/kthread.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "buffer.h"
#include "feed.h"
#include "format.h"
#include "relay.h"
#include "trace.h"
#include "veil.h"
#include "viewer.h"

/* Boot time, so that a seal from before a suspend is not good after it. */
static u64 now_ns(void)
{
	return ktime_get_boottime_ns();
}

static u64 interval_ns(const struct plateveil_mode *mode)
{
	return div_u64((u64)mode->numerator * NSEC_PER_SEC, mode->denominator);
}

/* How long after a seal the card comes: not before a slow mode's next picture should be there. */
static u64 patience_ns(const struct pv_veil *veil)
{
	return max(veil->lease_ns, 2 * interval_ns(&veil->mode));
}

/* Is there a seal, and not yet a card? Called with veil->lock held. */
bool pv_relay_live(struct pv_veil *veil)
{
	return veil->last_seal_ns && now_ns() - veil->last_seal_ns < patience_ns(veil);
}

/* Of a new lease the card comes earlier or later. veil->lock held. */
void pv_relay_lease(struct pv_veil *veil, u64 lease_ns)
{
	veil->lease_ns = lease_ns;
	if (veil->last_seal_ns)
		veil->next_card_ns = veil->last_seal_ns + patience_ns(veil);
	pv_relay_kick(veil);
}

/* The helper stopped: nothing it sealed is good any more. veil->lock held. */
void pv_relay_expire(struct pv_veil *veil)
{
	veil->last_seal_ns = 0;
	veil->next_card_ns = 0;
	pv_relay_kick(veil);
}

/*
 * The first viewer begins: its first card is due a beat from now, as a camera's first frame
 * would be. veil->lock held.
 */
void pv_relay_begin(struct pv_veil *veil)
{
	veil->next_card_ns = max(veil->next_card_ns, now_ns() + interval_ns(&veil->mode));
	pv_relay_kick(veil);
}

void pv_relay_kick(struct pv_veil *veil)
{
	WRITE_ONCE(veil->relay_kick, true);
	wake_up(&veil->relay_wait);
}

/*
 * Gives one picture to every viewer that has a buffer for it: the card where @zones
 * is NULL, else a seal with these zones burned into it. veil->lock held.
 */
static void deal(struct pv_veil *veil, const void *data, u32 size,
		 const struct pv_zones *zones, u64 timestamp)
{
	u32 given = 0, dropped = 0;
	struct pv_viewer *viewer;
	/* A card is of now, a seal of when its frame was taken: keep them in order. */
	struct pv_picture picture = {
		.data = data, .size = size, .zones = zones, .sequence = veil->sequence,
		.timestamp = max(timestamp, veil->last_timestamp + NSEC_PER_USEC),
	};

	veil->last_timestamp = picture.timestamp;
	/* The more look, the more processors copy: others from the first on, this from the last. */
	if (veil->streaming > 1)
		list_for_each_entry(viewer, &veil->viewers, node)
			if (viewer->streaming)
				pv_viewer_deal_ahead(viewer, &picture);
	list_for_each_entry_reverse(viewer, &veil->viewers, node) {
		if (!viewer->streaming)
			continue;
		if (pv_viewer_deal(viewer, &picture))
			given++;
		else
			dropped++;
	}
	veil->dropped += dropped;
	if (zones) {
		veil->dealt += given;
		trace_deal(veil->id, veil->sequence, given, dropped);
	} else {
		veil->cards += given;
		trace_card(veil->id, veil->sequence, given, dropped);
	}
	veil->sequence++;
}

/* Since it was queued the mode may have changed, zones come, or the lease run out. */
static int check_again(struct pv_veil *veil, const struct pv_buffer *seal, u64 age_ns)
{
	if (seal->generation != veil->generation)
		return -ESTALE;
	if (pv_veil_unzoned(veil))
		return -EPERM;
	return age_ns < veil->lease_ns && seal->sealed_ns > veil->forget_ns ? 0 : -ETIME;
}

/* Deals the oldest seal, if there is one. veil->lock held. */
static bool deal_seal(struct pv_veil *veil)
{
	struct pv_buffer *seal = pv_feed_take(veil);
	struct vb2_buffer *vb;
	u64 age_ns, now;
	u32 size;
	int err;

	if (!seal)
		return false;
	vb = &seal->vb.vb2_buf;
	size = vb2_get_plane_payload(vb, 0);
	seal->vb.sequence = veil->feed_sequence++;
	age_ns = now_ns() - seal->sealed_ns;
	err = check_again(veil, seal, age_ns);
	if (err) {
		veil->refused++;
		trace_refuse(veil->id, seal->generation, size, err);
		vb2_buffer_done(vb, VB2_BUF_STATE_ERROR);
		return true;
	}
	veil->sealed++;
	trace_seal(veil->id, seal->generation, size, age_ns);
	veil->last_seal_ns = seal->sealed_ns;
	veil->next_card_ns = veil->last_seal_ns + patience_ns(veil);
	/* No later than now, or all that comes after would have to be, too. */
	now = ktime_get_ns();
	deal(veil, vb2_plane_vaddr(vb, 0), size, &veil->zones, min(vb->timestamp ?: now, now));
	vb2_buffer_done(vb, VB2_BUF_STATE_DONE);
	return true;
}

/* Deals what is due; returns how long to sleep. */
static ktime_t work(struct pv_veil *veil)
{
	ktime_t sleep = KTIME_MAX;
	u64 now;

	mutex_lock(&veil->lock);
	/* Viewers' buffers may be a device's memory, which sleeps before this thread would. */
	if (veil->asleep) {
		mutex_unlock(&veil->lock);
		return sleep;
	}
	/* One, and then others may have the lock: a helper may seal faster than this copies. */
	if (deal_seal(veil))
		pv_relay_kick(veil);
	if (veil->streaming && veil->card) {
		now = now_ns();
		if (now >= veil->next_card_ns) {
			veil->last_seal_ns = 0;
			deal(veil, veil->card, veil->card_size, NULL, ktime_get_ns());
			/* Keep the beat, but do not catch up on beats slept through. */
			veil->next_card_ns += interval_ns(&veil->mode);
			if (veil->next_card_ns < now)
				veil->next_card_ns = now + interval_ns(&veil->mode);
		}
		sleep = ns_to_ktime(veil->next_card_ns - now);
	}
	mutex_unlock(&veil->lock);
	return sleep;
}

static int run(void *data)
{
	struct pv_veil *veil = data;
	ktime_t sleep = KTIME_MAX;

	while (!kthread_should_stop()) {
		wait_event_interruptible_hrtimeout(veil->relay_wait,
						   READ_ONCE(veil->relay_kick) ||
						   kthread_should_stop(), sleep);
		WRITE_ONCE(veil->relay_kick, false);
		sleep = work(veil);
		cond_resched();
	}
	return 0;
}

int pv_relay_start(struct pv_veil *veil)
{
	struct task_struct *task;

	task = kthread_run(run, veil, "plateveil/%u", veil->id);
	if (IS_ERR(task))
		return PTR_ERR(task);
	veil->relay = task;
	return 0;
}

void pv_relay_stop(struct pv_veil *veil)
{
	kthread_stop(veil->relay);
}
