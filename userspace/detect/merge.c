// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <stdbool.h>

#include "overlap.h"

#define WITHIN 0.6f		/* of a find that lies in another, */
#define SURER 1.5f		/* and how often its score: the other is that plate and what is round it */

static bool is_before(const struct pv_detection *a, const struct pv_detection *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	/* Of equals the order must not hang on the order of searching. */
	if (a->x0 != b->x0 || a->y0 != b->y0)
		return a->x0 != b->x0 ? a->x0 < b->x0 : a->y0 < b->y0;
	return a->x1 != b->x1 ? a->x1 < b->x1 : a->y1 < b->y1;
}

/* Shell's sort (1959): the C library's takes memory, which a frame is not to. */
static void sort(struct pv_detection *finds, int n)
{
	for (int gap = n / 2; gap; gap /= 2) {
		for (int i = gap; i < n; i++) {
			struct pv_detection d = finds[i];
			int at = i;
			for (; at >= gap && is_before(&d, &finds[at - gap]); at -= gap)
				finds[at] = finds[at - gap];
			finds[at] = d;
		}
	}
}

int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	sort(finds, n);
	for (int i = 0; i < n && kept < max; i++) {
		int k = 0;
		while (k < kept && pv_overlap_iou(&finds[i], &out[k]) <= PV_SAME_PLATE)
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
