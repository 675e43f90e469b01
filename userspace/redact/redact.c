// SPDX-License-Identifier: GPL-2.0-or-later
#include "redact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"

#define RING 4			/* pixels round a region that its surface is made from */

void pv_redactor_free(struct pv_redactor *r)
{
	pv_surface_free(&r->surface);
	for (int i = 0; i < 3; i++)
		pv_mask_free(&r->masks[i]);
}

/* --- regions ------------------------------------------------------------- */

static int at_most(int v, int most)
{
	return v < most ? v : most;
}

/* Grows to whole blocks and cuts at the frame's edges; false if nothing is left. */
static bool settle(const struct pv_frame *f, float x0, float y0, float x1, float y1,
		   struct pv_box *out)
{
	int least = 1 << (f->shift_x > 1 ? f->shift_x : 1);	/* whole chroma samples */
	int bx = f->block_x > least ? f->block_x : least;
	int by = f->block_y > 2 ? f->block_y : 2;

	/* Written so that NaN gives no region here; scores guard against it earlier. */
	if (!(x1 > 0 && y1 > 0 && x0 < (float)f->width && y0 < (float)f->height && x1 > x0 &&
	      y1 > y0))
		return false;
	x0 = fmaxf(x0, 0);
	y0 = fmaxf(y0, 0);
	x1 = fminf(x1, (float)f->width);
	y1 = fminf(y1, (float)f->height);
	out->x0 = (int)floorf(x0) / bx * bx;
	out->y0 = (int)floorf(y0) / by * by;
	out->x1 = at_most(((int)ceilf(x1) + bx - 1) / bx * bx, f->width);
	out->y1 = at_most(((int)ceilf(y1) + by - 1) / by * by, f->height);
	return true;
}

/* Nearer than that, one region's surroundings would be the other. */
static bool touch(const struct pv_box *a, const struct pv_box *b)
{
	return a->x0 < b->x1 + RING && b->x0 < a->x1 + RING && a->y0 < b->y1 + RING && b->y0 < a->y1 + RING;
}

static int join(struct pv_box *b, int n)
{
	for (int i = 0; i < n; i++) {
		for (int k = i + 1; k < n; k++) {
			if (!touch(&b[i], &b[k]))
				continue;
			b[i].x0 = b[i].x0 < b[k].x0 ? b[i].x0 : b[k].x0;
			b[i].y0 = b[i].y0 < b[k].y0 ? b[i].y0 : b[k].y0;
			b[i].x1 = b[i].x1 > b[k].x1 ? b[i].x1 : b[k].x1;
			b[i].y1 = b[i].y1 > b[k].y1 ? b[i].y1 : b[k].y1;
			b[k] = b[--n];
			/* The larger one may touch some that were passed over. */
			i = -1;
			break;
		}
	}
	return n;
}

int pv_regions(const struct pv_frame *f, const struct pv_rules *rules,
	       const struct pv_detection *boxes, int n, struct pv_box out[PV_MAX_REGIONS])
{
	int count = 0;

	for (int i = 0; i < n && count < PV_MAX_REGIONS - PV_MAX_ZONES; i++) {
		const struct pv_detection *b = &boxes[i];
		/* An endless side with a margin of 0 would give NaN, so no region. */
		float mx = fminf(b->x1 - b->x0, PV_MAX_SIDE) * (float)rules->margin / 100;
		float my = fminf(b->y1 - b->y0, PV_MAX_SIDE) * (float)rules->margin / 100;
		if (settle(f, b->x0 - mx, b->y0 - my, b->x1 + mx, b->y1 + my, &out[count]))
			count++;
	}
	for (int i = 0; i < rules->zone_count; i++) {
		const struct pv_zone *z = &rules->zones[i];
		float w = (float)f->width / 100, h = (float)f->height / 100;
		if (z->kind != PV_ZONE_MASK || z->points)
			continue;
		if (settle(f, z->left * w, z->top * h, (z->left + z->width) * w,
			   (z->top + z->height) * h, &out[count]))
			count++;
	}
	return join(out, count);
}

/* --- drawing ------------------------------------------------------------- */

struct plane {
	uint8_t *data;
	int stride, width, height;
	int shift_x, shift_y;		/* a sample is 1 << shift pixels wide, high */
	const struct pv_mask *mask;	/* what polygons mask of it; NULL: nothing */
};

/* What is veiled: a box of samples, or of that what is masked. */
struct veil {
	struct pv_box box;
	bool masked;
	int height;		/* pixels, that pixelate's tiles go by: the same in all planes */
};

int pv_tile_side(int height, int block)
{
	int side = (height + 32) / 64 * 16;

	return ((side > 16 ? side : 16) + block - 1) / block * block;
}

/* The mean of a box of samples, cut at the plane's edges; if none is left or one of them is masked,
 * nothing is set. */
