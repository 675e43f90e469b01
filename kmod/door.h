/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_DOOR_H
#define PV_DOOR_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <media/v4l2-dev.h>

#include "uapi/plateveil.h"

/* The slots stay where they are, so what stands on a node can be followed without a lock. */
struct pv_gate {
	bool used;
	struct plateveil_gate as;	/* its pattern and action */
	atomic64_t refused, diverted;
};

/* A node that a gate may stand on, gated or not. */
struct pv_door {
	struct list_head list;
	struct rcu_head rcu;
	struct video_device *vdev;
	struct pv_gate *gate;		/* that stands there, or last stood */
	const struct v4l2_file_operations *theirs;
	struct v4l2_file_operations ours;
	void (*their_release)(struct video_device *vdev);
	bool unplugged;			/* only open files keep it */
	char device[PLATEVEIL_DEVICE_LEN];	/* the parent's, and its */
	char driver[PLATEVEIL_NAME_LEN];
};

/* Inside the core's videodev_lock, which is held while nodes come and go; outside none. */
extern struct mutex pv_doors_lock;

/* All with that held. */
struct pv_door *pv_door_new(struct video_device *vdev);
bool pv_door_gated(const struct pv_door *door);
int pv_door_shut(struct pv_door *door);
void pv_door_unshut(struct pv_door *door);
void pv_door_forget(struct pv_door *door);
/* Without it; a place does not change. */
const char *pv_door_place(const struct pv_door *door);
/* And when no door is shut any more: until nobody is inside this module by one. */
void pv_door_wait(void);

#endif
