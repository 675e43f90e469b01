// SPDX-License-Identifier: GPL-2.0-or-later
#include "mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A polygon in units of a plane. */
struct shape {
	double x[PV_MAX_POINTS], y[PV_MAX_POINTS];
	double top, bottom;
	int points;
};

/* Where the outline crosses a line, and whether it goes down there (1) or up (-1). */
struct crossing {
	double x;
	int way;
};

void pv_mask_free(struct pv_mask *m)
{
	free(m->of);
	memset(m, 0, sizeof(*m));
}

static bool masks(const struct pv_zone *z)
{
	return z->kind == PV_ZONE_MASK && z->points;
}

bool pv_mask_needed(const struct pv_rules *rules)
{
	for (int i = 0; i < rules->zone_count; i++)
		if (masks(&rules->zones[i]))
			return true;
	return false;
}

static void mark(uint8_t *row, int units, double from, double to)
{
	int x0 = (int)fmax(floor(from), 0), x1 = (int)fmin(ceil(to), units);

	if (x0 < x1)
		memset(row + x0, 1, (size_t)(x1 - x0));
}

/* The units of a row that the outline runs through. */
static void mark_outline(const struct shape *s, int y, uint8_t *row, int units)
{
	for (int i = 0, k = s->points - 1; i < s->points; k = i++) {
		double a = s->x[k], b = s->x[i], low = s->y[k], high = s->y[i];
		if (fmax(low, high) <= y || fmin(low, high) >= y + 1)
			continue;
		if (low != high) {	/* what of it lies in the row */
			double slope = (b - a) / (high - low);
			b = a + slope * (fmin(fmax(high, y), y + 1) - low);
			a += slope * (fmin(fmax(low, y), y + 1) - low);
		}
		mark(row, units, fmin(a, b), fmax(a, b));
	}
}

/* Those that lie inside, by the row's middle: the outline does not run through them. */
static void mark_inside(const struct shape *s, int y, uint8_t *row, int units)
{
	struct crossing c[PV_MAX_POINTS];
	double middle = y + 0.5;
	int n = 0, winding = 0;

	for (int i = 0, k = s->points - 1; i < s->points; k = i++) {
		if ((s->y[i] > middle) == (s->y[k] > middle))
			continue;
		double x = s->x[k] + (s->x[i] - s->x[k]) * (middle - s->y[k]) / (s->y[i] - s->y[k]);
		int at = n++;
		for (; at && c[at - 1].x > x; at--)
			c[at] = c[at - 1];
		c[at] = (struct crossing){ x, s->y[i] > s->y[k] ? 1 : -1 };
	}
	for (int i = 0; i + 1 < n; i++) {
		winding += c[i].way;
		if (winding)
			mark(row, units, c[i].x, c[i + 1].x);
	}
}

static void grow(struct pv_box *b, int x0, int y0, int x1, int y1)
{
	b->x0 = x0 < b->x0 ? x0 : b->x0;
	b->y0 = y0 < b->y0 ? y0 : b->y0;
	b->x1 = x1 > b->x1 ? x1 : b->x1;
	b->y1 = y1 > b->y1 ? y1 : b->y1;
}

static bool begin(struct pv_mask *m, const struct pv_grid *g)
{
	size_t n = (size_t)g->columns * (size_t)g->rows;

	if (n > m->room) {
		uint8_t *of = realloc(m->of, n);
		if (!of)
			return false;
		m->of = of;
		m->room = n;
	}
	memset(m->of, 0, n);
	m->columns = g->columns;
	m->rows = g->rows;
	m->bounds = (struct pv_box){ g->columns, g->rows, 0, 0 };
	return true;
}

/* Samples of a row of units: the first one's are made, the others of its units are copies. */
static void spread(struct pv_mask *m, const struct pv_grid *g, int row, const uint8_t *units)
{
	int y0 = row * g->down, y1 = y0 + g->down < m->rows ? y0 + g->down : m->rows;
	uint8_t *first = m->of + (size_t)y0 * (size_t)m->columns;

	for (int x = 0; x < m->columns; x++) {
		first[x] |= units[x / g->across];
		if (first[x])
			grow(&m->bounds, x, y0, x + 1, y1);
	}
	for (int y = y0 + 1; y < y1; y++)
		memcpy(m->of + (size_t)y * (size_t)m->columns, first, (size_t)m->columns);
}

/* In a plane of so many units. */
static struct shape shape_of(const struct pv_zone *z, double across, double down)
{
	struct shape s = { .points = z->points, .top = down, .bottom = 0 };

	for (int i = 0; i < z->points; i++) {
		s.x[i] = (double)z->x[i] / 100 * across;
		s.y[i] = (double)z->y[i] / 100 * down;
		/* Over fmin() and fmax() Debian 12's compiler for arm64 breaks down here. */
		s.top = s.y[i] < s.top ? s.y[i] : s.top;
		s.bottom = s.y[i] > s.bottom ? s.y[i] : s.bottom;
	}
	return s;
}

static bool is_made(const struct pv_mask *m, const struct pv_rules *rules, int width, int height,
		    const struct pv_grid *g)
{
	const struct pv_grid *was = &m->grid;

	return m->width == width && m->height == height && m->zone_count == rules->zone_count &&
	       was->columns == g->columns && was->rows == g->rows && was->across == g->across &&
	       was->down == g->down && was->unit_x == g->unit_x && was->unit_y == g->unit_y &&
	       !memcmp(m->zones, rules->zones, (size_t)rules->zone_count * sizeof(*m->zones));
}

bool pv_mask_make(struct pv_mask *m, const struct pv_rules *rules, int width, int height,
		  const struct pv_grid *g)
{
	uint8_t row[PV_MAX_SIDE];
	int units = (g->columns + g->across - 1) / g->across, rows = (g->rows + g->down - 1) / g->down;

	if (is_made(m, rules, width, height, g))
		return true;
	m->width = 0;		/* it is of nothing until it is made */
	if (!begin(m, g))
		return false;
	for (int i = 0; i < rules->zone_count; i++) {
		const struct pv_zone *z = &rules->zones[i];
		if (!masks(z))
			continue;
		struct shape s = shape_of(z, width / (double)g->unit_x, height / (double)g->unit_y);
		for (int y = (int)s.top; y < rows && y < s.bottom; y++) {
			memset(row, 0, (size_t)units);
			mark_outline(&s, y, row, units);
			mark_inside(&s, y, row, units);
			spread(m, g, y, row);
		}
	}
	m->grid = *g;
	m->width = width;
	m->height = height;
	m->zone_count = rules->zone_count;
	memcpy(m->zones, rules->zones, (size_t)rules->zone_count * sizeof(*m->zones));
	return true;
}

bool pv_mask_touches(const struct pv_mask *m, const struct pv_box *b)
{
	int x0 = b->x0 > 0 ? b->x0 : 0, y0 = b->y0 > 0 ? b->y0 : 0;

	if (!m || x0 >= m->bounds.x1 || b->x1 <= m->bounds.x0)
		return false;
	for (int y = y0; y < b->y1 && y < m->rows; y++)
		for (int x = x0; x < b->x1 && x < m->columns; x++)
			if (pv_mask_has(m, x, y))
				return true;
	return false;
}