static void set_mean(const struct plane *p, int x0, int y0, int x1, int y1, float *out)
{
	int sum = 0;

	x0 = x0 > 0 ? x0 : 0;
	y0 = y0 > 0 ? y0 : 0;
	x1 = at_most(x1, p->width);
	y1 = at_most(y1, p->height);
	if (x0 >= x1 || y0 >= y1 || pv_mask_touches(p->mask, &(struct pv_box){ x0, y0, x1, y1 }))
		return;
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			sum += p->data[y * p->stride + x];
	*out = (float)sum / (float)((x1 - x0) * (y1 - y0));
}

/* The ring of RING pixels round sample box b. */
static void lay_ring(struct pv_surface *s, const struct plane *p, const struct pv_box *b)
{
	int w = b->x1 - b->x0, h = b->y1 - b->y0, columns = s->columns, rows = s->rows;
	int dx = RING >> p->shift_x, dy = RING >> p->shift_y;

	for (int i = 0; i < columns; i++) {
		int x0 = b->x0 + i * w / columns, x1 = b->x0 + (i + 1) * w / columns;
		set_mean(p, x0, b->y0 - dy, x1, b->y0, pv_surface_cell(s, i, -1));
		set_mean(p, x0, b->y1, x1, b->y1 + dy, pv_surface_cell(s, i, rows));
	}
	for (int i = 0; i < rows; i++) {
		int y0 = b->y0 + i * h / rows, y1 = b->y0 + (i + 1) * h / rows;
		set_mean(p, b->x0 - dx, y0, b->x0, y1, pv_surface_cell(s, -1, i));
		set_mean(p, b->x1, y0, b->x1 + dx, y1, pv_surface_cell(s, columns, i));
	}
}

/* A surface with cells of about PV_SURFACE_CELL samples over box b. */
static bool begin_surface(struct pv_surface *s, const struct pv_box *b)
{
	int columns = (b->x1 - b->x0 + PV_SURFACE_CELL / 2) / PV_SURFACE_CELL;
	int rows = (b->y1 - b->y0 + PV_SURFACE_CELL / 2) / PV_SURFACE_CELL;

	return pv_surface_begin(s, columns > 0 ? columns : 1, rows > 0 ? rows : 1);
}

static void draw_surface(const struct pv_surface *s, const struct plane *p, const struct veil *v)
{
	const struct pv_box *b = &v->box;
	float step_x = (float)s->columns / (float)(b->x1 - b->x0);
	float step_y = (float)s->rows / (float)(b->y1 - b->y0);

	for (int y = b->y0; y < b->y1; y++) {
		const float *line = pv_surface_line(s, ((float)(y - b->y0) + 0.5f) * step_y);
		uint8_t *row = p->data + y * p->stride;
		for (int x = b->x0; x < b->x1; x++)
			if (!v->masked || pv_mask_has(p->mask, x, y))
				row[x] = (uint8_t)(pv_surface_on(line, ((float)(x - b->x0) + 0.5f) * step_x) + 0.5f);
	}
}

/* Of a box. */
static void fill_plane(const struct plane *p, const struct pv_box *b, bool masked, uint8_t value)
{
	for (int y = b->y0; y < b->y1; y++) {
		uint8_t *row = p->data + y * p->stride;
		for (int x = b->x0; x < b->x1; x++)
			if (!masked || pv_mask_has(p->mask, x, y))
				row[x] = value;
	}
}

/* Each tile has the surface's value at its middle. */
static void draw_tiles(const struct pv_surface *s, const struct plane *p, const struct veil *v,
		       int tile_x, int tile_y)
{
	const struct pv_box *b = &v->box;
	float step_x = (float)s->columns / (float)(b->x1 - b->x0);
	float step_y = (float)s->rows / (float)(b->y1 - b->y0);

	for (int y = b->y0; y < b->y1; y += tile_y) {
		for (int x = b->x0; x < b->x1; x += tile_x) {
			struct pv_box tile = { x, y, at_most(x + tile_x, b->x1),
					       at_most(y + tile_y, b->y1) };
			float at_x = (float)(tile.x0 + tile.x1 - 2 * b->x0) / 2 * step_x;
			float at_y = (float)(tile.y0 + tile.y1 - 2 * b->y0) / 2 * step_y;
			fill_plane(p, &tile, v->masked,
				   (uint8_t)(pv_surface_at(s, at_x, at_y) + 0.5f));
		}
	}
}

