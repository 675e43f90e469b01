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

/* A video's finds are asked for from where they are doubtful: of those there may be more than fit. */
#define DOUBTFUL 2.5f		/* times as much is no longer so */

#define LEAST 64		/* pixels along the longer side: there is no search of less */

static const double times[] = { 1, 1.41, 2 };	/* its size, that a picture may be searched at */
#define SIZES ((int)(sizeof(times) / sizeof(times[0])))
#define VIDEO_SIZES 2		/* of these, a video, */
#define VIDEO_MOST 910		/* and enlarged to so many pixels at most */

struct pv_detector {
	struct pv_search *searches[SIZES];	/* so many of them: */
	int count;
};

struct finds {
	struct pv_detection d[PV_MAX_DETECTIONS];
	int count;
};

typedef int (*run_fn)(struct pv_search *s, const uint8_t *luma, size_t stride, float min_score,
		      struct pv_detection *out, int max);

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* Pixels along the longer side of a picture at one of its sizes, 0 if it is not searched at that. */
static int side_at(int width, int height, int size, int most, enum pv_footage footage)
{
	int side = (int)(larger(width, height) * times[size]);

	if (!size)
		return side < most ? side : most;
	return side > most || (footage == PV_VIDEO && (size >= VIDEO_SIZES || side > VIDEO_MOST)) ? 0 : side;
}

int pv_detector_side(int width, int height, int most, enum pv_footage footage)
{
	int best = 0;

	for (int i = 0; i < SIZES; i++)
		best = larger(best, side_at(width, height, i, most, footage));
	return best < LEAST && most >= LEAST ? LEAST : best;
}

struct pv_detector *pv_detector_new(int width, int height, int search, enum pv_footage footage, char *error,
				    size_t size)
{
	struct pv_detector *d = calloc(1, sizeof(*d));

	if (!d || width < 1 || height < 1 || search < LEAST) {
		snprintf(error, size, "detector: %s", d ? "impossible size" : "not enough memory");
		free(d);
		return NULL;
	}
	bool once = !side_at(width, height, 1, search, footage);
	for (int i = 0, side; i < SIZES && (side = side_at(width, height, i, search, footage)); i++) {
		d->searches[i] = pv_search_new(width, height, side, once, footage, error, size);
		if (!d->searches[i]) {
			pv_detector_free(d);
			return NULL;
		}
		d->count++;
	}
	return d;
}

void pv_detector_free(struct pv_detector *d)
{
	for (int i = 0; d && i < d->count; i++)
		pv_search_free(d->searches[i]);
	free(d);
}

int pv_detector_share(struct pv_detector *d, struct pv_pair *pair, char *error, size_t size)
{
	/* One that cannot goes on alone, and half of the work shared is better than none. */
	int status = 0;

	for (int i = 0; i < d->count; i++)
		status |= pv_search_share(d->searches[i], pair, error, size);
	return status;
}

void pv_detector_refresh(struct pv_detector *d, int pieces)
{
	for (int i = 0; i < d->count; i++)
		pv_search_refresh(d->searches[i], pieces);
}

/* --- of several searches ----------------------------------------------------- */

/* The surest of some finds that is the plate which d is; or NULL. */
static const struct pv_detection *same_plate(const struct finds *f, const struct pv_detection *d)
{
	const struct pv_detection *same = NULL;

	for (int i = 0; i < f->count; i++)
		if (pv_overlap_iou(d, &f->d[i]) > PV_SAME_PLATE && (!same || f->d[i].score > same->score))
			same = &f->d[i];
	return same;
}

/* What all searches say of what one of them has found. */
static struct pv_detection mean(const struct finds *of, int count, int which, const struct pv_detection *d)
{
	const struct pv_detection *found[SIZES] = { d };

	for (int i = 0, n = 1; i < count; i++)
		if (i != which)
			found[n++] = same_plate(&of[i], d);
	return pv_merge_mean(found, count);
}

/* *crowded: there may be more. */
static int join(const struct finds *of, int count, float min_score, struct pv_detection *out, int max, bool *crowded)
{
	struct pv_detection means[SIZES * PV_MAX_DETECTIONS], merged[PV_MAX_DETECTIONS];
	int kept = 0, few = max < of->count ? max : of->count;

	if (count == 1) {
		memcpy(out, of->d, sizeof(*out) * (size_t)few);
		return few;
	}
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < of[i].count; k++) {
			means[kept] = mean(of, count, i, &of[i].d[k]);
			kept += means[kept].score >= min_score;
		}
	}
	kept = pv_merge(means, kept, merged, PV_MAX_DETECTIONS);
	*crowded |= kept == PV_MAX_DETECTIONS;
	return pv_merge_inner(merged, kept, out, max);
}

/* `crowd`: of more finds than fit, the score of one that is surely a plate. */
static int run(struct pv_detector *d, run_fn search, const uint8_t *luma, size_t stride, float min_score, float crowd,
	       struct pv_detection *out, int max)
{
	struct finds of[SIZES] = { { .count = 0 } };
	float least = d->count > 1 ? fminf(min_score, PV_ABSENT) : min_score;
	bool crowded = false;

	for (int i = 0; i < d->count; i++) {
		of[i].count = search(d->searches[i], luma, stride, least, of[i].d, PV_MAX_DETECTIONS);
		if (of[i].count < 0)
			return -1;
		crowded |= pv_search_crowded(d->searches[i], crowd);
	}
	int n = join(of, d->count, min_score, out, max, &crowded);
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
	return pv_search_first(d->searches[0], luma, stride, min_score, out, max);
}

int pv_detector_looks(const struct pv_detector *d)
{
	int looks = 0;

	for (int i = 0; i < d->count; i++)
		looks += pv_search_looks(d->searches[i]);
	return looks;
}

float pv_detector_effort(const struct pv_detector *d)
{
	long done = 0, all = 0;

	for (int i = 0; i < d->count; i++) {
		done += pv_search_done(d->searches[i]);
		all += pv_search_all(d->searches[i]);
	}
	return all ? (float)done / (float)all : 0;
}
