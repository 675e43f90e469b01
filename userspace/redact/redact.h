// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Draws veils. Nothing drawn depends on a pixel under a veil: other pixels inside, same regions,
 * same output, byte for byte.
 *
 * blur is the smooth surface of surface.h, made from the pixels just outside the region; pixelate is
 * the same surface in square tiles; fill is a colour.
 */
#ifndef PV_REDACT_H
#define PV_REDACT_H

#include "detect/detect.h"
#include "frame/frame.h"
#include "mask.h"
#include "rules/rules.h"
#include "surface.h"

#define PV_MAX_REGIONS (2 * PV_MAX_DETECTIONS + PV_MAX_ZONES)

/* Frees its scratch memory with pv_redactor_free(). All zero to begin with. */
struct pv_redactor {
	struct pv_surface surface;
	struct pv_mask masks[3];	/* of the planes, or of a JPEG's components */
};

void pv_redactor_free(struct pv_redactor *r);

/* Turns boxes to veil and the rules' rectangles into regions of f: grown by the margin and to whole
 * blocks, cut at the frame's edges, and joined until none touches another (or else one region's
 * surroundings would be another plate). Returns how many (<= PV_MAX_REGIONS). */
int pv_regions(const struct pv_frame *f, const struct pv_rules *rules,
	       const struct pv_detection *boxes, int n, struct pv_box out[PV_MAX_REGIONS]);

/* Veils n regions of f, or of its coefficients, as pv_regions() gave them, and what the rules' polygons
 * mask, to the pixel or to the block (mask.h); -1 if there is no memory (f is then veiled whole). */
int pv_redact(struct pv_redactor *r, struct pv_frame *f, const struct pv_rules *rules,
	      const struct pv_box *regions, int n);

/* Pixels along a side of pixelate's tiles in a region of that height: a multiple of block. */
int pv_tile_side(int height, int block);

/* Y, Cb or Cr (i) of a colour, 0xRRGGBB (ITU-R BT.601), in full or limited range. */
uint8_t pv_colour_sample(int rgb, int i, bool full);

/* Veils all of f: a flat grey that tells nothing. */
void pv_redact_whole(struct pv_frame *f);

#endif
