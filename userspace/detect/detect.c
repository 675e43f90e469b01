// SPDX-License-Identifier: GPL-2.0-or-later
#include "detect.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "overlap.h"
#include "search.h"

#define ABSENT 0.05f		/* the score of what a search did not find, to what another says of it */
/* A video's finds are asked for from where they are doubtful: of those there may be more than fit. */
#define DOUBTFUL 2.5f		/* times as much is no longer so */

struct pv_detector {
	struct pv_search *plain, *enlarged;	/* the second may be NULL */
};

typedef int (*run_fn)(struct pv_search *s, const uint8_t *luma, size_t stride, float min_score, float crowd,
		      struct pv_detection *out, int max);

static int larger(int a, int b)
{
	return a > b ? a : b;
}

int pv_detector_side(int width, int height, int most, enum pv_footage footage)
{
	int side = larger(width, height), enlarged = (int)(side * PV_ENLARGED);

	if (enlarged <= most && (footage == PV_PHOTOS || enlarged <= PV_ENLARGED_VIDEO))
		side = enlarged;
	side = larger(side, PV_SEARCH_LEAST);
	return side < most ? side : most;
}

struct pv_detector *pv_detector_new(int width, int height, int search, enum pv_footage footage, char *error,
				    size_t size)
{
	struct pv_detector *d = calloc(1, sizeof(*d));
	int side = larger(width, height);

	if (!d || width < 1 || height < 1 || search < PV_SEARCH_LEAST) {
		snprintf(error, size, "detector: %s", d ? "impossible size" : "not enough memory");
		free(d);
		return NULL;
	}
	d->plain = pv_search_new(width, height, search < side ? search : side, footage, error, size);
	if (d->plain && search > side)
		d->enlarged = pv_search_new(width, height, search, footage, error, size);
	if (d->plain && (d->enlarged || search <= side))
		return d;
	pv_detector_free(d);
	return NULL;
}

void pv_detector_free(struct pv_detector *d)
{
	if (!d)
		return;
	pv_search_free(d->plain);
	pv_search_free(d->enlarged);
	free(d);
}

int pv_detector_share(struct pv_detector *d, struct pv_pair *pair, char *error, size_t size)
{
	if (pv_search_share(d->plain, pair, error, size))
		return -1;
	/* Half of the work shared is better than none. */
	return d->enlarged ? pv_search_share(d->enlarged, pair, error, size) : 0;
}

void pv_detector_refresh(struct pv_detector *d, int pieces)
{
	pv_search_refresh(d->plain, pieces);
	if (d->enlarged)
		pv_search_refresh(d->enlarged, pieces);
}

static float logit(float score)
{
	score = fminf(fmaxf(score, 0.001f), 0.999f);
	return logf(score / (1 - score));
}

/* What one search says of a find together with the `count` finds of the other. */
static struct pv_detection mean(const struct pv_detection *d, const struct pv_detection *others, int count)
{
	const struct pv_detection *other = NULL;

	for (int i = 0; i < count; i++)
		if (pv_overlap_iou(d, &others[i]) > PV_SAME_PLATE && (!other || others[i].score > other->score))
			other = &others[i];
	struct pv_detection of = other ? *other : *d;
	float l = (logit(d->score) + logit(other ? fmaxf(other->score, ABSENT) : ABSENT)) / 2;
	return (struct pv_detection){ (d->x0 + of.x0) / 2, (d->y0 + of.y0) / 2, (d->x1 + of.x1) / 2,
				      (d->y1 + of.y1) / 2, 1 / (1 + expf(-l)) };
}

/* Both searches' finds, as what both say of each. */
static int join(const struct pv_detection *plain, int n, const struct pv_detection *enlarged, int m, float min_score,
		struct pv_detection *out, int max)
{
	struct pv_detection means[2 * PV_MAX_DETECTIONS], merged[PV_MAX_DETECTIONS];
	int kept = 0;

	for (int i = 0; i < n + m; i++) {
		means[kept] = i < n ? mean(&plain[i], enlarged, m) : mean(&enlarged[i - n], plain, n);
		kept += means[kept].score >= min_score;
	}
	kept = pv_merge(means, kept, merged, PV_MAX_DETECTIONS);
	return pv_merge_inner(merged, kept, out, max);
}

static int run(struct pv_detector *d, run_fn search, const uint8_t *luma, size_t stride, float min_score, float crowd,
	       struct pv_detection *out, int max)
{
	struct pv_detection plain[PV_MAX_DETECTIONS], enlarged[PV_MAX_DETECTIONS];
	float least = d->enlarged ? fminf(min_score, ABSENT) : min_score;
	int n = search(d->plain, luma, stride, least, crowd, plain, PV_MAX_DETECTIONS), m = 0;
	bool crowded = pv_search_crowded(d->plain);

	if (n >= 0 && d->enlarged) {
		m = search(d->enlarged, luma, stride, least, crowd, enlarged, PV_MAX_DETECTIONS);
		crowded |= pv_search_crowded(d->enlarged);
	}
	if (n < 0 || m < 0)
		return -1;
	if (d->enlarged)
		n = join(plain, n, enlarged, m, min_score, out, max);
	else
		memcpy(out, plain, sizeof(*out) * (size_t)(n = n < max ? n : max));
	/* Fewer than all must not look like all. */
	for (; crowded && n < max; n++)
		out[n] = n ? out[n - 1] : (struct pv_detection){ .score = min_score };
	return n;
}

int pv_detector_run(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max)
{
	return run(d, pv_search_run, luma, stride, min_score, min_score, out, max);
}

int pv_detector_follow(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		       struct pv_detection *out, int max)
{
	return run(d, pv_search_follow, luma, stride, min_score, DOUBTFUL * min_score, out, max);
}

int pv_detector_first(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		      struct pv_detection *out, int max)
{
	return pv_search_first(d->plain, luma, stride, min_score, out, max);
}

int pv_detector_looks(const struct pv_detector *d)
{
	return pv_search_looks(d->plain) + (d->enlarged ? pv_search_looks(d->enlarged) : 0);
}

float pv_detector_effort(const struct pv_detector *d)
{
	long done = pv_search_done(d->plain) + (d->enlarged ? pv_search_done(d->enlarged) : 0);
	long all = pv_search_all(d->plain) + (d->enlarged ? pv_search_all(d->enlarged) : 0);

	return all ? (float)done / (float)all : 0;
}
