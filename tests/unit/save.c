// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing the rules file. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/rules.h"
#include "unit.h"

static char why[400];

static bool save(const char *path, const char *name, const char *value)
{
	why[0] = 0;
	return pv_rules_save(path, "veil", name, value, why, sizeof(why));
}

/* Puts `name = value` into a file that says `before`, which then must say `after`. */
static void change(const char *before, const char *name, const char *value, const char *after)
{
	const char *path = unit_path("rules.conf");

	unlink(path);
	if (before)
		unit_write(path, before, strlen(before));
	ck_assert_msg(save(path, name, value), "%s", why);
	char *text = unit_read(path);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, after);
	free(text);
	ck_assert_int_ne(access(unit_path("rules.conf.new"), F_OK), 0);
}

START_TEST(places)
{
	change(NULL, "margin", "20", "[veil]\nmargin = 20\n");
	change("", "margin", "20", "[veil]\nmargin = 20\n");
	change("[veil]\nmargin = 10\n", "margin", "20", "[veil]\nmargin = 20\n");
	change("[veil]\nmargin = 10", "hold", "9", "[veil]\nmargin = 10\nhold = 9\n");
	change("[veil]\n  margin:10\n", "margin", "20", "[veil]\nmargin = 20\n");
	/* Of several only one stays, or the last of them would win. */
	change("[veil]\nmargin = 1\nmargin = 2\n", "margin", "3", "[veil]\nmargin = 3\n");
	change("[veil]\n[zone \"a\"]\nrectangle = 1 1 1 1\n", "margin", "3",
	       "[veil]\nmargin = 3\n[zone \"a\"]\nrectangle = 1 1 1 1\n");
	change("[zone \"a\"]\nrectangle = 1 1 1 1\n", "margin", "3",
	       "[zone \"a\"]\nrectangle = 1 1 1 1\n[veil]\nmargin = 3\n");
	change("[veil]\nhold = 1\n[veil]\nmargin = 2\n", "margin", "3",
	       "[veil]\nhold = 1\nmargin = 3\n[veil]\n");
}
END_TEST

START_TEST(keeps_the_rest)
{
	change("# mine\n\n[veil]\n# margin = 5 was too little\nmargin = 10\nhold = 70\n; end\n\n"
	       "[zone \"margin\"]\nrectangle = 1 2 3 4\n# last",
	       "margin", "20",
	       "# mine\n\n[veil]\n# margin = 5 was too little\nmargin = 20\nhold = 70\n; end\n\n"
	       "[zone \"margin\"]\nrectangle = 1 2 3 4\n# last\n");
}
END_TEST

/* Other sections, and what goes. */
START_TEST(sections)
{
	static const struct {
		const char *before, *section, *name, *value, *after;
	} cases[] = {
		{ "[veil]\nmargin = 1\n", "veil \"Cam\"", "margin", "2",
		  "[veil]\nmargin = 1\n[veil \"Cam\"]\nmargin = 2\n" },
		{ "[veil \"Cam\"]\nmargin = 1\n[veil]\n", "veil \"Cam\"", "hold", "2",
		  "[veil \"Cam\"]\nmargin = 1\nhold = 2\n[veil]\n" },
		{ "[veil]\n# c\nmargin = 1\nhold = 2\n", "veil", "margin", NULL,
		  "[veil]\n# c\nhold = 2\n" },
		{ "[veil]\nhold = 2\n", "veil", "margin", NULL, "[veil]\nhold = 2\n" },
		{ "[veil]\nhold = 2\n", "zone \"a\"", "rectangle", "1 2 3 4",
		  "[veil]\nhold = 2\n[zone \"a\"]\nrectangle = 1 2 3 4\n" },
		{ "[zone \"a\"]\nrectangle = 1 2 3 4\n# next\n[veil]\nhold = 2\n", "zone \"a\"", NULL, NULL,
		  "# next\n[veil]\nhold = 2\n" },
	};
	const char *path = unit_path("rules.conf");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unit_write(path, cases[i].before, strlen(cases[i].before));
		ck_assert_msg(pv_rules_save(path, cases[i].section, cases[i].name, cases[i].value, why,
					    sizeof(why)), "%s", why);
		char *text = unit_read(path);
		ck_assert_str_eq(text, cases[i].after);
		free(text);
	}
}
END_TEST

