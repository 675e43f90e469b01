// SPDX-License-Identifier: GPL-2.0-only
/* Zones: what the relay blackens in every frame, whatever the helper sealed. */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "format.h"
#include "zone.h"

/* In pixels, even, so that it is the same area in every plane. */
struct rect {
	u32 left, top, right, bottom;
};

struct painting {
	const struct plateveil_mode *mode;
	const struct pv_plane *plane;
	unsigned int count;
	struct rect rect[PLATEVEIL_MAX_ZONES];	/* from left to right */
};

static int compare(const void *a, const void *b)
{
	const struct plateveil_zone *p = a, *q = b;

	return p->left < q->left ? -1 : p->left > q->left;
}

int pv_zones_set(struct pv_zones *zones, const struct plateveil_zone *from, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (from[i].left >= from[i].right || from[i].right > PLATEVEIL_ZONE_UNITS ||
		    from[i].top >= from[i].bottom || from[i].bottom > PLATEVEIL_ZONE_UNITS)
			return -EINVAL;
	}
	memcpy(zones->zone, from, count * sizeof(*from));
	zones->count = count;
	sort(zones->zone, count, sizeof(*from), compare, NULL);
	return 0;
}

/* Does each of @zones lie inside one of @now? */
bool pv_zones_keep(const struct pv_zones *zones, const struct plateveil_zone *now,
		   unsigned int count)
{
	unsigned int i, k;

	for (i = 0; i < zones->count; i++) {
		const struct plateveil_zone *z = &zones->zone[i];

		for (k = 0; k < count; k++)
			if (now[k].left <= z->left && now[k].right >= z->right &&
			    now[k].top <= z->top && now[k].bottom >= z->bottom)
				break;
		if (k == count)
			return false;
	}
	return true;
}

/* Outwards: a zone veils every pixel it touches. */
static u32 low(u32 at, u32 side)
{
	return round_down(at * side / PLATEVEIL_ZONE_UNITS, 2);
}

static u32 high(u32 at, u32 side)
{
	return round_up(DIV_ROUND_UP(at * side, PLATEVEIL_ZONE_UNITS), 2);
}

static void blacken(const struct pv_plane *plane, u8 *to, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = plane->black[i & 1];
}

/* One row; @y is that of its first pixels. */
static void copy_row(const struct painting *p, u32 y, u8 *to, const u8 *from)
{
	u32 at = 0, stride = pv_plane_stride(p->plane, p->mode);
	const struct rect *r;

	for (r = p->rect; r < p->rect + p->count; r++) {
		u32 left = r->left / 2 * p->plane->pair, right = r->right / 2 * p->plane->pair;

		if (y < r->top || y >= r->bottom || right <= at)
			continue;
		if (left > at)
			memcpy(to + at, from + at, left - at);
		else
			left = at;
		blacken(p->plane, to + left, right - left);
		at = right;
	}
	memcpy(to + at, from + at, stride - at);
}

/* How many pixels from @y down to the next row that a zone lies in; 0: one lies here. */
static u32 clear_below(const struct painting *p, u32 y)
{
	u32 next = p->mode->height;
	unsigned int i;

	for (i = 0; i < p->count; i++) {
		if (y < p->rect[i].top)
			next = min(next, p->rect[i].top);
		else if (y < p->rect[i].bottom)
			return 0;
	}
	return next - y;
}

static void copy_plane(const struct painting *p, u8 *to, const u8 *from)
{
	u32 stride = pv_plane_stride(p->plane, p->mode), shift = p->plane->rows_shift;
	u32 row = 0, rows = pv_plane_rows(p->plane, p->mode), clear;

	while (row < rows) {
		clear = clear_below(p, row << shift) >> shift;
		if (clear) {
			memcpy(to + row * stride, from + row * stride, clear * stride);
			row += clear;
		} else {
			copy_row(p, row << shift, to + row * stride, from + row * stride);
			row++;
		}
	}
}

void pv_zones_copy(const struct pv_zones *zones, const struct plateveil_mode *mode,
		   u8 *to, const u8 *from)
{
	const struct pv_format *format = pv_format_find(mode->pixelformat);
	struct painting p = { .mode = mode, .count = zones->count };
	unsigned int i;

	for (i = 0; i < zones->count; i++) {
		p.rect[i].left = low(zones->zone[i].left, mode->width);
		p.rect[i].top = low(zones->zone[i].top, mode->height);
		p.rect[i].right = high(zones->zone[i].right, mode->width);
		p.rect[i].bottom = high(zones->zone[i].bottom, mode->height);
	}
	for (i = 0; i < format->planes; i++) {
		u32 size;

		p.plane = &format->plane[i];
		size = pv_plane_stride(p.plane, mode) * pv_plane_rows(p.plane, mode);
		copy_plane(&p, to, from);
		to += size;
		from += size;
	}
}
