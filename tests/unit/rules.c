// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct pv_rules r;
static char why[400];

static void setup(void)
{
	pv_rules_default(&r);
	why[0] = 0;
}

static bool set(const char *name, const char *value)
{
	return pv_rules_set(&r, name, value, why, sizeof(why));
}

static bool load(const char *text)
{
	const char *path = unit_path("rules.conf");
	unit_write(path, text, strlen(text));
	why[0] = 0;
	return pv_rules_load(&r, path, why, sizeof(why));
}

static const char *get(const char *name)
{
	static char text[64];
	for (int i = 0; pv_rule_list[i].name; i++) {
		if (strcmp(pv_rule_list[i].name, name))
			continue;
		pv_rules_get(&r, i, text, sizeof(text));
		return text;
	}
	return "no such rule";
}

START_TEST(defaults)
{
	static const char *const known[][2] = {
		{ "style", "blur" },	{ "colour", "#202020" },	 { "margin", "10" },
		{ "hold", "500" },	{ "minimum-score", "0.4" }, { "search", "1920" },
		{ "deadline", "250" },	{ "lookahead", "0" },	 { "lease", "500" },
	};
	for (int i = 0; i < 9; i++)
		ck_assert_str_eq(get(known[i][0]), known[i][1]);
	ck_assert_ptr_null(pv_rule_list[9].name);
	ck_assert_int_eq(r.zone_count, 0);
}
END_TEST

/* Both ends of every range are good, what lies just past them is not. */
START_TEST(range_ends)
{
	static const struct {
		const char *name, *below, *least, *most, *above;
	} ends[] = {
		{ "margin", "-1", "0", "100", "101" },
		{ "hold", "-1", "0", "10000", "10001" },
		{ "minimum-score", "0.0199", "0.02", "0.95", "0.9501" },
		{ "search", "319", "320", "4096", "4097" },
		{ "deadline", "0", "1", "60000", "60001" },
		{ "lookahead", "-1", "0", "8", "9" },
		{ "lease", "49", "50", "60000", "60001" },
		{ "colour", "#-00001", "#000000", "#ffffff", "#1000000" },
	};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *bad[2] = { ends[i].below, ends[i].above };
		const char *good[2] = { ends[i].least, ends[i].most };
		for (int k = 0; k < 2; k++) {
			ck_assert_msg(set(ends[i].name, good[k]), "%s: %s", good[k], why);
			ck_assert_str_eq(get(ends[i].name), good[k]);
			struct pv_rules before = r;
			why[0] = 0;
			ck_assert(!set(ends[i].name, bad[k]));
			ck_assert_msg(strstr(why, ends[i].name) && strstr(why, bad[k]), "%s", why);
			ck_assert_mem_eq(&r, &before, sizeof(r));
		}
	}
}
END_TEST

START_TEST(bad_values)
{
	static const char *const bad[][2] = {
		{ "margin", "" },	  { "margin", "ten" },	    { "margin", "10 %" },
		{ "margin", "1.5" },	  { "margin", "10,5" },	    { "margin", "nan" },
		{ "hold", "inf" },	  { "hold", "99999999999999999999" },
		{ "hold", "1e999" },	  { "minimum-score", "nan" },
		{ "minimum-score", "" },  { "minimum-score", "0.5.5" },
		{ "minimum-score", "inf" }, { "style", "Blur" },    { "style", "" },
		{ "style", "pixel" },	  { "style", "none" },	    { "colour", "" },
		{ "colour", "red" },	  { "colour", "#fff" },	    { "colour", "#gggggg" },
		{ "colour", "0xffffff" }, { "colour", "#fffff" },   { "colour", "#ff ff0" },
		{ "deadline", "\n10" },	  { "margin", "1\n2" },	    { "margin", "10\nhold = 0" },
	};
	struct pv_rules before = r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why[0] = 0;
		ck_assert_msg(!set(bad[i][0], bad[i][1]), "%s = '%s'", bad[i][0], bad[i][1]);
		ck_assert_msg(strstr(why, bad[i][0]), "%s", why);
		ck_assert_mem_eq(&r, &before, sizeof(r));
	}
	ck_assert(!set("margins", "10"));
	for (int i = 0; pv_rule_list[i].name; i++)	/* the mend: all names there are */
		ck_assert(strstr(why, pv_rule_list[i].name));
	ck_assert(!set("", "10"));
	/* A reason that does not fit is cut, not written past its end. */
	char *tight = malloc(12);
	ck_assert_ptr_nonnull(tight);
	ck_assert(!pv_rules_set(&r, "margins", "10", tight, 12));
	ck_assert(!pv_rules_set(&r, "margin", "999999", tight, 12));
	ck_assert_uint_lt(strlen(tight), 12);
	free(tight);
}
END_TEST

