// SPDX-License-Identifier: GPL-2.0-or-later
#include "level.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 192	/* a part's shorter sides: less is mostly border */

static int up(int n)
{
	return (n + PV_NETWORK_MULTIPLE - 1) / PV_NETWORK_MULTIPLE * PV_NETWORK_MULTIPLE;
}

static int down(int n)
{
	return n / PV_NETWORK_MULTIPLE * PV_NETWORK_MULTIPLE;
}

static int by_size(const void *a, const void *b)
{
	const struct pv_part *x = a, *y = b;
	long p = (long)x->width * x->height, q = (long)y->width * y->height;
	return (p > q) - (p < q);
}

/* The sizes of part worth having: shares of the level's sides. */
static void plan_parts(struct pv_level *l, int whole)
{
	static const float across[] = { 1, 0.75f, 0.5f, 1 / 3.0f, 0.25f, 1 / 6.0f };
	static const float along[] = { 1, 0.75f, 0.5f, 0.25f };

	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < 4; k++) {
			int w = up((int)ceilf((float)l->width * across[i]));
			int h = up((int)ceilf((float)l->height * along[k]));
			w = i && w < LEAST ? LEAST : w;
			h = k && h < LEAST ? LEAST : h;
			int n = 0;
			while (n < l->part_count && (l->parts[n].width != w || l->parts[n].height != h))
				n++;
			if (n == l->part_count && w <= up(l->width) && h <= up(l->height) &&
			    (!whole || (!i && !k)))
				l->parts[l->part_count++] = (struct pv_part){ w, h, NULL };
		}
	}
	qsort(l->parts, (size_t)l->part_count, sizeof(*l->parts), by_size);
}

int pv_level_init(struct pv_level *l, int width, int height, float kx, float ky, int whole,
		  char *error, size_t size)
{
	*l = (struct pv_level){ .width = width, .height = height, .kx = kx, .ky = ky };
	plan_parts(l, whole);
	for (int i = 0; i < l->part_count; i++) {
		struct pv_part *p = &l->parts[i];
		p->network = pv_network_new(pv_network_weights, pv_network_weights_size,
					    PV_NETWORK_OUTPUTS, p->width, p->height, error, size);
		if (!p->network)
			return -1;
	}
	for (int k = 0; k < PV_NETWORK_OUTPUTS; k++) {
		const struct pv_network_output *o =
			pv_network_output(l->parts[l->part_count - 1].network, k);
		l->room += (size_t)o->rows * (size_t)o->columns;
	}
	l->finds = calloc(l->room, sizeof(*l->finds));
	l->contrast = calloc((size_t)up(width) * (size_t)up(height) / (PV_CONTRAST_BLOCK * PV_CONTRAST_BLOCK),
			     sizeof(*l->contrast));
	if (l->finds && l->contrast)
		return 0;
	snprintf(error, size, "detector: not enough memory for %dx%d", width, height);
	return -1;
}

void pv_level_free(struct pv_level *l)
{
	for (int i = 0; i < l->part_count; i++)
		pv_network_free(l->parts[i].network);
	free(l->finds);
	free(l->contrast);
	*l = (struct pv_level){ .finds = NULL };
}

/* --- which part ------------------------------------------------------------ */

/* The stretch of a side that an area and its border take, from a multiple of 32 on. */
static void stretch(int from, int to, int side, int *start, int *length)
{
	*start = from > PV_HALO ? down(from - PV_HALO) : 0;
	*length = (to + PV_HALO < side ? to + PV_HALO : side) - *start;
}

/* The cheapest part that holds an area, and where its corner then lies. */
static const struct pv_part *choose(const struct pv_level *l, const struct pv_area *a, int *x, int *y)
{
	int w, h, i = 0;

	stretch(a->x0, a->x1, l->width, x, &w);
	stretch(a->y0, a->y1, l->height, y, &h);
	while (i < l->part_count - 1 && (l->parts[i].width < w || l->parts[i].height < h))
		i++;
	const struct pv_part *p = &l->parts[i];
	/* Room to spare is better filled with picture than with the grey beyond it. */
	int last_x = up(l->width) - p->width, last_y = up(l->height) - p->height;
	*x = *x > last_x ? last_x : *x;
	*y = *y > last_y ? last_y : *y;
	return p;
}

long pv_level_cost(const struct pv_level *l, const struct pv_area *a)
{
	int x, y;
	const struct pv_part *p = choose(l, a, &x, &y);
	return (long)p->width * p->height;
}

/* --- searching ------------------------------------------------------------- */

