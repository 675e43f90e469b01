// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of a camera's modes a view offers. */
#include "veild/offer.h"

#include <string.h>

#include "unit.h"

static const struct plateveil_mode all[] = {
	{ .width = 640, .height = 480, .numerator = 333333, .denominator = 10000000 },
	{ .width = 1920, .height = 1080, .numerator = 1, .denominator = 30 },
	{ .width = 1920, .height = 1080, .numerator = 1, .denominator = 5 },
	{ .width = 1280, .height = 720, .numerator = 1, .denominator = 15 },
	{ .width = 640, .height = 480, .numerator = 1, .denominator = 60 },
	{ .width = 600, .height = 800, .numerator = 1, .denominator = 30 },
};
#define ALL 6

static const struct {
	int width, height, rate;	/* limits; 0: none */
	uint32_t kept;			/* a bit a mode */
} limits[] = {
	{ 0, 0, 0, 0x3f },	  { 0, 0, 30, 0x2f },	{ 0, 0, 15, 0x0c },	{ 0, 0, 1, 0x04 },
	{ 1280, 720, 0, 0x19 },	  { 640, 480, 5, 0x01 }, { 320, 240, 0, 0x11 }, { 320, 240, 60, 0x11 },
	{ 1920, 1080, 5, 0x04 },
	{ 600, 900, 0, 0x20 },
};

START_TEST(within_limits)
{
	struct plateveil_mode modes[ALL];
	struct pv_rules rules;
	uint32_t kept = 0;

	pv_rules_default(&rules);
	rules.maximum_size.width = limits[_i].width;
	rules.maximum_size.height = limits[_i].height;
	rules.maximum_rate = limits[_i].rate;
	memcpy(modes, all, sizeof(all));
	uint32_t n = pv_offer_limit(modes, ALL, &rules);
	for (uint32_t i = 0; i < ALL; i++) {
		if (!(limits[_i].kept & 1u << i))
			continue;
		ck_assert_uint_lt(kept, n);
		ck_assert(!memcmp(&modes[kept++], &all[i], sizeof(all[i])));
	}
	ck_assert_uint_eq(kept, n);
}
END_TEST

/* Of a camera with more rates and sizes than the module takes every size stays, with its fastest and slowest rate. */
START_TEST(thinned)
{
	enum { SIZES = 40, RATES = 9, MOST = 100 };
	struct plateveil_mode modes[SIZES * RATES];
	uint32_t per_size[SIZES] = { 0 };

	for (uint32_t i = 0; i < SIZES * RATES; i++)
		modes[i] = (struct plateveil_mode){ .pixelformat = 1 + i / RATES % 2, .width = 100 + i / RATES / 2 * 2,
						    .height = 100, .numerator = 1 + i % RATES, .denominator = 90 };
	uint32_t n = pv_offer_thin(modes, SIZES * RATES, MOST);
	ck_assert_uint_eq(n, 2 * SIZES);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t size = modes[i].width - 100 + modes[i].pixelformat - 1;
		ck_assert_uint_eq(modes[i].numerator, per_size[size]++ ? RATES : 1);
	}
	/* What fits stays as it is, and of what does not at all the first does. */
	ck_assert_uint_eq(pv_offer_thin(modes, n, n), n);
	ck_assert_uint_eq(pv_offer_thin(modes, n, 3 * SIZES), n);
	ck_assert_uint_eq(pv_offer_thin(modes, n, SIZES / 2), SIZES / 2);
	ck_assert_uint_eq(modes[0].width, 100);
}
END_TEST

Suite *offer_suite(void)
{
	Suite *s = suite_create("offer");
	TCase *c = unit_case(s, "offer");

	tcase_add_test(c, thinned);
	tcase_add_loop_test(c, within_limits, 0, (int)(sizeof(limits) / sizeof(*limits)));
	return s;
}
