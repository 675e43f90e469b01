// SPDX-License-Identifier: GPL-2.0-or-later
#include "detect.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "scale.h"

#define LARGE 400		/* searched along more than this: search at half too */
#define SAME_PLATE 0.33f	/* IoU from which two finds are one plate */
/* A second opinion counts, too, where it is this close (IoU) and this sure (share of the score). */
#define AS_CLOSE 0.5f
#define AS_SURE 0.7f

/* One search of the frame: a scale and a network built for it. */
struct level {
	int width, height;		/* of the shrunk frame */
	int padded_width, padded_height;
	uint8_t *luma;			/* padded_width * padded_height, grey beyond the frame */
	struct pv_scale *scale;
	struct pv_network *network;
};

struct pv_detector {
	int width, height, levels;
	struct level level[2];
	struct pv_detection *candidates;	/* room for every cell of every level */
};

static int pad(int n)
{
	return (n + PV_NETWORK_MULTIPLE - 1) / PV_NETWORK_MULTIPLE * PV_NETWORK_MULTIPLE;
}

static int shrink(int n, double by)
{
	int m = (int)lround(n * by);
	return m < 1 ? 1 : m;
}

static bool level_init(struct level *l, int width, int height, int longest, char *error,
		       size_t size)
{
	int side = width > height ? width : height;
	double by = side > longest ? (double)longest / side : 1.0;

	l->width = shrink(width, by);
	l->height = shrink(height, by);
	l->padded_width = pad(l->width);
	l->padded_height = pad(l->height);
	size_t pixels = (size_t)l->padded_width * (size_t)l->padded_height;
	l->luma = malloc(pixels);
	l->scale = pv_scale_new(width, height, l->width, l->height);
	if (!l->luma || !l->scale) {
		snprintf(error, size, "detector: not enough memory for %dx%d", width, height);
		return false;
	}
	memset(l->luma, 128, pixels);
	l->network = pv_network_new(pv_network_weights, pv_network_weights_size, l->padded_width,
				    l->padded_height, error, size);
	return l->network != NULL;
}

static size_t cells(const struct pv_detector *d)
{
	size_t n = 0;
	for (int i = 0; i < d->levels; i++) {
		for (int k = 0; k < PV_NETWORK_OUTPUTS; k++) {
			const struct pv_network_output *o = pv_network_output(d->level[i].network, k);
			n += (size_t)o->rows * (size_t)o->columns;
		}
	}
	return n;
}

struct pv_detector *pv_detector_new(int width, int height, int search, char *error, size_t size)
{
	struct pv_detector *d = calloc(1, sizeof(*d));
	if (!d || width < 1 || height < 1 || search < 64) {
		snprintf(error, size, "detector: %s", d ? "impossible size" : "not enough memory");
		free(d);
		return NULL;
	}
	d->width = width;
	d->height = height;
	int longest = width > height ? width : height;
	if (longest > search)
		longest = search;
	d->levels = longest > LARGE ? 2 : 1;
	for (int i = 0; i < d->levels; i++) {
		if (!level_init(&d->level[i], width, height, longest >> i, error, size)) {
			pv_detector_free(d);
			return NULL;
		}
	}
	d->candidates = malloc(cells(d) * sizeof(*d->candidates));
	if (!d->candidates) {
		snprintf(error, size, "detector: not enough memory");
		pv_detector_free(d);
		return NULL;
	}
	return d;
}

void pv_detector_free(struct pv_detector *d)
{
	if (!d)
		return;
	for (int i = 0; i < d->levels; i++) {
		free(d->level[i].luma);
		pv_scale_free(d->level[i].scale);
		pv_network_free(d->level[i].network);
	}
	free(d->candidates);
	free(d);
}

