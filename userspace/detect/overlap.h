/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of two detections' boxes is the same place: pixels squared, and shares of 0 to 1. */
#ifndef PV_DETECT_OVERLAP_H
#define PV_DETECT_OVERLAP_H

#include <math.h>
#include <stdbool.h>

#include "detect.h"

#define PV_AT_HAND 0.3f	/* of a find's height from the frame's edge: a plate cut by it */

/* Are they one find, to the last bit? */
static inline bool pv_overlap_same(const struct pv_detection *a, const struct pv_detection *b)
{
	return a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1 && a->score == b->score;
}

/* From pixels of one size of the picture to another's. */
static inline void pv_overlap_resize(struct pv_detection *d, float kx, float ky)
{
	d->x0 *= kx;
	d->x1 *= kx;
	d->y0 *= ky;
	d->y1 *= ky;
}

static inline float pv_overlap_area(const struct pv_detection *d)
{
	return (d->x1 - d->x0) * (d->y1 - d->y0);
}

/* The area that both cover. */
static inline float pv_overlap(const struct pv_detection *a, const struct pv_detection *b)
{
	float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
	float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);

	return w > 0 && h > 0 ? w * h : 0;
}

/* Of the area that either covers, what both do: intersection over union (IoU). */
static inline float pv_overlap_iou(const struct pv_detection *a, const struct pv_detection *b)
{
	float both = pv_overlap(a, b);

	return both > 0 ? both / (pv_overlap_area(a) + pv_overlap_area(b) - both) : 0;
}

#endif
