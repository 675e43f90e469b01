// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct pv_rules again;

	for (int i = 0; pv_rule_list[i].name; i++) {
		const char *first = pv_rule_list[i].first;
		ck_assert_str_eq(get(pv_rule_list[i].name), first);
		/* What is shown can be set. */
		ck_assert_msg(set(pv_rule_list[i].name, first), "%s", why);
		ck_assert(*pv_rule_list[i].values && *pv_rule_list[i].help);
		ck_assert_int_eq(pv_rule_find(pv_rule_list, pv_rule_list[i].name), i);
	}
	pv_rules_default(&again);
	ck_assert_mem_eq(&again, &r, sizeof(r));
	ck_assert_int_eq(r.zone_count, 0);
	ck_assert_int_eq(r.lease, 500);	/* half a second, as the README promises */
	ck_assert(r.automatic && r.style == PV_STYLE_BLUR && r.gate == PV_GATE_OFF);
}
END_TEST

/* Both ends of every range are good, what lies just past them is not. */
START_TEST(range_ends)
{
	static const struct {
		const char *name, *below, *least, *most, *above;
	} ends[] = {
		{ "margin", "-1", "0", "100", "101" },
		{ "hold", "-1", "0", "60000", "60001" },
		{ "minimum-score", "0.0199", "0.02", "0.95", "0.9501" },
		{ "search", "319", "320", "4096", "4097" },
		{ "deadline", "0", "1", "60000", "60001" },
		{ "lookahead", "-1", "0", "8", "9" },
		{ "lease", "49", "50", "60000", "60001" },
		{ "colour", "#-00001", "#000000", "#ffffff", "#1000000" },
		{ "card-colour", "#-00001", "#000000", "#ffffff", "#1000000" },
		{ "card-text", " x", "x", "31 letters # = [digits] \"signs\"",
		  "and one more than 31 of all those" },
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
		{ "style", "pixel" },	  { "style", "none" },	    { "gate", "on" },
		{ "automatic", "maybe" }, { "maximum-size", "640" }, { "maximum-size", "640x" },
		{ "maximum-size", "640x480x3" }, { "maximum-size", "0x0" }, { "maximum-size", "-640x480" },
		{ "maximum-size", "99999x480" }, { "schedule", "" }, { "schedule", "8:00-18:00" },
		{ "schedule", "08:00-18:00," }, { "schedule", "08:00" }, { "schedule", "08:60-10:00" },
		{ "schedule", "24:01-10:00" }, { "schedule", "08:00-08:00" }, { "schedule", "08:00-10:0" },
		{ "schedule", "01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00" },	    { "colour", "" },
		{ "colour", "red" },	  { "colour", "#fff" },	    { "colour", "#gggggg" },
		{ "colour", "0xffffff" }, { "colour", "#fffff" },   { "colour", "#ff ff0" },
		{ "deadline", "\n10" },	  { "margin", "1\n2" },	    { "margin", "10\nhold = 0" },
		{ "card-text", "" },	  { "card-text", "a ; b" }, { "card-text", "a\nb" },
		{ "card-text", "\xc3\xa4" }, { "card-text", "end " }, { "card-colour", "red" },
	};
	struct pv_rules before = r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why[0] = 0;
		ck_assert_msg(!set(bad[i][0], bad[i][1]), "%s = '%s'", bad[i][0], bad[i][1]);
		ck_assert_msg(strstr(why, bad[i][0]), "%s", why);
		ck_assert_mem_eq(&r, &before, sizeof(r));
	}
	ck_assert(!set("blah", "10"));
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

START_TEST(nearest)
{
	static const char *const typos[][2] = {
		{ "margni", "margin" }, { "margins", "margin" }, { "color", "colour" },
		{ "minimum_score", "minimum-score" }, { "hodl", "hold" }, { "Style", "style" },
		{ "maximum-rat", "maximum-rate" }, { "look-ahead", "lookahead" },
	};
	for (size_t i = 0; i < sizeof(typos) / sizeof(*typos); i++) {
		ck_assert(!set(typos[i][0], "1"));
		char hint[80];
		snprintf(hint, sizeof(hint), "did you mean '%s'?", typos[i][1]);
		ck_assert_msg(strstr(why, hint), "%s", why);
	}
	ck_assert_ptr_null(pv_rule_nearest(pv_rule_list, "zebra"));
	ck_assert_ptr_null(pv_rule_nearest(pv_rule_list, "a name of more than forty letters is near to nothing"));
	ck_assert_str_eq(pv_rule_nearest(pv_zone_rule_list, "rectangel"), "rectangle");
}
END_TEST

