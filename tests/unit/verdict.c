// SPDX-License-Identifier: GPL-2.0-or-later
/* From the detector's word to the veil: what it finds is veiled, and without its word nothing is shown. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "veild/pipeline.h"

#define MS 1000000ull
#define W 640
#define H 384

static struct pv_pipeline p;
static struct pv_frame f;

/* Stands before the detector of videos: what it is to say, if that is not its own. */
static bool scripted;
static struct pv_detection finds[PV_MAX_DETECTIONS];
static int found;
static float least;	/* the score that was asked for */
static bool no_memory;

int __real_pv_detector_follow(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
			      struct pv_detection *out, int max);
int __wrap_pv_detector_follow(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
			      struct pv_detection *out, int max);
int __wrap_pv_detector_follow(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
			      struct pv_detection *out, int max)
{
	least = min_score;
	if (!scripted)
		return __real_pv_detector_follow(d, luma, stride, min_score, out, max);
	if (found > 0)
		memcpy(out, finds, sizeof(*out) * (size_t)found);
	return found;
}

/* And before what the tracker knows of frames that wait. */
static bool full;
int __real_pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection *boxes, int count);
int __wrap_pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection *boxes, int count);
int __wrap_pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection *boxes, int count)
{
	return full ? -1 : __real_pv_tracker_before(t, ago, boxes, count);
}

void *__real_realloc(void *was, size_t size);
void *__wrap_realloc(void *was, size_t size);
void *__wrap_realloc(void *was, size_t size)
{
	return no_memory ? NULL : __real_realloc(was, size);
}

static void setup(void)
{
	memset(&p, 0, sizeof(p));
	pv_rules_default(&p.rules);
	p.rules.deadline = 60000;
	p.rules.minimum_score = 0.3;
	p.rules.style = PV_STYLE_FILL;
	scripted = full = no_memory = false;
}

static void teardown(void)
{
	pv_pipeline_free(&p);
	pv_frame_free(&f);
}

static void flat(int width, int height, uint64_t ms)
{
	unit_flat(&f, width, height);
	f.time_ns = ms * MS;
}

/* Where the plates of scene() are. */
static const struct pv_box plates[] = { { 60, 100, 60 + UNIT_PLATE_W, 100 + UNIT_PLATE_H },
					{ 190, 170, 190 + UNIT_PLATE_W, 170 + UNIT_PLATE_H },
					{ 320, 240, 320 + UNIT_PLATE_W, 240 + UNIT_PLATE_H } };

/* Three plates, or none, on rough ground, W x H. Drawn as they are, not all are believed. */
static void scene(bool with, uint64_t ms)
{
	static uint8_t luma[W * H];

	flat(W, H, ms);
	unit_ground(luma, W * H);
	for (int i = 0; i < 3 && with; i++)
		unit_plate(luma, W, plates[i].x0, plates[i].y0);
	for (int y = 0; y < H; y++)
		memcpy(f.plane[0] + y * f.stride[0], luma + y * W, W);
}

/* The scene's luma. */
static const uint8_t *taken(void)
{
	static uint8_t luma[W * H];

	for (int y = 0; y < H; y++)
		memcpy(luma + y * W, f.plane[0] + y * f.stride[0], W);
	return luma;
}

/* That luma stored on its side, to be shown upright. */
static void lay_on_side(const uint8_t *luma, uint64_t ms)
{
	flat(H, W, ms);
	for (int y = 0; y < W; y++)
		for (int x = 0; x < H; x++)
			f.plane[0][y * f.stride[0] + x] = luma[(H - 1 - x) * W + y];
	f.orientation = 8;
}

/* Does one of the first n regions hold the place, and not at its edge? */
static bool is_region(int x, int y, int n)
{
	for (int i = 0; i < n; i++)
		if (x > p.regions[i].x0 && x < p.regions[i].x1 && y > p.regions[i].y0 && y < p.regions[i].y1)
			return true;
	return false;
}

