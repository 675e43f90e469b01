/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_VIEWER_H
#define PV_VIEWER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

#include "uapi/plateveil.h"

struct pv_controls;
struct pv_veil;
struct pv_zones;

#define PV_READ_BUFFERS	3U	/* at least, for read() */
#define PV_VIEWER_BUFFERS	8	/* of a viewer, at most */

/* What every viewer is dealt at once. */
struct pv_picture {
	const void *data;
	u32 size;
	const struct pv_zones *zones;	/* a seal's, to burn into it; NULL: the card */
	u64 timestamp;
	u32 sequence;			/* the veil's */
};

/* One open view, with a queue of its own. */
struct pv_viewer {
	struct v4l2_fh fh;
	struct pv_veil *veil;
	struct pv_controls *controls;	/* the fh's, or NULL */
	struct list_head node;		/* in veil->viewers; veil->lock */
	struct mutex lock;		/* the queue's */
	struct vb2_queue queue;
	struct pid *owner;		/* process that holds buffers, or NULL; veil->lock */
	struct plateveil_mode told;	/* told of last; of no width: of none; veil->lock */
	bool streaming;			/* veil->lock */
	u32 first_sequence;		/* the veil's when streaming began */
	spinlock_t buffer_lock;
	struct list_head buffers;	/* waiting to be filled; buffer_lock */
	struct pid *pid;		/* the process that opened it, */
	char comm[TASK_COMM_LEN];	/* its name then, */
	kuid_t uid;			/* and user, */
	bool admin;			/* with CAP_SYS_ADMIN */
	atomic_long_t held;		/* bytes of its buffers; no lock */
	u64 dealt, cards, dropped;	/* veil->lock */
	struct work_struct work;	/* the relay's: copies */
	const struct pv_picture *picture; /* this, or NULL, */
	bool given;			/* and had a buffer for it */
};

extern struct workqueue_struct *pv_workers;

struct pv_viewer *pv_viewer_new(struct pv_veil *veil);
int pv_viewer_add(struct pv_viewer *viewer);
void pv_viewer_free(struct pv_viewer *viewer);
void pv_viewer_tell(const struct pv_viewer *viewer, struct plateveil_viewer *to);
int pv_viewer_claim(struct pv_viewer *viewer, bool claim);
void pv_viewer_settle(struct pv_viewer *viewer);
void pv_viewer_deal_ahead(struct pv_viewer *viewer, const struct pv_picture *picture);
bool pv_viewer_deal(struct pv_viewer *viewer, const struct pv_picture *picture);
int pv_viewer_init(void);
void pv_viewer_exit(void);

#endif
