// SPDX-License-Identifier: GPL-2.0-or-later
#include "track/track.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

#define MS 1000000ull
#define HOLD 500

static struct pv_tracker t;
static struct pv_move move;	/* of the camera, in every step */
static struct pv_detection out[2 * PV_MAX_TRACKS];
static const struct pv_detection plate = { 100, 100, 140, 110, 0.9f };

static void setup(void)
{
	move = pv_move_none;
	pv_tracker_reset(&t, 1600, 900);
}

static int step(const struct pv_detection *d, int n, uint64_t ms)
{
	return pv_tracker_update(&t, d, n, &move, 1000 * MS + ms * MS, 0.4, HOLD, out);
}

static bool covers(const struct pv_detection *by, const struct pv_detection *d)
{
	return by->x0 <= d->x0 && by->y0 <= d->y0 && by->x1 >= d->x1 && by->y1 >= d->y1;
}

START_TEST(hold)
{
	ck_assert_int_eq(step(&plate, 1, 0), 1);
	ck_assert(covers(&out[0], &plate));
	for (uint64_t ms = 20; ms <= HOLD; ms += 20) {
		ck_assert_int_ge(step(NULL, 0, ms), 1);
		ck_assert(covers(&out[0], &plate));
	}
	ck_assert_int_eq(step(NULL, 0, HOLD + 1), 0);
	ck_assert_int_eq(step(NULL, 0, HOLD + 2), 0);
}
END_TEST

START_TEST(no_hold)
{
	ck_assert_int_eq(pv_tracker_update(&t, &plate, 1, &move, 1000 * MS, 0.4, 0, out), 1);
	ck_assert_int_eq(pv_tracker_update(&t, NULL, 0, &move, 1033 * MS, 0.4, 0, out), 0);
}
END_TEST

/* Of frames further apart than `hold` a doubtful find still goes on with a plate. */
START_TEST(far_apart)
{
	struct pv_detection doubt = plate;

	for (uint64_t i = 0; i < 6; i++) {
		doubt.score = i & 1 ? 0.2f : 0.9f;
		ck_assert_int_eq(step(&doubt, 1, i * 2 * HOLD), 1);
		ck_assert(covers(&out[0], &plate));
	}
	/* One miss is bridged, a second is not. */
	ck_assert_int_eq(step(NULL, 0, 12 * HOLD), 2);
	ck_assert(covers(&out[0], &plate));
	ck_assert_int_eq(step(NULL, 0, 14 * HOLD), 0);
	ck_assert_int_eq(step(&doubt, 1, 16 * HOLD), 0);
}
END_TEST

/* Where little of the picture tells that the camera moved, a lost plate is veiled where it was, too. */
START_TEST(a_car_at_night)
{
	for (uint64_t ms = 0; ms < 300; ms += 33)
		step(&plate, 1, ms);
	move.dx = 24;
	move.agree = 0.1f;
	for (uint64_t ms = 300; ms < 600; ms += 33) {
		ck_assert_int_eq(step(NULL, 0, ms), 2);
		ck_assert(covers(&out[0], &plate));
	}
}
END_TEST

/* Nor where the picture beside it stood still, as it does behind a lorry that most of it agrees with. */
START_TEST(a_lorry)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS];

	for (uint64_t ms = 0; ms < 300; ms += 33)
		step(&plate, 1, ms);
	move.dx = 24;
	move.agree = 0.6f;
	move.stood = 1u << 8 | 1u << 9;	/* below the first two, of 200x180 pixels each */
	for (uint64_t ms = 300; ms < 600; ms += 33) {
		ck_assert_int_eq(step(NULL, 0, ms), 2);
		ck_assert(covers(&out[0], &plate));
	}
	/* Nor before it was found, where it comes into sight behind one. */
	setup();
	move.dx = 24;
	move.agree = 0.6f;
	move.stood = 1;
	for (uint64_t ms = 0; ms < 99; ms += 33)
		step(NULL, 0, ms);
	step(&plate, 1, 99);
	ck_assert_int_eq(pv_tracker_before(&t, 2, boxes, 0), 2);
	ck_assert(covers(&boxes[1], &plate));
	/* What stood elsewhere says nothing. */
	setup();
	move.dx = 24;
	move.agree = 0.6f;
	move.stood = 1ull << 39;
	for (uint64_t ms = 0; ms < 300; ms += 33)
		step(NULL, 0, ms);
	step(&plate, 1, 300);
	ck_assert_int_eq(pv_tracker_before(&t, 2, boxes, 0), 1);
}
END_TEST