/* How many plates a region has the middle of; they lie in a picture of `scale` times the size, if turned by half. */
static int veiled(int scale, bool turned)
{
	int n = 0;

	for (int i = 0; i < 3; i++) {
		int x = (plates[i].x0 + plates[i].x1) / 2, y = (plates[i].y0 + plates[i].y1) / 2;
		x = scale * (turned ? W - x : x);
		y = scale * (turned ? H - y : y);
		n += is_region(x, y, PV_MAX_REGIONS);
	}
	return n;
}

START_TEST(of_a_video)
{
	scene(true, 1000);
	ck_assert_int_ge(pv_pipeline_run(&p, &f), 1);
	ck_assert_int_ge(veiled(1, false), 1);
	ck_assert_uint_ge(p.stats.regions, 1);
	ck_assert_msg(least < 0.3f, "what extends a track is asked for, too: %g", (double)least);
}
END_TEST

/* After a pause nobody knows how long it was. */
START_TEST(after_a_pause)
{
	scene(true, 1000);
	pv_pipeline_run(&p, &f);
	scene(true, 1033);
	pv_pipeline_run(&p, &f);
	ck_assert(pv_detector_effort(p.detector) < 0.9f);
	pv_pipeline_flush(&p);
	scene(true, 1066);
	pv_pipeline_run(&p, &f);
	ck_assert(pv_detector_effort(p.detector) > 0.999f);
}
END_TEST

START_TEST(of_a_photo)
{
	p.photos = true;
	scene(true, 1000);
	ck_assert_int_ge(pv_pipeline_run(&p, &f), 2);
	ck_assert_int_ge(veiled(1, false), 2);
}
END_TEST

static void turn_by_half(void)
{
	const uint8_t *luma = taken();

	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			f.plane[0][y * f.stride[0] + x] = luma[(H - 1 - y) * W + W - 1 - x];
	f.orientation = 3;
}

START_TEST(of_a_turned_photo)
{
	p.photos = true;
	scene(true, 1000);
	turn_by_half();
	ck_assert_int_ge(pv_pipeline_run(&p, &f), 2);
	ck_assert_int_ge(veiled(1, true), 2);
}
END_TEST

/* On its side a plate is higher than it is wide, and no higher than it is shown. */
START_TEST(of_a_photo_on_its_side)
{
	p.photos = true;
	p.rules.maximum_height = 60;
	scene(true, 1000);
	const uint8_t *upright = taken();
	int n = pv_pipeline_run(&p, &f);
	lay_on_side(upright, 1000);
	ck_assert_int_ge(n, 2);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), n);
}
END_TEST

/* A stream of pictures that are stored in all ways: what is followed is what is shown. */
START_TEST(of_a_turned_video)
{
	scene(true, 1000);
	const uint8_t *upright = taken();
	int n = pv_pipeline_run(&p, &f);
	ck_assert_int_ge(n, 1);
	for (uint64_t i = 1; i < 9; i++) {
		bool stored = i % 4 < 2;
		scene(false, 1000 + 33 * i);
		f.orientation = 6;	/* landscape, and shown as portrait */
		if (stored)
			lay_on_side(upright, 1000 + 33 * i);
		int got = pv_pipeline_run(&p, &f);
		/* Veils get smaller, so what was one region at first may be two. */
		ck_assert(stored ? got >= n : !got);
	}
}
END_TEST

/* Luma of half the size: what is found there lies elsewhere in the frame. */
START_TEST(of_shrunk_luma)
{
	scene(true, 1000);
	const uint8_t *half = taken();
	flat(2 * W, 2 * H, 1000);
	for (int y = 0; y < H; y++)
		memcpy(f.plane[0] + y * f.stride[0], half + y * W, W);
	f.shrink = 2;
	ck_assert_int_ge(pv_pipeline_run(&p, &f), 1);
	ck_assert_int_ge(veiled(2, false), 1);
	f.shrink = 1;
}
END_TEST

