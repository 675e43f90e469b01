// SPDX-License-Identifier: GPL-2.0-or-later
#include "cover.h"

#include <limits.h>
#include <stdlib.h>

bool pv_cover_init(struct pv_cover *v, const struct pv_change *c)
{
	v->sums = calloc((size_t)(c->columns + 1) * (size_t)(c->rows + 1), sizeof(*v->sums));
	return v->sums != NULL;
}

void pv_cover_free(struct pv_cover *v)
{
	free(v->sums);
	v->sums = NULL;
}

static void add_up(struct pv_cover *v, const struct pv_change *c)
{
	int w = c->columns + 1;

	for (int y = 0; y < c->rows; y++) {
		int row = 0;
		for (int x = 0; x < c->columns; x++) {
			row += c->cells[y * c->columns + x] == PV_CELL_CHANGED;
			v->sums[(y + 1) * w + x + 1] = v->sums[y * w + x + 1] + row;
		}
	}
}

/* Changed cells in an area given in cells. */
static int count(const struct pv_cover *v, int w, const struct pv_area *a)
{
	return v->sums[a->y1 * w + a->x1] - v->sums[a->y0 * w + a->x1] - v->sums[a->y1 * w + a->x0] +
	       v->sums[a->y0 * w + a->x0];
}

/* Draws an area tight round its changed cells; false if it has none. */
static bool tighten(const struct pv_cover *v, int w, struct pv_area *a)
{
	if (!count(v, w, a))
		return false;
	while (!count(v, w, &(struct pv_area){ a->x0, a->y0, a->x0 + 1, a->y1 }))
		a->x0++;
	while (!count(v, w, &(struct pv_area){ a->x1 - 1, a->y0, a->x1, a->y1 }))
		a->x1--;
	while (!count(v, w, &(struct pv_area){ a->x0, a->y0, a->x1, a->y0 + 1 }))
		a->y0++;
	while (!count(v, w, &(struct pv_area){ a->x0, a->y1 - 1, a->x1, a->y1 }))
		a->y1--;
	return true;
}

static struct pv_area pixels(const struct pv_change *c, const struct pv_area *a)
{
	struct pv_area p = { a->x0 * PV_CELL, a->y0 * PV_CELL, a->x1 * PV_CELL, a->y1 * PV_CELL };

	p.x1 = p.x1 < c->width ? p.x1 : c->width;
	p.y1 = p.y1 < c->height ? p.y1 : c->height;
	return p;
}

void pv_cover_make(struct pv_cover *v, const struct pv_change *c,
		   long (*cost)(const void *data, const struct pv_area *a), const void *data)
{
	struct pv_area cells[PV_MAX_AREAS] = { { 0, 0, c->columns, c->rows } };
	int w = c->columns + 1;

	add_up(v, c);
	v->count = tighten(v, w, &cells[0]) ? 1 : 0;
	for (int i = 0; i < v->count; i++) {
		struct pv_area best[2], whole = pixels(c, &cells[i]);
		long least = v->count < PV_MAX_AREAS ? cost(data, &whole) : LONG_MIN;
		bool cut = false;
		int across = cells[i].x1 - cells[i].x0, along = cells[i].y1 - cells[i].y0;
		for (int k = 1; least > 0 && k < across + along - 1; k++) {
			struct pv_area a = cells[i], b = cells[i];
			if (k < across)
				a.x1 = b.x0 = a.x0 + k;
			else if (k > across)
				a.y1 = b.y0 = a.y0 + k - across;
			else
				continue;
			if (!tighten(v, w, &a) || !tighten(v, w, &b))
				continue;
			struct pv_area pa = pixels(c, &a), pb = pixels(c, &b);
			long sum = cost(data, &pa) + cost(data, &pb);
			if (sum > least)
				continue;
			least = sum;
			best[0] = a;
			best[1] = b;
			cut = true;
		}
		if (cut) {
			cells[i] = best[0];
			cells[v->count++] = best[1];
			i--;
		}
	}
	for (int i = 0; i < v->count; i++)
		v->areas[i] = pixels(c, &cells[i]);
}
