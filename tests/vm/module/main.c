// SPDX-License-Identifier: GPL-2.0-or-later
/* module-tests [NAME...]: the tests of the module alone; it must be loaded. */
#include "tests.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT 300	/* seconds a test may take */

static const struct {
	const char *name;
	void (*run)(void);
	bool last;	/* what cannot be undone is run only when asked for */
} tests[] = {
	{ .name = "uapi", .run = test_uapi },
	{ .name = "feed", .run = test_feed },
	{ .name = "jpeg", .run = test_jpeg },
	{ .name = "card", .run = test_card },
	{ .name = "zones", .run = test_zones },
	{ .name = "watched", .run = test_watched },
	{ .name = "controls", .run = test_controls },
	{ .name = "modes", .run = test_modes },
	{ .name = "buffers", .run = test_buffers },
	{ .name = "life", .run = test_life },
	{ .name = "gate", .run = test_gate },
	{ .name = "pass", .run = test_pass },
	{ .name = "divert", .run = test_divert },
	{ .name = "turns", .run = test_turns },
	{ .name = "lock", .run = test_lock, .last = true },
};

static int wrong;

void check(bool ok, const char *what, ...)
{
	va_list args;

	va_start(args, what);
	printf("%s - ", ok ? "ok" : "not ok");
	vprintf(what, args);
	putchar('\n');
	va_end(args);
	wrong += !ok;
}

void refused(int got, int why, const char *what)
{
	bool ok = got < 0 && errno == why;

	if (ok)
		check(true, "%s: %s", what, strerror(why));
	else
		check(false, "%s: %s, wanted %s", what, got < 0 ? strerror(errno) : "accepted",
		      strerror(why));
}

void need(bool ok, const char *what)
{
	if (ok)
		return;
	check(false, "%s: %s", what, strerror(errno));
	exit(1);
}

/* In a process of its own: what it leaves open goes with it. */
static bool run(const char *name, void (*test)(void))
{
	int status;

	printf("# %s\n", name);
	pid_t pid = fork();
	if (!pid) {
		alarm(LIMIT);
		test();
		exit(wrong ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFSIGNALED(status))
		printf("not ok - %s ended by signal %d\n", name, WTERMSIG(status));
	return !status;
}

int main(int argc, char **argv)
{
	bool good = true, any = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		bool asked = argc < 2 && !tests[i].last;
		for (int k = 1; k < argc; k++)
			asked |= !strcmp(argv[k], tests[i].name);
		if (asked && tests[i].run)
			good &= run(tests[i].name, tests[i].run);
		any |= asked;
	}
	if (!any)
		fprintf(stderr, "module-tests: no such test\n");
	return any && good ? 0 : 1;
}
