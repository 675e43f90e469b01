// SPDX-License-Identifier: GPL-2.0-or-later
#include "track/motion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define W 640
#define H 360

static struct pv_motion *m;
static uint8_t frame[W * H];
static float bumps[40][4];	/* place, size and height of what is in the scene */

static void setup(void)
{
	unit_seed(7);
	for (int i = 0; i < 40; i++) {
		bumps[i][0] = (float)unit_between(-200, W + 200);
		bumps[i][1] = (float)unit_between(-150, H + 150);
		bumps[i][2] = (float)unit_between(8, 40);
		bumps[i][3] = (float)unit_between(-90, 90);
	}
	m = pv_motion_new(W, H);
	ck_assert_ptr_nonnull(m);
}

static void teardown(void)
{
	pv_motion_free(m);
}

/* The scene as a camera sees it that went by `move` from where it was first. */
static void draw(const struct pv_move *move, int noise)
{
	static float sum[W * H];
	float zoom = hypotf(move->a, move->b);

	memset(sum, 0, sizeof(sum));
	for (int i = 0; i < 40; i++) {
		float x = move->a * bumps[i][0] - move->b * bumps[i][1] + move->dx;
		float y = move->b * bumps[i][0] + move->a * bumps[i][1] + move->dy;
		float r = bumps[i][2] * zoom;
		for (int v = (int)fmaxf(y - 2 * r, 0); v < H && (float)v < y + 2 * r; v++)
			for (int u = (int)fmaxf(x - 2 * r, 0); u < W && (float)u < x + 2 * r; u++)
				sum[v * W + u] += bumps[i][3] * expf(-(((float)u - x) * ((float)u - x) +
					((float)v - y) * ((float)v - y)) / (r * r));
	}
	for (int i = 0; i < W * H; i++) {
		float value = 128 + sum[i] + (float)unit_between(-noise, noise);
		frame[i] = (uint8_t)fminf(fmaxf(value, 0), 255);
	}
}

/* How far the answer is from what was drawn, at worst, in pixels anywhere in the frame. */
static float error_of(const struct pv_move *got, const struct pv_move *is)
{
	float worst = 0;

	for (int i = 0; i < 4; i++) {
		float x = i & 1 ? W : 0, y = i & 2 ? H : 0;
		worst = fmaxf(worst, hypotf((got->a - is->a) * x - (got->b - is->b) * y + got->dx - is->dx,
					    (got->b - is->b) * x + (got->a - is->a) * y + got->dy - is->dy));
	}
	return worst;
}

static const struct pv_move moves[] = {
	{ 1, 0, 0, 0, 1 },	{ 1, 0, 7, -3, 1 },	{ 1, 0, -24, 0, 1 },	{ 1, 0, 40.5f, 12.25f, 1 },
	{ 1.03f, 0, -10, -5, 1 }, { 0.98f, 0, 6, 4, 1 }, { 1, 0.02f, 3, -7, 1 },
};

START_TEST(follows)
{
	draw(&pv_move_none, 3);
	struct pv_move got = pv_motion_look(m, frame, W);
	ck_assert(got.a == 1 && got.b == 0 && got.dx == 0 && got.dy == 0 && got.agree == 0);
	draw(&moves[_i], 3);
	got = pv_motion_look(m, frame, W);
	ck_assert_msg(error_of(&got, &moves[_i]) < 2, "%g %g %g %g", (double)got.a, (double)got.b,
		      (double)got.dx, (double)got.dy);
	ck_assert_msg(got.agree > 0.4f, "%g", (double)got.agree);
}
END_TEST

/* Noise alone is no motion at all: not a hundredth of a pixel. */
START_TEST(stands_still)
{
	for (int i = 0; i < 5; i++) {
		draw(&pv_move_none, 4);
		struct pv_move got = pv_motion_look(m, frame, W);
		ck_assert(got.a == 1 && got.b == 0 && got.dx == 0 && got.dy == 0);
	}
}
END_TEST

/* What moves by itself, on a quarter of the picture, does not count. */
START_TEST(one_thing_moves)
{
	struct pv_move pan = { 1, 0, 9, 2, 1 };

	for (int k = 0; k < 2; k++) {
		draw(k ? &pan : &pv_move_none, 2);
		for (int y = 100; y < 280; y++)
			for (int x = 0; x < 320; x++)
				frame[y * W + x + 100 + k * 30] =
					(uint8_t)(128 + 60 * sinf((float)x / 9) * cosf((float)y / 13));
		struct pv_move got = pv_motion_look(m, frame, W);
		if (k)
			ck_assert_msg(error_of(&got, &pan) < 2, "%g %g", (double)got.dx, (double)got.dy);
	}
}
END_TEST

static void patches(int x0, int y0, int width, int height)
{
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			frame[(y0 + y) * W + x0 + x] = (uint8_t)(40 + (x / 14 * 7919 + y / 14 * 104729) % 173);
}

/* A lorry before a street that shows little: most of what can be told goes with it, but some of it stood. A camera that
 * pans over both moves all. */
