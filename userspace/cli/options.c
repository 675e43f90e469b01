// SPDX-License-Identifier: GPL-2.0-or-later
/* What all commands share: options, and what to say when something is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

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

const struct pv_command *pv_command_find(const char *name)
{
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

void pv_usage_line(FILE *out, const struct pv_command *c)
{
	char usage[40];
	int n = snprintf(usage, sizeof(usage), "usage: plateveil %s%s", c->name, *c->arguments ? " " : "");

	if (*c->arguments)
		pv_print_wrapped(out, usage, n, c->arguments);
	else
		fprintf(out, "%s\n", usage);
}

int pv_usage(const char *command)
{
	pv_usage_line(stderr, pv_command_find(command));
	fprintf(stderr, "`plateveil %s --help` says more.\n", command);
	return PV_MISUSED;
}

static void take_out(int *argc, char **argv, int i, int n)
{
	*argc -= n;
	for (; i <= *argc; i++)		/* the NULL at the end too */
		argv[i] = argv[i + n];
}

bool pv_is_option(const char *word)
{
	return *word == '-' && word[1];
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
