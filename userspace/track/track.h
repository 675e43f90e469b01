// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From one frame's detections to what is veiled: one frame's miss is harmless.
 *
 * A detection that reaches the minimum score begins a track; one that reaches half of it goes on
 * with a track that is there. A track without a detection stays veiled for `hold`: where it was
 * and where it is heading (constant velocity), growing meanwhile.
 */
#ifndef PV_TRACK_H
#define PV_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detect.h"

#define PV_MAX_TRACKS PV_MAX_DETECTIONS

struct pv_track {
	struct pv_detection box;	/* where it was last seen */
	float vx, vy;			/* pixels a second, of the box's centre */
	uint64_t seen_ns;
	bool sure;			/* seen in this frame */
};

struct pv_tracker {
	struct pv_track tracks[PV_MAX_TRACKS];
	int count;
};

/* The least score detections need to be of use to the tracker. */
float pv_tracker_floor(double minimum_score);

void pv_tracker_reset(struct pv_tracker *t);

/* Takes the detections of the frame of time now_ns (times must not go back; if they do, tracks
 * are kept as if no time had passed). Fills `out` with boxes to veil and returns how many, at most
 * 2 * PV_MAX_TRACKS; -1 if there are more plates than it can follow: veil everything. */
int pv_tracker_update(struct pv_tracker *t, const struct pv_detection *found, int n,
		      uint64_t now_ns, double minimum_score, int hold_ms,
		      struct pv_detection out[2 * PV_MAX_TRACKS]);

#endif
