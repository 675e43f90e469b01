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

Suite *offer_suite(void)
{
	Suite *s = suite_create("offer");

	tcase_add_loop_test(unit_case(s, "offer"), within_limits, 0, (int)(sizeof(limits) / sizeof(*limits)));
	return s;
}
