// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames under way in three threads: none is sealed unveiled, none out of turn. */
#include "veild/flow.h"

#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "unitjpeg.h"

static struct pv_rules rules;
static struct pv_flow *flow;
static int seals, last_mark, slow_ms, unveiled, wholes, out_of_order;
static int fewest;		/* plates that a frame with some had covered, of all that were sealed */
static bool refuse;
static uint64_t nap_ns;		/* how long the machine has slept since the frame was taken */

#define PLATES 3
static const int plates[PLATES][2] = { { 60, 100 }, { 190, 170 }, { 320, 240 } };

/* How many have no letters any more. */
static int covered(const struct pv_frame *f)
{
	int n = 0;

	for (int i = 0; i < PLATES; i++) {
		int least = 255, most = 0;
		for (int y = plates[i][1]; y < plates[i][1] + UNIT_PLATE_H; y++) {
			for (int x = plates[i][0]; x < plates[i][0] + UNIT_PLATE_W; x++) {
				int v = f->plane[0][y * f->stride[0] + x];
				least = v < least ? v : least;
				most = v > most ? v : most;
			}
		}
		n += most - least < 60;
	}
	return n;
}

/* Each frame has its number in the corner and something to hide in its middle, under a zone. */
static int seal(void *context, struct pv_frame *f)
{
	int mark = f->plane[0][0];

	(void)context;
	usleep((useconds_t)slow_ms * 1000);
	if (refuse)
		return 0;
	seals++;
	if (f->width != 160) {
		int n = covered(f);
		fewest = n < fewest ? n : fewest;
		return 1;
	}
	unveiled += f->plane[0][64 * f->stride[0] + 80] == 250;
	if (f->plane[0][f->stride[0] + 1] == 128) {
		wholes++;
	} else {
		out_of_order += mark <= last_mark;
		last_mark = mark;
	}
	return 1;
}

static void setup(void)
{
	pv_rules_default(&rules);
	rules.minimum_score = 0.95;
	rules.deadline = 60000;
	rules.lease = 60000;
	rules.zones[0] = (struct pv_zone){ .name = "z", .left = 25, .top = 25, .width = 50, .height = 50 };
	rules.zone_count = 1;
	seals = last_mark = slow_ms = unveiled = wholes = out_of_order = 0;
	fewest = PLATES;
	refuse = false;
	nap_ns = 0;
	flow = pv_flow_new(&rules, seal, NULL);
	ck_assert_ptr_nonnull(flow);
	ck_assert_int_eq(pv_flow_prepare(flow, 160, 128, 1), 0);
}

static void teardown(void)
{
	pv_flow_free(flow);
}

/* The next frame, of one grey. */
static struct pv_frame *take(int width, int height)
{
	struct pv_frame *f = pv_flow_frame(flow);

	ck_assert_int_eq(pv_frame_shape(f, width, height, 1, 1, false), 0);
	for (int i = 0; i < 3; i++)
		memset(f->plane[i], 100, (size_t)(f->stride[i] * pv_frame_plane_height(f, i)));
	f->block_x = f->block_y = 2;
	f->time_ns = pv_now_ns();
	return f;
}

static void offer(int mark, uint64_t taken_ns)
{
	struct pv_frame *f = take(160, 128);

	f->plane[0][0] = (uint8_t)mark;
	memset(f->plane[0] + 64 * f->stride[0] + 64, 250, 32);
	pv_flow_offer(flow, taken_ns, taken_ns - (pv_boot_ns() - pv_now_ns() - nap_ns));
}

static struct pv_flow_stats stats(void)
{
	struct pv_flow_stats s;

	pv_flow_stats(flow, &s);
	return s;
}

START_TEST(all_in_order)
{
	rules.lookahead = 3 * _i;
	pv_flow_rule(flow, &rules);
	for (int i = 1; i <= 40; i++) {
		pv_flow_await(flow);
		offer(i, pv_boot_ns());
		pv_flow_drain(flow);
	}
	ck_assert_int_eq(seals, 40 - rules.lookahead);
	ck_assert(!unveiled && !out_of_order && !wholes);
	ck_assert(stats().sealed == (unsigned)seals && !stats().dropped && stats().latency_ns);
}
END_TEST

/* What is found is veiled in the frames that are sealed. */
START_TEST(found)
{
	static uint8_t luma[480 * 320];

	rules.zone_count = 0;
	rules.minimum_score = 0.3;
	rules.lookahead = 3 * _i;
	pv_flow_rule(flow, &rules);
	ck_assert_int_eq(pv_flow_prepare(flow, 480, 320, 1), 0);
	unit_ground(luma, 480 * 320);
	for (int i = 0; i < PLATES; i++)
		unit_plate(luma, 480, plates[i][0], plates[i][1]);
	for (int i = 0; i < 6; i++) {
		pv_flow_await(flow);
		struct pv_frame *f = take(480, 320);
		for (int y = 0; y < 320; y++)
			memcpy(f->plane[0] + y * f->stride[0], luma + y * 480, 480);
		ck_assert_int_eq(covered(f), 0);
		pv_flow_offer(flow, pv_boot_ns(), pv_now_ns());
		pv_flow_drain(flow);
	}
	ck_assert_int_eq(seals, 6 - rules.lookahead);
	ck_assert_int_ge(fewest, 2);	/* drawn as they are, not all are believed */
	ck_assert_uint_ge(stats().regions, (unsigned)seals);
}
END_TEST