uint8_t pv_colour_sample(int rgb, int i, bool full)
{
	static const double weights[3][3] = { { 0.299, 0.587, 0.114 },
					      { -0.168736, -0.331264, 0.5 },
					      { 0.5, -0.418688, -0.081312 } };
	double v = weights[i][0] * (rgb >> 16 & 255) + weights[i][1] * (rgb >> 8 & 255) +
		   weights[i][2] * (rgb & 255);
	if (!full)
		v *= i ? 224.0 / 255 : 219.0 / 255;
	v += i ? 128 : full ? 0 : 16;
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* Every sample of plane i that any pixel of the region shares. */
static struct pv_box samples(const struct pv_frame *f, int i, const struct pv_box *region)
{
	int sx = i ? f->shift_x : 0, sy = i ? f->shift_y : 0;

	return (struct pv_box){ region->x0 >> sx, region->y0 >> sy,
				at_most((region->x1 + (1 << sx) - 1) >> sx, pv_frame_plane_width(f, i)),
				at_most((region->y1 + (1 << sy) - 1) >> sy, pv_frame_plane_height(f, i)) };
}

/* Draws a veil from the surface, whose given cells are there. */
static void draw(struct pv_surface *s, const struct pv_frame *f, const struct pv_rules *rules,
		 const struct plane *p, const struct veil *v)
{
	pv_surface_relax(s);
	if (rules->style == PV_STYLE_PIXELATE)
		draw_tiles(s, p, v, pv_tile_side(v->height, f->block_x) >> p->shift_x,
			   pv_tile_side(v->height, f->block_y) >> p->shift_y);
	else
		draw_surface(s, p, v);
}

/* What is masked of plane i. The surface is made from all that lies in the same box and is not masked: that is there
 * to be seen, or a region, whose veil is drawn by now. */
static bool redact_masked(struct pv_redactor *r, const struct pv_frame *f, const struct pv_rules *rules,
			  int i, const struct plane *p)
{
	struct pv_surface *s = &r->surface;
	struct veil v = { p->mask->bounds, true, f->height / PV_MASK_TILES };
	const struct pv_box *b = &v.box;
	int w = b->x1 - b->x0, h = b->y1 - b->y0;

	if (w <= 0 || h <= 0)
		return true;
	if (rules->style == PV_STYLE_FILL) {
		fill_plane(p, b, true, pv_colour_sample(rules->colour, i, f->full_range));
		return true;
	}
	if (!begin_surface(s, b))
		return false;
	for (int y = -1; y <= s->rows; y++) {
		for (int x = -1; x <= s->columns; x++) {
			struct pv_box c = { b->x0 + (x * w) / s->columns, b->y0 + y * h / s->rows,
					    b->x0 + (x + 1) * w / s->columns, b->y0 + (y + 1) * h / s->rows };
			set_mean(p, c.x0, c.y0, c.x1, c.y1, pv_surface_cell(s, x, y));
		}
	}
	draw(s, f, rules, p, &v);
	return true;
}

static bool redact_region(struct pv_redactor *r, const struct pv_frame *f,
			  const struct pv_rules *rules, int i, const struct plane *p,
			  const struct pv_box *region)
{
	struct veil v = { samples(f, i, region), false, region->y1 - region->y0 };

	if (rules->style == PV_STYLE_FILL) {
		fill_plane(p, &v.box, false, pv_colour_sample(rules->colour, i, f->full_range));
		return true;
	}
	if (!begin_surface(&r->surface, &v.box))
		return false;
	lay_ring(&r->surface, p, &v.box);
	draw(&r->surface, f, rules, p, &v);
	return true;
}

static bool redact_plane(struct pv_redactor *r, const struct pv_frame *f,
			 const struct pv_rules *rules, int i, const struct pv_box *regions, int n)
{
	int sx = i ? f->shift_x : 0, sy = i ? f->shift_y : 0;
	struct plane p = { f->plane[i], f->stride[i], pv_frame_plane_width(f, i),
			   pv_frame_plane_height(f, i), sx, sy, NULL };
	/* A block is veiled whole, and so is a chroma sample. */
	int ux = f->block_x > 1 << sx ? f->block_x : 1 << sx, uy = f->block_y > 1 << sy ? f->block_y : 1 << sy;
	struct pv_grid grid = { p.width, p.height, ux >> sx, uy >> sy, (float)ux, (float)uy };

	if (pv_mask_needed(rules)) {
		if (!pv_mask_make(&r->masks[i], rules, f->width, f->height, &grid))
			return false;
		p.mask = &r->masks[i];
	}
	for (int k = 0; k < n; k++)
		if (!redact_region(r, f, rules, i, &p, &regions[k]))
			return false;
	return !p.mask || redact_masked(r, f, rules, i, &p);
}

int pv_redact(struct pv_redactor *r, struct pv_frame *f, const struct pv_rules *rules,
	      const struct pv_box *regions, int n)
{
	bool drawn = true;

	if (f->coefs)
		drawn = !pv_blocks_redact(&r->surface, r->masks, f, rules, regions, n);
	for (int i = 0; i < (f->grey ? 1 : 3) && drawn && !f->coefs; i++)
		drawn = redact_plane(r, f, rules, i, regions, n);
	if (!drawn)
		pv_redact_whole(f);
	return drawn ? 0 : -1;
}

void pv_redact_whole(struct pv_frame *f)
{
	if (f->coefs) {
		pv_blocks_redact_whole(f->coefs);
		return;
	}
	for (int i = 0; i < (f->grey ? 1 : 3); i++)
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			memset(f->plane[i] + (size_t)y * (size_t)f->stride[i], 128,
			       (size_t)pv_frame_plane_width(f, i));
}
