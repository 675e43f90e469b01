// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One frame's way: luma -> detect -> track -> regions -> redact, in place.
 * No verdict, no frame: when detection failed, or took longer than the rules' deadline (which runs from when the
 * camera gave the frame, where that is known), or found more than can be followed, the frame is veiled whole.
 */
#ifndef PV_PIPELINE_H
#define PV_PIPELINE_H

#include "codec/coefs.h"
#include "detect/detect.h"
#include "frame/frame.h"
#include "pace.h"
#include "redact/redact.h"
#include "rules/rules.h"
#include "track/track.h"

/* A frame that waits for what later ones say of it. */
struct pv_held {
	struct pv_frame frame;		/* raw: nobody gets it before it is veiled */
	struct pv_detection boxes[2 * PV_MAX_TRACKS];
	int count;			/* of boxes; -1: veil it whole */
};

struct pv_pipeline {
	struct pv_rules rules;		/* may be changed between frames */
	bool photos;			/* each frame stands alone: no tracks */
	struct pv_detector *detector;
	struct pv_pair *pair;		/* that searches, or NULL: not this one's */
	int width, height, search;	/* that the detector was made for */
	int full;			/* what `search` would be on a machine that is fast enough */
	struct pv_motion *motion;
	struct pv_tracker tracker;
	struct pv_redactor redactor;
	int orientation;		/* of what is followed */
	struct pv_frame upright;	/* luma as it is shown, where it is stored otherwise */
	struct pv_held held[PV_MAX_LOOKAHEAD + 1];	/* a ring */
	int oldest, waiting;
	uint64_t last_ns;			/* time of the frame before; 0: there is none, or long ago */
	struct pv_held due;			/* of pv_pipeline_push() */
	struct pv_pace pace;
	struct pv_box regions[PV_MAX_REGIONS];	/* of the last frame */
	struct {
		uint64_t frames, whole, regions;	/* the second half's */
		uint64_t detect_ns;	/* of the last frame */
		uint64_t slowest_ns, total_ns, searched;	/* of all */
		uint64_t late;		/* frames that missed the deadline */
	} stats;
	char error[160];		/* why a frame was veiled whole */
};

/* Veils f. Returns the number of regions, or -1 when it was veiled whole. The frame's time_ns
 * moves the tracks; 0 means now. */
int pv_pipeline_run(struct pv_pipeline *p, struct pv_frame *f);

/* The same for a stream, with the rules' lookahead: takes f's picture in (f is left with other memory
 * and no meaning) and gives the veiled frame that is due, or NULL while the first ones wait. A plate
 * found in f is veiled in waiting frames that do not have it, too: track.h says where. What is given is valid until
 * the next call. */
struct pv_frame *pv_pipeline_push(struct pv_pipeline *p, struct pv_frame *f);

/* Of those that wait the oldest, veiled by what is known; NULL when there is none. For the end of a stream, and
 * before frames of another size, which drop them. */
struct pv_frame *pv_pipeline_drain(struct pv_pipeline *p);

/* The two halves of that, for two threads: of p the first uses what the second does not.
 * Takes f's picture in, searches it, and puts what is due to be veiled into *due, whose frame's memory
 * it takes instead; false if nothing is due. */
bool pv_pipeline_search(struct pv_pipeline *p, struct pv_frame *f, struct pv_held *due);
/* Veils it by these rules. Returns the number of regions, or -1 when it was veiled whole. */
int pv_pipeline_veil(struct pv_pipeline *p, const struct pv_rules *rules, struct pv_held *due);

/* Forgets tracks and waiting frames, coefficients too: the stream begins anew. */
void pv_pipeline_flush(struct pv_pipeline *p);

/* How much smaller than a picture of this size the luma may be that is searched: 1, 2 or 4. */
int pv_pipeline_shrink(const struct pv_rules *rules, int width, int height);

/* Makes the detector for this size of luma now rather than with the first frame; -1 with p->error. */
int pv_pipeline_prepare(struct pv_pipeline *p, int width, int height);

void pv_pipeline_free(struct pv_pipeline *p);

uint64_t pv_now_ns(void);	/* CLOCK_MONOTONIC */
uint64_t pv_boot_ns(void);	/* CLOCK_BOOTTIME: goes on while the machine sleeps */

/* Has the machine slept since it had slept for so long, boot less now? Before that was another time. */
bool pv_slept_since(uint64_t slept_ns);

#endif
