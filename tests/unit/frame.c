// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame/frame.h"

#include <linux/videodev2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "veild/upright.h"

static const uint32_t formats[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420 };
#define FORMATS 3

static uint8_t *random_bytes(size_t n)
{
	uint8_t *p = malloc(n);
	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)unit_random();
	return p;
}

START_TEST(roundtrip)
{
	static const int sizes[][2] = { { 2, 2 }, { 64, 48 }, { 34, 30 }, { 2, 100 }, { 126, 2 } };
	uint32_t format = formats[_i];
	struct pv_frame f = { .width = 0 };

	for (int k = 0; k < 5; k++) {
		int w = sizes[k][0], h = sizes[k][1];
		size_t n = pv_frame_packed_size(format, w, h);
		uint8_t *in = random_bytes(n), *out = random_bytes(n);
		int stride = format == V4L2_PIX_FMT_YUYV ? 2 * w : w;
		ck_assert_int_eq(pv_frame_unpack(&f, format, w, h, stride, in, n), 0);
		ck_assert(f.width == w && f.height == h && !f.full_range && !f.grey);
		ck_assert(f.block_x == 2 && f.block_y == (format == V4L2_PIX_FMT_YUYV ? 1 : 2));
		ck_assert(pv_frame_pack(&f, format, out));
		ck_assert_mem_eq(in, out, n);
		free(in);
		free(out);
	}
	pv_frame_free(&f);
}
END_TEST

/* The first pixels of each format, by hand: a swapped Cb and Cr would pass a round trip. */
START_TEST(order_of_bytes)
{
	static const uint8_t yuyv[] = { 1, 50, 2, 60, 3, 51, 4, 61 };
	static const uint8_t nv12[] = { 1, 2, 3, 4, 50, 60 }, yu12[] = { 1, 2, 3, 4, 50, 60 };
	struct pv_frame f = { .width = 0 };

	ck_assert_int_eq(pv_frame_unpack(&f, V4L2_PIX_FMT_YUYV, 2, 2, 4, yuyv, 8), 0);
	ck_assert(f.plane[0][0] == 1 && f.plane[0][1] == 2 && f.plane[0][f.stride[0]] == 3);
	ck_assert(f.plane[1][0] == 50 && f.plane[2][0] == 60 && f.plane[1][f.stride[1]] == 51);
	ck_assert_int_eq(pv_frame_unpack(&f, V4L2_PIX_FMT_NV12, 2, 2, 2, nv12, 6), 0);
	ck_assert(f.plane[1][0] == 50 && f.plane[2][0] == 60 && f.plane[0][f.stride[0] + 1] == 4);
	ck_assert_int_eq(pv_frame_unpack(&f, V4L2_PIX_FMT_YUV420, 2, 2, 2, yu12, 6), 0);
	ck_assert(f.plane[1][0] == 50 && f.plane[2][0] == 60);
	pv_frame_free(&f);
}
END_TEST

/* Rows with padding give the same picture as rows without. */
START_TEST(padded_rows)
{
	const int w = 22, h = 10;
	bool yuyv = formats[_i] == V4L2_PIX_FMT_YUYV;
	struct pv_frame f = { .width = 0 }, tight = { .width = 0 };
	int row = yuyv ? 2 * w : w, stride = row + 16;
	size_t lines = yuyv ? h : h * 3 / 2, n = (size_t)stride * lines;
	uint8_t *in = random_bytes(n), *packed = malloc((size_t)row * lines);

	ck_assert_ptr_nonnull(packed);
	ck_assert_int_eq(pv_frame_unpack(&f, formats[_i], w, h, stride, in, n), 0);
	if (formats[_i] == V4L2_PIX_FMT_YUV420) {	/* chroma rows are half a stride each */
		for (int y = 0; y < h; y++)
			memcpy(packed + y * w, in + y * stride, (size_t)w);
		for (int y = 0; y < h; y++)
			memcpy(packed + h * w + y * w / 2, in + h * stride + y * stride / 2,
			       (size_t)w / 2);
	} else {
		for (size_t y = 0; y < lines; y++)
			memcpy(packed + y * (size_t)row, in + y * (size_t)stride, (size_t)row);
	}
	ck_assert_int_eq(pv_frame_unpack(&tight, formats[_i], w, h, row, packed,
					 (size_t)row * lines), 0);
	ck_assert_int_eq(unit_differences(&f, &tight, NULL, 0), 0);
	free(in);
	free(packed);
	pv_frame_free(&f);
	pv_frame_free(&tight);
}
END_TEST