/* Who seals slowly drops frames, the older ones; what comes out is newer and newer. */
START_TEST(newest_wins)
{
	unsigned offered = 0;

	slow_ms = 30;
	while (offered < 60 || (stats().sealed <= 2 && offered < 250)) {
		offer((int)++offered, pv_boot_ns());
		usleep(2000);
	}
	pv_flow_drain(flow);
	ck_assert(seals > 2 && seals < (int)offered);
	ck_assert_int_eq(last_mark, (int)offered);
	ck_assert(!unveiled && !out_of_order);
	ck_assert_uint_eq(stats().dropped + stats().sealed, offered);
}
END_TEST

/* The deadline runs from when the camera gave the frame. */
START_TEST(late)
{
	const uint64_t ten_seconds = 10000000000u;

	rules.deadline = 5000;
	pv_flow_rule(flow, &rules);
	offer(1, pv_boot_ns() - ten_seconds);
	pv_flow_drain(flow);
	ck_assert(seals == 1 && wholes == 1 && !unveiled);
	ck_assert(stats().late == 1 && stats().whole == 1);
	ck_assert_msg(strstr(stats().note, "deadline"), "%s", stats().note);
	/* Far too late, it is not of now. */
	rules.lease = 4000;
	pv_flow_rule(flow, &rules);
	offer(2, pv_boot_ns() - ten_seconds);
	pv_flow_drain(flow);
	ck_assert_int_eq(seals, 1);
	offer(3, pv_boot_ns());
	pv_flow_drain(flow);
	ck_assert(seals == 2 && wholes == 1);
}
END_TEST

/* A frame from before the machine slept is dropped, and with it what waited for it (lookahead). */
START_TEST(asleep)
{
	rules.lookahead = 2;
	pv_flow_rule(flow, &rules);
	for (int i = 1; i <= 6; i++) {
		nap_ns = i == 3 ? 2000000000u : 0;
		offer(i, pv_boot_ns());
		pv_flow_drain(flow);
	}
	ck_assert(seals == 1 && last_mark == 4 && !unveiled);
	ck_assert_uint_eq(stats().dropped, 3);
}
END_TEST

/* After a flush nothing is sealed that was under way before it. */
START_TEST(flush)
{
	rules.lookahead = 2;
	pv_flow_rule(flow, &rules);
	for (int round = 0; round < 20; round++) {
		for (int i = 1; i <= 3 + round % 3; i++)
			offer(round * 6 + i, pv_boot_ns());
		pv_flow_flush(flow);
		int before = seals;
		usleep(3000);
		ck_assert_int_eq(seals, before);
		offer(round * 6 + 6, pv_boot_ns());
		pv_flow_drain(flow);
		ck_assert_int_eq(seals, before);	/* it waits for two more */
		pv_flow_flush(flow);
	}
	ck_assert(!unveiled);
}
END_TEST

START_TEST(refused_seals)
{
	struct pv_detection seen[8];
	uint64_t time_ns;

	refuse = true;
	for (int i = 1; i <= 5; i++) {
		offer(i, pv_boot_ns());
		pv_flow_drain(flow);
	}
	ck_assert(!seals && stats().dropped == 5 && !stats().sealed);
	ck_assert_int_eq(pv_flow_seen(flow, seen, 8, &time_ns), 0);
}
END_TEST

/* A machine that is too slow searches less, and says so; one that was slow for a while goes back. */
START_TEST(pace)
{
	struct pv_pace p = { .step = 0 };

	for (int i = 0; i < 100; i++)
		pv_pace_note(&p, i % 6 ? 10 : 200, 100);	/* now and then is not often */
	ck_assert(p.step == 0 && pv_pace_search(&p, 1920) == 1920);
	for (int i = 0; i < 4; i++)
		pv_pace_note(&p, 200, 100);
	ck_assert(p.step == 1 && pv_pace_search(&p, 1920) == 1440);
	for (int i = 0; i < 100; i++)
		pv_pace_note(&p, 200, 100);
	ck_assert(p.step == PV_PACE_STEPS - 1 && pv_pace_search(&p, 1920) == 720);
	ck_assert(pv_pace_search(&p, 640) == 320 && pv_pace_search(&p, 100) == 100);
	for (int i = 0; i < 30000; i++)
		pv_pace_note(&p, 60, 100);	/* in time, but with nothing to spare */
	ck_assert_int_eq(p.step, PV_PACE_STEPS - 1);
	for (int i = 0; i < 30000; i++)
		pv_pace_note(&p, 10, 100);
	ck_assert_int_eq(p.step, 0);
}
END_TEST

/* What waited too long to be veiled is not of now. */
START_TEST(stale)
{
	rules.lease = 50;
	rules.deadline = 400;
	slow_ms = 1000;
	pv_flow_rule(flow, &rules);
	offer(1, pv_boot_ns());
	usleep(200000);		/* it is being sealed */
	offer(2, pv_boot_ns());
	pv_flow_drain(flow);
	ck_assert_int_eq(seals, 1);
	ck_assert_uint_eq(stats().dropped, 1);
}
END_TEST

Suite *flow_suite(void)
{
	Suite *s = suite_create("flow");
	TCase *c = unit_case(s, "flow");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, all_in_order, 0, 2);
	tcase_add_loop_test(c, found, 0, 2);
	tcase_add_test(c, newest_wins);
	tcase_add_test(c, late);
	tcase_add_test(c, stale);
	tcase_add_test(c, asleep);
	tcase_add_test(c, flush);
	tcase_add_test(c, refused_seals);
	tcase_add_test(c, pace);
	return s;
}
