// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <math.h>
#include <stdlib.h>

#define SAME_PLATE 0.33f	/* IoU from which two finds are one plate */

static int by_score(const void *a, const void *b)
{
	const struct pv_detection *p = a, *q = b;

	if (p->score != q->score)
		return (p->score < q->score) - (p->score > q->score);
	/* Of equals the order must not hang on the order of searching. */
	return p->x0 != q->x0 ? (p->x0 > q->x0) - (p->x0 < q->x0) : (p->y0 > q->y0) - (p->y0 < q->y0);
}

static float iou(const struct pv_detection *a, const struct pv_detection *b)
{
	float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
	float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
	if (w <= 0 || h <= 0)
		return 0;
	float both = w * h;
	return both / ((a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - both);
}

int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	qsort(finds, (size_t)n, sizeof(*finds), by_score);
	for (int i = 0; i < n && kept < max; i++) {
		int k = 0;
		while (k < kept && iou(&finds[i], &out[k]) <= SAME_PLATE)
			k++;
		if (k == kept)
			out[kept++] = finds[i];
	}
	return kept;
}
