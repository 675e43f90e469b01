// SPDX-License-Identifier: GPL-2.0-or-later
/* What of a video's frame has to be searched, and in which areas. */
#include "detect/change.h"

#include <stdlib.h>
#include <string.h>

#include "detect/cover.h"
#include "unit.h"

/* --- what changed ------------------------------------------------------------ */

enum { CW = 200, CH = 150 };	/* a side that is no multiple of a cell's, nor of a block's */

static int changed_cells(const struct pv_change *c)
{
	int n = 0;
	for (int i = 0; i < c->columns * c->rows; i++)
		n += c->cells[i] == PV_CELL_CHANGED;
	return n;
}

/* luma is a busy picture that has been searched. */
static struct pv_change *searched_busy(uint8_t luma[CW * CH])
{
	struct pv_change *c = pv_change_new(CW, CH);

	ck_assert_ptr_nonnull(c);
	unit_busy(luma, CW, CH);
	pv_change_look(c, luma, CW);
	pv_change_searched(c);
	return c;
}

START_TEST(change_begins_with_everything)
{
	struct pv_change *c = pv_change_new(CW, CH);
	uint8_t luma[CW * CH] = { 0 };

	ck_assert_ptr_nonnull(c);
	pv_change_look(c, luma, CW);
	ck_assert_int_eq(changed_cells(c), c->columns * c->rows);
	pv_change_searched(c);
	pv_change_look(c, luma, CW);
	ck_assert_int_eq(changed_cells(c), 0);
	pv_change_free(c);
	pv_change_free(NULL);
}
END_TEST

/* Noise alone is no change, however much of it; something small and new is, under that noise. */
START_TEST(change_under_noise)
{
	static const int noises[] = { 0, 3, 10, 25 };
	struct pv_change *c = pv_change_new(CW, CH);
	uint8_t scene[CW * CH], luma[CW * CH];
	int false_alarms = 0;

	ck_assert_ptr_nonnull(c);
	unit_busy(scene, CW, CH);
	unit_noisy(luma, scene, CW * CH, noises[_i]);
	pv_change_look(c, luma, CW);
	pv_change_searched(c);
	for (int k = 0; k < 30; k++) {
		unit_noisy(luma, scene, CW * CH, noises[_i]);
		pv_change_look(c, luma, CW);
		false_alarms += changed_cells(c);
	}
	ck_assert_msg(false_alarms <= 3, "%d cells changed by noise alone", false_alarms);
	for (int k = 0; k < 20; k++) {
		int x0 = unit_between(0, CW - 26), y0 = unit_between(0, CH - 9);
		unit_noisy(luma, scene, CW * CH, noises[_i]);
		for (int y = 0; y < 8; y++)	/* a plate of 8 pixels, as small as is searched for */
			for (int x = 0; x < 26; x++)
				luma[(y0 + y) * CW + x0 + x] = x % 4 < 2 && y > 1 && y < 6 ? 30 : 220;
		pv_change_look(c, luma, CW);
		ck_assert_int_ge(changed_cells(c), 1);
	}
	pv_change_free(c);
}
END_TEST

/* A step of exposure is no noise, under which a dim plate would hide. */
START_TEST(change_after_a_step)
{
	uint8_t luma[CW * CH];
	struct pv_change *c = searched_busy(luma);

	for (int k = 0; k < 3; k++) {
		for (int i = 0; !k && i < CW * CH; i++)
			luma[i] = (uint8_t)(luma[i] < 253 ? luma[i] + 2 : luma[i]);
		pv_change_look(c, luma, CW);
		pv_change_searched(c);
	}
	for (int y = 48; y < 64; y++)
		for (int x = 48; x < 80; x++)
			luma[y * CW + x] = (uint8_t)(luma[y * CW + x] < 248 ? luma[y * CW + x] + 7 : 255);
	pv_change_look(c, luma, CW);
	ck_assert_int_ge(changed_cells(c), 1);
	pv_change_free(c);
}
END_TEST