START_TEST(good_file)
{
	ck_assert_msg(load("; how\n# ever\n\n[veil]\nstyle = fill\n colour=#AbCdEf\nmargin: 20 ; wide\n"
			   "[zone \"drive way\"]\nrectangle = 40 60 20 15\n"
			   "[zone \"b\"]\nrectangle = 0 0 100 100\n[veil]\nhold = 7\n"), "%s", why);
	ck_assert(r.style == PV_STYLE_FILL && r.colour == 0xabcdef && r.margin == 20 && r.hold == 7);
	ck_assert_int_eq(r.search, 1920);
	ck_assert_int_eq(r.zone_count, 2);
	ck_assert_str_eq(r.zones[0].name, "drive way");
	ck_assert(r.zones[0].left == 40 && r.zones[0].top == 60 && r.zones[0].width == 20 &&
		  r.zones[0].height == 15);
	/* What was said before does not stay when the file no longer says it. */
	ck_assert(load("[veil]\r\nmargin = 30\r\n"));
	ck_assert(r.margin == 30 && r.hold == 500 && !r.zone_count);
	ck_assert(load(""));
	ck_assert_int_eq(r.margin, 10);
}
END_TEST

START_TEST(bad_files)
{
	static const struct {
		const char *text, *place, *says;
	} bad[] = {
		{ "[veil]\nmargin = 10\nmargni = 10\n", ":3:", "margni" },
		{ "[veil]\n\n# x\nhold = -4\n", ":4:", "hold" },
		{ "[viel]\nmargin = 10\n", ":2:", "[viel]" },
		{ "margin = 10\n", ":1:", "section" },
		{ "[veil]\nhold\n", ":2:", "" },
		{ "[veil\nmargin = 10\n", ":1:", "" },
		{ "[veil]\nmargin = 999\nhold = -1\n", ":2:", "margin" },
		{ "[veil]\nmargin =\n", ":2:", "margin" },
		{ "[zone]\nrectangle = 1 1 1 1\n", ":2:", "zone" },
		{ "[zone \"\"]\nrectangle = 1 1 1 1\n", ":2:", "zone" },
		{ "[zone \"a\"]\nmask = 1 1 1 1\n", ":2:", "mask" },
		{ "[zone \"a\"]\nrectangle = 1 1 1\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 1 1 1 1 1\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 1 1 1 one\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = -1 1 5 5\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 1 1 0 5\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 60 1 41 5\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 1 60 5 41\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = nan nan nan nan\n", ":2:", "rectangle" },
		{ "[zone \"a\"]\nrectangle = 1 1 inf 5\n", ":2:", "rectangle" },
		{ "[zone \"a name of more than thirty-one letters\"]\nrectangle = 1 1 1 1\n", ":2:",
		  "letters" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		setup();
		r.margin = 77;
		struct pv_rules before = r;
		ck_assert_msg(!load(bad[i].text), "%s", bad[i].text);
		ck_assert_msg(strstr(why, bad[i].place) && strstr(why, bad[i].says), "%s for %s", why,
			      bad[i].text);
		ck_assert_ptr_nonnull(strstr(why, "rules.conf"));
		ck_assert_mem_eq(&r, &before, sizeof(r));
	}
}
END_TEST

/* The line that is named is the one that the reason is about. */
START_TEST(first_error_first)
{
	ck_assert(!load("[veil]\nno rule here\nmargin = 900\n"));
	ck_assert_msg(strstr(why, ":2:") && !strstr(why, "margin"), "%s", why);
}
END_TEST

START_TEST(zone_limits)
{
	char text[4096] = "";

	for (int i = 0; i <= PV_MAX_ZONES; i++) {
		size_t n = strlen(text);
		ck_assert(load(text));
		ck_assert_int_eq(r.zone_count, i);
		snprintf(text + n, sizeof(text) - n, "[zone \"z%d\"]\nrectangle = %d 1 1 1\n", i, i);
	}
	ck_assert(!load(text));
	ck_assert_ptr_nonnull(strstr(why, "zones"));
	/* The same name again is the same zone. */
	ck_assert(load("[zone \"a\"]\nrectangle = 1 1 1 1\n[zone \"a\"]\nrectangle = 2 2 2 2\n"));
	ck_assert(r.zone_count == 1 && r.zones[0].left == 2);
	ck_assert(load("[zone \"all\"]\nrectangle = 33.4 0 66.6 100\n"));
}
END_TEST

START_TEST(no_file)
{
	r.margin = 77;
	ck_assert(pv_rules_load(&r, unit_path("none.conf"), why, sizeof(why)));
	ck_assert_int_eq(r.margin, 10);
	ck_assert(pv_rules_load(&r, "/proc/no/such/folder", why, sizeof(why)));
}
END_TEST

/* A file that is there and cannot be read is not the same as none: its rules would be lost. */
START_TEST(unreadable)
{
	r.margin = 77;
	ck_assert(!pv_rules_load(&r, "/proc/version/under-a-file", why, sizeof(why)));
	ck_assert_msg(strstr(why, "cannot be read"), "%s", why);
	ck_assert_int_eq(r.margin, 77);
	why[0] = 0;
	ck_assert(!pv_rules_load(&r, "/proc/self", why, sizeof(why)));	/* a directory */
	ck_assert_msg(strstr(why, "cannot be read"), "%s", why);
	ck_assert_int_eq(r.margin, 77);
	/* Opens, but reading fails. */
	ck_assert(!pv_rules_load(&r, "/proc/self/mem", why, sizeof(why)));
	ck_assert_int_eq(r.margin, 77);
}
END_TEST

/* Long lines are read as one line or refused, never as two: the rest of a comment is no rule. */
START_TEST(long_lines)
{
	char text[2000];

	for (int n = 150; n < 700; n += 25) {
		snprintf(text, sizeof(text), "[veil]\n# %0*d\nmargin = 25\n", n, 0);
		ck_assert_msg(load(text), "a comment of %d letters: %s", n, why);
		ck_assert_int_eq(r.margin, 25);
	}
	snprintf(text, sizeof(text), "[veil]\n# %0180d  hold = 0                  hold = 0\n", 0);
	ck_assert_msg(load(text), "%s", why);
	ck_assert_int_eq(r.hold, 500);
	snprintf(text, sizeof(text), "[veil]\nmargin = %0300d\n", 5);
	if (load(text))
		ck_assert_int_eq(r.margin, 5);
	else
		ck_assert_msg(strstr(why, ":2:"), "%s", why);
}
END_TEST

/* Noise is refused or read, but never crashes the reader. */
START_TEST(noise)
{
	static const char letters[] = "[]\"=:;# \n\r\tveilzonerectanglemargin0123456789.-\xff\x01";
	const char *path = unit_path("noise.conf");
	char text[600];

	for (int k = 0; k < 1500; k++) {
		size_t n = unit_random() % sizeof(text);
		for (size_t i = 0; i < n; i++)
			text[i] = k % 5 ? letters[unit_random() % (sizeof(letters) - 1)] :
					  (char)unit_random();
		unit_write(path, text, n);
		why[0] = 0;
		if (!pv_rules_load(&r, path, why, sizeof(why)))
			ck_assert(why[0]);
	}
}
END_TEST

Suite *rules_suite(void)
{
	Suite *s = suite_create("rules");
	TCase *c = unit_case(s, "rules");

	tcase_add_checked_fixture(c, setup, unit_clean);
	tcase_add_test(c, defaults);
	tcase_add_test(c, range_ends);
	tcase_add_test(c, bad_values);
	tcase_add_test(c, good_file);
	tcase_add_test(c, bad_files);
	tcase_add_test(c, first_error_first);
	tcase_add_test(c, zone_limits);
	tcase_add_test(c, no_file);
	tcase_add_test(c, unreadable);
	tcase_add_test(c, long_lines);
	tcase_add_test(c, noise);
	return s;
}
