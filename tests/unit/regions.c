// SPDX-License-Identifier: GPL-2.0-or-later
/* From boxes and zones to regions. */
#include <math.h>
#include <string.h>

#include "redact/redact.h"
#include "unit.h"

static struct pv_frame f;
static struct pv_rules rules;
static struct pv_box out[PV_MAX_REGIONS];

static void setup(void)
{
	memset(&f, 0, sizeof(f));
	ck_assert_int_eq(pv_frame_shape(&f, 320, 240, 1, 1, false), 0);
	pv_rules_default(&rules);
	rules.margin = 0;
}

static void teardown(void)
{
	pv_frame_free(&f);
}

static void add_zone(float left, float top, float width, float height)
{
	rules.zones[rules.zone_count++] = (struct pv_zone){ "z", left, top, width, height };
}

static void check_one(int x0, int y0, int x1, int y1)
{
	ck_assert_msg(out[0].x0 == x0 && out[0].y0 == y0 && out[0].x1 == x1 && out[0].y1 == y1,
		      "%d %d %d %d, not %d %d %d %d", out[0].x0, out[0].y0, out[0].x1, out[0].y1, x0,
		      y0, x1, y1);
}

static int one(float x0, float y0, float x1, float y1)
{
	struct pv_detection d = { x0, y0, x1, y1, 1 };
	return pv_regions(&f, &rules, &d, 1, out);
}

START_TEST(margin)
{
	rules.margin = 10;
	ck_assert_int_eq(one(100, 100, 200, 120), 1);
	check_one(90, 98, 210, 122);
	rules.margin = 100;
	ck_assert_int_eq(one(100, 100, 200, 120), 1);
	check_one(0, 80, 300, 140);
}
END_TEST

/* A region holds every pixel that the box touches at all, in whole blocks. */
START_TEST(alignment)
{
	ck_assert_int_eq(one(100.9f, 50.1f, 101.1f, 50.2f), 1);
	check_one(100, 50, 102, 52);
	f.block_x = 16;
	f.block_y = 8;
	ck_assert_int_eq(one(17, 7.5f, 33, 9), 1);
	check_one(16, 0, 48, 16);
	ck_assert_int_eq(one(16, 8, 32, 16), 1);
	check_one(16, 8, 32, 16);
	ck_assert_int_eq(one(319.5f, 239.5f, 320, 240), 1);
	check_one(304, 232, 320, 240);
}
END_TEST

START_TEST(odd_edges)
{
	ck_assert_int_eq(pv_frame_shape(&f, 101, 57, 1, 1, false), 0);
	f.block_x = f.block_y = 16;
	ck_assert_int_eq(one(90, 50, 500, 500), 1);
	check_one(80, 48, 101, 57);
}
END_TEST

START_TEST(zones_in_percent)
{
	add_zone(25, 50, 50, 25);
	ck_assert_int_eq(pv_regions(&f, &rules, NULL, 0, out), 1);
	check_one(80, 120, 240, 180);
	rules.margin = 50;	/* a margin is a plate's, not a zone's */
	ck_assert_int_eq(pv_regions(&f, &rules, NULL, 0, out), 1);
	check_one(80, 120, 240, 180);
	rules.zones[0] = (struct pv_zone){ "all", 0, 0, 100, 100 };
	ck_assert_int_eq(pv_regions(&f, &rules, NULL, 0, out), 1);
	check_one(0, 0, 320, 240);
	rules.zones[0] = (struct pv_zone){ "dot", 99.99f, 99.99f, 0.01f, 0.01f };
	ck_assert_int_eq(pv_regions(&f, &rules, NULL, 0, out), 1);
	check_one(318, 238, 320, 240);
}
END_TEST

START_TEST(joining)
{
	struct pv_detection d[3] = { { 10, 10, 50, 30, 1 }, { 52, 10, 90, 30, 1 },
				     { 200, 100, 240, 120, 1 } };
	ck_assert_int_eq(pv_regions(&f, &rules, d, 3, out), 2);
	check_one(10, 10, 90, 30);
	d[1].x0 = 54;		/* far enough that neither's surroundings are the other */
	ck_assert_int_eq(pv_regions(&f, &rules, d, 3, out), 3);
	d[2] = (struct pv_detection){ 40, 20, 60, 100, 1 };	/* a bridge between the two */
	ck_assert_int_eq(pv_regions(&f, &rules, d, 3, out), 1);
	check_one(10, 10, 90, 100);
	add_zone(0, 0, 100, 5);
	ck_assert_int_eq(pv_regions(&f, &rules, d, 3, out), 1);
	check_one(0, 0, 320, 100);
}
END_TEST

