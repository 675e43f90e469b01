// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells to search into areas to search, so that searching them costs little. */
#ifndef PV_COVER_H
#define PV_COVER_H

#include "detect/change.h"

#define PV_MAX_AREAS 24

struct pv_cover {
	struct pv_area areas[PV_MAX_AREAS];
	int count;
	int *sums;		/* of the cells left of and above each corner */
};

/* Room for maps as large as c's; false: not enough memory. */
bool pv_cover_init(struct pv_cover *v, const struct pv_change *c);
void pv_cover_free(struct pv_cover *v);

/*
 * Covers all of c's cells that have changed with areas, in pixels. Begins with the one that holds
 * them all and cuts it in two, straight across and where that gains most, for as long as the two,
 * each drawn tight round its cells, together cost no more.
 */
void pv_cover_make(struct pv_cover *v, const struct pv_change *c,
		   long (*cost)(const void *data, const struct pv_area *a), const void *data);

#endif
