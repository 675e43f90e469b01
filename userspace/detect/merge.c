// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <stdlib.h>

#include "overlap.h"

#define SAME_PLATE 0.33f	/* IoU from which two finds are one plate */
#define WITHIN 0.6f		/* of a find that lies in another, */
#define SURER 1.5f		/* and how often its score: the other is that plate and what is round it */

static int by_score(const void *a, const void *b)
{
	const struct pv_detection *p = a, *q = b;

	if (p->score != q->score)
		return (p->score < q->score) - (p->score > q->score);
	/* Of equals the order must not hang on the order of searching. */
	return p->x0 != q->x0 ? (p->x0 > q->x0) - (p->x0 < q->x0) : (p->y0 > q->y0) - (p->y0 < q->y0);
}

int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	qsort(finds, (size_t)n, sizeof(*finds), by_score);
	for (int i = 0; i < n && kept < max; i++) {
		int k = 0;
		while (k < kept && pv_overlap_iou(&finds[i], &out[k]) <= SAME_PLATE)
			k++;
		if (k == kept)
			out[kept++] = finds[i];
	}
	return kept;
}

int pv_merge_inner(const struct pv_detection *finds, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	for (int i = 0; i < n && kept < max; i++) {
		int k = 0;
		while (k < kept && (out[k].score <= SURER * finds[i].score ||
				    pv_overlap(&out[k], &finds[i]) <= WITHIN * pv_overlap_area(&out[k])))
			k++;
		if (k == kept)
			out[kept++] = finds[i];
	}
	return kept;
}
