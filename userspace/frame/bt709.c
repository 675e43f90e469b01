// SPDX-License-Identifier: GPL-2.0-or-later
/* Derived from the luma weights of both recommendations: 0.2126, 0.7152, 0.0722, and 0.299, 0.587, 0.114. */
#include "frame.h"

#include "vectors.h"

#define SAMPLES 1024	/* of chroma that are converted together */

/* Numbers of 65536ths: what a sample, less 128, gives. */
enum {
	LUMA_OF_CB = 6657, LUMA_OF_CR = 12850,		/* in full range; of luma in 219 steps 219/224 of it */
	CB_OF_CB = 64871, CB_OF_CR = -7252,
	CR_OF_CB = -4748, CR_OF_CR = 64448,
};

static inline uint8_t clamp(int v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static inline int rounded(int parts)
{
	return (parts + 32768) >> 16;
}

/* n samples of chroma, and what their pixels' luma gets besides. */
PV_VECTORS static void convert(uint8_t *restrict cb, uint8_t *restrict cr, int n, bool full_range,
			       int16_t *restrict more)
{
	int of_cb = full_range ? LUMA_OF_CB : LUMA_OF_CB * 219 / 224;
	int of_cr = full_range ? LUMA_OF_CR : LUMA_OF_CR * 219 / 224;

	for (int i = 0; i < n; i++) {
		int b = cb[i] - 128, r = cr[i] - 128;
		more[i] = (int16_t)rounded(of_cb * b + of_cr * r);
		cb[i] = clamp(128 + rounded(CB_OF_CB * b + CB_OF_CR * r));
		cr[i] = clamp(128 + rounded(CR_OF_CB * b + CR_OF_CR * r));
	}
}

/* To n pixels of a row, of which two share a sample, or none do. */
PV_VECTORS static void add(uint8_t *restrict luma, const int16_t *restrict more, int n, int shift)
{
	if (!shift) {
		for (int x = 0; x < n; x++)
			luma[x] = clamp(luma[x] + more[x]);
		return;
	}
	for (int i = 0; i < n / 2; i++) {
		luma[2 * i] = clamp(luma[2 * i] + more[i]);
		luma[2 * i + 1] = clamp(luma[2 * i + 1] + more[i]);
	}
	if (n & 1)
		luma[n - 1] = clamp(luma[n - 1] + more[n / 2]);
}

void pv_frame_from_bt709(struct pv_frame *f)
{
	int16_t more[SAMPLES];

	if (f->grey)
		return;
	for (int y = 0; y < pv_frame_plane_height(f, 1); y++) {
		int width = pv_frame_plane_width(f, 1), top = y << f->shift_y, bottom = (y + 1) << f->shift_y;
		bottom = bottom < f->height ? bottom : f->height;
		for (int x = 0, n; x < width; x += n) {
			int left = x << f->shift_x, pixels;
			n = width - x < SAMPLES ? width - x : SAMPLES;
			pixels = n << f->shift_x;
			pixels = pixels < f->width - left ? pixels : f->width - left;
			convert(f->plane[1] + (size_t)y * (size_t)f->stride[1] + x,
				f->plane[2] + (size_t)y * (size_t)f->stride[2] + x, n, f->full_range, more);
			for (int row = top; row < bottom; row++)
				add(f->plane[0] + (size_t)row * (size_t)f->stride[0] + left, more, pixels, f->shift_x);
		}
	}
}
