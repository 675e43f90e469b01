/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a video's last frame held, and what those before it did and it does not: where that was is searched again
 * for some frames, though nothing changed there.
 */
#ifndef PV_LOST_H
#define PV_LOST_H

#include "change.h"
#include "detect.h"

struct pv_lost {
	struct pv_detection were[PV_MAX_DETECTIONS], lost[PV_MAX_DETECTIONS];
	int were_count, lost_count, tries[PV_MAX_DETECTIONS];	/* frames left to look for each */
};

/* Marks as changed the cells of what was found where a part or what is close by has changed: what hid the rest of
 * it may have gone. And those of what was lost. */
void pv_lost_mark(const struct pv_lost *l, struct pv_change *c);

/* What is found in a frame, after those before. */
void pv_lost_next(struct pv_lost *l, const struct pv_detection *found, int n);

#endif
