// SPDX-License-Identifier: GPL-2.0-or-later
#include "veild/pipeline.h"

#include <string.h>

#include "unit.h"

#define MS 1000000ull

static struct pv_pipeline p;
static struct pv_frame f, before, other;

static void setup(void)
{
	memset(&p, 0, sizeof(p));
	pv_rules_default(&p.rules);
	p.rules.deadline = 60000;	/* a busy machine is not what is tested */
	p.rules.minimum_score = 0.95;	/* nor what noise looks like to the network */
}

static void teardown(void)
{
	pv_pipeline_free(&p);
	pv_frame_free(&f);
	pv_frame_free(&before);
	pv_frame_free(&other);
}

static void flat(int width, int height, uint64_t ms)
{
	unit_flat(&f, width, height);
	f.time_ns = ms * MS;
}

static void add_zone(float left, float top, float width, float height)
{
	p.rules.zones[p.rules.zone_count++] = (struct pv_zone){ "z", left, top, width, height };
}

/* A track as if a plate had been seen there, `ago` before the frame's time. */
static void plant(uint64_t seen_ms)
{
	struct pv_detection plate = { 100, 64, 140, 80, 1 };

	p.tracker.tracks[0] = (struct pv_track){ .last = plate, .box = plate, .rest = plate,
						 .sightings = 1, .seen_ns = seen_ms * MS };
	p.tracker.count = 1;
}

static bool veiled(int x, int y)
{
	for (int i = 0; i < PV_MAX_REGIONS; i++)
		if (x >= p.regions[i].x0 && x < p.regions[i].x1 && y >= p.regions[i].y0 &&
		    y < p.regions[i].y1)
			return true;
	return false;
}

START_TEST(nothing_found)
{
	flat(320, 240, 1000);
	unit_copy(&before, &f);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	ck_assert_int_eq(unit_differences(&f, &before, NULL, 0), 0);
	ck_assert(p.stats.frames == 1 && !p.stats.whole && !p.stats.regions);
	ck_assert(p.stats.detect_ns && p.stats.slowest_ns == p.stats.detect_ns &&
		  p.stats.total_ns == p.stats.detect_ns);
}
END_TEST

/* Too late is not seen: all of it is veiled, and what comes out says nothing. */
START_TEST(too_late)
{
	for (int k = 0; k < 4; k++) {
		unit_picture(&f, 640, 480, &unit_samplings[k]);
		p.rules.deadline = k & 1;
		ck_assert_int_eq(pv_pipeline_run(&p, &f), -1);
		unit_check_grey(&f);
		ck_assert_msg(strstr(p.error, "deadline"), "%s", p.error);
		ck_assert_uint_eq(p.stats.whole, (unsigned)k + 1);
	}
	/* And the next one, in time, goes its normal way. */
	p.rules.deadline = 60000;
	flat(640, 480, 1000);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	ck_assert_uint_eq(p.stats.frames, 5);
}
END_TEST

/* A photo waits as long as it takes. */
START_TEST(photos_have_no_deadline)
{
	p.photos = true;
	p.rules.deadline = 0;
	flat(320, 240, 0);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	plant(0);		/* nor does it know of frames before */
	flat(320, 240, 0);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
}
END_TEST

/* No detector for this frame: nothing is passed. */
START_TEST(no_detector)
{
	p.rules.search = 1;
	unit_picture(&f, 64, 48, &unit_samplings[0]);
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(pv_pipeline_run(&p, &f), -1);
		unit_check_grey(&f);
		ck_assert(p.error[0]);
		unit_picture(&f, 64, 48, &unit_samplings[1]);
	}
	ck_assert_int_eq(pv_pipeline_prepare(&p, 64, 48), -1);
	p.rules.search = 640;
	ck_assert_int_ge(pv_pipeline_run(&p, &f), 0);
}
END_TEST

