// SPDX-License-Identifier: GPL-2.0-or-later
#include "detect/contrast.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

enum { W = 192, H = 128 };

static int8_t input[W * H];
static struct pv_contrast blocks[W * H / (PV_CONTRAST_BLOCK * PV_CONTRAST_BLOCK)];

static int8_t *at(int8_t *in, int width, int x, int y)
{
	return in + unit_folded(width, x, y);
}

/* Stripes four pixels wide, `high` levels above and below the mean. */
static void stripes(int mean, int high)
{
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			*at(input, W, x, y) = (int8_t)(mean + (x / 4 % 2 ? high : -high));
}

static int swing(int x, int y)
{
	return abs(*at(input, W, x, y) - *at(input, W, x + 4, y));
}

START_TEST(enough_stays)
{
	int8_t before[sizeof(input)];

	stripes(-20, PV_CONTRAST_LEAST + 1);
	memcpy(before, input, sizeof(input));
	pv_contrast_raise(input, W, W, H, blocks);
	ck_assert_mem_eq(input, before, sizeof(input));
}
END_TEST

/* Up to what is enough; the mean stays what it is. */
START_TEST(little_becomes_more)
{
	stripes(-20, 12);
	pv_contrast_raise(input, W, W, H, blocks);
	for (int y = 0; y < H; y += 5) {
		for (int x = 0; x < W - 4; x += 3) {
			ck_assert_int_ge(swing(x, y), 2 * PV_CONTRAST_LEAST - 6);
			ck_assert_int_le(swing(x, y), 2 * PV_CONTRAST_LEAST + 2);
			ck_assert_int_le(abs(*at(input, W, x, y) + *at(input, W, x + 4, y) + 40), 3);
		}
	}
}
END_TEST

/* Noise is not blown up without end, and nothing wraps round. */
START_TEST(at_most)
{
	stripes(120, 2);
	pv_contrast_raise(input, W, W, H, blocks);
	ck_assert_int_le(swing(50, 50), 4 * PV_CONTRAST_MOST);
	ck_assert_int_ge(swing(50, 50), 4 * PV_CONTRAST_MOST - 4);
	memset(input, -128, sizeof(input));
	for (int i = 0; i < 40; i++)
		*at(input, W, 4 * i, 3 * i) = 127;
	pv_contrast_raise(input, W, W, H, blocks);
	for (int i = 0; i < 40; i++)
		ck_assert_int_eq(*at(input, W, 4 * i, 3 * i), 127);
	ck_assert_int_eq(*at(input, W, 1, 127), -128);
}
END_TEST

/* What is beyond the picture stays grey, and is no part of what is inside. */
START_TEST(beyond)
{
	enum { INSIDE = 150, ROWS = 90 };

	stripes(-60, 10);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			if (x >= INSIDE || y >= ROWS)
				*at(input, W, x, y) = 0;
	pv_contrast_raise(input, W, INSIDE, ROWS, blocks);
	for (int y = 0; y < H; y++) {
		for (int x = 0; x < W; x++) {
			int v = *at(input, W, x, y);
			if (x >= INSIDE || y >= ROWS)
				ck_assert_int_eq(v, 0);
			else
				ck_assert(abs(v + 60) >= PV_CONTRAST_LEAST - 3 && abs(v + 60) <= PV_CONTRAST_LEAST + 2);
		}
	}
}
END_TEST

/* A part of a picture comes out as the whole does, but for two blocks and a half along its edges. */
START_TEST(parts)
{
	enum { PART = 128, FROM = 32, RIM = 5 * PV_CONTRAST_BLOCK / 2 };
	static int8_t part[PART * PART];
	unsigned int r = 5;

	for (int y = 0; y < H; y++) {
		for (int x = 0; x < W; x++) {
			r = r * 1664525 + 1013904223;
			*at(input, W, x, y) = (int8_t)((int)(r >> 24) * (x + 20) / 1000 - y / 2);
		}
	}
	for (int y = 0; y < PART; y++)
		for (int x = 0; x < PART; x++)
			*at(part, PART, x, y) = *at(input, W, x + FROM, y);
	pv_contrast_raise(input, W, W, H, blocks);
	pv_contrast_raise(part, PART, PART, PART, blocks);
	for (int y = 0; y < PART; y++)
		for (int x = RIM; x < PART - RIM; x++)
			ck_assert_int_eq(*at(part, PART, x, y), *at(input, W, x + FROM, y));
}
END_TEST

Suite *contrast_suite(void)
{
	Suite *s = suite_create("contrast");
	TCase *c = unit_case(s, "contrast");

	tcase_add_test(c, enough_stays);
	tcase_add_test(c, little_becomes_more);
	tcase_add_test(c, at_most);
	tcase_add_test(c, beyond);
	tcase_add_test(c, parts);
	return s;
}
