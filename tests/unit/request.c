// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of the control socket. */
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "veild/control.h"

static struct pv_request r;
static char why[200];

static bool parse(const char *line)
{
	why[0] = 0;
	return !pv_request_parse(line, strlen(line), &r, why, sizeof(why));
}

START_TEST(good)
{
	ck_assert(parse("{\"version\": 1, \"request\": \"status\"}"));
	ck_assert_str_eq(r.name, "status");
	ck_assert_str_eq(r.camera, "");
	ck_assert(parse("{\"camera\":\"/dev/video0\",\"request\":\"up\",\"version\":1,\"new\":[1]}\r"));
	ck_assert_str_eq(r.camera, "/dev/video0");
}
END_TEST

START_TEST(bad)
{
	static const char *const lines[][2] = {
		{ "", "JSON" }, { "status", "JSON" }, { "[]", "JSON" }, { "{", "JSON" }, { "1", "JSON" },
		{ "{}", "version" }, { "{\"version\": 2, \"request\": \"status\"}", "version 1" },
		{ "{\"version\": \"1\", \"request\": \"status\"}", "version 1" },
		{ "{\"version\": 1}", "no such request" },
		{ "{\"version\": 1, \"request\": 3}", "no such request" },
		{ "{\"version\": 1, \"request\": \"a name that is far too long\"}", "no such request" },
		{ "{\"version\": 1, \"request\": \"up\", \"camera\": {}}", "camera" },
	};
	char line[700];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		ck_assert_msg(!parse(lines[i][0]), "%s", lines[i][0]);
		ck_assert_msg(strstr(why, lines[i][1]), "%s: %s", lines[i][0], why);
	}
	snprintf(line, sizeof(line), "{\"version\": 1, \"request\": \"up\", \"camera\": \"%0300d\"}", 0);
	ck_assert(!parse(line));
	ck_assert_msg(strstr(why, "camera"), "%s", why);
}
END_TEST

Suite *request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *c = unit_case(s, "request");

	tcase_add_test(c, good);
	tcase_add_test(c, bad);
	return s;
}
