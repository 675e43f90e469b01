// SPDX-License-Identifier: GPL-2.0-or-later
#include "merge.h"

#include <math.h>
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

static float logit(float score)
{
	score = fminf(fmaxf(score, 0.001f), 0.999f);
	return logf(score / (1 - score));
}

struct pv_detection pv_merge_mean(const struct pv_detection *const *found, int count)
{
	struct pv_detection sum = { .score = 0 };
	float all = 0, right = 0, low = 0;

	for (int i = 0; i < count; i++) {
		const struct pv_detection *s = found[i];
		all += logit(s ? fmaxf(s->score, i ? PV_ABSENT : 0) : PV_ABSENT);
		if (!s)
			continue;
		sum.x0 += s->score * s->x0;
		sum.y0 += s->score * s->y0;
		sum.x1 += s->score * s->x1;
		sum.y1 += s->score * s->y1;
		sum.score += s->score;
		right = fmaxf(right, s->x1);
		low = fmaxf(low, s->y1);
	}
	float w = sum.score;
	/* Rounded, the mean of what ends at the frame's edge may end beyond it. */
	return (struct pv_detection){ sum.x0 / w, sum.y0 / w, fminf(sum.x1 / w, right), fminf(sum.y1 / w, low),
				      1 / (1 + expf(-all / (float)count)) };
}