START_TEST(by_lookahead)
{
	p.rules.lookahead = 1;
	scene(false, 1000);
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	scene(true, 1033);
	ck_assert_ptr_nonnull(pv_pipeline_push(&p, &f));
	ck_assert_int_ge(veiled(1, false), 1);
}
END_TEST

#define PAN 40	/* pixels of luma a frame */

/* The nth picture of a camera that turns to the right, of luma a `shrink`th as large. */
static void turn_camera(int n, int shrink)
{
	static uint8_t pieces[64][64];

	unit_seed(3);
	for (int i = 0; i < 64 * 64; i++)
		pieces[i / 64][i % 64] = (uint8_t)unit_between(0, 255);
	flat(shrink * W, shrink * H, (uint64_t)(1000 + 33 * n));
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			f.plane[0][y * f.stride[0] + x] =
				(uint8_t)(60 + pieces[y / 12 % 64][(x + PAN * n) / 12 % 64] % 128);
	f.shrink = shrink;
}

/* What was found once stays veiled where the camera's own move takes it. */
START_TEST(while_the_camera_turns)
{
	int shrink = _i, x = 400 * shrink, y = 190 * shrink;

	scripted = true;
	finds[0] = (struct pv_detection){ 400, 185, 436, 195, 0.9f };
	for (int i = 0; i < 6; i++) {
		turn_camera(i, shrink);
		found = i == 1;
		int n = pv_pipeline_run(&p, &f);
		int moved = shrink * PAN * (i - 1);
		if (i)
			ck_assert(is_region(x - moved + 2, y, n) && is_region(x - moved + 34 * shrink, y, n));
	}
	f.shrink = 1;
}
END_TEST

/* And where it has taken it before. */
START_TEST(before_the_camera_turned)
{
	p.rules.lookahead = 2;
	scripted = true;
	finds[0] = (struct pv_detection){ 300, 185, 336, 195, 0.9f };
	for (int i = 0; i < 3; i++) {
		turn_camera(i, 1);
		found = i == 2;
		ck_assert(!pv_pipeline_push(&p, &f) == (i < 2));
	}
	ck_assert(is_region(300 + 2 * PAN + 2, 190, 1) && is_region(300 + 2 * PAN + 34, 190, 1));
	ck_assert_msg(!is_region(300 + PAN, 190, 1), "nor a frame later");
}
END_TEST

START_TEST(what_waited)
{
	struct pv_frame *due;
	int n = 0;

	scripted = true;
	found = 1;
	finds[0] = (struct pv_detection){ 40, 40, 80, 60, 0.9f };
	p.rules.colour = 0;
	p.rules.lookahead = 2;
	for (uint64_t i = 0; i < 2; i++) {
		flat(160, 128, 1000 + 33 * i);
		ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	}
	for (; (due = pv_pipeline_drain(&p)); n++)
		ck_assert_int_lt(due->plane[0][50 * due->stride[0] + 60], 20);
	ck_assert_int_eq(n, 2);
}
END_TEST

/* More than can be followed: what waits is veiled whole, too. */
START_TEST(too_much_for_what_waits)
{
	p.rules.lookahead = 1;
	scripted = true;
	unit_picture(&f, 320, 240, &unit_samplings[0]);
	f.time_ns = 1000 * MS;
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	full = true;
	unit_picture(&f, 320, 240, &unit_samplings[0]);
	f.time_ns = 1033 * MS;
	struct pv_frame *due = pv_pipeline_push(&p, &f);
	ck_assert_ptr_nonnull(due);
	unit_check_grey(due);
	ck_assert_ptr_nonnull(strstr(p.error, "more plates"));
}
END_TEST

