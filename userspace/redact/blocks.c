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
 * halved, `sign` 1 for its beginning and -1 for its end; 0: of the whole block. */
static float half_mean(const int16_t *block, const uint16_t *steps, int second, float sign)
{
	float v = GREY + (float)(block[0] * steps[0]) / FLAT +
		  sign * HALF * (float)(block[second] * steps[second]);

	return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* The ring of blocks round b, but for those that are masked. */
static bool lay_ring(struct pv_surface *s, struct pv_coefs *c, int i, const struct pv_blocks *p,
		     const struct pv_mask *m, const struct pv_box *b)
{
	int w = b->x1 - b->x0, h = b->y1 - b->y0;

	if (!pv_surface_begin(s, w, h))
		return false;
	for (int side = 0; side < 2; side++) {
		int row = side ? b->y1 : b->y0 - 1;
		if (row < 0 || row >= p->rows)
			continue;
		const int16_t *blocks = pv_coefs_row(c, i, row);
		for (int x = b->x0; x < b->x1; x++)
			if (!pv_mask_has(m, x, row))
				*pv_surface_cell(s, x - b->x0, side ? h : -1) =
					half_mean(blocks + x * 64, p->steps, SIDE, side ? 1 : -1);
	}
	for (int y = b->y0; y < b->y1; y++) {
		const int16_t *blocks = pv_coefs_row(c, i, y);
		if (b->x0 > 0 && !pv_mask_has(m, b->x0 - 1, y))
			*pv_surface_cell(s, -1, y - b->y0) =
				half_mean(blocks + (b->x0 - 1) * 64, p->steps, 1, -1);
		if (b->x1 < p->columns && !pv_mask_has(m, b->x1, y))
			*pv_surface_cell(s, w, y - b->y0) = half_mean(blocks + b->x1 * 64, p->steps, 1, 1);
	}
	return true;
}

/* All blocks in the mask's bounds and round them that are not masked; those in a region are veiled by now. */
static bool lay_masked(struct pv_surface *s, struct pv_coefs *c, int i, const struct pv_blocks *p,
		       const struct pv_mask *m)
{
	const struct pv_box *b = &m->bounds;

	if (!pv_surface_begin(s, b->x1 - b->x0, b->y1 - b->y0))
		return false;
	for (int y = b->y0 > 0 ? b->y0 - 1 : 0; y <= b->y1 && y < p->rows; y++) {
		const int16_t *blocks = pv_coefs_row(c, i, y);
		for (int x = b->x0 > 0 ? b->x0 - 1 : 0; x <= b->x1 && x < p->columns; x++) {
			if (!pv_mask_has(m, x, y))
				*pv_surface_cell(s, x - b->x0, y - b->y0) =
					half_mean(blocks + x * 64, p->steps, 0, 0);
		}
	}
	return true;
}

/* How often a quantisation step is in 1. */
struct rates {
	float of[64];
};

static void make_rates(struct rates *r, const uint16_t *steps)
{
	for (int i = 0; i < 64; i++)
		r->of[i] = 1 / (float)(steps[i] ? steps[i] : 1);
}

/* The nearest; of two the one further from 0, as lrintf() has no vectors. */
static inline int16_t quantise(float v, float rate)
{
	v *= rate;
	return (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
}

static void flat_block(int16_t *block, float value, const struct rates *r)
{
	memset(block, 0, 64 * sizeof(*block));
	block[0] = quantise((value - GREY) * FLAT, r->of[0]);
}

/* The block at cell (x, y) of the surface. */
static void smooth_block(int16_t *restrict block, const struct pv_surface *s, int x, int y,
			 const struct basis *restrict b, const struct rates *restrict r)
{
	float across[3][SIDE], f[64];

	for (int k = 0; k < 3; k++) {
		const float *cell = pv_surface_cell(s, x - 1, y - 1 + k);
		for (int u = 0; u < SIDE; u++)
			across[k][u] = cell[0] * b->of[0][u] + cell[1] * b->of[1][u] +
				       cell[2] * b->of[2][u];
	}
	for (int v = 0; v < SIDE; v++) {
		for (int u = 0; u < SIDE; u++)
			f[v * SIDE + u] = across[0][u] * b->of[0][v] + across[1][u] * b->of[1][v] +
					  across[2][u] * b->of[2][v];
	}
	f[0] -= GREY * FLAT;
	for (int i = 0; i < 64; i++)
		block[i] = quantise(f[i], r->of[i]);
}

/* The surface at the middle of the tile that holds block (x, y); tiles are of so many blocks. */
static float tile_value(const struct pv_surface *s, int x, int y, int across, int down)
{
	int x0 = x / across * across, y0 = y / down * down;
	int x1 = x0 + across < s->columns ? x0 + across : s->columns;
	int y1 = y0 + down < s->rows ? y0 + down : s->rows;

	return pv_surface_at(s, (float)(x0 + x1) / 2, (float)(y0 + y1) / 2);
}

/* A component of the picture that is veiled. */
struct component {
	struct pv_coefs *c;
	int i;
	struct pv_blocks p;
	int unit_x, unit_y;		/* blocks to one of the component with the largest */
	int height;			/* of the picture, pixels */
	const struct pv_mask *mask;	/* NULL: nothing is */
	const struct pv_rules *rules;
	const struct basis *basis;
	struct rates rates;
};

/* Draws box b of blocks, or of that what is masked; height: that tiles go by, in pixels. */
static void draw(const struct component *o, struct pv_surface *s, const struct pv_box *b, bool masked,
		 int height)
{
	float colour = pv_colour_sample(o->rules->colour, o->i, true);
	/* Tiles are the same pixels in all components. */
	int across = pv_tile_side(height, o->unit_x * o->p.width) / o->p.width;
	int down = pv_tile_side(height, o->unit_y * o->p.height) / o->p.height;

	if (o->rules->style != PV_STYLE_FILL)
		pv_surface_relax(s);
	for (int y = b->y0; y < b->y1; y++) {
		int16_t *block = pv_coefs_change(o->c, o->i, y, b->x0, b->x1);
		for (int x = b->x0; x < b->x1; x++, block += 64) {
			if (masked && !pv_mask_has(o->mask, x, y))
				continue;
			if (o->rules->style == PV_STYLE_FILL)
				flat_block(block, colour, &o->rates);
			else if (o->rules->style == PV_STYLE_PIXELATE)
				flat_block(block, tile_value(s, x - b->x0, y - b->y0, across, down),
					   &o->rates);
			else
				smooth_block(block, s, x - b->x0, y - b->y0, o->basis, &o->rates);
		}
	}
}

static bool redact_component(const struct component *o, struct pv_surface *s,
			     const struct pv_box *regions, int n)
{
	bool fill = o->rules->style == PV_STYLE_FILL;

	for (int k = 0; k < n; k++) {
		struct pv_box b = cover(&o->p, &regions[k]);
		if (!fill && !lay_ring(s, o->c, o->i, &o->p, o->mask, &b))
			return false;
		draw(o, s, &b, false, regions[k].y1 - regions[k].y0);
	}
	if (!o->mask || o->mask->bounds.x0 >= o->mask->bounds.x1)
		return true;
	if (!fill && !lay_masked(s, o->c, o->i, &o->p, o->mask))
		return false;
	draw(o, s, &o->mask->bounds, true, o->height / PV_MASK_TILES);
	return true;
}

int pv_blocks_redact(struct pv_surface *s, struct pv_mask masks[3], const struct pv_frame *f,
		     const struct pv_rules *rules, const struct pv_box *regions, int n)
{
	struct basis basis;
	struct pv_blocks largest;

	make_basis(&basis);
	pv_coefs_blocks(f->coefs, pv_coefs_count(f->coefs) - 1, &largest);
	for (int i = 0; i < pv_coefs_count(f->coefs); i++) {
		struct component o = { f->coefs, i, .height = f->height, .rules = rules, .basis = &basis };
		pv_coefs_blocks(f->coefs, i, &o.p);
		make_rates(&o.rates, o.p.steps);
		o.unit_x = largest.width / o.p.width;
		o.unit_y = largest.height / o.p.height;
		struct pv_grid g = { o.p.columns, o.p.rows, o.unit_x, o.unit_y, (float)largest.width,
				     (float)largest.height };
		o.mask = pv_mask_needed(rules) ? &masks[i] : NULL;
		if (o.mask && !pv_mask_make(&masks[i], rules, f->width, f->height, &g))
			return -1;
		if (!redact_component(&o, s, regions, n))
			return -1;
	}
	return 0;
}

void pv_blocks_redact_whole(struct pv_coefs *c)
{
	struct pv_blocks p;

	for (int i = 0; i < pv_coefs_count(c); i++) {
		pv_coefs_blocks(c, i, &p);
		for (int y = 0; y < p.rows; y++)
			memset(pv_coefs_change(c, i, y, 0, p.columns), 0, (size_t)p.columns * 64 * sizeof(int16_t));
	}
}
