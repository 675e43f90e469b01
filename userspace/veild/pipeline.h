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

struct pv_pipeline {
	struct pv_rules rules;		/* may be changed between frames */
	bool photos;			/* each frame stands alone: no tracks */
	struct pv_detector *detector;
	int width, height, search;	/* that the detector was made for */
	struct pv_tracker tracker;
	struct pv_redactor redactor;
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

/* Makes the detector for this size now rather than with the first frame; -1 with p->error. */
int pv_pipeline_prepare(struct pv_pipeline *p, int width, int height);

void pv_pipeline_free(struct pv_pipeline *p);

uint64_t pv_now_ns(void);	/* CLOCK_MONOTONIC */
uint64_t pv_boot_ns(void);	/* CLOCK_BOOTTIME: goes on while the machine sleeps */

#endif
