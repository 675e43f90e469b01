// SPDX-License-Identifier: GPL-2.0-or-later
#include "redact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_redactor_free(struct pv_redactor *r)
{
	free(r->lines);
	memset(r, 0, sizeof(*r));
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

/* The line that blur reads round a region is one chroma sample wide: at most 4 pixels. */
static bool touch(const struct pv_box *a, const struct pv_box *b)
{
	return a->x0 < b->x1 + 4 && b->x0 < a->x1 + 4 && a->y0 < b->y1 + 4 && b->y0 < a->y1 + 4;
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
		if (z->kind != PV_ZONE_MASK)
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
};

static void smooth(const uint8_t *from, int step, int n, float *to)
{
	int reach = n / 10 + 1;
	float sum = 0;
	int first = 0, last = -1;

	for (int i = 0; i < n; i++) {
		while (last < n - 1 && last < i + reach)
			sum += from[++last * step];
		while (first < i - reach)
			sum -= from[first++ * step];
		to[i] = sum / (float)(last - first + 1);
	}
}

static float mean_of(const float *v, int n)
{
	float sum = 0;
	for (int i = 0; i < n; i++)
		sum += v[i];
	return sum / (float)n;
}

static void constant(float *v, int n, float value)
{
	for (int i = 0; i < n; i++)
		v[i] = value;
}

/* The four smoothed lines round region b of a plane, standing in for missing ones. */
static void surroundings(const struct plane *p, const struct pv_box *b, float *top, float *bottom,
			 float *left, float *right)
{
	int w = b->x1 - b->x0, h = b->y1 - b->y0;
	bool has_top = b->y0 > 0, has_bottom = b->y1 < p->height;
	bool has_left = b->x0 > 0, has_right = b->x1 < p->width;
	const uint8_t *d = p->data;

	if (has_top)
		smooth(d + (b->y0 - 1) * p->stride + b->x0, 1, w, top);
	if (has_bottom)
		smooth(d + b->y1 * p->stride + b->x0, 1, w, bottom);
	if (has_left)
		smooth(d + b->y0 * p->stride + b->x0 - 1, p->stride, h, left);
	if (has_right)
		smooth(d + b->y0 * p->stride + b->x1, p->stride, h, right);
	float rows = has_top ? mean_of(top, w) : has_bottom ? mean_of(bottom, w) : 128;
	float columns = has_left ? mean_of(left, h) : has_right ? mean_of(right, h) : rows;
	if (!has_top && !has_bottom) {
		constant(top, w, columns);
		constant(bottom, w, columns);
	} else if (!has_top || !has_bottom) {
		memcpy(has_top ? bottom : top, has_top ? top : bottom, (size_t)w * sizeof(*top));
	}
	if (!has_left && !has_right) {
		constant(left, h, rows);
		constant(right, h, rows);
	} else if (!has_left || !has_right) {
		memcpy(has_left ? right : left, has_left ? left : right, (size_t)h * sizeof(*left));
	}
}

static void widen(const float *v, int n, float *low, float *high)
{
	for (int i = 0; i < n; i++) {
		*low = fminf(*low, v[i]);
		*high = fmaxf(*high, v[i]);
	}
}

static void blur_plane(const struct plane *p, const struct pv_box *b, float *lines)
{
	int w = b->x1 - b->x0, h = b->y1 - b->y0;
	float *top = lines, *bottom = top + w, *left = bottom + w, *right = left + h;

	surroundings(p, b, top, bottom, left, right);
	/* A Coons patch may leave the range of its lines; blots draw the eye. */
	float low = 255, high = 0;
	widen(lines, 2 * (w + h), &low, &high);
	float c00 = (top[0] + left[0]) / 2, c10 = (top[w - 1] + right[0]) / 2;
	float c01 = (bottom[0] + left[h - 1]) / 2, c11 = (bottom[w - 1] + right[h - 1]) / 2;
	for (int y = 0; y < h; y++) {
		float v = ((float)y + 0.5f) / (float)h;
		uint8_t *row = p->data + (b->y0 + y) * p->stride + b->x0;
		for (int x = 0; x < w; x++) {
			float u = ((float)x + 0.5f) / (float)w;
			float s = (1 - v) * top[x] + v * bottom[x] + (1 - u) * left[y] + u * right[y] -
				  (1 - v) * ((1 - u) * c00 + u * c10) - v * ((1 - u) * c01 + u * c11);
			row[x] = (uint8_t)((s < low ? low : s > high ? high : s) + 0.5f);
		}
	}
}

static void fill_plane(const struct plane *p, const struct pv_box *b, uint8_t value)
{
	for (int y = b->y0; y < b->y1; y++)
		memset(p->data + y * p->stride + b->x0, value, (size_t)(b->x1 - b->x0));
}

/* Y, Cb or Cr of a colour (ITU-R BT.601), in the frame's range. */
static uint8_t sample_of(int rgb, int i, bool full)
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

static bool make_room(struct pv_redactor *r, size_t floats)
{
	if (floats <= r->room)
		return true;
	float *lines = realloc(r->lines, floats * sizeof(float));
	if (!lines)
		return false;
	r->lines = lines;
	r->room = floats;
	return true;
}

int pv_redact(struct pv_redactor *r, struct pv_frame *f, const struct pv_rules *rules,
	      const struct pv_box *regions, int n)
{
	if (!make_room(r, 2 * (size_t)(f->width + f->height))) {
		pv_redact_whole(f);
		return -1;
	}
	for (int i = 0; i < (f->grey ? 1 : 3); i++) {
		struct plane p = { f->plane[i], f->stride[i], pv_frame_plane_width(f, i),
				   pv_frame_plane_height(f, i) };
		int sx = i ? f->shift_x : 0, sy = i ? f->shift_y : 0;
		for (int k = 0; k < n; k++) {
			/* Every sample that any pixel of the region shares. */
			struct pv_box b = { regions[k].x0 >> sx, regions[k].y0 >> sy,
					    at_most((regions[k].x1 + (1 << sx) - 1) >> sx, p.width),
					    at_most((regions[k].y1 + (1 << sy) - 1) >> sy, p.height) };
			if (rules->style == PV_STYLE_FILL)
				fill_plane(&p, &b, sample_of(rules->colour, i, f->full_range));
			else
				blur_plane(&p, &b, r->lines);
		}
	}
	return 0;
}

void pv_redact_whole(struct pv_frame *f)
{
	for (int i = 0; i < (f->grey ? 1 : 3); i++)
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			memset(f->plane[i] + (size_t)y * (size_t)f->stride[i], 128,
			       (size_t)pv_frame_plane_width(f, i));
}
