// SPDX-License-Identifier: GPL-2.0-or-later
#include "motion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame/vectors.h"

#define ACROSS 240		/* pixels of the small picture, at most */
#define ACROSS_TILES 8
#define DOWN_TILES 5
#define NEAR 4			/* small pixels round the common shift that a tile looks at */
#define WINDOW (2 * NEAR + 1)
#define COARSE 4		/* small pixels to one of the first search */
#define FAR 6			/* its reach: this part of a side */
#define MOST 16			/* grey levels that a pixel counts at most */
#define TEXTURE 2.0f		/* grey levels between a tile's best match and its worst, at least */
#define STOOD 1			/* grey levels a pixel, by which a tile looks more as if it had stood */
#define FEW 4			/* tiles that agree: fewer are chance */
#define STEP 2			/* grey levels that a picture is brighter: no less is a change of exposure */
#define STILL 0.5f		/* frame pixels: less, anywhere, is no motion */

const struct pv_move pv_move_none = { .a = 1, .agree = 1 };

struct picture {
	uint8_t *small, *coarse;
};

struct pv_motion {
	int width, height;	/* of frames */
	int step;		/* frame pixels to a small one */
	int w, h, cw, ch;	/* of the small picture and the coarse one */
	struct picture now, before;
	uint16_t *sums;		/* a frame's width, of some rows: up to 256 of them fit 16 bits */
	bool any;		/* there was a frame before */
};

/* A tile's place in the frame before, from the small picture's middle, and where it went. */
struct pair {
	float x, y, to_x, to_y;
};

struct pv_motion *pv_motion_new(int width, int height)
{
	struct pv_motion *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->width = width;
	m->height = height;
	m->step = (width > height ? width : height) / ACROSS + 1;
	m->w = width / m->step;
	m->h = height / m->step;
	m->cw = m->w / COARSE;
	m->ch = m->h / COARSE;
	size_t small = (size_t)m->w * (size_t)m->h + 1, coarse = (size_t)m->cw * (size_t)m->ch + 1;
	m->now = (struct picture){ malloc(small), malloc(coarse) };
	m->before = (struct picture){ malloc(small), malloc(coarse) };
	m->sums = malloc((size_t)width * sizeof(*m->sums) + 1);
	if (m->sums && m->now.small && m->now.coarse && m->before.small && m->before.coarse)
		return m;
	pv_motion_free(m);
	return NULL;
}

void pv_motion_free(struct pv_motion *m)
{
	if (!m)
		return;
	free(m->now.small);
	free(m->now.coarse);
	free(m->before.small);
	free(m->before.coarse);
	free(m->sums);
	free(m);
}

void pv_motion_reset(struct pv_motion *m)
{
	m->any = false;
}

static void add_row(uint16_t *restrict sums, const uint8_t *restrict row, int n)
{
	for (int x = 0; x < n; x++)
		sums[x] = (uint16_t)(sums[x] + row[x]);
}

/* Each pixel of `to`, w x h, becomes the mean of by x by pixels; of large ones every other row. */
PV_VECTORS static void shrink(struct pv_motion *m, const uint8_t *from, size_t stride, int by, uint8_t *to, int w,
			      int h)
{
	int skip = by > 3 ? 2 : 1, rows = (by + skip - 1) / skip;

	for (int y = 0; y < h; y++, to += w) {
		memset(m->sums, 0, (size_t)(w * by) * sizeof(*m->sums));
		for (int v = 0; v < by; v += skip)
			add_row(m->sums, from + (size_t)(y * by + v) * stride, w * by);
		for (int x = 0; x < w; x++) {
			unsigned int sum = 0;
			for (int u = 0; u < by; u++)
				sum += m->sums[x * by + u];
			to[x] = (uint8_t)(sum / (unsigned int)(rows * by));
		}
	}
}

