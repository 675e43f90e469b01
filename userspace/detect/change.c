// SPDX-License-Identifier: GPL-2.0-or-later
#include "change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame/vectors.h"

#define BLOCK 8
#define PER_CELL (PV_CELL / BLOCK)
#define WIDE 8			/* blocks that are measured together */
#define PIXELS (BLOCK * BLOCK)
/* Bounds of what counts as change, in mean luma of a block, and how many times the median
 * difference it is: six medians are four standard deviations. */
#define LEAST 3
#define MOST 10
#define MEDIANS 6
#define FLAT (3 * PIXELS / 4)	/* texture of a block that plates are never below, in fog neither: 0.75 a pixel */
#define DOUBTFUL 0xff		/* a cell, while its blocks are being compared */

struct pv_block {
	uint16_t luma, texture;	/* sums over its pixels */
};

struct pv_change *pv_change_new(int width, int height)
{
	struct pv_change *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->width = width;
	c->height = height;
	c->block_columns = (width + BLOCK - 1) / BLOCK;
	c->block_rows = (height + BLOCK - 1) / BLOCK;
	c->columns = (width + PV_CELL - 1) / PV_CELL;
	c->rows = (height + PV_CELL - 1) / PV_CELL;
	size_t blocks = (size_t)c->block_columns * (size_t)c->block_rows;
	size_t cells = (size_t)c->columns * (size_t)c->rows;
	c->now = calloc(blocks, sizeof(*c->now));
	c->before = calloc(blocks, sizeof(*c->before));
	c->known = calloc(blocks, sizeof(*c->known));
	c->cells = calloc(cells, 1);
	c->textured = calloc(cells, 1);
	if (c->now && c->before && c->known && c->cells && c->textured)
		return c;
	pv_change_free(c);
	return NULL;
}

void pv_change_free(struct pv_change *c)
{
	if (!c)
		return;
	free(c->now);
	free(c->before);
	free(c->known);
	free(c->cells);
	free(c->textured);
	free(c);
}

/* --- measuring ------------------------------------------------------------- */

/* WIDE blocks beside each other, column by column first: loops of a length that is known are done with vectors. */
static void measure_blocks(struct pv_block *b, const uint8_t *p, size_t stride)
{
	uint16_t luma[WIDE * BLOCK] = { 0 }, texture[WIDE * BLOCK] = { 0 };

	for (int y = 0; y < BLOCK; y++, p += stride) {
		for (int x = 0; x < WIDE * BLOCK; x++) {
			uint8_t here = p[x], next = p[x + 1];
			luma[x] = (uint16_t)(luma[x] + here);
			texture[x] = (uint16_t)(texture[x] + (uint8_t)(here > next ? here - next : next - here));
		}
	}
	for (int i = 0; i < WIDE; i++) {
		unsigned int l = 0, t = 0;
		for (int x = 0; x < BLOCK; x++) {
			l += luma[i * BLOCK + x];
			t += texture[i * BLOCK + x];
		}
		b[i] = (struct pv_block){ (uint16_t)l, (uint16_t)t };
	}
}

/* A block near the right or lower edge: what is beyond counts as nothing. */
static void measure_edge(struct pv_block *b, const uint8_t *p, size_t stride, int width, int height)
{
	unsigned int luma = 0, texture = 0;

	for (int y = 0; y < height; y++, p += stride) {
		for (int x = 0; x < width && x < BLOCK; x++) {
			luma += p[x];
			texture += x + 1 < width ? (unsigned int)abs(p[x + 1] - p[x]) : 0;
		}
	}
	*b = (struct pv_block){ (uint16_t)luma, (uint16_t)texture };
}

PV_VECTORS static void measure(struct pv_change *c, const uint8_t *luma, size_t stride)
{
	for (int row = 0; row < c->block_rows; row++) {
		struct pv_block *b = c->now + (size_t)row * (size_t)c->block_columns;
		const uint8_t *p = luma + (size_t)row * BLOCK * stride;
		int height = c->height - row * BLOCK < BLOCK ? c->height - row * BLOCK : BLOCK;
		int column = 0;
		for (; height == BLOCK && (column + WIDE) * BLOCK < c->width; column += WIDE)
			measure_blocks(&b[column], p + column * BLOCK, stride);
		for (; column < c->block_columns; column++)
			measure_edge(&b[column], p + column * BLOCK, stride,
				     c->width - column * BLOCK, height);
	}
}

/* How much a block's luma or texture may differ by noise alone, as it does from one frame to the next: what has been
 * different since the last search, after a step of exposure, is no noise, under which a dim plate would hide. */
