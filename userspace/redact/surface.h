// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The smooth surface that veils are drawn from, one plane of one region at a time.
 *
 * A membrane: a grid of cells is laid over the region with a ring of cells round it. What the
 * ring holds is given, the means of what lies just outside, and so are cells of the grid where the
 * region is no rectangle and they lie outside of it; each other cell becomes the mean of
 * its four neighbours (Laplace's equation, by Gauss and Seidel's relaxation from a first guess
 * that weighs what is given by nearness). Between the middles of cells it is bilinear. So it meets its
 * surroundings at every edge, is nowhere brighter or darker than they are, and knows nothing of
 * what it covers. Where the region ends at the picture's edge, the ring is missing and the
 * membrane is free; where nothing at all is given it is mid grey.
 */
#ifndef PV_SURFACE_H
#define PV_SURFACE_H

#include <stdbool.h>
#include <stddef.h>

#define PV_SURFACE_CELL 8	/* samples along a cell's side, about */

struct pv_nearest;

/* All zero to begin with. */
struct pv_surface {
	int columns, rows;	/* of cells, without the ring */
	size_t count;		/* (columns + 2) * (rows + 2): with it */
	float *cells;
	float *guesses;		/* what they begin with, negative where they are given */
	/* What the guesses are made with. */
	float *weights;
	struct pv_nearest *above;	/* columns */
	size_t room;		/* bytes of all four */
};

void pv_surface_free(struct pv_surface *s);

/* A grid of that many cells, all of its ring missing. False: not enough memory. */
bool pv_surface_begin(struct pv_surface *s, int columns, int rows);

/* The cell at column -1..columns and row -1..rows. Those that are given are to be set to samples,
 * 0..255, before pv_surface_relax(), which does the rest. */
float *pv_surface_cell(const struct pv_surface *s, int column, int row);
void pv_surface_relax(struct pv_surface *s);

/* The surface along y, at the middles of the columns -1..columns; in the surface's own memory, until the next. And
 * at x on that line. */
const float *pv_surface_line(const struct pv_surface *s, float y);
static inline float pv_surface_on(const float *line, float x)
{
	int i = (int)(x + 0.5f);

	return line[i] + (x + 0.5f - (float)i) * (line[i + 1] - line[i]);
}

/* The surface at (x, y), in cells from the region's corner; 0 <= x <= columns, 0 <= y <= rows. */
float pv_surface_at(const struct pv_surface *s, float x, float y);

#endif
