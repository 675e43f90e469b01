// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil: the command line. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static int help(FILE *out)
{
	fputs("plateveil: a camera that cannot show a licence plate\n\n", out);
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		fprintf(out, "  plateveil %-9s %s\n", c->name, c->summary);
	fputs("\n`plateveil COMMAND --help` says more. Alone, plateveil shows the status.\n", out);
	return out == stdout ? PV_DONE : PV_MISUSED;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return pv_cmd_status(1, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return help(stdout);
	if (!strcmp(argv[1], "--version"))
		return pv_cmd_version(1, argv);
	const struct pv_command *c = pv_command_find(argv[1]);
	if (!c) {
		pv_fail("no command is called '%s'\n", argv[1]);
		return help(stderr);
	}
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--help"))
			continue;
		char usage[40];
		int n = snprintf(usage, sizeof(usage), "usage: plateveil %s ", c->name);
		if (*c->arguments)
			pv_print_wrapped(usage, n, c->arguments);
		else
			puts(usage);
		printf("\n%s: %s\n%s", c->name, c->summary, c->help);
		return PV_DONE;
	}
	return c->run(argc - 1, argv + 1);
}