/* Small and fast: two sightings a quarter of a frame apart, and the veil over both is large. It was one, all the same,
 * and is held. */
START_TEST(small_and_fast)
{
	struct pv_detection d = { 100, 100, 158, 118, 0.9f };

	step(&d, 1, 0);
	d.x0 += 40;
	d.x1 += 40;
	step(&d, 1, 33);
	for (uint64_t ms = 66; ms < 400; ms += 33)
		ck_assert_int_eq(step(NULL, 0, ms), 2);
}
END_TEST

/* What is large and was seen but once or twice was hardly a plate. */
START_TEST(large_and_seldom)
{
	static const struct pv_detection large = { 100, 100, 220, 150, 0.9f };
	int sightings = _i;
	uint64_t ms = 0;

	for (int i = 0; i < sightings; i++, ms += 33)
		ck_assert_int_eq(step(&large, 1, ms), 1);
	for (int i = 0; i < 3; i++, ms += 33) {
		ck_assert_int_ge(step(NULL, 0, ms), 1);
		ck_assert(covers(&out[0], &large));
	}
	if (sightings < 3)
		ck_assert_int_eq(step(NULL, 0, ms), 0);
	else
		ck_assert_int_ge(step(NULL, 0, ms), 1);
}
END_TEST

/* Each sighting begins the hold anew, a doubtful one too. */
START_TEST(doubtful_extends)
{
	struct pv_detection doubtful = plate;

	doubtful.score = 0.25f;
	ck_assert_int_eq(step(&plate, 1, 0), 1);
	for (uint64_t ms = 400; ms <= 4000; ms += 400) {
		ck_assert_int_eq(step(&doubtful, 1, ms), 1);
		ck_assert(covers(&out[0], &plate));
	}
	ck_assert_int_ge(step(NULL, 0, 4000 + HOLD), 1);
	ck_assert_int_eq(step(NULL, 0, 4001 + HOLD), 0);
}
END_TEST

/* But with a track that was never sure it does not. */
START_TEST(doubtful_alone)
{
	struct pv_detection d = plate;

	for (int sure = 0; sure < 2; sure++) {
		setup();
		d.score = sure ? 0.6f : 0.45f;
		ck_assert_int_eq(step(&d, 1, 0), 1);
		d.score = 0.2f;
		for (uint64_t ms = 33; ms <= 2 * HOLD; ms += 33)
			step(&d, 1, ms);
		ck_assert_int_eq(step(&d, 1, 2 * HOLD + 40), sure);
	}
}
END_TEST

/* At the frame's edge a doubtful find begins a track; a large one would be found surely. */
START_TEST(doubtful_at_the_edge)
{
	struct pv_detection small = { 0, 300, 100, 340, 0.2f }, large = { 0, 300, 400, 400, 0.2f };

	ck_assert_int_eq(step(&small, 1, 0), 1);
	setup();
	ck_assert_int_eq(step(&large, 1, 0), 0);
	large.score = 0.5f;
	ck_assert_int_eq(step(&large, 1, 33), 1);
}
END_TEST

START_TEST(doubtful_never_begins)
{
	struct pv_detection d = plate;

	d.score = 0.39f;
	for (uint64_t ms = 0; ms < 1000; ms += 33)
		ck_assert_int_eq(step(&d, 1, ms), 0);
	ck_assert_int_eq(step(&plate, 1, 1000), 1);
	/* Far from the plate it does not go on with its track either. */
	d.x0 += 300;
	d.x1 += 300;
	int n = step(&d, 1, 1033);
	for (int i = 0; i < n; i++)
		ck_assert(!covers(&out[i], &d));
	d = plate;
	d.score = 0.4f;		/* the minimum itself is enough */
	pv_tracker_reset(&t, 1600, 900);
	ck_assert_int_eq(step(&d, 1, 1066), 1);
	ck_assert(pv_tracker_floor(0.4) <= 0.2f && pv_tracker_floor(0.4) > 0.1f);
}
END_TEST