/* The buffer is exactly as large as is said, so that reading past it is seen. */
START_TEST(short_buffers)
{
	const int w = 20, h = 12;
	bool yuyv = formats[_i] == V4L2_PIX_FMT_YUYV;
	struct pv_frame f = { .width = 0 };

	for (int extra = 0; extra < 5; extra++) {
		int stride = (yuyv ? 2 * w : w) + extra;
		for (int n = 1; n < stride * h * 2; n++) {
			uint8_t *in = random_bytes((size_t)n);
			int err = pv_frame_unpack(&f, formats[_i], w, h, stride, in, (size_t)n);
			if (n < (int)pv_frame_packed_size(formats[_i], w, h))
				ck_assert_int_eq(err, -1);
			free(in);
		}
	}
	pv_frame_free(&f);
}
END_TEST

START_TEST(unpack_refuses)
{
	static const struct {
		uint32_t format;
		int width, height, stride;
	} bad[] = {
		{ V4L2_PIX_FMT_RGB24, 16, 16, 48 },  { 0, 16, 16, 32 },
		{ V4L2_PIX_FMT_YUYV, 16, 16, 31 },   { V4L2_PIX_FMT_NV12, 16, 16, 15 },
		{ V4L2_PIX_FMT_YUYV, 15, 16, 32 },   { V4L2_PIX_FMT_NV12, 16, 15, 16 },
		{ V4L2_PIX_FMT_YUYV, 0, 16, 32 },    { V4L2_PIX_FMT_NV12, 16, 0, 16 },
		{ V4L2_PIX_FMT_YUYV, -16, 16, 32 },  { V4L2_PIX_FMT_NV12, 16, -16, 16 },
		{ V4L2_PIX_FMT_YUYV, 16, 16, -32 },  { V4L2_PIX_FMT_YUV420, -2, -2, 16 },
		{ V4L2_PIX_FMT_NV12, 20000, 2, 20000 },
	};
	struct pv_frame f = { .width = 0 }, before = { .width = 0 };
	uint8_t *in = random_bytes(65536);

	unit_picture(&f, 16, 16, &unit_samplings[0]);
	f.block_x = 16;
	unit_copy(&before, &f);
	struct pv_frame was = f;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(pv_frame_unpack(&f, bad[i].format, bad[i].width, bad[i].height,
					      bad[i].stride, in, 65536) == -1, "case %zu", i);
		ck_assert_mem_eq(&f, &was, sizeof(f));
	}
	ck_assert_int_eq(unit_differences(&f, &before, NULL, 0), 0);
	free(in);
	pv_frame_free(&f);
	pv_frame_free(&before);
}
END_TEST

START_TEST(shape_limits)
{
	static const int bad[][2] = { { 0, 1 },		 { 1, 0 },
				      { -1, 5 },	 { 5, -1 },
				      { PV_MAX_SIDE + 1, 1 }, { 1, PV_MAX_SIDE + 1 },
				      { PV_MAX_SIDE, PV_MAX_SIDE }, { PV_MAX_SIDE, 12208 },
				      { INT32_MAX, INT32_MAX } };
	struct pv_frame f = { .width = 0 };

	ck_assert_int_eq(pv_frame_shape(&f, 9, 7, 1, 1, false), 0);
	struct pv_frame was = f;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(pv_frame_shape(&f, bad[i][0], bad[i][1], 1, 1, false), -1);
		ck_assert_mem_eq(&f, &was, sizeof(f));
	}
	ck_assert_int_eq(pv_frame_shape(&f, PV_MAX_SIDE, 1, 0, 0, true), 0);
	ck_assert_int_eq(pv_frame_shape(&f, 1, PV_MAX_SIDE, 2, 0, false), 0);
	pv_frame_free(&f);
	ck_assert(!f.memory && !f.plane[0] && !f.width);
	pv_frame_free(&f);
}
END_TEST

/* Planes are of the right size, do not overlap, and change shape within one memory. */
START_TEST(shape_planes)
{
	struct pv_frame f = { .width = 0 };

	for (int round = 0; round < 60; round++) {
		const struct unit_sampling *s = &unit_samplings[round % UNIT_SAMPLINGS];
		int w = unit_between(1, 70), h = unit_between(1, 70);
		ck_assert_int_eq(pv_frame_shape(&f, w, h, s->shift_x, s->shift_y, s->grey), 0);
		ck_assert(f.block_x == 1 && f.block_y == 1 && f.grey == s->grey);
		for (int i = 0; i < unit_planes(&f); i++) {
			ck_assert_int_ge(f.stride[i], pv_frame_plane_width(&f, i));
			ck_assert_int_ge(pv_frame_plane_width(&f, i) << (i ? s->shift_x : 0), w);
			ck_assert_int_ge(pv_frame_plane_height(&f, i) << (i ? s->shift_y : 0), h);
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				memset(f.plane[i] + y * f.stride[i], 10 + i,
				       (size_t)pv_frame_plane_width(&f, i));
		}
		for (int i = 0; i < unit_planes(&f); i++)
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				for (int x = 0; x < pv_frame_plane_width(&f, i); x++)
					ck_assert_int_eq(f.plane[i][y * f.stride[i] + x], 10 + i);
		ck_assert(!s->grey || (!f.plane[1] && !f.plane[2]));
	}
	pv_frame_free(&f);
}
END_TEST