/* Luma to the network's input: Y - 128, each 2x2 block a cell of four channels. */
static void fold(const struct level *l, int8_t *to)
{
	for (int y = 0; y < l->padded_height; y += 2) {
		const uint8_t *a = l->luma + (size_t)y * (size_t)l->padded_width;
		const uint8_t *b = a + l->padded_width;
		for (int x = 0; x < l->padded_width; x += 2, to += 4) {
			to[0] = (int8_t)(a[x] ^ 0x80);
			to[1] = (int8_t)(a[x + 1] ^ 0x80);
			to[2] = (int8_t)(b[x] ^ 0x80);
			to[3] = (int8_t)(b[x + 1] ^ 0x80);
		}
	}
}

static float clamp(float v, float low, float high)
{
	return v < low ? low : v > high ? high : v;
}

static float edge(const struct pv_network_output *o, int8_t v)
{
	float log_strides = (float)(v - o->box_zero) * o->box_scale;
	return expf(clamp(log_strides, -4, 4)) * (float)o->stride;
}

/* Adds the cells of one output that score enough; returns the new count. */
static int collect(struct pv_detector *d, const struct level *l,
		   const struct pv_network_output *o, float min_score, int n)
{
	float logit = logf(min_score / (1 - min_score));
	float kx = (float)d->width / (float)l->width, ky = (float)d->height / (float)l->height;

	for (int i = 0; i < o->rows * o->columns; i++) {
		float score = (float)(o->score[i] - o->score_zero) * o->score_scale;
		if (!(score >= logit))
			continue;
		int column = i % o->columns, row = i / o->columns;
		float x = ((float)column + 0.5f) * (float)o->stride;
		float y = ((float)row + 0.5f) * (float)o->stride;
		const int8_t *b = o->box + 4 * (size_t)i;
		struct pv_detection c = {
			.x0 = clamp((x - edge(o, b[0])) * kx, 0, (float)d->width),
			.y0 = clamp((y - edge(o, b[1])) * ky, 0, (float)d->height),
			.x1 = clamp((x + edge(o, b[2])) * kx, 0, (float)d->width),
			.y1 = clamp((y + edge(o, b[3])) * ky, 0, (float)d->height),
			.score = 1 / (1 + expf(-score)),
		};
		if (c.x1 - c.x0 >= 1 && c.y1 - c.y0 >= 1)
			d->candidates[n++] = c;
	}
	return n;
}

static int by_score(const void *a, const void *b)
{
	float x = ((const struct pv_detection *)a)->score, y = ((const struct pv_detection *)b)->score;
	return (x < y) - (x > y);
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

/* Merges d's first n candidates, sorted, into at most max finds; returns how many. */
static int merge(struct pv_detector *d, int n, struct pv_detection *out, int max)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		const struct pv_detection *c = &d->candidates[i];
		int k = 0;
		while (k < kept && iou(c, &d->candidates[k]) <= SAME_PLATE)
			k++;
		if (k == kept && kept == max)
			continue;
		if (k == kept) {
			/* The best of each plate gather at the front, as they were found. */
			out[kept] = *c;
			d->candidates[kept++] = *c;
		} else if (c->score >= AS_SURE * d->candidates[k].score &&
			   iou(c, &d->candidates[k]) > AS_CLOSE) {
			widen(&out[k], c);
		}
	}
	return kept;
}

int pv_detector_run(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max)
{
	int n = 0;

	min_score = clamp(min_score, 0.001f, 0.999f);
	for (int i = 0; i < d->levels; i++) {
		struct level *l = &d->level[i];
		pv_scale_run(l->scale, luma, stride, l->luma, (size_t)l->padded_width);
		fold(l, pv_network_input(l->network));
		if (pv_network_run(l->network))
			return -1;
		for (int o = 0; o < PV_NETWORK_OUTPUTS; o++)
			n = collect(d, l, pv_network_output(l->network, o), min_score, n);
	}
	qsort(d->candidates, (size_t)n, sizeof(*d->candidates), by_score);
	return merge(d, n, out, max);
}
