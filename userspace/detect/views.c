// SPDX-License-Identifier: GPL-2.0-or-later
#include "views.h"

#include <math.h>
#include <stdlib.h>

#include "frame/vectors.h"
#include "scale.h"

#define PIXELS (PV_VIEW_WIDTH * PV_VIEW_HEIGHT)
#define CONTRAST 45
#define LEAST_GAIN 128		/* in 256ths */
#define MOST_GAIN 3072

/* Places along a side that are sampled, in 65536ths of a pixel: the middle of the first, and the
 * way to the next. Those from..to are in the picture. */
struct samples {
	int64_t first;
	int64_t step;
	int from, to;
};

float pv_view_step(const struct pv_detection *box)
{
	return fmaxf((box->x1 - box->x0) / PV_VIEW_FILL_WIDTH, (box->y1 - box->y0) / PV_VIEW_FILL_HEIGHT);
}

static struct samples plan(float middle, float step, int count, int side)
{
	struct samples s = { .step = llroundf(step * 65536), .from = count, .to = 0 };

	s.step = s.step > 0 ? s.step : 1;
	s.first = llroundf(middle * 65536) - s.step * count / 2 + s.step / 2;
	for (int i = 0; i < count; i++) {
		int64_t at = s.first + i * s.step;
		if (at >= 0 && at < (int64_t)side << 16) {
			s.from = i < s.from ? i : s.from;
			s.to = i + 1;
		}
	}
	return s;
}

static int within(int64_t v, int side)
{
	return v < 0 ? 0 : v >= side ? side - 1 : (int)v;
}

/* A sample lies between two pixels' middles: the first, and how far, in 256ths, towards the second. */
static int between(const struct samples *s, int i, int side, int *part)
{
	int64_t at = s->first + i * s->step - 32768;

	*part = at < 0 ? 0 : (int)(at >> 8 & 255);
	return within(at >> 16, side);
}

/* Rows and columns of a view that are in the picture, one after another; returns how many pixels. */
static int sample(const struct pv_plane *p, const struct samples *across, const struct samples *down,
		  uint8_t *to)
{
	int left[PV_VIEW_WIDTH], part[PV_VIEW_WIDTH], wide = across->to - across->from, n = 0;

	for (int i = 0; i < wide; i++)
		left[i] = between(across, across->from + i, p->width, &part[i]);
	for (int y = down->from; y < down->to; y++, n += wide) {
		int low, top = between(down, y, p->height, &low);
		const uint8_t *a = p->luma + (size_t)top * p->stride;
		pv_scale_between(a, top + 1 < p->height ? a + p->stride : a, p->width, low, left, part, wide, to + n);
	}
	return n;
}

/* The mean, in 256ths, of n values, and the gain that brings their contrast to CONTRAST. */
static void measure(const uint8_t *v, int n, int *mean, int *gain)
{
	int64_t sum = 0, away = 0;

	for (int i = 0; i < n; i++)
		sum += v[i];
	*mean = (int)((sum * 256 + n / 2) / n);
	for (int i = 0; i < n; i++)
		away += abs(v[i] * 256 - *mean);
	away = away / n > 1 ? away / n : 1;
	int64_t g = CONTRAST * 65536 / away;
	*gain = g < LEAST_GAIN ? LEAST_GAIN : g > MOST_GAIN ? MOST_GAIN : (int)g;
}

PV_VECTORS static void view(const struct pv_plane *p, float x, float y, float step, int8_t *to)
{
	struct samples across = plan(x, step, PV_VIEW_WIDTH, p->width);
	struct samples down = plan(y, step, PV_VIEW_HEIGHT, p->height);
	uint8_t values[PIXELS];
	int mean, gain, n = sample(p, &across, &down, values);

	for (int i = 0; i < PIXELS; i++)
		to[i] = 0;
	if (!n)
		return;
	measure(values, n, &mean, &gain);
	const uint8_t *v = values;
	for (int r = down.from; r < down.to; r++) {
		int8_t *row = to + r / 2 * 2 * PV_VIEW_WIDTH + r % 2 * 2;
		for (int c = across.from; c < across.to; c++, v++) {
			int out = ((*v * 256 - mean) * gain + 32768) >> 16;
			row[c / 2 * 4 + c % 2] = (int8_t)(out < -128 ? -128 : out > 127 ? 127 : out);
		}
	}
}

void pv_view_cut(const struct pv_plane *halves, int count, const struct pv_detection *box, int8_t *to)
{
	float x = (box->x0 + box->x1) / 2, y = (box->y0 + box->y1) / 2, step = pv_view_step(box);

	for (int i = 0; i < 2; i++, step *= PV_VIEW_WIDE, to += PIXELS) {
		int half = (int)floorf(log2f(fmaxf(step, 1)) + 0.5f);
		half = half < count ? half : count - 1;
		float k = 1 / (float)(1 << half);
		view(&halves[half], x * k, y * k, step * k, to);
	}
}
