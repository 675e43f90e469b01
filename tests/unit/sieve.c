// SPDX-License-Identifier: GPL-2.0-or-later
#include "veild/sieve.h"

#include "unit.h"

/* A detection of this height round a point of a picture of 200 x 100. */
static struct pv_detection at(float x, float y, float tall)
{
	return (struct pv_detection){ x - tall, y - tall / 2, x + tall, y + tall / 2, 0.9f };
}

static int kept(const struct pv_rules *r, struct pv_detection d)
{
	return pv_sieve(r, 200, 100, &d, 1);
}

START_TEST(heights)
{
	struct pv_rules r;

	pv_rules_default(&r);
	ck_assert_int_eq(kept(&r, at(100, 50, 1)), 1);
	ck_assert_int_eq(kept(&r, at(100, 50, 90)), 1);
	r.minimum_height = 10;
	r.maximum_height = 40;
	ck_assert_int_eq(kept(&r, at(100, 50, 9)), 0);
	ck_assert_int_eq(kept(&r, at(100, 50, 10)), 1);
	ck_assert_int_eq(kept(&r, at(100, 50, 40)), 1);
	ck_assert_int_eq(kept(&r, at(100, 50, 41)), 0);
	/* Of these the picture's edge may have the rest. */
	ck_assert_int_eq(kept(&r, at(100, 4, 8)), 1);
	ck_assert_int_eq(kept(&r, at(100, 95, 8)), 1);
	ck_assert_int_eq(kept(&r, at(100, 90, 8)), 0);
	ck_assert_int_eq(kept(&r, at(4, 50, 8)), 0);
}
END_TEST

START_TEST(ignored)
{
	char why[200];
	struct pv_rules r;
	struct pv_detection d[3] = { at(20, 10, 8), at(100, 50, 8), at(180, 90, 8) };

	pv_rules_default(&r);
	ck_assert(pv_zone_set(&r.zones[0], "polygon", "40 40, 60 40, 50 70", why, sizeof(why)));
	r.zone_count = 1;
	ck_assert_int_eq(pv_sieve(&r, 200, 100, d, 3), 3);	/* a mask takes none away */
	r.zones[0].kind = PV_ZONE_IGNORE;
	ck_assert_int_eq(pv_sieve(&r, 200, 100, d, 3), 2);
	ck_assert(d[0].x0 < 20 && d[1].x0 > 150);
}
END_TEST

Suite *sieve_suite(void)
{
	Suite *s = suite_create("sieve");
	TCase *c = unit_case(s, "sieve");

	tcase_add_test(c, heights);
	tcase_add_test(c, ignored);
	return s;
}
