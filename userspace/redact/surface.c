// SPDX-License-Identifier: GPL-2.0-or-later
#include "surface.h"

#include <stdlib.h>
#include <string.h>

#define MISSING (-1)		/* no sample is negative */
#define ROUNDS 24		/* of relaxation; the first guess is near */
#define GREY 128

/* The nearest given cell one way, and how many cells away it is; none: negative. */
struct pv_nearest {
	float value, away;
};

void pv_surface_free(struct pv_surface *s)
{
	free(s->cells);
	memset(s, 0, sizeof(*s));
}

float *pv_surface_cell(const struct pv_surface *s, int column, int row)
{
	return s->cells + (row + 1) * (s->columns + 2) + column + 1;
}

bool pv_surface_begin(struct pv_surface *s, int columns, int rows)
{
	size_t n = (size_t)(columns + 2) * (size_t)(rows + 2), above = (size_t)columns * sizeof(*s->above);
	size_t room = 3 * n * sizeof(float) + above;

	if (room > s->room) {
		void *memory = realloc(s->cells, room);
		if (!memory)
			return false;
		s->cells = memory;
		s->room = room;
	}
	s->columns = columns;
	s->rows = rows;
	s->count = n;
	s->guesses = s->cells + n;
	s->weights = s->guesses + n;
	s->above = (struct pv_nearest *)(s->weights + n);
	for (size_t i = 0; i < n; i++)
		s->cells[i] = MISSING;
	return true;
}

/* Adds a neighbour that is there. */
static void add(float value, float weight, float *sum, float *weights)
{
	if (value < 0)
		return;
	*sum += weight * value;
	*weights += weight;
}

static float mean_given(const struct pv_surface *s)
{
	float sum = 0, weights = 0;

	for (size_t i = 0; i < s->count; i++)
		add(s->cells[i], 1, &sum, &weights);
	return weights > 0 ? sum / weights : GREY;
}

static void see(struct pv_nearest *n, float cell)
{
	*n = cell < 0 ? (struct pv_nearest){ n->value, n->away + 1 } : (struct pv_nearest){ cell, 1 };
}

/* Adds to each cell's sums what is nearest of two ways: from the left and from above, or from the other two. */
static void sweep(struct pv_surface *s, bool back)
{
	int w = s->columns, h = s->rows, step = back ? -1 : 1, edge = back ? w : -1;

	for (int x = 0; x < w; x++)
		s->above[x] = (struct pv_nearest){ *pv_surface_cell(s, x, back ? h : -1), 1 };
	for (int y = back ? h - 1 : 0; y >= 0 && y < h; y += step) {
		struct pv_nearest beside = { *pv_surface_cell(s, edge, y), 1 };
		for (int x = edge + step; x >= 0 && x < w; x += step) {
			const float *c = pv_surface_cell(s, x, y);
			ptrdiff_t i = c - s->cells;
			add(beside.value, 1 / beside.away, &s->guesses[i], &s->weights[i]);
			add(s->above[x].value, 1 / s->above[x].away, &s->guesses[i], &s->weights[i]);
			see(&beside, *c);
			see(&s->above[x], *c);
		}
	}
}

/* Gives each free cell the nearest given ones of four ways, weighed by nearness. */
static void guess(struct pv_surface *s)
{
	float mean = mean_given(s);

	for (size_t i = 0; i < s->count; i++)
		s->guesses[i] = s->weights[i] = 0;
	sweep(s, false);
	sweep(s, true);
	for (size_t i = 0; i < s->count; i++)
		s->guesses[i] = s->cells[i] >= 0 ? MISSING :
				s->weights[i] > 0 ? s->guesses[i] / s->weights[i] : mean;
}

/* With its guess a cell is there; without one it was given. */
static void place(struct pv_surface *s)
{
	for (int y = 0; y < s->rows; y++) {
		float *c = pv_surface_cell(s, 0, y), *g = s->guesses + (c - s->cells);
		for (int x = 0; x < s->columns; x++)
			c[x] = g[x] < 0 ? c[x] : g[x];
	}
}

/* A cell beside the ring, of which some may be missing. */
static void relax_outer(const struct pv_surface *s, float *c)
{
	int pitch = s->columns + 2;
	float sum = 0, weights = 0;

	if (s->guesses[c - s->cells] < 0)
		return;
	add(c[-1], 1, &sum, &weights);
	add(c[1], 1, &sum, &weights);
	add(c[-pitch], 1, &sum, &weights);
	add(c[pitch], 1, &sum, &weights);
	*c = weights > 0 ? sum / weights : *c;
}

static void relax_once(struct pv_surface *s)
{
	int pitch = s->columns + 2, last = s->columns - 1;

	for (int y = 0; y < s->rows; y++) {
		float *c = pv_surface_cell(s, 0, y);
		const float *g = s->guesses + (c - s->cells);
		bool outer = y == 0 || y == s->rows - 1;
		for (int x = 0; x <= last; x++) {
			if (outer || x == 0 || x == last)
				relax_outer(s, c + x);
			else if (g[x] >= 0)
				c[x] = (c[x + pitch] + c[x - pitch] + c[x + 1] + c[x - 1]) / 4;
		}
	}
}

/* Puts what lies beside them into ring cells that are missing, so that all can be read. */
static void complete(struct pv_surface *s)
{
	int w = s->columns, h = s->rows;

	for (int x = 0; x < w; x++) {
		float *top = pv_surface_cell(s, x, -1), *bottom = pv_surface_cell(s, x, h);
		*top = *top < 0 ? *pv_surface_cell(s, x, 0) : *top;
		*bottom = *bottom < 0 ? *pv_surface_cell(s, x, h - 1) : *bottom;
	}
	for (int y = 0; y < h; y++) {
		float *left = pv_surface_cell(s, -1, y), *right = pv_surface_cell(s, w, y);
		*left = *left < 0 ? *pv_surface_cell(s, 0, y) : *left;
		*right = *right < 0 ? *pv_surface_cell(s, w - 1, y) : *right;
	}
	for (int i = 0; i < 4; i++) {
		int x = i & 1 ? w : -1, y = i & 2 ? h : -1;
		*pv_surface_cell(s, x, y) = (*pv_surface_cell(s, i & 1 ? w - 1 : 0, y) +
					     *pv_surface_cell(s, x, i & 2 ? h - 1 : 0)) / 2;
	}
}

void pv_surface_relax(struct pv_surface *s)
{
	guess(s);
	place(s);
	for (int i = 0; i < ROUNDS; i++)
		relax_once(s);
	complete(s);
}

/* The line of cells whose middles are at y or next above it, and how far it is from there to the next line. */
static const float *above(const struct pv_surface *s, float y, float *part)
{
	int row = (int)(y + 0.5f);	/* half a cell from the ring's middles to the region's corner */

	*part = y + 0.5f - (float)row;
	return s->cells + row * (s->columns + 2);
}

const float *pv_surface_line(const struct pv_surface *s, float y)
{
	int pitch = s->columns + 2;
	float part;
	const float *c = above(s, y, &part);

	for (int i = 0; i < pitch; i++)
		s->guesses[i] = c[i] + part * (c[pitch + i] - c[i]);
	return s->guesses;
}

float pv_surface_at(const struct pv_surface *s, float x, float y)
{
	float part;
	const float *c = above(s, y, &part);
	float high = pv_surface_on(c, x);

	return high + part * (pv_surface_on(c + s->columns + 2, x) - high);
}