START_TEST(a_lorry)
{
	for (int pans = 0; pans < 2; pans++) {
		struct pv_move got = pv_move_none;
		for (int k = 0; k < 2; k++) {
			int step = 20 * k;
			memset(frame, 110, sizeof(frame));
			patches(100 + step, 20, 350, 240);
			patches(60 + step * pans, 300, 120, 40);	/* what is parked before it */
			got = pv_motion_look(m, frame, W);
		}
		ck_assert_msg(fabsf(got.dx - 20) < 2, "%g", (double)got.dx);
		ck_assert_int_eq(pv_move_stood(&got, 120, 320, W, H), !pans);
		ck_assert(!pv_move_stood(&got, 500, 100, W, H));
	}
}
END_TEST

/* A lit car in the dark: the camera may have moved, but little says so. */
START_TEST(dark)
{
	struct pv_move got = pv_move_none;

	for (int k = 0; k < 2; k++) {
		memset(frame, 9, sizeof(frame));
		for (int y = 150; y < 220; y++)
			for (int x = 0; x < 140; x++)
				frame[y * W + x + 200 + k * 12] =
					(uint8_t)(128 + 60 * sinf((float)x / 9) * cosf((float)y / 13));
		got = pv_motion_look(m, frame, W);
	}
	ck_assert_msg(got.agree < 0.3f, "%g", (double)got.agree);
}
END_TEST

/* A camera that opens its iris does not move. */
START_TEST(exposure)
{
	struct pv_move got = pv_move_none;

	for (int k = 0; k < 2; k++) {
		draw(&pv_move_none, 2);
		for (int i = 0; k && i < W * H; i++)
			frame[i] = (uint8_t)(frame[i] < 235 ? frame[i] + 20 : 255);
		got = pv_motion_look(m, frame, W);
	}
	ck_assert_msg(error_of(&got, &pv_move_none) < 1 && got.agree > 0.3f, "%g %g, %g agree", (double)got.dx,
		      (double)got.dy, (double)got.agree);
}
END_TEST

/* Nor does a lamp that comes into a dim picture hide that it does. */
START_TEST(a_lamp)
{
	static const struct pv_move pan = { 1, 0, 12, 0, 1 };
	struct pv_move got = pv_move_none;

	for (int k = 0; k < 2; k++) {
		draw(k ? &pan : &pv_move_none, 0);
		for (int i = 0; i < W * H; i++)
			frame[i] = (uint8_t)(20 + (frame[i] - 128) / 3);
		for (int y = 0; k && y < 140; y++)
			memset(frame + (150 + y) * W + 300, 230, 140);
		got = pv_motion_look(m, frame, W);
	}
	ck_assert_msg(error_of(&got, &pan) < 3 && got.agree > 0.2f, "%g %g, %g agree", (double)got.dx,
		      (double)got.dy, (double)got.agree);
}
END_TEST

/* Nothing to go by, and nothing to do with the frame before, is no motion. */
START_TEST(nothing_to_go_by)
{
	memset(frame, 90, sizeof(frame));
	for (int i = 0; i < 3; i++) {
		struct pv_move got = pv_motion_look(m, frame, W);
		ck_assert(got.a == 1 && got.dx == 0 && got.dy == 0 && got.agree == 0);
	}
	draw(&pv_move_none, 2);
	pv_motion_look(m, frame, W);
	pv_motion_reset(m);
	draw(&moves[2], 2);
	struct pv_move got = pv_motion_look(m, frame, W);
	ck_assert(got.a == 1 && got.dx == 0 && got.agree == 0);
}
END_TEST

/* Any size, and no byte read beyond it: the frame ends where its memory does. */
START_TEST(sizes)
{
	static const int sides[][2] = { { 1, 1 }, { 17, 3 }, { 64, 48 }, { 320, 2 }, { 333, 217 }, { 1921, 1081 } };

	for (int k = 0; k < 6; k++) {
		size_t w = (size_t)sides[k][0], h = (size_t)sides[k][1];
		struct pv_motion *other = pv_motion_new((int)w, (int)h);
		uint8_t *luma = malloc(w * h);
		ck_assert(other && luma);
		for (int i = 0; i < 3; i++) {
			for (size_t n = 0; n < w * h; n++)
				luma[n] = (uint8_t)unit_random();
			struct pv_move got = pv_motion_look(other, luma, w);
			ck_assert(isfinite(got.a) && isfinite(got.b) && isfinite(got.dx) && isfinite(got.dy));
		}
		free(luma);
		pv_motion_free(other);
	}
	pv_motion_free(NULL);
}
END_TEST

Suite *motion_suite(void)
{
	Suite *s = suite_create("motion");
	TCase *c = unit_case(s, "motion");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, follows, 0, (int)(sizeof(moves) / sizeof(*moves)));
	tcase_add_test(c, stands_still);
	tcase_add_test(c, one_thing_moves);
	tcase_add_test(c, a_lorry);
	tcase_add_test(c, dark);
	tcase_add_test(c, exposure);
	tcase_add_test(c, a_lamp);
	tcase_add_test(c, nothing_to_go_by);
	tcase_add_test(c, sizes);
	return s;
}