/* Change too slow to be seen from frame to frame adds up until it is seen. */
START_TEST(change_adds_up)
{
	uint8_t luma[CW * CH];
	struct pv_change *c = searched_busy(luma);
	int seen = 0;

	for (int k = 0; k < 40 && !seen; k++) {
		for (int y = 40; y < 60; y++)
			for (int x = 40; x < 90; x++)
				luma[y * CW + x] = (uint8_t)(luma[y * CW + x] < 255 ? luma[y * CW + x] + 1 : 255);
		pv_change_look(c, luma, CW);
		seen = changed_cells(c);
		pv_change_searched(c);
	}
	ck_assert_int_ge(seen, 1);
	pv_change_free(c);
}
END_TEST

/* What turned flat is known to be so: nothing to search, something to forget. */
START_TEST(change_to_flat)
{
	uint8_t luma[CW * CH];
	struct pv_change *c = searched_busy(luma);
	int flat = 0;

	memset(luma, 90, sizeof(luma));
	pv_change_look(c, luma, CW);
	ck_assert_int_eq(changed_cells(c), 0);
	for (int i = 0; i < c->columns * c->rows; i++)
		flat += c->cells[i] == PV_CELL_FLAT;
	ck_assert_int_eq(flat, c->columns * c->rows);
	pv_change_free(c);
}
END_TEST

/* --- covering ---------------------------------------------------------------- */

static long area_cost(const void *extra, const struct pv_area *a)
{
	return (long)(a->x1 - a->x0) * (a->y1 - a->y0) + *(const int *)extra;
}

/* Every changed cell is under an area, whatever they look like; and never are there too many. */
START_TEST(cover_covers)
{
	struct pv_change *c = pv_change_new(CW, CH);
	struct pv_cover v;
	int extra = _i * 3000;

	ck_assert(c);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < c->columns * c->rows; i++)
			c->cells[i] = unit_between(0, 59) < round ? PV_CELL_CHANGED : PV_CELL_FLAT;
		pv_cover_make(&v, c, area_cost, &extra);
		ck_assert_int_le(v.count, PV_MAX_AREAS);
		for (int i = 0; i < c->columns * c->rows; i++) {
			int x = i % c->columns * PV_CELL, y = i / c->columns * PV_CELL, under = 0;
			for (int k = 0; k < v.count; k++)
				under |= x >= v.areas[k].x0 && x < v.areas[k].x1 && y >= v.areas[k].y0 &&
					 y < v.areas[k].y1;
			ck_assert(under || c->cells[i] != PV_CELL_CHANGED);
		}
		for (int k = 0; k < v.count; k++)
			ck_assert(v.areas[k].x0 >= 0 && v.areas[k].x1 <= CW && v.areas[k].y1 <= CH);
	}
	pv_change_free(c);
}
END_TEST

/* Two corners are two areas when areas cost by their size, and one when each costs a lot. */
START_TEST(cover_minds_the_cost)
{
	struct pv_change *c = pv_change_new(CW, CH);
	struct pv_cover v;
	int cheap = 0, dear = 1000000;

	ck_assert(c);
	memset(c->cells, PV_CELL_SAME, (size_t)(c->columns * c->rows));
	pv_cover_make(&v, c, area_cost, &cheap);
	ck_assert_int_eq(v.count, 0);
	c->cells[0] = c->cells[c->columns * c->rows - 1] = PV_CELL_CHANGED;
	pv_cover_make(&v, c, area_cost, &cheap);
	ck_assert_int_eq(v.count, 2);
	pv_cover_make(&v, c, area_cost, &dear);
	ck_assert_int_eq(v.count, 1);
	ck_assert_int_eq(v.areas[0].x1, CW);
	ck_assert_int_eq(v.areas[0].y1, CH);
	pv_change_free(c);
}
END_TEST

Suite *change_suite(void)
{
	Suite *s = suite_create("change");
	TCase *c = unit_case(s, "change");
	tcase_add_test(c, change_begins_with_everything);
	tcase_add_loop_test(c, change_under_noise, 0, 4);
	tcase_add_test(c, change_after_a_step);
	tcase_add_test(c, change_adds_up);
	tcase_add_test(c, change_to_flat);
	c = unit_case(s, "cover");
	tcase_add_loop_test(c, cover_covers, 0, 3);
	tcase_add_test(c, cover_minds_the_cost);
	return s;
}