/* The grey level that half of the pixels are below. */
static int median(const uint8_t *p, int n)
{
	int bins[256] = { 0 }, below = 0, level = 0;

	for (int i = 0; i < n; i++)
		bins[p[i]]++;
	while (level < 255 && (below += bins[level]) <= n / 2)
		level++;
	return level;
}

static void brighten(uint8_t *p, int n, int by)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(p[i] + by < 0 ? 0 : p[i] + by > 255 ? 255 : p[i] + by);
}

/* Brings the picture before, which is not needed again, to the brightness of the one now. A lamp that comes into it
 * makes the whole no brighter. */
static void expose(struct pv_motion *m)
{
	int by = median(m->now.coarse, m->cw * m->ch) - median(m->before.coarse, m->cw * m->ch);

	if (abs(by) < STEP)
		return;
	brighten(m->before.small, m->w * m->h, by);
	brighten(m->before.coarse, m->cw * m->ch, by);
}

/* --- one shift for all ------------------------------------------------------- */

/* Mean difference where the picture before, shifted, lies over the one now. */
static float difference(const struct pv_motion *m, int dx, int dy)
{
	int x0 = dx > 0 ? dx : 0, x1 = dx < 0 ? m->cw + dx : m->cw;
	int y0 = dy > 0 ? dy : 0, y1 = dy < 0 ? m->ch + dy : m->ch;
	int sum = 0;

	for (int y = y0; y < y1; y++) {
		const uint8_t *now = m->now.coarse + y * m->cw;
		const uint8_t *then = m->before.coarse + (y - dy) * m->cw - dx;
		for (int x = x0; x < x1; x++)
			sum += abs(now[x] - then[x]) < MOST ? abs(now[x] - then[x]) : MOST;
	}
	return (float)sum / (float)((x1 - x0) * (y1 - y0));
}

PV_VECTORS static void search_all(const struct pv_motion *m, int *dx, int *dy)
{
	float least = difference(m, 0, 0) - 0.5f;	/* of equals, no motion */

	*dx = *dy = 0;
	for (int y = -(m->ch / FAR); y <= m->ch / FAR; y++) {
		for (int x = -(m->cw / FAR); x <= m->cw / FAR; x++) {
			float d = difference(m, x, y);
			if (d >= least)
				continue;
			least = d;
			*dx = x;
			*dy = y;
		}
	}
}

/* --- tiles ------------------------------------------------------------------ */

/* Where between two neighbours of the least value the true minimum is: -0.5 to 0.5. */
static float vertex(int low, int least, int high)
{
	int curve = low + high - 2 * least;
	return curve > 0 ? 0.5f * (float)(low - high) / (float)curve : 0;
}

/* Small pixels from x0, y0 on, to before x1, y1. */
struct tile {
	int x0, y0, x1, y1;
};

static struct tile tile_at(const struct pv_motion *m, int tile)
{
	int i = tile % ACROSS_TILES, k = tile / ACROSS_TILES;

	return (struct tile){ i * m->w / ACROSS_TILES, k * m->h / DOWN_TILES, (i + 1) * m->w / ACROSS_TILES,
			      (k + 1) * m->h / DOWN_TILES };
}

/* The part of a tile's side that stays in the picture wherever it is looked for. */
static void clip(int *from, int *to, int shift, int side)
{
	*from = *from + shift - NEAR < 0 ? NEAR - shift : *from;
	*to = *to + shift + NEAR > side ? side - NEAR - shift : *to;
}