PV_VECTORS static int tolerance(const struct pv_change *c, bool texture)
{
	enum { BINS = MOST * PIXELS / MEDIANS + 2 };
	int n = c->block_columns * c->block_rows, bins[BINS] = { 0 }, seen = 0, k = 0;

	for (int i = 0; i < n; i++) {
		int d = texture ? abs(c->now[i].texture - c->before[i].texture) :
				  abs(c->now[i].luma - c->before[i].luma);
		bins[d < BINS ? d : BINS - 1]++;
	}
	while (k < BINS - 1 && (seen += bins[k]) < n / 2)
		k++;
	int t = k * MEDIANS;
	return t < LEAST * PIXELS ? LEAST * PIXELS : t > MOST * PIXELS ? MOST * PIXELS : t;
}

/* One block beyond the tolerance may be chance; twice beyond it, or a second one, is not. */
PV_VECTORS static void mark_cells(struct pv_change *c)
{
	int t = tolerance(c, false), tt = tolerance(c, true);

	for (int row = 0; row < c->block_rows; row++) {
		const struct pv_block *now = c->now + (size_t)row * (size_t)c->block_columns;
		const struct pv_block *known = c->known + (size_t)row * (size_t)c->block_columns;
		size_t first = (size_t)(row / PER_CELL) * (size_t)c->columns;
		for (int i = 0; i < c->block_columns; i++) {
			uint8_t *cell = &c->cells[first + (size_t)(i / PER_CELL)];
			int d = abs(now[i].luma - known[i].luma), e = abs(now[i].texture - known[i].texture);
			if (d > 2 * t || e > 2 * tt || ((d > t || e > tt) && *cell == DOUBTFUL))
				*cell = PV_CELL_CHANGED;
			else if ((d > t || e > tt) && *cell == PV_CELL_SAME)
				*cell = DOUBTFUL;
			if (now[i].texture >= FLAT)
				c->textured[first + (size_t)(i / PER_CELL)] = 1;
		}
	}
}

/* Has a cell texture, in it or beside it? */
static bool textured(const struct pv_change *c, int x, int y)
{
	for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < c->rows; v++)
		for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < c->columns; u++)
			if (c->textured[v * c->columns + u])
				return true;
	return false;
}

void pv_change_look(struct pv_change *c, const uint8_t *luma, size_t stride)
{
	size_t cells = (size_t)c->columns * (size_t)c->rows;
	struct pv_block *old = c->before;

	c->before = c->now;
	c->now = old;
	measure(c, luma, stride);
	memset(c->cells, c->searched ? PV_CELL_SAME : PV_CELL_CHANGED, cells);
	if (!c->searched)
		return;
	memset(c->textured, 0, cells);
	mark_cells(c);
	for (int i = 0; i < c->columns * c->rows; i++) {
		if (c->cells[i] == DOUBTFUL)
			c->cells[i] = PV_CELL_SAME;
		else if (c->cells[i] == PV_CELL_CHANGED && !textured(c, i % c->columns, i / c->columns))
			c->cells[i] = PV_CELL_FLAT;
	}
}

void pv_change_searched(struct pv_change *c)
{
	for (int row = 0; row < c->block_rows; row++) {
		const uint8_t *cells = c->cells + (size_t)(row / PER_CELL) * (size_t)c->columns;
		size_t first = (size_t)row * (size_t)c->block_columns;
		for (int i = 0; i < c->block_columns; i++)
			if (cells[i / PER_CELL] != PV_CELL_SAME)
				c->known[first + (size_t)i] = c->now[first + (size_t)i];
	}
	c->searched = true;
}

struct pv_area pv_change_under(const struct pv_change *c, float x0, float y0, float x1, float y1)
{
	struct pv_area a = { (int)fmaxf(x0, 0) / PV_CELL, (int)fmaxf(y0, 0) / PV_CELL,
			     (int)ceilf(x1 / PV_CELL), (int)ceilf(y1 / PV_CELL) };
	a.x1 = a.x1 < c->columns ? a.x1 : c->columns;
	a.y1 = a.y1 < c->rows ? a.y1 : c->rows;
	a.x0 = a.x0 < a.x1 ? a.x0 : a.x1;
	a.y0 = a.y0 < a.y1 ? a.y0 : a.y1;
	return a;
}

void pv_change_mark(struct pv_change *c, const struct pv_area *cells)
{
	for (int y = cells->y0; y < cells->y1; y++)
		memset(c->cells + (size_t)y * (size_t)c->columns + cells->x0, PV_CELL_CHANGED,
		       (size_t)(cells->x1 - cells->x0));
}

bool pv_change_touches(const struct pv_change *c, const struct pv_area *cells)
{
	for (int y = cells->y0; y < cells->y1; y++)
		if (memchr(c->cells + (size_t)y * (size_t)c->columns + cells->x0, PV_CELL_CHANGED,
			   (size_t)(cells->x1 - cells->x0)))
			return true;
	return false;
}