/* A lost plate's veil goes where the plate was going, and stays where it was. */
START_TEST(prediction)
{
	struct pv_detection d = plate, last = plate;
	uint64_t ms = 0;

	for (; ms < 330; ms += 33) {
		last = d;
		ck_assert_int_eq(step(&d, 1, ms), 1);
		ck_assert(covers(&out[0], &d));
		d.x0 += 6;
		d.x1 += 6;
		d.y0 -= 2;
		d.y1 -= 2;
	}
	for (int missed = 0; missed < 8; missed++, ms += 33) {
		ck_assert_int_eq(step(NULL, 0, ms), 2);
		ck_assert(covers(&out[0], &last));
		ck_assert_msg(covers(&out[1], &d), "missed %d", missed);
		d.x0 += 6;
		d.x1 += 6;
		d.y0 -= 2;
		d.y1 -= 2;
	}
	/* Seen again where it was expected, it is the same plate. */
	ck_assert_int_eq(step(&d, 1, ms), 1);
	ck_assert_int_eq(t.count, 1);
}
END_TEST

/* The longer unseen, the larger the veil: nobody knows where it went. */
START_TEST(growth)
{
	float last = 0;

	ck_assert_int_eq(step(&plate, 1, 0), 1);
	for (uint64_t ms = 50; ms <= HOLD; ms += 50) {
		ck_assert_int_eq(step(NULL, 0, ms), 2);
		ck_assert(covers(&out[1], &plate));
		ck_assert(out[1].x1 - out[1].x0 > last);
		last = out[1].x1 - out[1].x0;
	}
}
END_TEST

START_TEST(time_goes_back)
{
	ck_assert_int_eq(step(&plate, 1, 900), 1);
	int n = step(NULL, 0, 100);
	ck_assert_int_ge(n, 1);
	for (int i = 0; i < n; i++) {
		ck_assert(covers(&out[i], &plate));
		ck_assert(out[i].x0 > 50 && out[i].x1 < 200);
	}
	ck_assert_int_eq(step(&plate, 1, 100), 1);
	ck_assert_int_eq(step(&plate, 1, 100), 1);	/* the same moment twice: no division by 0 */
	ck_assert(t.tracks[0].vx == 0 && t.tracks[0].vy == 0);
	ck_assert_int_eq(pv_tracker_update(&t, &plate, 1, &move, 0, 0.4, HOLD, out), 1);
	ck_assert_int_ge(pv_tracker_update(&t, NULL, 0, &move, UINT64_MAX, 0.4, HOLD, out), 0);
}
END_TEST

/* Two plates side by side keep a track each; one of them going does not take the other's. */
START_TEST(neighbours)
{
	struct pv_detection two[2] = { plate, plate };

	two[1].x0 += 60;
	two[1].x1 += 60;
	two[1].score = 0.8f;
	for (uint64_t ms = 0; ms < 330; ms += 33) {
		ck_assert_int_eq(step(two, 2, ms), 2);
		ck_assert_int_eq(t.count, 2);
	}
	int n = step(&two[1], 1, 363);
	bool first = false, second = false;
	for (int i = 0; i < n; i++) {
		first = first || covers(&out[i], &two[0]);
		second = second || covers(&out[i], &two[1]);
	}
	ck_assert(first && second);
}
END_TEST

static void grid(struct pv_detection *d, int n)
{
	for (int i = 0; i < n; i++) {
		float x = (float)(i % 16 * 100), y = (float)(i / 16 * 100);
		d[i] = (struct pv_detection){ x, y, x + 30, y + 10, 0.9f };
	}
}

