// SPDX-License-Identifier: GPL-2.0-or-later
#include "level.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame/vectors.h"

#define LEAST 128	/* a part's sides: less is mostly border */
#define SMALL 256	/* up to this they come in steps of 32 */
#define LONG 4		/* times as long as the other, and more: none is */
#define SIDES 14	/* of different length */

static int up(int n)
{
	return (n + PV_NETWORK_MULTIPLE - 1) / PV_NETWORK_MULTIPLE * PV_NETWORK_MULTIPLE;
}

static int down(int n)
{
	return n / PV_NETWORK_MULTIPLE * PV_NETWORK_MULTIPLE;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int by_size(const void *a, const void *b)
{
	const struct pv_part *x = a, *y = b;
	long p = (long)x->width * x->height, q = (long)y->width * y->height;
	return (p > q) - (p < q);
}

/* Sides worth having, of parts of a picture with this one: each half as much again as the one before, or a third, and
 * small ones in finer steps. */
static int sides(int side, int *out)
{
	int n = 0;

	for (int s = LEAST; s < side && n < SIDES - 1; s *= 2) {
		int step = s < SMALL ? PV_NETWORK_MULTIPLE : s / 2;
		for (int t = s; t < 2 * s && t < side && n < SIDES - 1; t += step)
			out[n++] = t;
	}
	out[n++] = side;
	return n;
}

static bool between_steps(int side)
{
	return side < SMALL && side % (2 * PV_NETWORK_MULTIPLE);
}

/* Is a part with this side worth its memory, beside the other and all of the picture? A photo's are made only when they
 * are to run; there it is worth more that a part with room to spare sees more of the picture. */
static bool useful(const struct pv_level *l, int side, int other, int all)
{
	if (side == all)
		return true;
	if (!l->ahead)
		return !between_steps(side);
	return side < LONG * other && (other <= SMALL || !between_steps(side));
}

/* All of the level, and parts that hold at most this share of it. */
static void plan_parts(struct pv_level *l, float share)
{
	int across[SIDES], along[SIDES], w = up(l->width), h = up(l->height);
	int columns = sides(w, across), rows = sides(h, along);

	_Static_assert(SIDES * SIDES <= PV_PARTS, "all fit");
	for (int i = 0; i < columns; i++) {
		for (int k = 0; k < rows; k++) {
			int a = across[i], b = along[k];
			bool whole = a == w && b == h;
			if (whole || (useful(l, a, b, w) && useful(l, b, a, h) &&
				      (float)a * (float)b <= share * (float)w * (float)h))
				l->parts[l->part_count++] = (struct pv_part){ a, b, .count = 1 };
		}
	}
	qsort(l->parts, (size_t)l->part_count, sizeof(*l->parts), by_size);
}

/* Asked for some thousand times a frame (cover.h). */
static bool plan_fits(struct pv_level *l)
{
	int columns = up(l->width) / PV_NETWORK_MULTIPLE, rows = up(l->height) / PV_NETWORK_MULTIPLE;

	l->fits = malloc((size_t)columns * (size_t)rows);
	for (int k = 0; k < columns * rows && l->fits; k++) {
		int w = (k % columns + 1) * PV_NETWORK_MULTIPLE, h = (k / columns + 1) * PV_NETWORK_MULTIPLE, i = 0;
		while (i < l->part_count - 1 && (l->parts[i].width < w || l->parts[i].height < h))
			i++;
		l->fits[k] = (uint8_t)i;
	}
	return l->fits;
}

static bool make_network(struct pv_part *p, int which, char *error, size_t size)
{
	if (p->networks[which])
		return true;
	p->networks[which] = pv_network_new(pv_network_weights, pv_network_weights_size, PV_NETWORK_OUTPUTS,
					    p->width, p->height, error, size);
	return p->networks[which] != NULL;
}

int pv_level_init(struct pv_level *l, int width, int height, float kx, float ky, float share,
		  int border, bool ahead, char *error, size_t size)
{
	*l = (struct pv_level){ .width = width, .height = height, .kx = kx, .ky = ky, .border = border,
				.ahead = ahead };
	plan_parts(l, share);
	/* One in any case: it says what cells there are. */
	for (int i = 0; i < (ahead ? l->part_count : 1); i++)
		if (!make_network(&l->parts[i], 0, error, size))
			return -1;
	for (int k = 0; k < PV_NETWORK_OUTPUTS; k++) {
		size_t stride = (size_t)pv_network_output(l->parts[0].networks[0], k)->stride;
		l->room += ((size_t)up(width) / stride) * ((size_t)up(height) / stride);
	}
	l->finds = calloc(l->room, sizeof(*l->finds));
	l->blocks = (size_t)up(width) * (size_t)up(height) / (PV_CONTRAST_BLOCK * PV_CONTRAST_BLOCK);
	l->contrast = calloc(2 * l->blocks, sizeof(*l->contrast));
	if (l->finds && l->contrast && plan_fits(l))
		return 0;
	snprintf(error, size, "detector: not enough memory for %dx%d", width, height);
	return -1;
}

int pv_level_double(struct pv_level *l, float share, char *error, size_t size)
{
	float most = share * (float)up(l->width) * (float)up(l->height);

	for (int i = 0; i < l->part_count; i++) {
		if ((float)l->parts[i].width * (float)l->parts[i].height > most)
			continue;
		if (l->ahead && !make_network(&l->parts[i], 1, error, size))
			return -1;
		l->parts[i].count = 2;
	}
	return 0;
}

void pv_level_single(struct pv_level *l)
{
	for (int i = 0; i < l->part_count; i++) {
		pv_network_free(l->parts[i].networks[1]);
		l->parts[i].networks[1] = NULL;
		l->parts[i].count = 1;
	}
}

void pv_level_empty(struct pv_level *l)
{
	for (int i = 0; i < l->part_count; i++) {
		for (int k = 0; k < 2; k++) {
			pv_network_free(l->parts[i].networks[k]);
			l->parts[i].networks[k] = NULL;
		}
	}
}

void pv_level_free(struct pv_level *l)
{
	pv_level_empty(l);
	free(l->fits);
	free(l->finds);
	free(l->contrast);
	*l = (struct pv_level){ .finds = NULL };
}

/* --- which part ------------------------------------------------------------ */

/* The stretch of a side that an area and its border take, from a multiple of 32 on. */
static void stretch(int from, int to, int side, int border, int *start, int *length)
{
	*start = from > border ? down(from - border) : 0;
	*length = least(to + border, side) - *start;
}

/* What of the level has to be run over for an area. */
static struct pv_area around(const struct pv_level *l, const struct pv_area *a)
{
	struct pv_area need;
	int w, h;

	stretch(a->x0, a->x1, l->width, l->border, &need.x0, &w);
	stretch(a->y0, a->y1, l->height, l->border, &need.y0, &h);
	need.x1 = need.x0 + w;
	need.y1 = need.y0 + h;
	return need;
}

/* The cheapest part that holds it; the last one holds everything. */
static int fitting(const struct pv_level *l, const struct pv_area *need)
{
	int columns = up(l->width) / PV_NETWORK_MULTIPLE;
	int w = up(need->x1 - need->x0) / PV_NETWORK_MULTIPLE, h = up(need->y1 - need->y0) / PV_NETWORK_MULTIPLE;

	return l->fits[(h > 1 ? h - 1 : 0) * columns + (w > 1 ? w - 1 : 0)];
}

long pv_level_cost(const struct pv_level *l, const struct pv_area *a)
{
	struct pv_area need = around(l, a);
	const struct pv_part *p = &l->parts[fitting(l, &need)];

	return (long)p->width * p->height;
}

bool pv_level_take(struct pv_level *l, const struct pv_area *areas, int i, struct pv_take *t)
{
	struct pv_area need = around(l, &areas[i]);
	struct pv_part *p = &l->parts[fitting(l, &need)];
	int which = p->busy[0];

	if (which >= p->count || p->busy[which])
		return false;
	p->busy[which] = true;
	/* Room to spare is better filled with picture than with the grey beyond it. */
	int last_x = up(l->width) - p->width, last_y = up(l->height) - p->height;
	*t = (struct pv_take){ p, which, least(need.x0, last_x), least(need.y0, last_y), areas[i], areas, i };
	return true;
}

/* --- searching ------------------------------------------------------------- */

/* Luma - 128, each 2x2 block a cell of four channels. */
PV_VECTORS static void fold_pair(const uint8_t *restrict a, const uint8_t *restrict b, int8_t *restrict to, int pairs)
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
static void fold(const struct pv_level *l, const struct pv_take *t, const uint8_t *luma, size_t stride,
		 struct pv_contrast *contrast)
{
	const struct pv_part *p = t->part;
	int8_t *input = pv_network_input(p->networks[t->which]), *to = input;
	int x0 = t->x, y0 = t->y;
	int inside = least(l->width - x0, p->width), rows = least(l->height - y0, p->height);

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
	pv_contrast_raise(input, p->width, inside, rows, contrast);
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
	float width = l->frame_width, height = l->frame_height;
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

/* Is the place of a cell's centre in a take's area, and in none of those before? */
static bool is_in(const struct pv_level *l, const struct pv_area *a, int x, int y)
{
	/* Cells of a picture's last columns and rows have their centre beyond it. */
	return x >= a->x0 && y >= a->y0 && (x < a->x1 || a->x1 >= l->width) && (y < a->y1 || a->y1 >= l->height);
}

static bool is_own(const struct pv_level *l, const struct pv_take *t, int x, int y)
{
	bool own = is_in(l, &t->area, x, y);

	for (int i = 0; own && i < t->before_count; i++)
		own = !is_in(l, &t->before[i], x, y);
	return own;
}

/* Adds the cells of one output that score enough and are the take's own. */
static void collect(struct pv_level *l, const struct pv_network_output *o, const struct pv_take *t, float min_score)
{
	float logit = logf(min_score / (1 - min_score));
	float least_score = logit / o->score_scale + (float)o->score_zero;

	for (int row = 0; row < o->rows; row++) {
		for (int column = 0; column < o->columns; column++) {
			int i = row * o->columns + column;
			if ((float)o->score[i] < least_score ||
			    !is_own(l, t, t->x + column * o->stride + o->stride / 2,
				    t->y + row * o->stride + o->stride / 2))
				continue;
			keep(l, o, i, t->x, t->y, (float)(o->score[i] - o->score_zero) * o->score_scale);
		}
	}
}

static void forget(struct pv_level *l, const struct pv_take *t)
{
	int n = 0;

	for (int i = 0; i < l->find_count; i++)
		if (!is_own(l, t, l->finds[i].x, l->finds[i].y))
			l->finds[n++] = l->finds[i];
	l->find_count = n;
}

int pv_level_run(struct pv_level *l, const struct pv_take *t, const uint8_t *luma, size_t stride, int who)
{
	char why[100];

	if (!make_network(t->part, t->which, why, sizeof(why)))
		return -1;
	fold(l, t, luma, stride, l->contrast + (size_t)who * l->blocks);
	return pv_network_run(t->part->networks[t->which]);
}

void pv_level_put(struct pv_level *l, const struct pv_take *t, float min_score)
{
	const struct pv_network *n = t->part->networks[t->which];

	forget(l, t);
	for (int o = 0; n && o < PV_NETWORK_OUTPUTS; o++)
		collect(l, pv_network_output(n, o), t, min_score);
	t->part->busy[t->which] = false;
}
