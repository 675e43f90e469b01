// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <math.h>
#include <stdlib.h>

#define SAME_PLATE 0.33f	/* IoU from which two finds are one plate */
/* A second opinion counts, too, where it is this close (IoU) and this sure (share of the score). */
#define AS_CLOSE 0.5f
#define AS_SURE 0.7f

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

static void widen(struct pv_detection *a, const struct pv_detection *b)
{
	a->x0 = fminf(a->x0, b->x0);
	a->y0 = fminf(a->y0, b->y0);
	a->x1 = fmaxf(a->x1, b->x1);
	a->y1 = fmaxf(a->y1, b->y1);
}

int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	qsort(finds, (size_t)n, sizeof(*finds), by_score);
	for (int i = 0; i < n; i++) {
		const struct pv_detection *c = &finds[i];
		int k = 0;
		while (k < kept && iou(c, &finds[k]) <= SAME_PLATE)
			k++;
		if (k == kept && kept == max)
			continue;
		if (k == kept) {
			/* The best of each plate gather at the front, as they were found. */
			out[kept] = *c;
			finds[kept++] = *c;
		} else if (c->score >= AS_SURE * finds[k].score && iou(c, &finds[k]) > AS_CLOSE) {
			widen(&out[k], c);
		}
	}
	return kept;
}
