// SPDX-License-Identifier: GPL-2.0-or-later
#include "lost.h"

#include <stdbool.h>
#include <string.h>

#include "overlap.h"

#define BESIDE 8		/* pixels from a find, within which a change may concern it */
#define SAME 0.2f		/* IoU from which a find is the one of the frame before */
#define TRIES 6			/* frames in which one that was lost is looked for where it was */

static struct pv_area under(const struct pv_change *c, const struct pv_detection *f, float beside)
{
	return pv_change_under(c, f->x0 - beside, f->y0 - beside, f->x1 + beside, f->y1 + beside);
}

void pv_lost_mark(const struct pv_lost *l, struct pv_change *c)
{
	for (int i = 0; i < l->were_count; i++) {
		struct pv_area at = under(c, &l->were[i], 0), near = under(c, &l->were[i], BESIDE);
		if (pv_change_touches(c, &near))
			pv_change_mark(c, &at);
	}
	for (int i = 0; i < l->lost_count; i++) {
		struct pv_area at = under(c, &l->lost[i], 0);
		pv_change_mark(c, &at);
	}
}

/* Of some finds, which have so many tries left, or TRIES: those not among n others, with one less, are lost. */
static void lose(struct pv_lost *l, const struct pv_detection *of, int count, const int *tries,
		 const struct pv_detection *found, int n)
{
	for (int i = 0; i < count && l->lost_count < PV_MAX_DETECTIONS; i++) {
		int left = tries ? tries[i] - 1 : TRIES, k = 0;
		while (k < n && pv_overlap_iou(&of[i], &found[k]) <= SAME)
			k++;
		if (k < n || !left)
			continue;
		l->lost[l->lost_count] = of[i];
		l->tries[l->lost_count++] = left;
	}
}

void pv_lost_next(struct pv_lost *l, const struct pv_detection *found, int n)
{
	int lost = l->lost_count;

	l->lost_count = 0;
	lose(l, l->lost, lost, l->tries, found, n);
	lose(l, l->were, l->were_count, NULL, found, n);
	l->were_count = n;
	memcpy(l->were, found, sizeof(*found) * (size_t)n);
}
