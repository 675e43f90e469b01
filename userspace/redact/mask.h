// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the rules' polygons mask of a plane, sample by sample.
 *
 * A plane is looked at in units, a pixel each or as much as one JPEG block or chroma sample stands for.
 * A unit is masked when the polygon's area, however little of it, reaches into it. Of a polygon whose
 * sides cross all is masked that they go round (the non-zero winding rule).
 */
#ifndef PV_MASK_H
#define PV_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame/frame.h"
#include "rules/rules.h"

#define PV_MASK_TILES 4		/* pixelate's tiles in it are those of a region with this part of the frame's height */

/* How a plane lies over a frame. */
struct pv_grid {
	int columns, rows;		/* samples (or blocks) */
	int across, down;		/* of them to a unit */
	float unit_x, unit_y;		/* frame pixels along a unit's sides */
};

/* All zero to begin with. */
struct pv_mask {
	int columns, rows;	/* samples of the plane */
	uint8_t *of;		/* columns * rows: 1 where it is masked */
	size_t room;
	struct pv_box bounds;	/* of what is masked; none: x0 >= x1 */
	/* All that it was made of: it serves for frame after frame. */
	struct pv_grid grid;
	int width, height, zone_count;
	struct pv_zone zones[PV_MAX_ZONES];
};

void pv_mask_free(struct pv_mask *m);

/* Is there a polygon that masks? */
bool pv_mask_needed(const struct pv_rules *rules);

/* All polygons that mask, in a frame of width x height pixels; nothing is done where m is of the same ones. False: not
 * enough memory. */
bool pv_mask_make(struct pv_mask *m, const struct pv_rules *rules, int width, int height,
		  const struct pv_grid *g);

/* m NULL: nothing is. */
static inline bool pv_mask_has(const struct pv_mask *m, int x, int y)
{
	return m && m->of[(size_t)y * (size_t)m->columns + (size_t)x];
}

/* Is any sample of the box masked? What of it is beyond the plane is not; m NULL: nothing is. */
bool pv_mask_touches(const struct pv_mask *m, const struct pv_box *b);

#endif