START_TEST(too_many)
{
	struct pv_detection d[PV_MAX_TRACKS + 1];

	grid(d, PV_MAX_TRACKS + 1);
	ck_assert_int_eq(step(d, PV_MAX_TRACKS, 0), PV_MAX_TRACKS);
	ck_assert_int_eq(step(NULL, 0, 33), 2 * PV_MAX_TRACKS);
	ck_assert_int_eq(step(d, PV_MAX_TRACKS, 66), PV_MAX_TRACKS);
	/* One more, while all the others are still held: there is no room to follow it. */
	ck_assert_int_eq(step(&d[PV_MAX_TRACKS], 1, 100), -1);
	ck_assert_int_eq(step(&d[PV_MAX_TRACKS], 1, 133), -1);
	ck_assert_int_eq(step(&d[PV_MAX_TRACKS], 1, 66 + HOLD + 100), 1);
	pv_tracker_reset(&t, 1600, 900);
	ck_assert_int_eq(step(d, PV_MAX_TRACKS + 1, 5000), -1);
}
END_TEST

/* Who holds plates for a minute at a busy road follows those that are in the picture, and not all that were. */
START_TEST(busy_road)
{
	uint64_t ms = 0;

	for (int car = 0; car < PV_MAX_TRACKS + 60; car++) {
		float y = (float)(20 + car * 37 % 840);
		for (int i = 0; i < 9; i++, ms += 33) {
			float x = (float)(1420 + 20 * i);
			struct pv_detection d = { x, y, x + 40, y + 12, 0.9f };
			bool veiled = false;
			int n = pv_tracker_update(&t, &d, 1, &move, (1000 + ms) * MS, 0.4, 60000, out);
			for (int k = 0; k < n; k++)
				veiled = veiled || covers(&out[k], &d);
			ck_assert_msg(veiled, "car %d, %d", car, i);
		}
	}
	ck_assert_int_eq(t.count, PV_MAX_TRACKS);
}
END_TEST

/* What is found is always veiled, whatever went before; and the count stays within bounds. */
START_TEST(found_is_veiled)
{
	struct pv_detection d[PV_MAX_DETECTIONS];

	unit_seed((uint32_t)_i);
	for (uint64_t ms = 0; ms < 9000; ms += (uint64_t)unit_between(0, 90)) {
		int n = unit_between(0, 9);
		for (int i = 0; i < n; i++) {
			float x = (float)unit_between(0, 600), y = (float)unit_between(0, 400);
			d[i] = (struct pv_detection){ x, y, x + (float)unit_between(1, 90),
						      y + (float)unit_between(1, 30),
						      (float)unit_between(20, 99) / 100 };
		}
		int got = step(d, n, ms);
		if (got < 0)
			continue;
		ck_assert_int_le(got, 2 * PV_MAX_TRACKS);
		for (int i = 0; i < n; i++) {
			bool seen = (double)d[i].score < 0.4;
			for (int k = 0; k < got && !seen; k++)
				seen = covers(&out[k], &d[i]);
			ck_assert_msg(seen, "at %d ms", (int)ms);
		}
	}
}
END_TEST

/* At the frame's edge, where a plate is cut, less will do to begin. */
START_TEST(cut_by_the_edge)
{
	struct pv_detection d = { 300, 890, 340, 900, 0.25f };

	ck_assert_int_eq(step(&d, 1, 0), 1);
	d.y0 -= 10;
	d.y1 -= 10;
	pv_tracker_reset(&t, 1600, 900);
	ck_assert_int_eq(step(&d, 1, 33), 0);
}
END_TEST

