// SPDX-License-Identifier: GPL-2.0-or-later
/* Shrinking and searching. How well plates are found is `make accuracy`'s business, not ours. */
#include "detect/detect.h"
#include "detect/pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/merge.h"
#include "detect/overlap.h"
#include "detect/scale.h"
#include "unit.h"

/* --- scale ----------------------------------------------------------------- */

static const int sizes[][4] = {	/* from, to */
	{ 64, 48, 32, 24 }, { 64, 48, 63, 47 }, { 65, 49, 32, 24 }, { 100, 3, 7, 3 },
	{ 17, 200, 1, 1 },  { 1, 1, 1, 1 },	{ 640, 8, 427, 5 }, { 33, 33, 32, 1 },
	{ 2000, 2, 20, 1 },
};
#define SIZES ((int)(sizeof(sizes) / sizeof(*sizes)))

static void run_scale(const int *z, const uint8_t *from, size_t stride, uint8_t *to,
		      size_t to_stride)
{
	struct pv_scale *s = pv_scale_new(z[0], z[1], z[2], z[3]);
	ck_assert_ptr_nonnull(s);
	pv_scale_run(s, from, stride, to, to_stride);
	pv_scale_free(s);
}

START_TEST(scale_constant)
{
	const int *z = sizes[_i];
	size_t n = (size_t)(z[0] * z[1]), m = (size_t)(z[2] * z[3]);
	uint8_t *from = malloc(n), *to = malloc(m);

	ck_assert(from && to);
	for (int v = 0; v < 256; v += 51) {
		memset(from, v, n);
		run_scale(z, from, (size_t)z[0], to, (size_t)z[2]);
		for (size_t i = 0; i < m; i++)
			ck_assert_int_eq(to[i], v);
	}
	free(from);
	free(to);
}
END_TEST

/* Each target pixel against the mean of the area it stands for, calculated the long way. */
START_TEST(scale_is_the_mean)
{
	const int *z = sizes[_i];
	size_t stride = (size_t)z[0] + 5, to_stride = (size_t)z[2] + 3;
	uint8_t *from = malloc(stride * (size_t)z[1]), *to = malloc(to_stride * (size_t)z[3]);
	double kx = (double)z[0] / z[2], ky = (double)z[1] / z[3];

	ck_assert(from && to);
	for (size_t i = 0; i < stride * (size_t)z[1]; i++)
		from[i] = (uint8_t)unit_random();
	memset(to, 99, to_stride * (size_t)z[3]);
	run_scale(z, from, stride, to, to_stride);
	for (int y = 0; y < z[3]; y++) {
		for (int x = 0; x < z[2]; x++) {
			double sum = 0;
			for (int v = (int)(y * ky); v < z[1] && v < (y + 1) * ky; v++)
				for (int u = (int)(x * kx); u < z[0] && u < (x + 1) * kx; u++)
					sum += from[(size_t)v * stride + (size_t)u] *
					       (fmin(v + 1, (y + 1) * ky) - fmax(v, y * ky)) *
					       (fmin(u + 1, (x + 1) * kx) - fmax(u, x * kx));
			double off = to[(size_t)y * to_stride + (size_t)x] - sum / kx / ky;
			ck_assert_msg(fabs(off) < 4, "%d %d: off by %g", x, y, off);
		}
		for (size_t x = (size_t)z[2]; x < to_stride; x++)	/* padding is not touched */
			ck_assert_int_eq(to[(size_t)y * to_stride + x], 99);
	}
	free(from);
	free(to);
}
END_TEST

START_TEST(scale_identity)
{
	const int z[4] = { 37, 21, 37, 21 };
	uint8_t from[40 * 21], to[37 * 21];

	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)unit_random();
	run_scale(z, from, 40, to, 37);
	for (int y = 0; y < 21; y++)
		ck_assert_mem_eq(to + y * 37, from + y * 40, 37);
}
END_TEST

