// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <math.h>
#include <stdlib.h>

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

static float area(const struct pv_detection *d)
{
	return (d->x1 - d->x0) * (d->y1 - d->y0);
}

static float common(const struct pv_detection *a, const struct pv_detection *b)
{
	float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
	float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);

	return w > 0 && h > 0 ? w * h : 0;
}

static float iou(const struct pv_detection *a, const struct pv_detection *b)
{
	float both = common(a, b);

	return both > 0 ? both / (area(a) + area(b) - both) : 0;
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

int pv_merge_inner(struct pv_detection *finds, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		int k = 0;
		while (k < kept && (finds[k].score <= SURER * finds[i].score ||
				    common(&finds[k], &finds[i]) <= WITHIN * area(&finds[k])))
			k++;
		if (k == kept)
			finds[kept++] = finds[i];
	}
	return kept;
}
