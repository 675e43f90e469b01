// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Draws veils. Nothing drawn depends on a pixel under a veil: other pixels inside, same regions,
 * same output, byte for byte.
 *
 * blur is a Coons patch (S. A. Coons, 1967): each pixel blends the smoothed lines of pixels that
 * run round the region, just outside it. Where the region meets the frame's edge that line is
 * missing and the opposite one stands in; where all are missing it is mid grey. fill is a colour.
 */
#ifndef PV_REDACT_H
#define PV_REDACT_H

#include "detect/detect.h"
#include "frame/frame.h"
#include "rules/rules.h"

#define PV_MAX_REGIONS (2 * PV_MAX_DETECTIONS + PV_MAX_ZONES)

/* Frees its scratch memory with pv_redactor_free(). All zero to begin with. */
struct pv_redactor {
	float *lines;
	size_t room;
};

void pv_redactor_free(struct pv_redactor *r);

/* Turns boxes to veil and the rules' zones into regions of f: grown by the margin and to whole
 * blocks, cut at the frame's edges, and joined until none touches another (or else one region's
 * surroundings would be another plate). Returns how many (<= PV_MAX_REGIONS). */
int pv_regions(const struct pv_frame *f, const struct pv_rules *rules,
	       const struct pv_detection *boxes, int n, struct pv_box out[PV_MAX_REGIONS]);

/* Veils n regions of f as pv_regions() gave them; -1 if there is no memory (f is then
 * veiled whole). */
int pv_redact(struct pv_redactor *r, struct pv_frame *f, const struct pv_rules *rules,
	      const struct pv_box *regions, int n);

/* Veils all of f: a flat grey that tells nothing. */
void pv_redact_whole(struct pv_frame *f);

#endif