/* Where the tile went; false if that cannot be told. */
PV_VECTORS static bool search_tile(const struct pv_motion *m, int tile, int dx, int dy, struct pair *p)
{
	struct tile t = tile_at(m, tile);
	int sums[WINDOW][WINDOW], best = 0, most = 0, *s = &sums[0][0];
	int x0 = t.x0, x1 = t.x1, y0 = t.y0, y1 = t.y1;

	clip(&x0, &x1, dx, m->w);
	clip(&y0, &y1, dy, m->h);
	int rows = (y1 - y0 + 1) / 2;	/* every other one */
	if (x1 - x0 < 8 || y1 - y0 < 8)
		return false;
	for (int n = 0; n < WINDOW * WINDOW; n++) {
		int u = dx + n % WINDOW - NEAR, v = dy + n / WINDOW - NEAR;
		s[n] = 0;
		for (int y = y0; y < y1; y += 2) {
			const uint8_t *then = m->before.small + y * m->w;
			const uint8_t *now = m->now.small + (y + v) * m->w + u;
			for (int x = x0; x < x1; x++)
				s[n] += abs(now[x] - then[x]);
		}
		best = s[n] < s[best] ? n : best;
		most = s[n] > most ? s[n] : most;
	}
	int x = best % WINDOW, y = best / WINDOW;
	if ((float)(most - s[best]) < TEXTURE * (float)((x1 - x0) * rows) || x == 0 || y == 0 ||
	    x == WINDOW - 1 || y == WINDOW - 1)
		return false;
	p->x = (float)(x0 + x1 - m->w) / 2;
	p->y = (float)(y0 + y1 - m->h) / 2;
	p->to_x = p->x + (float)(dx + x - NEAR) + vertex(s[best - 1], s[best], s[best + 1]);
	p->to_y = p->y + (float)(dy + y - NEAR) + vertex(s[best - WINDOW], s[best], s[best + WINDOW]);
	return true;
}

/* --- fitting ---------------------------------------------------------------- */

static float off(const struct pv_move *f, const struct pair *p)
{
	return hypotf(f->a * p->x - f->b * p->y + f->dx - p->to_x, f->b * p->x + f->a * p->y + f->dy - p->to_y);
}

/* The similarity that most pairs agree with. */
static struct pv_move fit(const struct pair *p, int n)
{
	static const float scales[] = { 1e6f, 4, 2, 1, 0.5f, 0.5f };
	struct pv_move f = pv_move_none;

	for (int turn = 0; turn < 6; turn++) {
		float all = 0, x = 0, y = 0, to_x = 0, to_y = 0, dot = 0, cross = 0, square = 1e-3f, w[64];
		for (int i = 0; i < n; i++) {
			float r = off(&f, &p[i]) / scales[turn];
			w[i] = 1 / (1 + r * r);
			all += w[i];
			x += w[i] * p[i].x;
			y += w[i] * p[i].y;
			to_x += w[i] * p[i].to_x;
			to_y += w[i] * p[i].to_y;
		}
		x /= all, y /= all, to_x /= all, to_y /= all;
		for (int i = 0; i < n; i++) {
			float px = p[i].x - x, py = p[i].y - y, qx = p[i].to_x - to_x, qy = p[i].to_y - to_y;
			dot += w[i] * (px * qx + py * qy);
			cross += w[i] * (px * qy - py * qx);
			square += w[i] * (px * px + py * py);
		}
		/* Too few tiles tell a shift, but neither turn nor zoom. */
		f.a = n > 5 ? dot / square : 1;
		f.b = n > 5 ? cross / square : 0;
		f.dx = to_x - f.a * x + f.b * y;
		f.dy = to_y - f.b * x - f.a * y;
	}
	return f;
}

/* From the small picture, with 0 in its middle, to the frame, with 0 in its corner. */
static struct pv_move to_frame(const struct pv_motion *m, struct pv_move f)
{
	float cx = (float)m->width / 2, cy = (float)m->height / 2, step = (float)m->step;

	f.dx = f.dx * step + cx - f.a * cx + f.b * cy;
	f.dy = f.dy * step + cy - f.b * cx - f.a * cy;
	for (int i = 0; i < 4; i++) {
		float x = i & 1 ? 2 * cx : 0, y = i & 2 ? 2 * cy : 0;
		if (hypotf(f.a * x - f.b * y + f.dx - x, f.b * x + f.a * y + f.dy - y) > STILL)
			return f;
	}
	return (struct pv_move){ .a = 1, .agree = f.agree };
}

/* --- what does not move like that --------------------------------------------- */

