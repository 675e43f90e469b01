// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the second look sees of a place in a picture: two views of it.
 *
 * The tight one holds a box, which fills PV_VIEW_FILL_WIDTH of its columns or PV_VIEW_FILL_HEIGHT
 * of its rows, and what is next to it; the wide one, round the same middle, PV_VIEW_WIDE times as
 * much: what a plate would be on. Each is bilinearly cut out of that half of the picture whose
 * pixels are nearest in size to its own, and brought to one brightness (mean 0) and one contrast
 * (mean distance from the mean 45, by a gain of 1/2 to 12). What is beyond the picture is 0.
 *
 * scripts/train/views.py does the same. All in integers, so that every machine sees the same.
 */
#ifndef PV_VIEWS_H
#define PV_VIEWS_H

#include <stddef.h>
#include <stdint.h>

#include "detect/detect.h"

#define PV_VIEW_WIDTH 96	/* pixels of a view */
#define PV_VIEW_HEIGHT 48
#define PV_VIEW_FILL_WIDTH 54
#define PV_VIEW_FILL_HEIGHT 27
#define PV_VIEW_WIDE 3
#define PV_MAX_HALVES 10

/* A picture, or a half of one. */
struct pv_plane {
	const uint8_t *luma;
	size_t stride;		/* bytes */
	int width, height;	/* pixels */
};

/* Pixels of the picture to one of the tight view's, for a box of it. */
float pv_view_step(const struct pv_detection *box);

/* Both views of a box, the tight one above the wide one, folded as a network's input is (network.h):
 * 2 * PV_VIEW_HEIGHT * PV_VIEW_WIDTH bytes. Of `count` halves the first is the picture, each next
 * half the one before; the box is in the first's pixels. */
void pv_view_cut(const struct pv_plane *halves, int count, const struct pv_detection *box, int8_t *to);

#endif
