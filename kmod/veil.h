/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_VEIL_H
#define PV_VEIL_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <media/v4l2-device.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

#include "card.h"
#include "uapi/plateveil.h"
#include "zone.h"

struct pv_controls;
struct task_struct;

/*
 * Locks, outermost first: a vb2 queue's own mutex (a viewer's or the feed's),
 * veil->lock, then the spinlocks. The relay takes veil->lock and no queue's, so
 * no application can stall it by sitting in an ioctl. Nor does it stall them: it
 * holds veil->lock while it copies, and queuing a buffer does without that. A control
 * handler's own lock goes with neither: it is taken inside a queue's mutex or none.
 */
struct pv_veil {
	struct v4l2_device v4l2_dev;	/* its last reference frees the veil */
	struct video_device view;
	struct video_device feed;
	u32 id;
	char name[PLATEVEIL_NAME_LEN];
	char camera[PLATEVEIL_DEVICE_LEN]; /* where that is plugged in; control.c's lock */
	int camera_index;		/* which node there */

	struct mutex lock;		/* all below, down to the relay */
	spinlock_t mode_lock;		/* to write mode, generation, zones: both; to read: one */
	struct plateveil_mode mode;
	struct plateveil_mode modes[PLATEVEIL_MAX_MODES];	/* offered: */
	unsigned int mode_count;
	struct plateveil_mode registered[PLATEVEIL_MAX_MODES];	/* of these, what zones allow */
	unsigned int registered_count;
	struct pv_zones zones;
	u32 generation;
	struct list_head viewers;	/* every open view */
	atomic_long_t held;		/* bytes of their buffers; no lock */
	struct pv_controls *controls;	/* or NULL */
	unsigned int streaming, open;
	u64 refused, dealt, cards, dropped, sealed;
	bool gone;			/* being removed: nothing starts any more */

	/* relay.c */
	struct task_struct *relay;
	wait_queue_head_t relay_wait;
	bool relay_kick;		/* look again: something changed */
	struct plateveil_card look;	/* of the card */
	void *card;			/* painted for the mode; NULL: nobody has streamed in it; */
	u32 card_size;			/* of so many bytes, */
	bool card_old;			/* of an earlier look; */
	bool card_failed;		/* there was no memory for one */
	struct work_struct card_work;	/* paints it; no lock */
	u32 sequence;
	u64 lease_ns;
	u64 last_seal_ns;		/* boot time; 0: no seal is good */
	bool asleep;			/* the machine, or about to be */
	u64 forget_ns;			/* nor one that is no younger than this */
	u64 last_timestamp;		/* dealt; timestamps never go back */
	u64 next_card_ns;

	/* feed.c; the first under lock */
	unsigned int feed_opens;
	struct v4l2_prio_state feed_prio; /* apart, so that no viewer outranks the helper */
	struct vb2_queue feed_queue;
	u32 feed_sequence;
	struct mutex feed_lock;		/* the queue's */
	struct list_head arriving;	/* being queued; feed_lock */
	spinlock_t seal_lock;
	struct list_head seals;		/* queued and not yet dealt; seal_lock */
};

struct pv_veil *pv_veil_create(u32 id, const struct plateveil_create *wanted);
void pv_veil_remove(struct pv_veil *veil);
void pv_veil_wait(void);
int pv_veil_modes_set(struct pv_veil *veil, const struct plateveil_mode *modes,
		      unsigned int count, u32 lease_ms);
void pv_veil_mode_choose(struct pv_veil *veil, const struct plateveil_mode *mode,
			 struct v4l2_fh *by);
bool pv_veil_needs_card(struct pv_veil *veil);
int pv_veil_repaint(struct pv_veil *veil);
bool pv_veil_unzoned(struct pv_veil *veil);
void pv_veil_mode_settle(struct pv_veil *veil);
bool pv_veil_busy(struct pv_veil *veil);
bool pv_veil_offers(struct pv_veil *veil, const struct plateveil_mode *mode);
u32 pv_veil_frame_size(struct pv_veil *veil);
bool pv_veil_zones_keep(struct pv_veil *veil, const struct plateveil_zone *zones,
			unsigned int count);
int pv_veil_zones_set(struct pv_veil *veil, const struct plateveil_zone *zones,
		      unsigned int count);
int pv_veil_card_set(struct pv_veil *veil, const struct plateveil_card *look);
struct pv_controls *pv_veil_controls(struct pv_veil *veil);
void pv_veil_controls_set(struct pv_veil *veil, struct pv_controls *controls, bool stay);
u32 pv_veil_viewers(struct pv_veil *veil, struct plateveil_viewer *viewers, u32 room);
void pv_veil_forget(struct pv_veil *veil, bool asleep);
void pv_veil_info(struct pv_veil *veil, struct plateveil_info *info);

#endif
