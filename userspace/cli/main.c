// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil: the command line. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int pv_fail(const char *format, ...)
{
	va_list args;
	fputs("plateveil: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return PV_FAILED;
}

static const struct pv_command *find(const char *name)
{
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int pv_usage(const char *command)
{
	const struct pv_command *c = find(command);
	fprintf(stderr, "usage: plateveil %s %s\n", c->name, c->arguments);
	return PV_MISUSED;
}

static void take_out(int *argc, char **argv, int i, int n)
{
	*argc -= n;
	for (; i <= *argc; i++)		/* the NULL at the end too */
		argv[i] = argv[i + n];
}

bool pv_option(int *argc, char **argv, const char *option)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], option))
			continue;
		take_out(argc, argv, i, 1);
		return true;
	}
	return false;
}

const char *pv_option_value(int *argc, char **argv, const char *option)
{
	for (int i = 1; i + 1 < *argc; i++) {
		if (strcmp(argv[i], option))
			continue;
		const char *value = argv[i + 1];
		take_out(argc, argv, i, 2);
		return value;
	}
	return NULL;
}

static int help(FILE *out)
{
	fputs("plateveil: a camera that cannot show a licence plate\n\n", out);
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		fprintf(out, "  plateveil %-9s %s\n", c->name, c->summary);
	fputs("\n`plateveil COMMAND --help` says more. Alone, plateveil shows the status.\n", out);
	return out == stdout ? PV_DONE : PV_MISUSED;
}

int pv_cmd_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return pv_usage("version");
	puts("plateveil " PV_VERSION);
	return PV_DONE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return pv_cmd_status(1, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return help(stdout);
	if (!strcmp(argv[1], "--version"))
		return pv_cmd_version(1, argv);
	const struct pv_command *c = find(argv[1]);
	if (!c) {
		pv_fail("no command is called '%s'\n", argv[1]);
		return help(stderr);
	}
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--help"))
			continue;
		printf("usage: plateveil %s %s\n\n%s: %s\n%s", c->name, c->arguments, c->name,
		       c->summary, c->help);
		return PV_DONE;
	}
	return c->run(argc - 1, argv + 1);
}