/* The camera pans, and turns and zooms a little: a plate that is not found is followed all the same. */
START_TEST(camera_moves)
{
	struct pv_detection there = plate;

	move = (struct pv_move){ 1.01f, 0.002f, 25, -4, 1 };
	ck_assert_int_eq(step(&plate, 1, 0), 1);
	for (uint64_t ms = 33; ms <= 330; ms += 33) {
		float x = (there.x0 + there.x1) / 2, y = (there.y0 + there.y1) / 2;
		float dx = move.a * x - move.b * y + move.dx - x, dy = move.b * x + move.a * y + move.dy - y;
		there.x0 += dx;
		there.x1 += dx;
		there.y0 += dy;
		there.y1 += dy;
		ck_assert_int_eq(step(NULL, 0, ms), 2);
		ck_assert(covers(&out[0], &there) && covers(&out[1], &there));
		ck_assert(out[1].x1 - out[1].x0 < 2.4f * (plate.x1 - plate.x0));
	}
	ck_assert_int_eq(step(&there, 1, 363), 1);
	ck_assert_int_eq(t.count, 1);
	/* The plate itself stood still. */
	ck_assert(fabsf(t.tracks[0].vx) < 100 && fabsf(t.tracks[0].vy) < 100);
}
END_TEST

/* Half hidden, it stays veiled, all but a rim: one find of a part, or one on either side of a bar. */
START_TEST(half_hidden)
{
	struct pv_detection parts[2] = { { 100, 100, 116, 110, 0.9f }, { 124, 100, 140, 110, 0.8f } };

	for (uint64_t ms = 0; ms <= 330; ms += 33)
		ck_assert_int_eq(step(&plate, 1, ms), 1);
	ck_assert_int_eq(step(parts, 1, 363), 1);
	struct pv_detection most = { 100, 100, 138, 110, 0 };
	ck_assert(covers(&out[0], &most));
	ck_assert_int_eq(step(parts, 2, 396), 1);
	ck_assert(covers(&out[0], &plate));
	ck_assert_int_eq(t.count, 1);
}
END_TEST

/* A bar hides a side of it for longer than a veil takes to shrink; a plate that goes away shrinks
 * as a whole, and its veil with it. */
START_TEST(shape_stays)
{
	struct pv_detection part = { 100, 100, 116, 110, 0.9f }, most = { 100, 100, 130, 110, 0 };
	struct pv_detection small = { 116, 104, 126, 106.5f, 0.9f };

	step(&plate, 1, 0);
	for (uint64_t ms = 33; ms <= 330; ms += 33)
		step(&part, 1, ms);
	ck_assert(covers(&out[0], &most));
	pv_tracker_reset(&t, 1600, 900);
	step(&plate, 1, 0);
	for (uint64_t ms = 33; ms <= 990; ms += 33)
		step(&small, 1, ms);
	ck_assert_int_eq(t.count, 1);
	ck_assert(out[0].x1 - out[0].x0 < 20);
}
END_TEST

/* Two pieces of a plate found in turn are no plate that jumps. */
START_TEST(pieces)
{
	struct pv_detection left = { 100, 100, 124, 110, 0.9f }, right = { 112, 100, 140, 110, 0.9f };

	step(&left, 1, 0);
	step(&right, 1, 33);
	ck_assert_int_eq(t.count, 1);
	ck_assert(covers(&out[0], &plate));
}
END_TEST

/* A plate that the frame cuts is found as far as its last whole letter: the rest is veiled too. */
START_TEST(up_to_the_edge)
{
	struct pv_detection found = { 1540, 100, 1596, 120, 0.9f }, all = { 1540, 100, 1600, 120, 0 };

	ck_assert_int_eq(step(&found, 1, 0), 1);
	ck_assert(covers(&out[0], &all));
	pv_tracker_reset(&t, 1600, 900);
	found.x0 -= 30;
	found.x1 -= 30;
	step(&found, 1, 33);
	ck_assert(out[0].x1 < 1600);
}
END_TEST

