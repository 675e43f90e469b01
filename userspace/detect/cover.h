// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells to search into areas to search, so that searching them costs little. */
#ifndef PV_COVER_H
#define PV_COVER_H

#include "detect/change.h"

#define PV_MAX_AREAS 64

struct pv_cover {
	struct pv_area areas[PV_MAX_AREAS];
	int count;
};

/*
 * Covers all of c's cells that have changed with areas, in pixels; they may overlap. Begins with each cell
 * alone (squares of cells where those are too many) and makes one of the two areas that gain most by it, for
 * as long as that costs no more.
 */
void pv_cover_make(struct pv_cover *v, const struct pv_change *c,
		   long (*cost)(const void *data, const struct pv_area *a), const void *data);

#endif
