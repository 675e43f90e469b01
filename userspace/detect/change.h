// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to be searched: where a picture is no longer what it was when it was searched last.
 *
 * Two sums stand for each block of 8x8 pixels: its luma and its texture (differences of
 * neighbours along the rows). A block has changed when one of them differs from what it was at
 * the last search of its place, not in the last frame, by more than the camera's own noise: slow
 * change adds up until it is seen. The noise is measured (the median difference of all blocks from
 * the last frame, as four in five or more are background) within fixed bounds.
 *
 * Changed blocks make changed cells of 32x32 pixels. A changed cell without texture, in it or beside
 * it, cannot be part of a plate: it counts as searched, and what was found there is forgotten.
 */
#ifndef PV_CHANGE_H
#define PV_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/level.h"

#define PV_CELL 32		/* pixels along a cell's sides */

enum { PV_CELL_SAME, PV_CELL_FLAT, PV_CELL_CHANGED };

struct pv_change {
	int width, height;		/* pixels of the picture */
	int columns, rows;		/* of cells */
	uint8_t *cells;			/* what each is: columns * rows of the enum above */
	bool searched;			/* it was searched as a whole once */
	/* The rest is change.c's own. */
	int block_columns, block_rows;
	struct pv_block *now, *before, *known;	/* of the picture looked at; of the one before; when searched last */
	uint8_t *textured;		/* cells */
};

/* For pictures of width x height; NULL: not enough memory. */
struct pv_change *pv_change_new(int width, int height);
void pv_change_free(struct pv_change *c);

/* Looks at a picture and says what each cell is; stride in bytes. Without a whole search before,
 * all have changed. */
void pv_change_look(struct pv_change *c, const uint8_t *luma, size_t stride);

/* The cells that a box in pixels touches, within the picture: columns and rows of them. */
struct pv_area pv_change_under(const struct pv_change *c, float x0, float y0, float x1, float y1);

/* Some cells count as changed; whether some of them do. */
void pv_change_mark(struct pv_change *c, const struct pv_area *cells);
bool pv_change_touches(const struct pv_change *c, const struct pv_area *cells);

/* All cells that are not the same are being searched, as they are in the picture last looked at. */
void pv_change_searched(struct pv_change *c);

#endif
