// SPDX-License-Identifier: GPL-2.0-or-later
#include "cover.h"

#include <limits.h>
#include <string.h>

/* An area, what it costs alone, and the one it gains most with when the two are one. */
struct piece {
	struct pv_area cells;
	long cost, gain;
	int with;
};

struct work {
	const struct pv_change *change;
	long (*cost)(const void *data, const struct pv_area *a);
	const void *data;
	struct piece pieces[PV_MAX_AREAS];
	int count;
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static struct pv_area both(const struct pv_area *a, const struct pv_area *b)
{
	return (struct pv_area){ least(a->x0, b->x0), least(a->y0, b->y0), most(a->x1, b->x1), most(a->y1, b->y1) };
}

static struct pv_area pixels(const struct pv_change *c, const struct pv_area *a)
{
	return (struct pv_area){ a->x0 * PV_CELL, a->y0 * PV_CELL, least(a->x1 * PV_CELL, c->width),
				 least(a->y1 * PV_CELL, c->height) };
}

static long cost(const struct work *w, const struct pv_area *cells)
{
	struct pv_area a = pixels(w->change, cells);

	return w->cost(w->data, &a);
}

/* The changed cells of a square, tight; false if it has none. */
static bool tight(const struct pv_change *c, int column, int row, int side, struct pv_area *a)
{
	*a = (struct pv_area){ INT_MAX, INT_MAX, 0, 0 };
	for (int y = row; y < least(row + side, c->rows); y++)
		for (int x = column; x < least(column + side, c->columns); x++)
			if (c->cells[y * c->columns + x] == PV_CELL_CHANGED)
				*a = both(a, &(struct pv_area){ x, y, x + 1, y + 1 });
	return a->x1 > 0;
}

/* The squares that have changed cells; false if there is not room for all. */
static bool split(struct work *w, int side)
{
	struct pv_area a;

	w->count = 0;
	for (int y = 0; y < w->change->rows; y += side) {
		for (int x = 0; x < w->change->columns; x += side) {
			if (!tight(w->change, x, y, side, &a))
				continue;
			if (w->count == PV_MAX_AREAS)
				return false;
			w->pieces[w->count++] = (struct piece){ a, cost(w, &a), LONG_MIN, 0 };
		}
	}
	return true;
}

static void find_partner(struct work *w, int i)
{
	struct piece *p = &w->pieces[i];

	p->gain = LONG_MIN;
	for (int k = 0; k < w->count; k++) {
		if (k == i)
			continue;
		struct pv_area a = both(&p->cells, &w->pieces[k].cells);
		long gain = p->cost + w->pieces[k].cost - cost(w, &a);
		if (gain > p->gain) {
			p->gain = gain;
			p->with = k;
		}
	}
}

/* Makes piece i one with its partner; the last one takes the partner's place. */
static void join(struct work *w, int i)
{
	int gone = w->pieces[i].with, last = w->count - 1, mine = i == last ? gone : i;

	w->pieces[i].cells = both(&w->pieces[i].cells, &w->pieces[gone].cells);
	w->pieces[i].cost = cost(w, &w->pieces[i].cells);
	w->pieces[gone] = w->pieces[last];
	w->count--;
	for (int k = 0; k < w->count; k++) {
		struct piece *p = &w->pieces[k];
		/* What i or its partner was to it is no more. */
		if (k == mine || p->with == i || p->with == gone || p->with == last)
			find_partner(w, k);
	}
}

void pv_cover_make(struct pv_cover *v, const struct pv_change *c,
		   long (*price)(const void *data, const struct pv_area *a), const void *data)
{
	struct work w = { .change = c, .cost = price, .data = data };
	int side = 1;

	while (!split(&w, side))
		side *= 2;
	for (int i = 0; i < w.count; i++)
		find_partner(&w, i);
	while (w.count > 1) {
		int best = 0;
		for (int i = 1; i < w.count; i++)
			if (w.pieces[i].gain > w.pieces[best].gain)
				best = i;
		if (w.pieces[best].gain < 0)
			break;
		join(&w, best);
	}
	v->count = w.count;
	for (int i = 0; i < w.count; i++)
		v->areas[i] = pixels(c, &w.pieces[i].cells);
}
