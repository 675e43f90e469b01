// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps the controls of feed and camera the same: what viewers set goes to the camera, and where
 * the camera stands goes to them. */
#ifndef PV_MIRROR_H
#define PV_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "uapi/plateveil.h"

struct pv_mirror {
	int feed;
	int count, turn;
	bool others;		/* other controls are of use now; whoever tells of it clears it */
	struct {
		uint32_t id;
		bool write_only;
		bool wanted;	/* a viewer has set it to this, and the camera has not been told */
		int32_t value;
	} control[PLATEVEIL_MAX_CONTROLS];
};

/* Listens to all controls that the feed has. */
void pv_mirror_open(struct pv_mirror *m, int feed);

/* An event from the feed. */
void pv_mirror_heed(struct pv_mirror *m, const struct v4l2_event *e);

/* Is there anything to tell the camera? */
bool pv_mirror_wants(const struct pv_mirror *m);

/* The camera was opened: listens to it, tells it what viewers set meanwhile, and tells them where
 * it stands. */
void pv_mirror_meet(struct pv_mirror *m, int camera);

/* What happened since, both ways; of what viewers set one control a call. */
void pv_mirror_follow(struct pv_mirror *m, int camera);

#endif