START_TEST(scale_refuses)
{
	static const int bad[][4] = { { 10, 10, 11, 10 }, { 10, 10, 10, 11 }, { 10, 10, 0, 5 },
				      { 10, 10, 5, 0 },	  { 0, 0, 0, 0 },     { 10, 10, -1, 5 },
				      { -5, -5, -5, -5 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_ptr_null(pv_scale_new(bad[i][0], bad[i][1], bad[i][2], bad[i][3]));
	pv_scale_free(NULL);
}
END_TEST

/* --- detector -------------------------------------------------------------- */

static struct pv_detector *detector(int width, int height, int search)
{
	char error[200] = "";
	struct pv_detector *d = pv_detector_new(width, height, search, PV_VIDEO, error, sizeof(error));
	ck_assert_msg(d != NULL, "%s", error);
	return d;
}

static void check_found(const struct pv_detection *d, int n, int width, int height, float least)
{
	for (int i = 0; i < n; i++) {
		ck_assert(d[i].x0 >= 0 && d[i].y0 >= 0 && d[i].x1 <= (float)width &&
			  d[i].y1 <= (float)height);
		ck_assert(d[i].x0 < d[i].x1 && d[i].y0 < d[i].y1);
		ck_assert(d[i].score >= least - 0.001f && d[i].score <= 1);
		ck_assert(!i || d[i].score <= d[i - 1].score);
	}
}

START_TEST(bad_sizes)
{
	static const int bad[][3] = { { 0, 10, 640 }, { 10, 0, 640 },  { -1, 10, 640 },
				      { 10, -7, 640 }, { 64, 64, 0 },  { 64, 64, -1280 },
				      { 64, 64, 63 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char error[200] = "";
		ck_assert_ptr_null(pv_detector_new(bad[i][0], bad[i][1], bad[i][2], PV_VIDEO,
						   error, sizeof(error)));
		ck_assert_msg(error[0], "no reason given");
	}
	pv_detector_free(NULL);
}
END_TEST

/* Photos are enlarged to twice their size, small videos less, and nothing beyond what is asked for. */
START_TEST(sides)
{
	static const struct {
		int width, height, most;
		enum pv_footage footage;
		int side;
	} of[] = {
		{ 640, 480, 4096, PV_PHOTOS, 1280 },   { 480, 640, 1000, PV_PHOTOS, 902 },
		{ 640, 480, 700, PV_PHOTOS, 640 },     { 640, 480, 320, PV_PHOTOS, 320 },
		{ 20, 10, 4096, PV_PHOTOS, 64 },       { 4000, 3000, 4096, PV_PHOTOS, 4000 },
		{ 640, 480, 1920, PV_VIDEO, 902 },     { 960, 540, 1920, PV_VIDEO, 960 },
		{ 1280, 720, 1920, PV_VIDEO, 1280 },   { 640, 480, 640, PV_VIDEO, 640 },
		{ 3840, 2160, 1920, PV_VIDEO, 1920 },  { 1, 1, 1920, PV_VIDEO, 64 },
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		ck_assert_int_eq(pv_detector_side(of[i].width, of[i].height, of[i].most, of[i].footage), of[i].side);
}
END_TEST

/* Grey of any brightness has no plate, at one scale and at two. */
START_TEST(blank)
{
	static const int shapes[][2] = { { 320, 240 }, { 960, 544 } };
	int w = shapes[_i][0], h = shapes[_i][1];
	struct pv_detector *d = detector(w, h, PV_SEARCH_DEFAULT);
	struct pv_detection out[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert_ptr_nonnull(luma);
	for (int v = 0; v < 256; v += 85) {
		memset(luma, v, (size_t)(w * h));
		ck_assert_int_eq(pv_detector_run(d, luma, (size_t)w, 0.35f, out, PV_MAX_DETECTIONS), 0);
	}
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* Frames smaller than anything the network knows, and long thin ones that shrink to one row. */
START_TEST(tiny)
{
	static const int shapes[][3] = { { 1, 1, 1280 }, { 17, 3, 1280 }, { 1, 300, 64 },
					 { 2000, 1, 64 }, { 33, 31, 64 } };
	int w = shapes[_i][0], h = shapes[_i][1];
	struct pv_detector *d = detector(w, h, shapes[_i][2]);
	struct pv_detection out[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert_ptr_nonnull(luma);
	for (int i = 0; i < w * h; i++)
		luma[i] = (uint8_t)unit_random();
	int n = pv_detector_run(d, luma, (size_t)w, 0.001f, out, PV_MAX_DETECTIONS);
	ck_assert_int_ge(n, 0);
	check_found(out, n, w, h, 0.001f);
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* No memory of the frame before, and none shared: the same frame gives the same answer. */
START_TEST(repeatable)
{
	const int w = 352, h = 192;
	struct pv_detector *a = detector(w, h, 640), *b = detector(w, h, 640);
	struct pv_detection first[PV_MAX_DETECTIONS], again[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h)), *other = malloc((size_t)(w * h));

	ck_assert(luma && other);
	unit_busy(luma, w, h);
	unit_busy(other, w, h);
	int n = pv_detector_run(a, luma, (size_t)w, 0.02f, first, PV_MAX_DETECTIONS);
	ck_assert_int_gt(n, 0);
	check_found(first, n, w, h, 0.02f);
	for (int k = 0; k < 3; k++) {
		ck_assert_int_ge(pv_detector_run(k == 1 ? b : a, other, (size_t)w, 0.02f, again,
						 PV_MAX_DETECTIONS), 0);
		int m = pv_detector_run(k == 1 ? b : a, luma, (size_t)w, 0.02f, again,
					PV_MAX_DETECTIONS);
		ck_assert_int_eq(m, n);
		ck_assert_mem_eq(first, again, (size_t)n * sizeof(*first));
	}
	free(luma);
	free(other);
	pv_detector_free(a);
	pv_detector_free(b);
}
END_TEST

/* Rows with padding are the same picture: what lies in the padding is not searched. */
START_TEST(padded_rows)
{
	const int w = 320, h = 160, stride = 352;
	struct pv_detector *d = detector(w, h, 640);
	struct pv_detection a[PV_MAX_DETECTIONS], b[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h)), *wide = malloc((size_t)(stride * h));

	ck_assert(luma && wide);
	unit_busy(luma, w, h);
	for (int i = 0; i < stride * h; i++)
		wide[i] = (uint8_t)unit_random();
	for (int y = 0; y < h; y++)
		memcpy(wide + y * stride, luma + y * w, (size_t)w);
	int n = pv_detector_run(d, luma, (size_t)w, 0.02f, a, PV_MAX_DETECTIONS);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(pv_detector_run(d, wide, (size_t)stride, 0.02f, b, PV_MAX_DETECTIONS), n);
	ck_assert_mem_eq(a, b, (size_t)n * sizeof(*a));
	free(luma);
	free(wide);
	pv_detector_free(d);
}
END_TEST

/* Never more than asked for, and then the best ones. */
START_TEST(at_most)
{
	const int w = 320, h = 160;
	struct pv_detector *d = detector(w, h, 640);
	struct pv_detection all[PV_MAX_DETECTIONS], few[3];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert_ptr_nonnull(luma);
	unit_busy(luma, w, h);
	/* Scores out of range are taken as the nearest that make sense. */
	int n = pv_detector_run(d, luma, (size_t)w, -5, all, PV_MAX_DETECTIONS);
	ck_assert_int_gt(n, 0);
	ck_assert_int_le(n, PV_MAX_DETECTIONS);
	int m = pv_detector_run(d, luma, (size_t)w, -5, few, 3);
	ck_assert_int_eq(m, n < 3 ? n : 3);
	ck_assert_mem_eq(all, few, (size_t)m * sizeof(*few));
	ck_assert_int_eq(pv_detector_run(d, luma, (size_t)w, -5, few, 0), 0);
	ck_assert_int_ge(pv_detector_run(d, luma, (size_t)w, 7, few, 3), 0);
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* --- one find a plate -------------------------------------------------------- */

/* What lies round a surer find is left out, unless it is nearly as sure, or holds but a part of it. */
START_TEST(inner_finds)
{
	struct pv_detection of[] = { { 100, 100, 140, 110, 0.9f }, { 80, 80, 180, 140, 0.5f } }, d[2];

	memcpy(d, of, sizeof(d));
	ck_assert_int_eq(pv_merge_inner(d, 2, d, 2), 1);
	ck_assert_mem_eq(d, of, sizeof(*d));
	d[1] = of[1];
	d[1].score = 0.8f;
	ck_assert_int_eq(pv_merge_inner(d, 2, d, 2), 2);
	d[1] = of[1];
	d[1].x0 = 125;
	ck_assert_int_eq(pv_merge_inner(d, 2, d, 2), 2);
	ck_assert_int_eq(pv_merge_inner(d, 2, d, 1), 1);
	ck_assert_int_eq(pv_merge_inner(d, 0, d, 2), 0);
}
END_TEST

/* --- half the size ----------------------------------------------------------- */

/* Of one luma it stays so, between two it is between, and the edges are as they were. */
START_TEST(enlarging)
{
	uint8_t from[2][3] = { { 10, 50, 90 }, { 10, 50, 90 } }, to[5][9];

	pv_scale_enlarge(from[0], 3, 3, 2, to[0], 9, 9, 5);
	for (int y = 0; y < 5; y++) {
		ck_assert(to[y][0] == 10 && to[y][4] == 50 && to[y][8] == 90);
		for (int x = 1; x < 9; x++)
			ck_assert(to[y][x] >= to[y][x - 1] && to[y][x] - to[y][x - 1] <= 14);
	}
	pv_scale_enlarge(from[0], 3, 1, 1, to[0], 9, 9, 5);
	for (int i = 0; i < 45; i++)
		ck_assert_int_eq(to[i / 9][i % 9], 10);
}
END_TEST

START_TEST(half_is_the_mean)
{
	static const int shapes[][2] = { { 8, 6 }, { 9, 7 }, { 1, 1 }, { 1, 9 }, { 640, 3 } };
	int w = shapes[_i][0], h = shapes[_i][1], stride = w + 3, hw = (w + 1) / 2, hh = (h + 1) / 2;
	uint8_t *from = malloc((size_t)(stride * h)), *to = malloc((size_t)(hw * hh));

	ck_assert(from && to);
	for (int i = 0; i < stride * h; i++)
		from[i] = (uint8_t)unit_random();
	pv_scale_half(from, (size_t)stride, w, h, to, (size_t)hw);
	for (int y = 0; y < hh; y++) {
		for (int x = 0; x < hw; x++) {
			int right = 2 * x + 1 < w ? 1 : 0, below = 2 * y + 1 < h ? stride : 0;
			const uint8_t *p = from + 2 * y * stride + 2 * x;
			double mean = (p[0] + p[right] + p[below] + p[right + below]) / 4.0;
			ck_assert_msg(fabs(to[y * hw + x] - mean) <= 0.5, "%d %d", x, y);
		}
	}
	free(from);
	free(to);
}
END_TEST

/* --- following --------------------------------------------------------------- */

/* A sure find of one list that the other list has nothing at. */
static int lost(const struct pv_detection *a, int n, const struct pv_detection *b, int m, float sure)
{
	for (int i = 0; i < n; i++) {
		float best = 0;
		for (int k = 0; k < m; k++)
			best = fmaxf(best, pv_overlap(&a[i], &b[k]) / pv_overlap_area(&a[i]));
		if (a[i].score >= sure && best < 0.6f)
			return 1;
	}
	return 0;
}

#define W 1200
#define H 704
#define SIX 6

/* Six plates on rough ground, of so many fifths of their size: in which of them the middle's box scores 0.5 and more
 * and covers nine tenths? */
static int found_of_six(int fifths, int search)
{
	static uint8_t luma[W * H], large[UNIT_PLATE_W * UNIT_PLATE_H];
	int w = UNIT_PLATE_W * fifths / 5, h = UNIT_PLATE_H * fifths / 5, covered = 0;
	struct pv_detection found[PV_MAX_DETECTIONS];
	struct pv_detector *d = detector(W, H, search);
	struct pv_scale *s = pv_scale_new(UNIT_PLATE_W, UNIT_PLATE_H, w, h);

	unit_ground(luma, W * H);
	unit_plate(large, UNIT_PLATE_W, 0, 0);
	for (int i = 0; i < SIX; i++)
		pv_scale_run(s, large, UNIT_PLATE_W, luma + (80 + 100 * i) * W + 90 + 170 * i, W);
	int n = pv_detector_run(d, luma, W, 0.1f, found, PV_MAX_DETECTIONS);
	for (int i = 0; i < SIX; i++) {
		float x = (float)(90 + 170 * i), y = (float)(80 + 100 * i);
		struct pv_detection plate = { x, y, x + (float)w, y + (float)h, 1 };
		bool hit = false;
		for (int k = 0; k < n; k++)
			hit |= found[k].score >= 0.5f &&
			       pv_overlap(&found[k], &plate) >= 0.9f * pv_overlap_area(&plate);
		covered += hit;
	}
	pv_scale_free(s);
	pv_detector_free(d);
	return covered;
}

/* Eight pixels high, in a picture whose finest scale is searched where coarser ones propose. */
START_TEST(small_ones)
{
	ck_assert_int_ge(found_of_six(2, 1920), 5);
}
END_TEST

/* In a picture that is shrunk to be searched they are found where they are. */
START_TEST(where_they_are)
{
	static const int searches[] = { 900, 800, 601 };

	ck_assert_int_ge(found_of_six(5, searches[_i]), 4);
}
END_TEST

/* Frame after frame with something that moves: what a whole search is sure of is never missing, and
 * less than all is searched. In staged and in plain searches, by one thread and by two. */
START_TEST(follows)
{
	static const int shapes[][2] = { { 640, 384 }, { 1200, 704 } };
	int w = shapes[_i % 2][0], h = shapes[_i % 2][1];
	struct pv_pair *pair = _i < 2 ? NULL : pv_pair_new();
	char error[200];
	struct pv_detector *whole = detector(w, h, 1920), *d = detector(w, h, 1920);
	struct pv_detection a[PV_MAX_DETECTIONS], b[PV_MAX_DETECTIONS];
	uint8_t *scene = malloc((size_t)(w * h)), *luma = malloc((size_t)(w * h));
	float effort = 0;

	ck_assert(scene && luma);
	ck_assert_int_eq(pv_detector_share(d, pair, error, sizeof(error)), 0);
	memset(scene, 70, (size_t)(w * h));
	for (int i = 0; i < 4; i++)
		unit_plate(scene, w, w - 100 - 30 * i, 20 + 90 * i);
	for (int i = 0; i < 12; i++) {
		unit_noisy(luma, scene, w * h, 2);
		unit_plate(luma, w, 20 + 17 * i, 100 + 5 * i);
		int n = pv_detector_run(whole, luma, (size_t)w, 0.1f, a, PV_MAX_DETECTIONS);
		int m = pv_detector_follow(d, luma, (size_t)w, 0.1f, b, PV_MAX_DETECTIONS);
		ck_assert_int_ge(n, 0);
		ck_assert_int_ge(m, 0);
		check_found(b, m, w, h, 0.1f);
		ck_assert_msg(!lost(a, n, b, m, 0.3f), "frame %d", i);
		effort += i ? pv_detector_effort(d) / 11 : 0;
	}
	ck_assert_msg(effort < 0.95f, "%g of the picture was searched", (double)effort);
	free(scene);
	free(luma);
	pv_detector_free(whole);
	pv_detector_free(d);
	pv_pair_free(pair);
}
END_TEST

/* A detector for photos makes its networks when they are to run, and finds the same: to the bit where all is searched
 * whole; in staged searches, whose parts are others (level.h), the same plates. By one thread and by two. */
START_TEST(photos)
{
	static const int shapes[][2] = { { 640, 384 }, { 1200, 704 } };
	int w = shapes[_i % 2][0], h = shapes[_i % 2][1];
	struct pv_pair *pair = _i < 2 ? NULL : pv_pair_new();
	char error[200];
	struct pv_detector *of[2] = { detector(w, h, w), pv_detector_new(w, h, w, PV_PHOTOS, error, sizeof(error)) };
	struct pv_detection found[2][PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert(luma && of[1]);
	memset(luma, 70, (size_t)(w * h));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pv_detector_share(of[i], pair, error, sizeof(error)), 0);
	for (int i = 0; i < 4; i++) {
		int n[2];
		unit_plate(luma, w, w - 100 - 30 * i, 20 + 90 * i);
		for (int k = 0; k < 2; k++)
			n[k] = pv_detector_run(of[k], luma, (size_t)w, 0.1f, found[k], PV_MAX_DETECTIONS);
		ck_assert_int_gt(n[0], 0);
		ck_assert(!lost(found[0], n[0], found[1], n[1], 0.3f) && !lost(found[1], n[1], found[0], n[0], 0.3f));
		if (_i % 2)
			continue;
		ck_assert_int_eq(n[0], n[1]);
		ck_assert_mem_eq(found[0], found[1], (size_t)n[0] * sizeof(**found));
	}
	free(luma);
	pv_detector_free(of[0]);
	pv_detector_free(of[1]);
	pv_pair_free(pair);
}
END_TEST

/* What a photo shows too small is found where it may be enlarged, and lies where it is. */
START_TEST(enlarged)
{
	const int w = 320, h = 192;
	char error[200];
	uint8_t *large = malloc((size_t)(4 * w * h)), *luma = malloc((size_t)(w * h));
	struct pv_detection a[PV_MAX_DETECTIONS], b[PV_MAX_DETECTIONS];
	struct pv_detector *as_it_is = pv_detector_new(w, h, w, PV_PHOTOS, error, sizeof(error));
	struct pv_detector *larger = pv_detector_new(w, h, 2 * w, PV_PHOTOS, error, sizeof(error));

	ck_assert(large && luma && as_it_is && larger);
	memset(large, 70, (size_t)(4 * w * h));
	for (int i = 0; i < 4; i++)
		unit_plate(large, 2 * w, 60 + 120 * i, 40 + 70 * i);
	pv_scale_half(large, (size_t)(2 * w), 2 * w, 2 * h, luma, (size_t)w);
	int n = pv_detector_run(as_it_is, luma, (size_t)w, 0.1f, a, PV_MAX_DETECTIONS);
	int m = pv_detector_run(larger, luma, (size_t)w, 0.1f, b, PV_MAX_DETECTIONS);
	check_found(b, m, w, h, 0.1f);
	ck_assert_msg(m >= n && m >= 3, "%d found, %d enlarged", n, m);
	for (int i = 0; i < m; i++) {
		float x = (b[i].x0 + b[i].x1) / 2, y = (b[i].y0 + b[i].y1) / 2, k = roundf((y - 20) / 35);
		ck_assert_msg(fabsf(x - (30 + 60 * k + UNIT_PLATE_W / 4.0f)) < 8, "%g %g", (double)x, (double)y);
	}
	free(large);
	free(luma);
	pv_detector_free(as_it_is);
	pv_detector_free(larger);
}
END_TEST

/* In noise a small, pale plate that stands is missed now and then: not until all of the picture was searched anew. */
START_TEST(missed_once)
{
	enum { PLATES = 12, FRAMES = 240, LONG = 12 };	/* a second look at all comes every 30 frames */
	struct pv_detector *d = detector(W, H, W);
	struct pv_detection found[PV_MAX_DETECTIONS];
	uint8_t *large = malloc(UNIT_PLATE_W * UNIT_PLATE_H), *scene = malloc(W * H), *luma = malloc(W * H);
	int gaps[PLATES] = { 0 }, lost = 0, seen = 0;

	ck_assert(large && scene && luma);
	unit_seed(77);
	unit_ground(scene, W * H);
	unit_plate(large, UNIT_PLATE_W, 0, 0);
	for (int i = 0; i < PLATES; i++) {
		int w = 27 + 4 * (i % 4), h = w * UNIT_PLATE_H / UNIT_PLATE_W, x0 = 60 + 140 * (i % 4), y0 = 60 + 110 * (i / 4);
		struct pv_scale *s = pv_scale_new(UNIT_PLATE_W, UNIT_PLATE_H, w, h);
		pv_scale_run(s, large, UNIT_PLATE_W, scene + y0 * W + x0, W);
		pv_scale_free(s);
		for (int y = y0; y < y0 + h; y++)
			for (int x = x0; x < x0 + w; x++)
				scene[y * W + x] = (uint8_t)(85 + (scene[y * W + x] - 85) * (2 + i / 4) / 8);
	}
	pv_detector_refresh(d, 4);
	for (int k = 0; k < FRAMES; k++) {
		unit_noisy(luma, scene, W * H, 6);
		int n = pv_detector_follow(d, luma, W, 0.1f, found, PV_MAX_DETECTIONS);
		for (int i = 0; i < PLATES; i++) {
			bool there = false;
			for (int j = 0; j < n; j++) {
				float x = (found[j].x0 + found[j].x1) / 2, y = (found[j].y0 + found[j].y1) / 2;
				there |= (int)x / 160 == i % 4 && (int)(y - 5) / 110 == i / 4;
			}
			seen += there;
			gaps[i] = there ? 1 : gaps[i] + !!gaps[i];
			lost += gaps[i] > LONG;
		}
	}
	/* Without being looked for again: 2102 and 472. */
	ck_assert_msg(seen > 2500 && lost < 100, "%d seen, %d lost for long", seen, lost);
	free(large);
	free(scene);
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* What was not asked for was not looked for. */
START_TEST(asked_for_more)
{
	const int w = 640, h = 384;
	struct pv_detector *d = detector(w, h, 640);
	struct pv_detection a[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert_ptr_nonnull(luma);
	unit_busy(luma, w, h);
	for (int i = 0; i < 4; i++) {
		float least = i < 2 ? 0.9f : 0.001f;
		ck_assert_int_ge(pv_detector_follow(d, luma, (size_t)w, least, a, PV_MAX_DETECTIONS), 0);
		ck_assert_int_eq(pv_detector_effort(d) > 0.999f, i % 2 == 0);
	}
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* What went is forgotten, at once; what stands still is still there, and costs little. */
START_TEST(follows_to_nothing)
{
	const int w = 640, h = 384;
	struct pv_detector *d = detector(w, h, 640);
	struct pv_detection a[PV_MAX_DETECTIONS], b[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h));

	ck_assert_ptr_nonnull(luma);
	unit_busy(luma, w, h);
	int n = pv_detector_follow(d, luma, (size_t)w, 0.05f, a, PV_MAX_DETECTIONS);
	ck_assert_int_gt(n, 0);
	ck_assert(pv_detector_effort(d) > 0.999f);
	for (int i = 0; i < 2 * PV_REFRESH; i++) {
		int m = pv_detector_follow(d, luma, (size_t)w, 0.05f, b, PV_MAX_DETECTIONS);
		ck_assert(!lost(a, n, b, m, 0.2f) && !lost(b, m, a, n, 0.2f));
		ck_assert(pv_detector_effort(d) < 0.7f);
	}
	/* All of it, if asked. */
	pv_detector_refresh(d, PV_REFRESH);
	pv_detector_follow(d, luma, (size_t)w, 0.05f, b, PV_MAX_DETECTIONS);
	ck_assert(pv_detector_effort(d) > 0.999f);
	memset(luma, 100, (size_t)(w * h));
	ck_assert_int_eq(pv_detector_follow(d, luma, (size_t)w, 0.2f, b, PV_MAX_DETECTIONS), 0);
	free(luma);
	pv_detector_free(d);
}
END_TEST

/* While nothing changes the coarsest level is searched in one frame of four; a large plate is seen in the frame in
 * which it comes, at whichever of them, and all levels are searched then. */
START_TEST(comes_while_it_rests)
{
	const int w = 720, h = 432, k = 6;
	struct pv_detector *d = detector(w, h, 640);
	struct pv_detection a[PV_MAX_DETECTIONS];
	uint8_t *luma = malloc((size_t)(w * h)), *small = malloc((size_t)(w * h / k / k));
	float least = 1, most = 0;

	ck_assert(luma && small);
	unit_ground(luma, w * h);
	for (int i = 0; i < 6 + _i; i++) {
		ck_assert_int_eq(pv_detector_follow(d, luma, (size_t)w, 0.2f, a, PV_MAX_DETECTIONS), 0);
		least = i ? fminf(least, pv_detector_effort(d)) : least;
		most = i ? fmaxf(most, pv_detector_effort(d)) : most;
	}
	ck_assert(least < most && most < 0.9f);
	unit_ground(small, w * h / k / k);
	unit_plate(small, w / k, 20, 30);
	for (int i = 0; i < w * h; i++)
		luma[i] = small[i / w / k * (w / k) + i % w / k];
	int n = pv_detector_follow(d, luma, (size_t)w, 0.2f, a, PV_MAX_DETECTIONS), wide = 0;
	ck_assert(pv_detector_effort(d) > 0.999f);
	for (int i = 0; i < n; i++)
		wide += a[i].x1 - a[i].x0 > (float)(k * UNIT_PLATE_W) * 0.8f;
	ck_assert_int_eq(wide, 1);
	free(luma);
	free(small);
	pv_detector_free(d);
}
END_TEST

Suite *detect_suite(void)
{
	Suite *s = suite_create("detect");
	TCase *c = unit_case(s, "scale");

	tcase_add_loop_test(c, scale_constant, 0, SIZES);
	tcase_add_loop_test(c, scale_is_the_mean, 0, SIZES);
	tcase_add_test(c, scale_identity);
	tcase_add_test(c, scale_refuses);
	tcase_add_test(c, enlarging);
	tcase_add_loop_test(c, half_is_the_mean, 0, 5);
	c = unit_case(s, "detector");
	tcase_add_test(c, bad_sizes);
	tcase_add_loop_test(c, blank, 0, 2);
	tcase_add_loop_test(c, tiny, 0, 5);
	tcase_add_test(c, repeatable);
	tcase_add_test(c, padded_rows);
	tcase_add_test(c, at_most);
	tcase_add_test(c, inner_finds);
	tcase_add_loop_test(c, photos, 0, 4);
	tcase_add_test(c, sides);
	tcase_add_test(c, enlarged);
	tcase_add_test(c, missed_once);
	tcase_add_loop_test(c, follows, 0, 4);
	tcase_add_test(c, small_ones);
	tcase_add_loop_test(c, where_they_are, 0, 3);
	tcase_add_test(c, asked_for_more);
	tcase_add_test(c, follows_to_nothing);
	tcase_add_loop_test(c, comes_while_it_rests, 0, 4);
	return s;
}