START_TEST(schedules)
{
	ck_assert(pv_schedule_allows(&r.schedule, 0) && pv_schedule_allows(&r.schedule, 1439));
	ck_assert(set("schedule", "07:30-18:00, 22:00-02:00"));
	ck_assert_str_eq(get("schedule"), "07:30-18:00,22:00-02:00");
	static const struct { int minute; bool allowed; } day[] = {
		{ 0, true }, { 119, true }, { 120, false }, { 449, false }, { 450, true },
		{ 1079, true }, { 1080, false }, { 1319, false }, { 1320, true }, { 1439, true },
	};
	for (size_t i = 0; i < sizeof(day) / sizeof(*day); i++)
		ck_assert_int_eq(pv_schedule_allows(&r.schedule, day[i].minute), day[i].allowed);
	ck_assert(set("schedule", "00:00-24:00") && pv_schedule_allows(&r.schedule, 1439));
	ck_assert(set("maximum-size", "1280x720") && r.maximum_size.width == 1280);
	ck_assert_str_eq(get("maximum-size"), "1280x720");
	ck_assert(set("gate", "divert") && r.gate == PV_GATE_DIVERT);
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
		{ "[viel]\nmargin = 10\n", ":1:1:", "[viel]" },
		{ "[veil \"\"]\nmargin = 10\n", ":1:1:", "not known" },
		{ "[veil \"a\"b\"]\nmargin = 10\n", ":1:1:", "not known" },
		{ "[veil]\n  margin =   many ; x\n", ":2:14:", "many" },
		{ "[veil]\n\tmargni = 3\n", ":2:2:", "did you mean 'margin'" },
		{ "margin = 10\n", ":1:", "section" },
		{ "[veil]\nhold\n", ":2:", "" },
		{ "[veil\nmargin = 10\n", ":1:", "" },
		{ "[veil]\nmargin = 999\nhold = -1\n", ":2:", "margin" },
		{ "[veil]\nmargin =\n", ":2:", "margin" },
		{ "[viel]\n[veil]\nmargin = 10\n", ":1:1:", "[viel]" },
		{ "[veil]\nmargin = 10\n[zone \"a\"]\n", ":3:1:", "neither a rectangle" },
		{ "[zone]\nrectangle = 1 1 1 1\n", ":1:1:", "zone" },
		{ "[zone \"\"]\nrectangle = 1 1 1 1\n", ":1:1:", "zone" },
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
		{ "[zone \"a name of more than thirty-one letters\"]\nrectangle = 1 1 1 1\n", ":1:1:",
		  "letters" },
		{ "[zone \"a\"]\nkind = mask\n", ":1:1:", "neither a rectangle" },
		{ "[zone \"a\"]\nkind = veil\n", ":2:8:", "kind" },
		{ "[zone \"a\"]\npolygon = 1 1, 2 2\n", ":2:11:", "corners" },
		{ "[zone \"a\"]\npolygon = 1 1, 2 2, 3 101\n", ":2:11:", "corners" },
		{ "[zone \"a\"]\npolygon = 1 1, 1 2, 1 3\n", ":2:11:", "corners" },
		{ "[zone \"a\"]\npolygon = 1 1, 1 2, 4 3,\n", ":2:11:", "corners" },
		{ "[zone \"a\"]\npolygon = 1 1, 1 2, 4\n", ":2:11:", "corners" },
		{ "[zone \"a\"]\nburned = yes\npolygon = 1 1, 1 2, 4 3\n", ":1:1:", "burned" },
		{ "[zone \"a\"]\nburned = yes\nkind = ignore\nrectangle = 1 1 1 1\n", ":1:1:", "burned" },
		{ "[zone \"a\"]\npoligon = 1 1, 1 2, 4 3\n", ":2:1:", "did you mean 'polygon'" },
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

START_TEST(polygons)
{
	ck_assert_msg(load("[zone \"a\"]\npolygon = 10 10, 90 10, 90 90, 50 50, 10 90\nkind = ignore\n"), "%s", why);
	const struct pv_zone *z = &r.zones[0];
	char text[200];
	ck_assert(z->points == 5 && z->left == 10 && z->width == 80 && z->kind == PV_ZONE_IGNORE);
	pv_zone_shape(z, text, sizeof(text));
	ck_assert_str_eq(text, "polygon = 10 10, 90 10, 90 90, 50 50, 10 90");
	ck_assert(pv_zone_contains(z, 50, 20) && pv_zone_contains(z, 15, 70));
	ck_assert(!pv_zone_contains(z, 50, 70) && !pv_zone_contains(z, 5, 50) &&
		  !pv_zone_contains(z, 95, 50) && !pv_zone_contains(z, 50, 95));
	ck_assert(load("[zone \"a\"]\nrectangle = 10 20 30 40\nburned = yes\n"));
	z = &r.zones[0];
	ck_assert(z->burned && z->kind == PV_ZONE_MASK);
	ck_assert(pv_zone_contains(z, 10, 20) && pv_zone_contains(z, 39, 59));
	ck_assert(!pv_zone_contains(z, 41, 30) && !pv_zone_contains(z, 20, 61));
	pv_zone_shape(z, text, sizeof(text));
	ck_assert_str_eq(text, "rectangle = 10 20 30 40");
}
END_TEST

/* What is said of one camera goes before what of all, and a drop-in before the main file. */
START_TEST(cameras_and_drop_ins)
{
	char path[300], place[300], folder[300];
	struct pv_ruleset *s;

	snprintf(path, sizeof(path), "%s", unit_path("rules.conf"));
	snprintf(folder, sizeof(folder), "%s", unit_path("rules.conf.d"));
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	static const char main_file[] =
		"[veil \"Cam A\"]\nmargin = 30\n[veil]\nmargin = 5\nhold = 1\n"
		"[zone \"one\"]\nrectangle = 1 1 1 1\ncamera = Cam A\n";
	unit_write(path, main_file, strlen(main_file));
	unit_write(unit_path("rules.conf.d/20.conf"), "[veil]\nhold = 3\n", 16);
	unit_write(unit_path("rules.conf.d/10.conf"), "[veil]\nhold = 2\n", 16);
	unit_write(unit_path("rules.conf.d/30.conf~"), "rubbish\n", 8);
	s = pv_ruleset_read(path, why, sizeof(why));
	ck_assert_msg(s != NULL, "%s", why);
	pv_ruleset_apply(s, "Cam A", "usb-1", &r);
	ck_assert(r.margin == 30 && r.hold == 3 && r.zone_count == 1);
	pv_ruleset_apply(s, "Cam B", "usb-1", &r);
	ck_assert(r.margin == 5 && r.hold == 3 && r.zone_count == 0);
	ck_assert(pv_ruleset_place(s, "Cam A", NULL, pv_rule_find(pv_rule_list, "margin"), place, sizeof(place)));
	ck_assert_ptr_nonnull(strstr(place, "rules.conf:2"));
	ck_assert(pv_ruleset_place(s, "Cam B", NULL, pv_rule_find(pv_rule_list, "margin"), place, sizeof(place)));
	ck_assert_ptr_nonnull(strstr(place, "rules.conf:4"));
	ck_assert(pv_ruleset_place(s, NULL, NULL, pv_rule_find(pv_rule_list, "hold"), place, sizeof(place)));
	ck_assert_ptr_nonnull(strstr(place, "20.conf:2"));
	ck_assert(!pv_ruleset_place(s, NULL, NULL, pv_rule_find(pv_rule_list, "style"), place, sizeof(place)));
	ck_assert(pv_ruleset_zone_place(s, "one", place, sizeof(place)));
	ck_assert_ptr_nonnull(strstr(place, ":6"));
	ck_assert_str_eq(pv_ruleset_camera(s, 0), "Cam A");
	ck_assert_ptr_null(pv_ruleset_camera(s, 1));
	pv_ruleset_free(s);
	/* A bad drop-in is named. */
	unit_write(unit_path("rules.conf.d/10.conf"), "[veil]\nhold = x\n", 16);
	ck_assert_ptr_null(pv_ruleset_read(path, why, sizeof(why)));
	ck_assert_msg(strstr(why, "10.conf:2:8:"), "%s", why);
	unlink(unit_path("rules.conf.d/10.conf"));
	unlink(unit_path("rules.conf.d/20.conf"));
	unlink(unit_path("rules.conf.d/30.conf~"));
	rmdir(folder);
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
	tcase_add_test(c, nearest);
	tcase_add_test(c, schedules);
	tcase_add_test(c, good_file);
	tcase_add_test(c, bad_files);
	tcase_add_test(c, first_error_first);
	tcase_add_test(c, zone_limits);
	tcase_add_test(c, polygons);
	tcase_add_test(c, cameras_and_drop_ins);
	tcase_add_test(c, no_file);
	tcase_add_test(c, unreadable);
	tcase_add_test(c, long_lines);
	tcase_add_test(c, noise);
	return s;
}