/* Does a tile look rather as it would had it stood still, not gone so far? */
PV_VECTORS static bool tile_stood(const struct pv_motion *m, int tile, int dx, int dy)
{
	struct tile t = tile_at(m, tile);
	/* The part that is in the picture either way. */
	int x0 = t.x0 + dx < 0 ? -dx : t.x0, x1 = t.x1 + dx > m->w ? m->w - dx : t.x1;
	int y0 = t.y0 + dy < 0 ? -dy : t.y0, y1 = t.y1 + dy > m->h ? m->h - dy : t.y1;
	int still = 0, moved = 0;

	if (x1 - x0 < 8 || y1 - y0 < 8)
		return false;
	for (int y = y0; y < y1; y++) {
		const uint8_t *then = m->before.small + y * m->w, *now = m->now.small + y * m->w;
		const uint8_t *there = now + dy * m->w + dx;
		for (int x = x0; x < x1; x++) {
			still += abs(now[x] - then[x]);
			moved += abs(there[x] - then[x]);
		}
	}
	return moved - still > STOOD * (x1 - x0) * (y1 - y0);
}

static uint64_t all_stood(const struct pv_motion *m, const struct pv_move *f)
{
	uint64_t stood = 0;

	for (int tile = 0; tile < ACROSS_TILES * DOWN_TILES; tile++) {
		int i = tile % ACROSS_TILES, k = tile / ACROSS_TILES;
		float x = ((float)i + 0.5f) * (float)m->w / ACROSS_TILES - (float)m->w / 2;
		float y = ((float)k + 0.5f) * (float)m->h / DOWN_TILES - (float)m->h / 2;
		int dx = (int)lrintf(f->a * x - f->b * y + f->dx - x), dy = (int)lrintf(f->b * x + f->a * y + f->dy - y);
		if ((dx || dy) && tile_stood(m, tile, dx, dy))
			stood |= (uint64_t)1 << tile;
	}
	return stood;
}

bool pv_move_stood(const struct pv_move *m, float x, float y, int width, int height)
{
	int i = (int)floorf(x * ACROSS_TILES / (float)width), k = (int)floorf(y * DOWN_TILES / (float)height);

	for (int v = k - 1; v <= k + 1; v++)
		for (int u = i - 1; u <= i + 1; u++)
			if (u >= 0 && v >= 0 && u < ACROSS_TILES && v < DOWN_TILES &&
			    m->stood >> (v * ACROSS_TILES + u) & 1)
				return true;
	return false;
}

struct pv_move pv_motion_look(struct pv_motion *m, const uint8_t *luma, size_t stride)
{
	_Static_assert(ACROSS_TILES * DOWN_TILES <= 64, "fit() has room for so many");
	struct pair pairs[ACROSS_TILES * DOWN_TILES];
	struct picture old = m->before;
	struct pv_move f = { .a = 1 };
	int n = 0, dx, dy, agree = 0;
	bool any = m->any;

	m->before = m->now;
	m->now = old;
	m->any = true;
	shrink(m, luma, stride, m->step, m->now.small, m->w, m->h);
	shrink(m, m->now.small, (size_t)m->w, COARSE, m->now.coarse, m->cw, m->ch);
	if (!any || m->cw < 2 * FAR || m->ch < FAR)
		return f;
	expose(m);
	search_all(m, &dx, &dy);
	for (int i = 0; i < ACROSS_TILES * DOWN_TILES; i++)
		n += search_tile(m, i, dx * COARSE, dy * COARSE, &pairs[n]);
	if (n < 2)
		return f;
	f = fit(pairs, n);
	for (int i = 0; i < n; i++)
		agree += off(&f, &pairs[i]) < 1;
	if (agree < FEW)
		return (struct pv_move){ .a = 1 };
	f.agree = (float)agree / (ACROSS_TILES * DOWN_TILES);
	f.stood = all_stood(m, &f);
	return to_frame(m, f);
}