/* A zone that is set while a frame waits is veiled in it. */
START_TEST(by_the_rules_of_now)
{
	struct pv_rules now = p.rules;
	struct pv_held due = { .count = 0 };

	scripted = true;
	now.colour = 0;
	now.zones[now.zone_count++] = (struct pv_zone){ .name = "all", .width = 100, .height = 100 };
	flat(160, 128, 1000);
	ck_assert(pv_pipeline_search(&p, &f, &due));
	ck_assert_int_eq(pv_pipeline_veil(&p, &now, &due), 1);
	ck_assert_int_lt(due.frame.plane[0][64 * due.frame.stride[0] + 80], 20);
	pv_frame_free(&due.frame);
}
END_TEST

/* Of one size, but another way up: what was there is followed no more, and what waits is not shown. */
START_TEST(turned_upside_down)
{
	scripted = true;
	finds[0] = (struct pv_detection){ 40, 40, 80, 60, 0.9f };
	for (uint64_t i = 0; i < 3; i++) {
		flat(160, 128, 1000 + 33 * i);
		f.orientation = i < 2 ? 1 : 3;
		found = !i;
		ck_assert_int_eq(pv_pipeline_run(&p, &f), i < 2);
	}
	p.rules.lookahead = 1;
	for (uint64_t i = 3; i < 6; i++) {
		flat(160, 128, 1000 + 33 * i);
		f.orientation = i < 4 ? 3 : 1;
		ck_assert(!pv_pipeline_push(&p, &f) == (i < 5));
	}
}
END_TEST

START_TEST(but_not_where_ignored)
{
	p.rules.zones[p.rules.zone_count++] =
		(struct pv_zone){ .name = "all", .width = 100, .height = 100, .kind = PV_ZONE_IGNORE };
	scene(true, 1000);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
}
END_TEST

/* Neither a search that failed nor a list that was too short is a verdict. */
START_TEST(without_a_verdict)
{
	scripted = true;
	found = _i ? PV_MAX_DETECTIONS : -1;
	for (int i = 0; i < PV_MAX_DETECTIONS; i++)
		finds[i] = (struct pv_detection){ 10, 10, 20, 15, 0.99f };
	unit_picture(&f, 320, 240, &unit_samplings[0]);
	f.time_ns = 1000 * MS;
	ck_assert_int_eq(pv_pipeline_run(&p, &f), -1);
	unit_check_grey(&f);
	ck_assert_uint_eq(p.stats.whole, 1);
}
END_TEST

START_TEST(without_memory)
{
	scripted = true;
	found = 1;
	finds[0] = (struct pv_detection){ 40, 40, 80, 60, 0.9f };
	p.rules.style = PV_STYLE_BLUR;
	unit_picture(&f, 320, 240, &unit_samplings[0]);
	f.time_ns = 1000 * MS;
	no_memory = true;
	int got = pv_pipeline_run(&p, &f);
	no_memory = false;
	ck_assert_int_eq(got, -1);
	unit_check_grey(&f);
}
END_TEST

Suite *verdict_suite(void)
{
	Suite *s = suite_create("verdict");
	TCase *c = unit_case(s, "verdict");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, of_a_video);
	tcase_add_test(c, after_a_pause);
	tcase_add_test(c, of_a_photo);
	tcase_add_test(c, of_a_turned_photo);
	tcase_add_test(c, of_a_photo_on_its_side);
	tcase_add_test(c, of_a_turned_video);
	tcase_add_test(c, of_shrunk_luma);
	tcase_add_test(c, by_lookahead);
	tcase_add_loop_test(c, while_the_camera_turns, 1, 3);
	tcase_add_test(c, before_the_camera_turned);
	tcase_add_test(c, what_waited);
	tcase_add_test(c, too_much_for_what_waits);
	tcase_add_test(c, by_the_rules_of_now);
	tcase_add_test(c, turned_upside_down);
	tcase_add_test(c, but_not_where_ignored);
	tcase_add_loop_test(c, without_a_verdict, 0, 2);
	tcase_add_test(c, without_memory);
	return s;
}
