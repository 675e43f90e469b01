// SPDX-License-Identifier: GPL-2.0-or-later
#include "surface.h"

#include <stdlib.h>
#include <string.h>

#define MISSING (-1)		/* no sample is negative */
#define ROUNDS 24		/* of relaxation; the first guess is near */
#define GREY 128

void pv_surface_free(struct pv_surface *s)
{
	free(s->cells);
	memset(s, 0, sizeof(*s));
}

float *pv_surface_cell(struct pv_surface *s, int column, int row)
{
	return s->cells + (row + 1) * (s->columns + 2) + column + 1;
}

bool pv_surface_begin(struct pv_surface *s, int columns, int rows)
{
	size_t n = (size_t)(columns + 2) * (size_t)(rows + 2);

	if (n > s->room) {
		float *cells = realloc(s->cells, 2 * n * sizeof(*cells));
		if (!cells)
			return false;
		s->cells = cells;
		s->room = n;
	}
	s->columns = columns;
	s->rows = rows;
	s->guesses = s->cells + n;
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

	for (int i = 0; i < (s->columns + 2) * (s->rows + 2); i++)
		add(s->cells[i], 1, &sum, &weights);
	return weights > 0 ? sum / weights : GREY;
}

/* The nearest given cell one way, at most n cells that are `step` apart. */
static void look(const float *cell, int step, int n, float *sum, float *weights)
{
	for (int i = 1; i <= n; i++) {
		if (cell[i * step] < 0)
			continue;
		add(cell[i * step], 1 / (float)i, sum, weights);
		return;
	}
}

/* Gives each free cell the nearest given ones of four ways, weighed by nearness. */
static void guess(struct pv_surface *s)
{
	int pitch = s->columns + 2;
	float mean = mean_given(s);

	for (int y = 0; y < s->rows; y++) {
		float *c = pv_surface_cell(s, 0, y), *g = s->guesses + (c - s->cells);
		for (int x = 0; x < s->columns; x++, c++, g++) {
			float sum = 0, weights = 0;
			look(c, -1, x + 1, &sum, &weights);
			look(c, -pitch, y + 1, &sum, &weights);
			look(c, 1, s->columns - x, &sum, &weights);
			look(c, pitch, s->rows - y, &sum, &weights);
			*g = *c >= 0 ? MISSING : weights > 0 ? sum / weights : mean;
		}
	}
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

static void relax_once(struct pv_surface *s)
{
	int pitch = s->columns + 2;

	for (int y = 0; y < s->rows; y++) {
		float *c = pv_surface_cell(s, 0, y), *g = s->guesses + (c - s->cells);
		for (int x = 0; x < s->columns; x++, c++, g++) {
			float sum = 0, weights = 0;
			if (*g < 0)
				continue;
			add(c[-1], 1, &sum, &weights);
			add(c[1], 1, &sum, &weights);
			add(c[-pitch], 1, &sum, &weights);
			add(c[pitch], 1, &sum, &weights);
			*c = weights > 0 ? sum / weights : *c;
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

float pv_surface_at(const struct pv_surface *s, float x, float y)
{
	int pitch = s->columns + 2;
	/* Half a cell from the ring's middles to the region's corner. */
	float fx = x + 0.5f, fy = y + 0.5f;
	int ix = (int)fx, iy = (int)fy;
	const float *c = s->cells + iy * pitch + ix;

	fx -= (float)ix;
	fy -= (float)iy;
	return (1 - fy) * ((1 - fx) * c[0] + fx * c[1]) + fy * ((1 - fx) * c[pitch] + fx * c[pitch + 1]);
}