START_TEST(zones)
{
	add_zone(25, 25, 50, 50);
	for (p.rules.style = PV_STYLE_BLUR; p.rules.style <= PV_STYLE_FILL; p.rules.style++) {
		for (int k = 0; k < UNIT_SAMPLINGS; k++) {
			struct pv_box zone = { 48, 32, 144, 96 };
			unit_picture(&f, 192, 128, &unit_samplings[k]);
			f.block_x = f.block_y = 16;
			f.time_ns = 1000 * MS;
			unit_copy(&before, &f);
			unit_copy(&other, &f);
			unit_scramble(&other, &zone, 1);
			ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
			ck_assert_mem_eq(&p.regions[0], &zone, sizeof(zone));
			ck_assert_int_eq(unit_differences(&f, &before, &zone, 1), 0);
			ck_assert_int_gt(unit_differences(&f, &before, NULL, 0), 0);
			ck_assert_int_eq(pv_pipeline_run(&p, &other), 1);
			ck_assert_int_eq(unit_differences(&f, &other, NULL, 0), 0);
		}
	}
}
END_TEST

START_TEST(rules_change_between_frames)
{
	struct pv_box zone = { 0, 0, 160, 112 };

	flat(320, 224, 1000);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	add_zone(0, 0, 50, 50);
	p.rules.style = PV_STYLE_FILL;
	p.rules.colour = 0xffffff;
	f.full_range = true;
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
	ck_assert_mem_eq(&p.regions[0], &zone, sizeof(zone));
	ck_assert_int_eq(f.plane[0][0], 255);
	ck_assert_int_eq(f.plane[0][300], 100);
	p.rules.colour = 0;
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
	ck_assert_int_eq(f.plane[0][0], 0);
	p.rules.zone_count = 0;
	flat(640, 480, 1100);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	ck_assert_int_eq(p.search, 902);	/* once as it is, once enlarged */
	p.rules.search = 320;
	flat(640, 480, 1133);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
	ck_assert_int_eq(p.search, 320);
}
END_TEST

/* On a slow machine a small picture is first no longer enlarged; what is true of one size is not of another. */
START_TEST(slower)
{
	static const int sides[PV_PACE_STEPS] = { 902, 640, 451, 338 };

	ck_assert_int_eq(pv_pipeline_prepare(&p, 640, 480), 0);
	for (int step = 0; step < PV_PACE_STEPS; step++) {
		p.pace.step = step;
		ck_assert_int_eq(pv_pipeline_prepare(&p, 640, 480), 0);
		ck_assert_int_eq(p.search, sides[step]);
	}
	ck_assert_int_eq(pv_pipeline_prepare(&p, 480, 640), 0);
	ck_assert_int_eq(p.search, 902);
	ck_assert_int_eq(pv_pipeline_prepare(&p, 1280, 720), 0);
	ck_assert_int_eq(p.search, 1280);	/* no longer so small */
}
END_TEST

static void begin(int width, int height)
{
	ck_assert_int_eq(pv_pipeline_prepare(&p, width, height), 0);
	pv_tracker_reset(&p.tracker, width, height);
}

/* A plate that was lost stays veiled for as long as the rules say, and no longer. */
START_TEST(held)
{
	begin(320, 240);
	plant(1000);
	for (uint64_t ms = 1000; ms <= 1500; ms += 100) {
		flat(320, 240, ms);
		ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
		ck_assert(veiled(100, 64) && veiled(139, 79));
	}
	flat(320, 240, 1501);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 0);
}
END_TEST

/* Another search size is no reason to forget where plates were. */
START_TEST(held_over_a_new_search)
{
	begin(960, 720);
	plant(1000);
	p.rules.search = 640;
	flat(960, 720, 1033);
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
	ck_assert(veiled(100, 64) && veiled(139, 79) && p.search == 640);
	/* Nor is it when half of the luma is enough for it. */
	flat(960, 720, 1066);
	f.shrink = 2;
	ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
	ck_assert_int_eq(p.width, 480);
	f.shrink = 1;
}
END_TEST

/* Places in another size of picture mean nothing: tracks end, zones move along. */
START_TEST(sizes_change)
{
	static const int sizes[][2] = { { 320, 240 }, { 64, 48 }, { 17, 3 }, { 1, 1 }, { 352, 288 } };

	add_zone(50, 50, 50, 50);
	for (int k = 0; k < 10; k++) {
		int w = sizes[k % 5][0], h = sizes[k % 5][1];
		plant(1000);
		flat(w, h, 1033);
		ck_assert_int_eq(pv_pipeline_run(&p, &f), 1);
		ck_assert(p.regions[0].x1 == w && p.regions[0].y1 == h);
		ck_assert_int_eq(p.tracker.count, 0);
		ck_assert(p.width == w && p.height == h);
	}
}
END_TEST