/* Where a raw format has the sample of plane i that pixel (x, y) shares. */
static int place_of(uint32_t format, int w, int h, int i, int x, int y)
{
	int half = (w + 1) / 2, chroma = y / 2 * half + x / 2;

	if (format == V4L2_PIX_FMT_YUYV)
		return 2 * y * w + (i ? x / 2 * 4 + 2 * i - 1 : 2 * x);
	if (!i)
		return y * w + x;
	return w * h + (format == V4L2_PIX_FMT_NV12 ? 2 * chroma + i - 1 : (i - 1) * half * ((h + 1) / 2) + chroma);
}

/* Chroma is that of the pixel at the left and top of those that share it. */
static void check_packed(const struct pv_frame *f, uint32_t format, const uint8_t *to)
{
	bool yuyv = format == V4L2_PIX_FMT_YUYV;
	int w = yuyv ? f->width & ~1 : f->width;	/* pairs alone */

	for (int i = 0; i < 3; i++) {
		int shift_x = i ? f->shift_x : 0, shift_y = i ? f->shift_y : 0;
		for (int y = 0; y < f->height; y += i && !yuyv ? 2 : 1) {
			for (int x = 0; x < w; x += i ? 2 : 1)
				ck_assert_uint_eq(to[place_of(format, f->width, f->height, i, x, y)], i && f->grey ? 128 :
						  f->plane[i][(y >> shift_y) * f->stride[i] + (x >> shift_x)]);
		}
	}
}

/* Whatever a camera's JPEG was sampled as becomes any raw format, odd sizes too; what lies
 * behind the buffer stays as it is. */
START_TEST(pack_any_sampling)
{
	struct pv_frame f = { .width = 0 };

	for (int round = 0; round < 90; round++) {
		const struct unit_sampling *s = &unit_samplings[round % UNIT_SAMPLINGS];
		unit_picture(&f, unit_between(1, 40), unit_between(1, 40), s);
		f.full_range = false;
		size_t n = pv_frame_packed_size(formats[_i], f.width, f.height);
		uint8_t *to = malloc(n);
		ck_assert_ptr_nonnull(to);
		ck_assert(pv_frame_pack(&f, formats[_i], to));
		check_packed(&f, formats[_i], to);
		ck_assert(!pv_frame_pack(&f, V4L2_PIX_FMT_RGB24, to));
		free(to);
	}
	ck_assert_uint_eq(pv_frame_packed_size(V4L2_PIX_FMT_MJPEG, 16, 16), 0);
	pv_frame_free(&f);
}
END_TEST

/* A JPEG's samples, of full range, come out as what applications take raw formats for. */
START_TEST(pack_narrows)
{
	struct pv_frame f = { .width = 0 };
	uint8_t to[64];

	ck_assert_int_eq(pv_frame_shape(&f, 4, 4, 1, 1, false), 0);
	for (int v = 0; v < 256; v++) {
		f.full_range = true;
		for (int i = 0; i < 3; i++)
			memset(f.plane[i], v, (size_t)(f.stride[i] * pv_frame_plane_height(&f, i)));
		ck_assert(pv_frame_pack(&f, formats[_i], to));
		int luma = (int)(16 + v * 219 / 255.0 + 0.5), chroma = (int)(16 + v * 224 / 255.0);
		ck_assert_int_eq(to[0], luma);
		ck_assert_int_le(abs(to[formats[_i] == V4L2_PIX_FMT_YUYV ? 1 : 16] - chroma), 1);
		if (v == 128)
			ck_assert_int_eq(to[formats[_i] == V4L2_PIX_FMT_YUYV ? 1 : 16], 128);
		/* And back, to within what fewer steps can tell. */
		f.full_range = false;
		memset(f.plane[0], luma, (size_t)(f.stride[0] * pv_frame_plane_height(&f, 0)));
		memset(f.plane[1], chroma, (size_t)(f.stride[1] * pv_frame_plane_height(&f, 1)));
		pv_frame_widen(&f);
		ck_assert(f.full_range);
		ck_assert_int_le(abs(f.plane[0][0] - v), 1);
		ck_assert_int_le(abs(f.plane[1][0] - v), 2);
	}
	pv_frame_free(&f);
}
END_TEST

