// SPDX-License-Identifier: GPL-2.0-or-later
#include "upright.h"

static bool is_on_side(const struct pv_frame *f)
{
	return f->orientation >= 5;
}

/* Does the first column, the first row, as stored lie at the other end of what is shown? */
static bool from_right(const struct pv_frame *f)
{
	return f->orientation == 2 || f->orientation == 3 || f->orientation == 7 || f->orientation == 8;
}

static bool from_below(const struct pv_frame *f)
{
	return f->orientation == 3 || f->orientation == 4 || f->orientation == 6 || f->orientation == 7;
}

int pv_upright_luma(const struct pv_frame *f, struct pv_frame *to)
{
	bool side = is_on_side(f), right = from_right(f), below = from_below(f);

	/* Of a smaller luma there is no need yet: what is turned are photos and streams, at full size. */
	if (f->shrink > 1)
		return -1;
	if (pv_frame_shape(to, side ? f->height : f->width, side ? f->width : f->height, 0, 0, true))
		return -1;
	for (int y = 0; y < to->height; y++) {
		uint8_t *out = to->plane[0] + (size_t)y * (size_t)to->stride[0];
		for (int x = 0; x < to->width; x++) {
			int u = side ? y : x, v = side ? x : y;
			u = right ? f->width - 1 - u : u;
			v = below ? f->height - 1 - v : v;
			out[x] = f->plane[0][(size_t)v * (size_t)f->stride[0] + (size_t)u];
		}
	}
	return 0;
}

void pv_upright_back(const struct pv_frame *f, struct pv_detection *d)
{
	struct pv_detection s = *d;
	float w = (float)f->width, h = (float)f->height;

	if (is_on_side(f))
		s = (struct pv_detection){ d->y0, d->x0, d->y1, d->x1, d->score };
	*d = s;
	if (from_right(f)) {
		d->x0 = w - s.x1;
		d->x1 = w - s.x0;
	}
	if (from_below(f)) {
		d->y0 = h - s.y1;
		d->y1 = h - s.y0;
	}
}