/* As many plates as can be followed: each has its veil. */
START_TEST(full_tracker)
{
	static struct pv_detection found[PV_MAX_TRACKS], out[2 * PV_MAX_TRACKS];

	for (int i = 0; i < PV_MAX_TRACKS; i++)
		found[i] = (struct pv_detection){ (float)(i % 16 * 20), (float)(i / 16 * 20),
						  (float)(i % 16 * 20 + 4), (float)(i / 16 * 20 + 2),
						  0.99f };
	begin(320, 240);
	ck_assert_int_eq(pv_tracker_update(&p.tracker, found, PV_MAX_TRACKS, &pv_move_none,
					   1000 * MS, 0.5, 500, out), PV_MAX_TRACKS);
	/* All of them held, and room for each in what is drawn. */
	flat(320, 240, 1033);
	ck_assert_int_gt(pv_pipeline_run(&p, &f), 0);
	for (int i = 0; i < PV_MAX_TRACKS; i++)
		ck_assert(veiled(i % 16 * 20, i / 16 * 20));
}
END_TEST

/* A stream with lookahead: in order, late by so many frames, each one veiled. */
START_TEST(lookahead)
{
	add_zone(25, 25, 50, 50);
	p.rules.lookahead = 2;
	for (uint64_t i = 0; i < 6; i++) {
		flat(160, 128, 1000 + i);
		f.plane[0][0] = (uint8_t)(10 + i);
		memset(f.plane[0] + 64 * f.stride[0] + 64, (int)(200 + i), 16);
		struct pv_frame *due = pv_pipeline_push(&p, &f);
		if (i < 2) {
			ck_assert_ptr_null(due);
			continue;
		}
		ck_assert_ptr_nonnull(due);
		ck_assert_int_eq(due->plane[0][0], (int)(10 + i - 2));
		ck_assert_int_eq(due->plane[0][64 * due->stride[0] + 64], 100);
		ck_assert_uint_eq(due->time_ns, (1000 + i - 2) * MS);
	}
	pv_pipeline_flush(&p);
	flat(160, 128, 2000);
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
}
END_TEST

/* Frames that wait are dropped, never shown, when the size or the rules change. */
START_TEST(lookahead_changes)
{
	p.rules.lookahead = 3;
	for (uint64_t i = 0; i < 3; i++) {
		flat(160, 128, 1000 + i);
		ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	}
	flat(96, 64, 1003);
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	flat(96, 64, 1004);
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	p.rules.lookahead = 0;
	flat(96, 64, 1005);
	struct pv_frame *due = pv_pipeline_push(&p, &f);
	ck_assert_ptr_nonnull(due);
	ck_assert_uint_eq(due->time_ns, 1005 * MS);
	ck_assert_int_eq(p.waiting, 0);
}
END_TEST

/* A frame without a verdict is veiled whole when its turn comes, its neighbours are not. */
START_TEST(lookahead_without_verdict)
{
	p.rules.lookahead = 1;
	flat(640, 480, 1000);
	ck_assert_ptr_null(pv_pipeline_push(&p, &f));
	p.rules.deadline = 0;
	flat(640, 480, 1001);
	struct pv_frame *due = pv_pipeline_push(&p, &f);
	ck_assert_ptr_nonnull(due);
	ck_assert_int_eq(due->plane[0][0], 100);
	p.rules.deadline = 60000;
	flat(640, 480, 1002);
	due = pv_pipeline_push(&p, &f);
	ck_assert_ptr_nonnull(due);
	unit_check_grey(due);
}
END_TEST

Suite *pipeline_suite(void)
{
	Suite *s = suite_create("pipeline");
	TCase *c = unit_case(s, "pipeline");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, nothing_found);
	tcase_add_test(c, too_late);
	tcase_add_test(c, photos_have_no_deadline);
	tcase_add_test(c, no_detector);
	tcase_add_test(c, zones);
	tcase_add_test(c, rules_change_between_frames);
	tcase_add_test(c, slower);
	tcase_add_test(c, held);
	tcase_add_test(c, held_over_a_new_search);
	tcase_add_test(c, sizes_change);
	tcase_add_test(c, full_tracker);
	tcase_add_test(c, lookahead);
	tcase_add_test(c, lookahead_changes);
	tcase_add_test(c, lookahead_without_verdict);
	return s;
}