/* With the first find known, frames before it are veiled where the camera says that the plate was. */
START_TEST(looks_back)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS], d = plate;

	move.dx = -30;
	for (uint64_t ms = 0; ms < 99; ms += 33)
		ck_assert_int_eq(step(NULL, 0, ms), 0);
	ck_assert_int_eq(step(&plate, 1, 99), 1);
	for (int ago = 1; ago <= 3; ago++) {
		d.x0 += 30;
		d.x1 += 30;
		ck_assert_int_eq(pv_tracker_before(&t, ago, boxes, 0), 1);
		ck_assert(covers(&boxes[0], &d));
		ck_assert(boxes[0].x1 - boxes[0].x0 < 2.01f * (d.x1 - d.x0));
	}
	/* Frames whose find is known learn from later ones how large the plate is. */
	d = plate;
	d.x0 -= 30;
	d.x1 -= 24;
	ck_assert_int_eq(step(&d, 1, 132), 1);
	for (int ago = 1; ago <= 2; ago++) {
		d.x0 += 30;
		d.x1 += 30;
		ck_assert_int_eq(pv_tracker_before(&t, ago, boxes, 0), 1);
		ck_assert(covers(&boxes[0], &d));
	}
	d = plate;
	d.x0 -= 30;
	d.x1 -= 30;
	/* No room, and no verdict, stay what they are. */
	for (int i = 0; i < 2 * PV_MAX_TRACKS; i++)
		boxes[i] = (struct pv_detection){ 1500, 800, 1540, 810, 1 };
	ck_assert_int_eq(pv_tracker_before(&t, 1, boxes, 2 * PV_MAX_TRACKS), -1);
	ck_assert_int_eq(pv_tracker_before(&t, 1, boxes, -1), -1);
	/* Missed for two frames: those between are veiled from both sides. */
	step(NULL, 0, 165);
	step(NULL, 0, 198);
	d.x0 -= 90;
	d.x1 -= 90;
	ck_assert_int_eq(step(&d, 1, 231), 1);
	ck_assert_int_eq(pv_tracker_before(&t, 2, boxes, 0), 1);
	/* What lies in a veil that is there needs no other. */
	ck_assert_int_eq(pv_tracker_before(&t, 2, boxes, 1), 1);
	for (int i = 0; i < 2 * PV_MAX_TRACKS; i++)
		boxes[i] = (struct pv_detection){ 1500, 800, 1540, 810, 1 };
	/* There is no need of room for what has its veil. */
	ck_assert_int_eq(pv_tracker_before(&t, 4, boxes, 2 * PV_MAX_TRACKS), 2 * PV_MAX_TRACKS);
}
END_TEST

/* What stands still and is first found while a car goes by at night was there before, too. */
START_TEST(looks_back_at_night)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS];
	int n = 0;

	move.dx = 24;
	move.agree = 0.1f;
	for (uint64_t ms = 0; ms < 99; ms += 33)
		step(NULL, 0, ms);
	step(&plate, 1, 99);
	for (int ago = 1; ago <= 3; ago++) {
		n = pv_tracker_before(&t, ago, boxes, 0);
		ck_assert_int_eq(n, 2);
		ck_assert(covers(&boxes[1], &plate));
	}
}
END_TEST

/* One that goes farther in a frame than it is wide is expected there after two sightings. */
START_TEST(leaps)
{
	struct pv_detection d = plate;
	bool covered = false;
	int n = 0;

	for (uint64_t ms = 0; ms < 120; ms += 33) {
		n = step(&d, ms < 60, ms);
		ck_assert_int_ge(n, 1);
		covered = false;
		for (int i = 0; i < n; i++)
			covered |= covers(&out[i], &d);
		ck_assert_msg(covered, "after %d ms", (int)ms);
		d.x0 += 60;
		d.x1 += 60;
	}
}
END_TEST

/* What is first found beside what was is rather another one, which was there before. */
START_TEST(no_leap)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS], two[2] = { { 200, 100, 240, 110, 0.9f }, plate };

	two[1].score = 0.5f;
	for (uint64_t ms = 0; ms < 99; ms += 33)
		step(NULL, 0, ms);
	step(&plate, 1, 99);
	/* The first one is found again, with a lower score, or is not. */
	step(two, 1 + _i, 132);
	for (int ago = 1; ago <= 3; ago++) {
		bool covered = false;
		int n = pv_tracker_before(&t, ago, boxes, 0);
		for (int i = 0; i < n; i++)
			covered |= covers(&boxes[i], &two[0]);
		ck_assert_msg(covered, "%d frames ago", ago);
	}
}
END_TEST