/* Luma - 128, each 2x2 block a cell of four channels. */
static void fold_pair(const uint8_t *restrict a, const uint8_t *restrict b, int8_t *restrict to, int pairs)
{
	for (int x = 0; x < pairs; x++) {
		uint16_t top, bottom;
		memcpy(&top, a + 2 * x, 2);
		memcpy(&bottom, b + 2 * x, 2);
		uint32_t cell = ((uint32_t)top | (uint32_t)bottom << 16) ^ 0x80808080u;
		memcpy(to + 4 * x, &cell, 4);
	}
}

/* A part of the picture to the network's input. */
static void fold(const struct pv_level *l, const struct pv_part *p, int x0, int y0,
		 const uint8_t *luma, size_t stride)
{
	int8_t *to = pv_network_input(p->network);
	int inside = l->width - x0 < p->width ? l->width - x0 : p->width;
	int rows = l->height - y0 < p->height ? l->height - y0 : p->height;

	for (int y = y0; y < y0 + p->height; y += 2, to += 2 * p->width) {
		/* Beyond the picture it is grey, which is 0. */
		if (y >= l->height || inside < p->width)
			memset(to, 0, 2 * (size_t)p->width);
		if (y >= l->height)
			continue;
		bool paired = y + 1 < l->height;
		const uint8_t *a = luma + (size_t)y * stride + x0, *b = paired ? a + stride : a;
		fold_pair(a, b, to, inside / 2);
		if (inside & 1) {
			to[2 * inside - 2] = (int8_t)(a[inside - 1] ^ 0x80);
			to[2 * inside] = (int8_t)(b[inside - 1] ^ 0x80);
		}
		for (int x = 0; !paired && x < inside + (inside & 1); x += 2)
			to[2 * x + 2] = to[2 * x + 3] = 0;
	}
	pv_contrast_raise(pv_network_input(p->network), p->width, inside, rows, l->contrast);
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

static void keep(struct pv_level *l, const struct pv_network_output *o, int i, int x0, int y0, float logit)
{
	int column = i % o->columns, row = i / o->columns;
	float x = (float)x0 + ((float)column + 0.5f) * (float)o->stride;
	float y = (float)y0 + ((float)row + 0.5f) * (float)o->stride;
	float width = (float)l->width * l->kx, height = (float)l->height * l->ky;
	const int8_t *b = o->box + 4 * (size_t)i;
	struct pv_find f = {
		.d = {
			.x0 = clamp((x - edge(o, b[0])) * l->kx, 0, width),
			.y0 = clamp((y - edge(o, b[1])) * l->ky, 0, height),
			.x1 = clamp((x + edge(o, b[2])) * l->kx, 0, width),
			.y1 = clamp((y + edge(o, b[3])) * l->ky, 0, height),
			.score = 1 / (1 + expf(-logit)),
		},
		.x = (int)x,
		.y = (int)y,
	};
	if (f.d.x1 - f.d.x0 >= 1 && f.d.y1 - f.d.y0 >= 1)
		l->finds[l->find_count++] = f;
}

/* Adds the cells of one output that score enough and whose centre is in the area. */
static void collect(struct pv_level *l, const struct pv_network_output *o, const struct pv_area *a,
		    int x0, int y0, float min_score)
{
	float logit = logf(min_score / (1 - min_score));
	float least = logit / o->score_scale + (float)o->score_zero;

	for (int row = 0; row < o->rows; row++) {
		int y = y0 + row * o->stride + o->stride / 2;
		if (y < a->y0 || y >= a->y1)
			continue;
		for (int column = 0; column < o->columns; column++) {
			int i = row * o->columns + column;
			int x = x0 + column * o->stride + o->stride / 2;
			if ((float)o->score[i] < least || x < a->x0 || x >= a->x1)
				continue;
			keep(l, o, i, x0, y0, (float)(o->score[i] - o->score_zero) * o->score_scale);
		}
	}
}

static void forget(struct pv_level *l, const struct pv_area *a)
{
	int n = 0;

	for (int i = 0; i < l->find_count; i++) {
		const struct pv_find *f = &l->finds[i];
		if (f->x < a->x0 || f->x >= a->x1 || f->y < a->y0 || f->y >= a->y1)
			l->finds[n++] = *f;
	}
	l->find_count = n;
}

int pv_level_search(struct pv_level *l, const uint8_t *luma, size_t stride,
		    const struct pv_area *a, float min_score)
{
	int x, y;
	const struct pv_part *p = choose(l, a, &x, &y);
	struct pv_area known = *a;

	/* Cells of a picture's last columns and rows have their centre beyond it. */
	known.x1 = a->x1 >= l->width ? up(l->width) : a->x1;
	known.y1 = a->y1 >= l->height ? up(l->height) : a->y1;
	fold(l, p, x, y, luma, stride);
	if (pv_network_run(p->network))
		return -1;
	forget(l, &known);
	for (int o = 0; o < PV_NETWORK_OUTPUTS; o++)
		collect(l, pv_network_output(p->network, o), &known, x, y, min_score);
	return 0;
}