/* A bright box in the corner that Exif names (top and bottom, left and right of what is shown), and back. */
START_TEST(upright)
{
	static const char corner[9][3] = { "", "TL", "TR", "BR", "BL", "LT", "RT", "RB", "LB" };
	struct pv_frame f = { .width = 0 }, shown = { .width = 0 };
	struct pv_detection d;
	const char *at = corner[_i];

	/* The first letter is where the first row is shown, the second where the first column is. */
	ck_assert_int_eq(pv_frame_shape(&f, 40, 20, 0, 0, true), 0);
	for (int y = 0; y < 20; y++)
		for (int x = 0; x < 40; x++)
			f.plane[0][y * f.stride[0] + x] = y < 3 ? 100 : x < 5 ? 200 : 0;
	f.orientation = _i;
	ck_assert_int_eq(pv_upright_luma(&f, &shown), 0);
	bool side = at[0] == 'L' || at[0] == 'R';
	ck_assert(shown.width == (side ? 20 : 40) && shown.height == (side ? 40 : 20));
	for (int k = 0; k < 2; k++) {
		int x = at[k] == 'L' ? 0 : at[k] == 'R' ? shown.width - 1 : shown.width / 2;
		int y = at[k] == 'T' ? 0 : at[k] == 'B' ? shown.height - 1 : shown.height / 2;
		ck_assert_int_eq(shown.plane[0][y * shown.stride[0] + x], k ? 200 : 100);
	}
	/* The first row, as it is found, is the first row again. */
	d = (struct pv_detection){ 0, 0, (float)shown.width, (float)shown.height, 0.5f };
	*(at[0] == 'T' ? &d.y1 : at[0] == 'L' ? &d.x1 : at[0] == 'B' ? &d.y0 : &d.x0) =
		at[0] == 'T' || at[0] == 'L' ? 3 : at[0] == 'B' ? (float)shown.height - 3 : (float)shown.width - 3;
	pv_upright_back(&f, &d);
	ck_assert(d.x0 == 0 && d.y0 == 0 && d.x1 == 40 && d.y1 == 3 && d.score == 0.5f);
	pv_frame_free(&f);
	pv_frame_free(&shown);
}
END_TEST

/* A colour's sample of plane i, by the luma weights of red and blue. */
static double sample(const double rgb[3], int i, double red, double blue, bool full)
{
	double y = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2];
	double v = !i ? y : i == 1 ? (rgb[2] - y) / (2 - 2 * blue) : (rgb[0] - y) / (2 - 2 * red);

	return i ? 128 + (full ? 255 : 224) * v : full ? 255 * v : 16 + 219 * v;
}

/* Every pixel's colour stays, whatever its chroma is shared with; odd sizes, too. */
START_TEST(bt709)
{
	static const int shifts[][2] = { { 0, 0 }, { 1, 0 }, { 1, 1 } };
	struct pv_frame f = { .width = 0 };

	for (int k = 0; k < 6; k++) {
		bool full = k % 2;
		ck_assert_int_eq(pv_frame_shape(&f, 2051, 7, shifts[k / 2][0], shifts[k / 2][1], false), 0);
		f.full_range = full;
		unit_seed((unsigned)k);
		double rgb[3] = { unit_between(0, 255) / 255., unit_between(0, 255) / 255., unit_between(0, 255) / 255. };
		for (int i = 0; i < 3; i++)
			memset(f.plane[i], (int)lround(sample(rgb, i, .2126, .0722, full)),
			       (size_t)f.stride[i] * (size_t)pv_frame_plane_height(&f, i));
		pv_frame_from_bt709(&f);
		ck_assert(f.full_range == full);
		for (int i = 0; i < 3; i++)
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				for (int x = 0; x < pv_frame_plane_width(&f, i); x++)
					ck_assert(fabs(f.plane[i][y * f.stride[i] + x] -
						       sample(rgb, i, .299, .114, full)) < 1.3);
	}
	ck_assert_int_eq(pv_frame_shape(&f, 20, 10, 0, 0, true), 0);
	pv_frame_from_bt709(&f);	/* grey has no colour to be wrong */
	pv_frame_free(&f);
}
END_TEST

Suite *frame_suite(void)
{
	Suite *s = suite_create("frame");
	TCase *c = unit_case(s, "frame");

	tcase_add_loop_test(c, roundtrip, 0, FORMATS);
	tcase_add_test(c, order_of_bytes);
	tcase_add_loop_test(c, padded_rows, 0, FORMATS);
	tcase_add_loop_test(c, short_buffers, 0, FORMATS);
	tcase_add_test(c, unpack_refuses);
	tcase_add_test(c, shape_limits);
	tcase_add_test(c, shape_planes);
	tcase_add_loop_test(c, pack_any_sampling, 0, FORMATS);
	tcase_add_loop_test(c, pack_narrows, 0, FORMATS);
	tcase_add_loop_test(c, upright, 1, 9);
	tcase_add_test(c, bt709);
	return s;
}