/* A camera of a frame every four seconds: far as a plate may have gone, its veil stays of its kind. */
START_TEST(slow_camera)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS], d = plate;
	int n = 0;

	for (uint64_t i = 0; i < 8; i++) {
		d.x0 += 30;
		d.x1 += 30;
		bool hidden = i == 5 || i == 7;
		n = pv_tracker_update(&t, &d, !hidden, &move, (1000 + i * 4000) * MS, 0.4, 14000, out);
		ck_assert_int_gt(n, 0);
		int before = i > 1 ? pv_tracker_before(&t, 2, boxes, 0) : 0;
		for (int j = 0; j < n; j++)
			ck_assert(out[j].x1 - out[j].x0 < 4 * (d.x1 - d.x0));
		for (int j = 0; j < before; j++)
			ck_assert(boxes[j].x1 - boxes[j].x0 < 4 * (d.x1 - d.x0));
	}
	ck_assert_int_eq(n, 2);
	ck_assert(covers(&out[1], &d));
}
END_TEST

/* One that begins near an edge reaches up to it, whichever that is. */
START_TEST(every_edge)
{
	static const struct pv_detection near[] = { { 4, 100, 60, 120, 0.9f }, { 700, 4, 756, 24, 0.9f },
						    { 1540, 300, 1596, 320, 0.9f }, { 700, 876, 756, 896, 0.9f } };
	struct pv_detection whole = near[_i];

	whole.x0 = _i == 0 ? 0 : whole.x0;
	whole.y0 = _i == 1 ? 0 : whole.y0;
	whole.x1 = _i == 2 ? 1600 : whole.x1;
	whole.y1 = _i == 3 ? 900 : whole.y1;
	pv_tracker_reset(&t, 1600, 900);
	ck_assert_int_eq(step(&near[_i], 1, 0), 1);
	ck_assert(covers(&out[0], &whole));
}
END_TEST

/* Frames of which nothing is known are no misses. */
START_TEST(no_verdict)
{
	static const struct pv_detection large = { 100, 100, 220, 150, 0.9f };

	step(&large, 1, 0);
	for (uint64_t ms = 33; ms < 300; ms += 33)
		ck_assert_int_ge(step(NULL, -1, ms), 1);
	/* Nor do they use up the one that is bridged. */
	setup();
	step(&plate, 1, 0);
	ck_assert_int_eq(step(NULL, -1, 700), 2);
	ck_assert_int_eq(step(NULL, 0, 1400), 2);
	ck_assert_int_eq(step(NULL, 0, 1500), 0);
}
END_TEST

Suite *track_suite(void)
{
	Suite *s = suite_create("track");
	TCase *c = unit_case(s, "track");

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, hold);
	tcase_add_test(c, no_hold);
	tcase_add_test(c, far_apart);
	tcase_add_test(c, a_car_at_night);
	tcase_add_test(c, a_lorry);
	tcase_add_test(c, small_and_fast);
	tcase_add_loop_test(c, large_and_seldom, 1, 5);
	tcase_add_test(c, doubtful_extends);
	tcase_add_test(c, doubtful_alone);
	tcase_add_test(c, doubtful_at_the_edge);
	tcase_add_test(c, doubtful_never_begins);
	tcase_add_test(c, prediction);
	tcase_add_test(c, growth);
	tcase_add_test(c, slow_camera);
	tcase_add_test(c, time_goes_back);
	tcase_add_test(c, neighbours);
	tcase_add_test(c, cut_by_the_edge);
	tcase_add_test(c, camera_moves);
	tcase_add_test(c, half_hidden);
	tcase_add_test(c, shape_stays);
	tcase_add_test(c, pieces);
	tcase_add_test(c, up_to_the_edge);
	tcase_add_loop_test(c, every_edge, 0, 4);
	tcase_add_test(c, no_verdict);
	tcase_add_test(c, looks_back);
	tcase_add_test(c, looks_back_at_night);
	tcase_add_test(c, leaps);
	tcase_add_loop_test(c, no_leap, 0, 2);
	tcase_add_test(c, too_many);
	tcase_add_test(c, busy_road);
	tcase_add_loop_test(c, found_is_veiled, 0, 5);
	return s;
}
