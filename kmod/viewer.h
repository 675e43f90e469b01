/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_VIEWER_H
#define PV_VIEWER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

struct pv_veil;
struct pv_zones;

/* One open view, with a queue of its own. */
struct pv_viewer {
	struct v4l2_fh fh;
	struct pv_veil *veil;
	struct list_head node;		/* in veil->viewers; veil->lock */
	struct mutex lock;		/* the queue's */
	struct vb2_queue queue;
	pid_t owner;			/* process that holds buffers, or 0; veil->lock */
	bool streaming;			/* veil->lock */
	u32 first_sequence;		/* the veil's when streaming began */
	spinlock_t buffer_lock;
	struct list_head buffers;	/* waiting to be filled; buffer_lock */
};

int pv_viewer_init(struct pv_viewer *viewer, struct pv_veil *veil);
int pv_viewer_claim(struct pv_viewer *viewer, bool claim);
void pv_viewer_settle(struct pv_viewer *viewer);
bool pv_viewer_deal(struct pv_viewer *viewer, const void *picture, u32 size,
		    const struct pv_zones *zones, u64 timestamp, u32 sequence);

#endif
