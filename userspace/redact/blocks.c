// SPDX-License-Identifier: GPL-2.0-or-later
#include "blocks.h"

#include <math.h>
#include <string.h>

#include "redact.h"

#define SIDE 8
#define GREY 128
#define FLAT 8			/* the first coefficient of a block whose samples are 1 */
/* What the second coefficient along a side adds to the mean of the half at that side's beginning:
 * the mean of cos((2 i + 1) pi / 16) over i = 0..3, by its factor in the inverse transform. */
#define HALF 0.11326f

/* How three cells in a row, a block's own in the middle, make its samples, transformed: the DCT of
 * the three pieces of bilinear interpolation. */
struct basis {
	float of[3][SIDE];
};

static void make_basis(struct basis *b)
{
	for (int u = 0; u < SIDE; u++) {
		float scale = sqrtf(u ? 2.0f / SIDE : 1.0f / SIDE), sum[3] = { 0 };
		for (int i = 0; i < SIDE; i++) {
			float x = ((float)i + 0.5f) / SIDE - 0.5f;	/* from the block's middle */
			float c = scale * cosf((float)M_PI * (float)((2 * i + 1) * u) / (2 * SIDE));
			sum[0] += fmaxf(-x, 0) * c;
			sum[1] += (1 - fabsf(x)) * c;
			sum[2] += fmaxf(x, 0) * c;
		}
		for (int k = 0; k < 3; k++)
			b->of[k][u] = sum[k];
	}
}

/* The blocks of a component that share a pixel with the region. */
static struct pv_box cover(const struct pv_blocks *p, const struct pv_box *region)
{
	struct pv_box b = { region->x0 / p->width, region->y0 / p->height,
			    (region->x1 + p->width - 1) / p->width,
			    (region->y1 + p->height - 1) / p->height };

	b.x1 = b.x1 < p->columns ? b.x1 : p->columns;
	b.y1 = b.y1 < p->rows ? b.y1 : p->rows;
	return b;
}

/* The mean of half a block: `second` is the index of the coefficient along the side that is
 * halved, `sign` 1 for its beginning and -1 for its end. */
static float half_mean(const int16_t *block, const uint16_t *steps, int second, float sign)
{
	float v = GREY + (float)(block[0] * steps[0]) / FLAT +
		  sign * HALF * (float)(block[second] * steps[second]);

	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static bool lay_surface(struct pv_surface *s, struct pv_coefs *c, int i, const struct pv_blocks *p,
			const struct pv_box *b)
{
	int w = b->x1 - b->x0, h = b->y1 - b->y0;

	if (!pv_surface_begin(s, w, h))
		return false;
	for (int side = 0; side < 2; side++) {
		int row = side ? b->y1 : b->y0 - 1;
		if (row < 0 || row >= p->rows)
			continue;
		const int16_t *blocks = pv_coefs_row(c, i, row) + b->x0 * 64;
		for (int x = 0; x < w; x++)
			*pv_surface_cell(s, x, side ? h : -1) =
				half_mean(blocks + x * 64, p->steps, SIDE, side ? 1 : -1);
	}
	for (int y = 0; y < h; y++) {
		const int16_t *blocks = pv_coefs_row(c, i, b->y0 + y);
		if (b->x0 > 0)
			*pv_surface_cell(s, -1, y) =
				half_mean(blocks + (b->x0 - 1) * 64, p->steps, 1, -1);
		if (b->x1 < p->columns)
			*pv_surface_cell(s, w, y) = half_mean(blocks + b->x1 * 64, p->steps, 1, 1);
	}
	pv_surface_relax(s);
	return true;
}

static int16_t quantise(float v, uint16_t step)
{
	return (int16_t)lrintf(v / (float)(step ? step : 1));
}

static void flat_block(int16_t *block, float value, const uint16_t *steps)
{
	memset(block, 0, 64 * sizeof(*block));
	block[0] = quantise((value - GREY) * FLAT, steps[0]);
}

/* The block at cell (x, y) of the surface. */
static void smooth_block(int16_t *block, struct pv_surface *s, int x, int y, const struct basis *b,
			 const uint16_t *steps)
{
	float across[3][SIDE];

	for (int k = 0; k < 3; k++) {
		const float *cell = pv_surface_cell(s, x - 1, y - 1 + k);
		for (int u = 0; u < SIDE; u++)
			across[k][u] = cell[0] * b->of[0][u] + cell[1] * b->of[1][u] +
				       cell[2] * b->of[2][u];
	}
	for (int v = 0; v < SIDE; v++) {
		for (int u = 0; u < SIDE; u++) {
			float f = across[0][u] * b->of[0][v] + across[1][u] * b->of[1][v] +
				  across[2][u] * b->of[2][v];
			if (!u && !v)
				f -= GREY * FLAT;
			block[v * SIDE + u] = quantise(f, steps[v * SIDE + u]);
		}
	}
}

/* The surface at the middle of the tile that holds block (x, y); tiles are of so many blocks. */
static float tile_value(const struct pv_surface *s, int x, int y, int across, int down)
{
	int x0 = x / across * across, y0 = y / down * down;
	int x1 = x0 + across < s->columns ? x0 + across : s->columns;
	int y1 = y0 + down < s->rows ? y0 + down : s->rows;

	return pv_surface_at(s, (float)(x0 + x1) / 2, (float)(y0 + y1) / 2);
}

static bool redact_component(struct pv_surface *s, struct pv_coefs *c, int i,
			     const struct pv_rules *rules, const struct pv_box *region,
			     const struct basis *basis)
{
	float colour = pv_colour_sample(rules->colour, i, true);
	int height = region->y1 - region->y0;
	struct pv_blocks p, largest;

	pv_coefs_blocks(c, i, &p);
	pv_coefs_blocks(c, pv_coefs_count(c) - 1, &largest);
	/* Tiles are the same pixels in all components. */
	int across = pv_tile_side(height, largest.width) / p.width;
	int down = pv_tile_side(height, largest.height) / p.height;
	struct pv_box b = cover(&p, region);
	if (rules->style != PV_STYLE_FILL && !lay_surface(s, c, i, &p, &b))
		return false;
	for (int y = b.y0; y < b.y1; y++) {
		int16_t *block = pv_coefs_row(c, i, y) + b.x0 * 64;
		for (int x = b.x0; x < b.x1; x++, block += 64) {
			if (rules->style == PV_STYLE_FILL)
				flat_block(block, colour, p.steps);
			else if (rules->style == PV_STYLE_PIXELATE)
				flat_block(block, tile_value(s, x - b.x0, y - b.y0, across, down),
					   p.steps);
			else
				smooth_block(block, s, x - b.x0, y - b.y0, basis, p.steps);
		}
	}
	return true;
}

int pv_blocks_redact(struct pv_surface *s, struct pv_coefs *c, const struct pv_rules *rules,
		     const struct pv_box *regions, int n)
{
	struct basis basis;

	make_basis(&basis);
	for (int i = 0; i < pv_coefs_count(c); i++)
		for (int k = 0; k < n; k++)
			if (!redact_component(s, c, i, rules, &regions[k], &basis))
				return -1;
	return 0;
}

void pv_blocks_redact_whole(struct pv_coefs *c)
{
	struct pv_blocks p;

	for (int i = 0; i < pv_coefs_count(c); i++) {
		pv_coefs_blocks(c, i, &p);
		for (int y = 0; y < p.rows; y++)
			memset(pv_coefs_row(c, i, y), 0, (size_t)p.columns * 64 * sizeof(int16_t));
	}
}