START_TEST(keeps_the_mode)
{
	const char *path = unit_path("rules.conf");
	struct stat st;

	unit_write(path, "[veil]\n", 7);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert(save(path, "margin", "20"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0640);
}
END_TEST

/* What a link leads to is written, and the link stays. */
START_TEST(through_a_link)
{
	char link[300];
	const char *path;
	struct stat st;

	snprintf(link, sizeof(link), "%s", unit_path("link.conf"));
	path = unit_path("rules.conf");
	unit_write(path, "[veil]\n", 7);
	ck_assert_int_eq(symlink("rules.conf", link), 0);
	ck_assert_msg(save(link, "margin", "20"), "%s", why);
	ck_assert(!lstat(link, &st) && S_ISLNK(st.st_mode));
	char *text = unit_read(unit_path("rules.conf"));
	ck_assert_str_eq(text, "[veil]\nmargin = 20\n");
	free(text);
}
END_TEST

/* Whoever may write to the folder may put a link where the new file is to be, to one that is another's. */
START_TEST(through_no_link_of_anothers)
{
	char fresh[300], other[300];
	struct stat st;

	snprintf(fresh, sizeof(fresh), "%s", unit_path("rules.conf.new"));
	snprintf(other, sizeof(other), "%s", unit_path("another"));
	for (int hard = 0; hard < 2; hard++) {
		unlink(fresh);
		unit_write(other, "mine\n", 5);
		ck_assert_int_eq(hard ? link(other, fresh) : symlink("another", fresh), 0);
		ck_assert(!save(unit_path("rules.conf"), "margin", "20"));
		ck_assert_msg(strstr(why, "rules.conf.new") && strstr(why, "remove it"), "%s", why);
		ck_assert(!stat(other, &st) && st.st_size == 5);
	}
	unlink(fresh);
	unlink(other);
}
END_TEST

START_TEST(makes_the_folder)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/plateveil.conf", unit_path("fresh"));
	ck_assert_msg(save(path, "margin", "20"), "%s", why);
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
}
END_TEST

/* What was set is what is read back, whatever the file looked like before. */
START_TEST(read_back)
{
	static const char *const files[] = {
		"", "\n\n", "[veil]", "[veil] ; all\nhold = 3\n", "\xef\xbb\xbf[veil]\nmargin = 40\n",
		"[veil]\r\nmargin = 40\r\n", "[zone \"a\"]\nrectangle = 1 1 1 1",
		"[veil]\nhold = 3\n\t\n# c\n", "[veil]\nmargin = 40\n  41\n",
		"  [veil]\nmargin = 40\n",
	};
	static const char *const values[][2] = {
		{ "margin", "33" },	 { "style", "fill" },	   { "colour", "#123456" },
		{ "minimum-score", "0.5" }, { "margin", "33 " }, { "margin", " 33" },
		{ "margin", "0x21" },	 { "margin", "3.3e1" },
	};
	const char *path = unit_path("rules.conf");
	struct pv_rules want, got;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++) {
			unit_write(path, files[i], strlen(files[i]));
			if (!pv_rules_load(&want, path, why, sizeof(why)) ||
			    !pv_rules_set(&want, values[k][0], values[k][1], why, sizeof(why)))
				continue;
			ck_assert_msg(save(path, values[k][0], values[k][1]), "%s", why);
			ck_assert_msg(pv_rules_load(&got, path, why, sizeof(why)), "%s", why);
			ck_assert_msg(!memcmp(&got, &want, sizeof(got)), "file %zu, %s = '%s'", i,
				      values[k][0], values[k][1]);
		}
	}
}
END_TEST

