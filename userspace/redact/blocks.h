// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Veils drawn in JPEG coefficients, in the same styles as in pixels. A block of a region is
 * replaced whole; the surface it shows has one cell a block and is made from the nearer halves of
 * the blocks round the region (round a polygon, from all of them), read off their first coefficients.
 */
#ifndef PV_BLOCKS_H
#define PV_BLOCKS_H

#include "codec/coefs.h"
#include "mask.h"
#include "rules/rules.h"
#include "surface.h"

/* Veils in f's coefficients n regions as pv_regions() gave them, and what the rules' polygons mask;
 * -1: not enough memory, some may not be veiled. */
int pv_blocks_redact(struct pv_surface *s, struct pv_mask masks[3], const struct pv_frame *f,
		     const struct pv_rules *rules, const struct pv_box *regions, int n);

/* Veils all of it: a flat grey. */
void pv_blocks_redact_whole(struct pv_coefs *c);

#endif
