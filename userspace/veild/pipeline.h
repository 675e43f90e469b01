// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One frame's way: luma -> detect -> track -> regions -> redact, in place.
 * No verdict, no frame: when detection failed, or took longer than the rules'
 * deadline, or found more than can be followed, the frame is veiled whole.
 */
#ifndef PV_PIPELINE_H
#define PV_PIPELINE_H

#include "detect/detect.h"
#include "frame/frame.h"
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
	int width, height, search;	/* that the detector was made for */
	struct pv_tracker tracker;
	struct pv_redactor redactor;
	struct pv_held held[PV_MAX_LOOKAHEAD + 1];	/* a ring */
	int oldest, waiting;
	struct pv_box regions[PV_MAX_REGIONS];	/* of the last frame */
	struct {
		uint64_t frames, whole, regions;
		uint64_t detect_ns;	/* of the last frame */
		uint64_t slowest_ns, total_ns;	/* of all */
	} stats;
	char error[160];		/* why a frame was veiled whole */
};

/* Veils f. Returns the number of regions, or -1 when it was veiled whole. The frame's time_ns
 * moves the tracks; 0 means now. */
int pv_pipeline_run(struct pv_pipeline *p, struct pv_frame *f);

/* The same for a stream, with the rules' lookahead: takes f's picture in (f is left with other memory
 * and no meaning) and gives the veiled frame that is due, or NULL while the first ones wait. A plate
 * found in f where a waiting frame has no veil is veiled there too, half as large again on every side.
 * What is given is valid until the next call. */
struct pv_frame *pv_pipeline_push(struct pv_pipeline *p, struct pv_frame *f);

/* What the frame that was last given was veiled for, zones aside: plates with their scores. Returns
 * how many, at most max; 0 also for one that was veiled whole. */
int pv_pipeline_seen(const struct pv_pipeline *p, struct pv_detection *out, int max);

/* Forgets tracks and waiting frames: the stream begins anew. */
void pv_pipeline_flush(struct pv_pipeline *p);

/* Makes the detector for this size now rather than with the first frame; -1 with p->error. */
int pv_pipeline_prepare(struct pv_pipeline *p, int width, int height);

void pv_pipeline_free(struct pv_pipeline *p);

uint64_t pv_now_ns(void);	/* CLOCK_MONOTONIC */
uint64_t pv_boot_ns(void);	/* CLOCK_BOOTTIME: goes on while the machine sleeps */

#endif