/* What could not be read back is not kept: plateveild would not start with it. */
START_TEST(unreadable)
{
	const char *path = unit_path("rules.conf"), *before = "[veil]\nmargin = 40\n";
	char longest[300];

	memset(longest, '7', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	unit_write(path, before, strlen(before));
	ck_assert(!save(path, "colour", longest));
	ck_assert_msg(strstr(why, "cannot be kept") && strstr(why, "longer"), "%s", why);
	ck_assert(!pv_rules_save(path, "zone \"a ;b\"", "rectangle", "1 1 1 1", why, sizeof(why)));
	char *text = unit_read(path);
	ck_assert_str_eq(text, before);
	free(text);
	ck_assert_int_ne(access(unit_path("rules.conf.new"), F_OK), 0);
}
END_TEST

/* Nor what drop-ins do not go with. */
START_TEST(beside_drop_ins)
{
	char path[300], folder[300];
	static const char zone[] = "[zone \"a\"]\nrectangle = 1 1 1 1\n", more[] = "[zone \"a\"]\nkind = ignore\n";

	snprintf(path, sizeof(path), "%s", unit_path("rules.conf"));
	snprintf(folder, sizeof(folder), "%s", unit_path("rules.conf.d"));
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	unit_write(path, zone, strlen(zone));
	unit_write(unit_path("rules.conf.d/x.conf"), more, strlen(more));
	ck_assert(!pv_rules_save(path, "zone \"a\"", NULL, NULL, why, sizeof(why)));
	ck_assert_msg(strstr(why, "cannot be kept") && strstr(why, "x.conf"), "%s", why);
	ck_assert_msg(save(path, "margin", "20"), "%s", why);
	unlink(unit_path("rules.conf.d/x.conf"));
	rmdir(folder);
}
END_TEST

/* A stray zero byte, as a crash of the machine leaves in files, is no reason to crash as well. */
START_TEST(zero_bytes)
{
	static const char text[] = "[veil]\n\0\nhold = 3\n\0\0";
	const char *path = unit_path("rules.conf");

	unit_write(path, text, sizeof(text) - 1);
	save(path, "margin", "20");
}
END_TEST

/* Many at once: what each has changed is there in the end. */
START_TEST(together)
{
	static const char *const rules[][2] = { { "margin", "20" }, { "hold", "900" }, { "lookahead", "3" },
						{ "deadline", "900" }, { "lease", "900" }, { "search", "1280" } };
	enum { N = sizeof(rules) / sizeof(*rules), TURNS = 20 };
	const char *path = unit_path("rules.conf");
	pid_t pids[N];
	int status;

	for (int turn = 0; turn < TURNS; turn++) {
		unlink(path);
		for (int i = 0; i < N; i++) {
			pids[i] = fork();
			if (!pids[i])
				_exit(!save(path, rules[i][0], rules[i][1]));
		}
		for (int i = 0; i < N; i++)
			ck_assert(waitpid(pids[i], &status, 0) == pids[i] && !status);
		char *text = unit_read(path);
		ck_assert_ptr_nonnull(text);
		for (int i = 0; i < N; i++)
			ck_assert_msg(strstr(text, rules[i][0]) != NULL, "%s is lost: %s", rules[i][0], text);
		free(text);
	}
	ck_assert_int_ne(access(unit_path("rules.conf.new"), F_OK), 0);
}
END_TEST

START_TEST(nowhere_to_write)
{
	static const char *const paths[] = { "/proc/plateveil.conf", "/proc/version/plateveil.conf",
					     "/proc/no/such/folder.conf" };
	for (size_t i = 0; i < 3; i++) {
		ck_assert(!save(paths[i], "margin", "20"));
		ck_assert_msg(strstr(why, paths[i]) && strstr(why, "cannot be"), "%s", why);
	}
	/* A link: what it leads to is named. */
	ck_assert(!save("/proc/self", "margin", "20"));
	ck_assert_msg(strstr(why, "/proc/") && strstr(why, "cannot be"), "%s", why);
}
END_TEST

/* A full disk, played by a limit on a file's size: the old file stays, and nothing beside it. */
START_TEST(full_disk)
{
	const char *path = unit_path("rules.conf");
	struct rlimit limit, small;
	char text[6000];

	memset(text, '\n', sizeof(text));
	memcpy(text, "[veil]\nmargin = 10\n", 19);
	unit_write(path, text, sizeof(text));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	bool done = save(path, "margin", "20");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert(!done);
	ck_assert_msg(strstr(why, "the old rules stay"), "%s", why);
	char *now = unit_read(path);
	ck_assert_ptr_nonnull(now);
	ck_assert_mem_eq(now, text, sizeof(text));
	free(now);
	ck_assert_int_ne(access(unit_path("rules.conf.new"), F_OK), 0);
}
END_TEST

Suite *save_suite(void)
{
	Suite *s = suite_create("save");
	TCase *c = unit_case(s, "save");

	tcase_add_checked_fixture(c, NULL, unit_clean);
	tcase_add_test(c, places);
	tcase_add_test(c, keeps_the_rest);
	tcase_add_test(c, sections);
	tcase_add_test(c, keeps_the_mode);
	tcase_add_test(c, through_a_link);
	tcase_add_test(c, through_no_link_of_anothers);
	tcase_add_test(c, makes_the_folder);
	tcase_add_test(c, read_back);
	tcase_add_test(c, unreadable);
	tcase_add_test(c, beside_drop_ins);
	tcase_add_test(c, zero_bytes);
	tcase_add_test(c, together);
	tcase_add_test(c, nowhere_to_write);
	tcase_add_test(c, full_disk);
	return s;
}