/* Boxes that make no sense do no harm, and the sensible ones beside them still count. */
START_TEST(nonsense)
{
	const float v[] = { NAN, INFINITY, -INFINITY, -1e30f, 1e30f, -5, 0, 7, 319, 320, 321, 1e9f };
	const int n = sizeof(v) / sizeof(*v);
	struct pv_detection d[2] = { { 0, 0, 0, 0, 1 }, { 100, 100, 140, 110, 1 } };

	for (int i = 0; i < n * n * n * n; i++) {
		d[0] = (struct pv_detection){ v[i % n], v[i / n % n], v[i / n / n % n],
					      v[i / n / n / n], NAN };
		rules.margin = i % 3 * 10;
		int count = pv_regions(&f, &rules, d, 2, out);
		bool covered = false;
		ck_assert(count == 1 || count == 2);
		for (int k = 0; k < count; k++) {
			ck_assert(out[k].x0 >= 0 && out[k].y0 >= 0 && out[k].x1 <= 320 &&
				  out[k].y1 <= 240);
			ck_assert(out[k].x0 < out[k].x1 && out[k].y0 < out[k].y1);
			covered = covered || (out[k].x0 <= 100 && out[k].y0 <= 100 &&
					      out[k].x1 >= 140 && out[k].y1 >= 110);
		}
		ck_assert(covered);
	}
}
END_TEST

/* A box without an end is veiled as far as the frame goes, whatever the margin. */
START_TEST(endless)
{
	for (rules.margin = 0; rules.margin <= 100; rules.margin += 50) {
		ck_assert_int_eq(one(-INFINITY, -INFINITY, INFINITY, INFINITY), 1);
		check_one(0, 0, 320, 240);
		ck_assert_int_eq(one(100, 100, INFINITY, 110), 1);
		ck_assert(out[0].x0 <= 100 && out[0].x1 == 320);
		ck_assert_int_eq(one(-1e30f, 100, 1e30f, 110), 1);
		ck_assert(out[0].x0 == 0 && out[0].x1 == 320);
	}
	rules.margin = 0;
	ck_assert_int_eq(one(50, 50, 40, 60), 0);
	ck_assert_int_eq(one(-20, 10, -1, 20), 0);
	ck_assert_int_eq(one(320, 10, 330, 20), 0);
}
END_TEST

/* As many as there can be: all are kept within bounds and each is covered. */
START_TEST(most)
{
	struct pv_detection d[2 * PV_MAX_DETECTIONS];
	const int n = 2 * PV_MAX_DETECTIONS;

	for (int round = 0; round < 20; round++) {
		pv_rules_default(&rules);
		rules.margin = 0;
		unit_seed((uint32_t)round);
		f.block_x = f.block_y = round % 2 ? 8 : 1;
		for (int i = 0; i < n; i++) {
			float x = (float)unit_between(-10, 330), y = (float)unit_between(-10, 250);
			float w = (float)unit_between(1, 1 + round), h = (float)unit_between(1, 9);
			/* The first round: a grid of boxes that never meet. */
			if (!round)
				x = (float)(i % 32 * 10), y = (float)(i / 32 * 10), w = h = 2;
			d[i] = (struct pv_detection){ x, y, x + w, y + h, 1 };
		}
		for (int i = 0; i < PV_MAX_ZONES; i++)
			add_zone((float)(i * 6), 90, 1, 1);
		int count = pv_regions(&f, &rules, d, n, out);
		ck_assert_int_le(count, PV_MAX_REGIONS);
		if (!round)
			ck_assert_int_eq(count, n + PV_MAX_ZONES);
		for (int i = 0; i < n; i++) {
			bool covered = d[i].x1 <= 0 || d[i].y1 <= 0 || d[i].x0 >= 320 || d[i].y0 >= 240;
			for (int k = 0; k < count; k++)
				covered = covered ||
					  ((float)out[k].x0 <= fmaxf(d[i].x0, 0) &&
					   (float)out[k].y0 <= fmaxf(d[i].y0, 0) &&
					   (float)out[k].x1 >= fminf(d[i].x1, 320) &&
					   (float)out[k].y1 >= fminf(d[i].y1, 240));
			ck_assert_msg(covered, "round %d, box %d", round, i);
		}
	}
}
END_TEST

Suite *regions_suite(void)
{
	Suite *s = suite_create("regions");
	TCase *c = unit_case(s, "regions");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, margin);
	tcase_add_test(c, alignment);
	tcase_add_test(c, odd_edges);
	tcase_add_test(c, zones_in_percent);
	tcase_add_test(c, joining);
	tcase_add_test(c, nonsense);
	tcase_add_test(c, endless);
	tcase_add_test(c, most);
	return s;
}
