// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil: the command line. One table of commands, one file a command. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct pv_command pv_command_list[] = {
	{ "up", "[CAMERA]", "veil a camera",
	  "CAMERA is a path such as /dev/video0; without it, the first camera found.\n"
	  "Makes a veiled view of it, an ordinary webcam for every application, and keeps\n"
	  "it veiled until `plateveil down`. Needs root and the plateveil module.\n",
	  pv_cmd_up },
	{ "down", "[CAMERA]", "stop veiling",
	  "CAMERA is the path of the camera or of its view; without it, all of them.\n"
	  "Applications that have the view open lose it.\n",
	  pv_cmd_down },
	{ "status", "", "what is veiled, and how it goes",
	  "One veil a paragraph. The state is `veiled` while sealed frames arrive, `card`\n"
	  "while applications see the placeholder, `idle` while nobody watches.\n",
	  pv_cmd_status },
	{ "devices", "", "the cameras and views of this machine", "", pv_cmd_devices },
	{ "rules", "[set RULE VALUE | check [FILE]]", "how plates are veiled",
	  "Without arguments: all rules, their values and what they mean.\n"
	  "set RULE VALUE   changes one in /etc/plateveil/plateveil.conf; running veils follow\n"
	  "check [FILE]     says whether a rules file is good, and where it is not\n",
	  pv_cmd_rules },
	{ "redact", "[--rule RULE=VALUE] IN.jpg OUT.jpg", "veil a photo",
	  "Finds plates in IN.jpg and writes it veiled to OUT.jpg, without the metadata of\n"
	  "the original (its thumbnail would show the plate). Needs no module and no root.\n"
	  "--rule sets a rule for this photo, for example --rule style=fill.\n"
	  "Prints a line a region: left top width height in pixels.\n",
	  pv_cmd_redact },
	{ "gate", "[CAMERA] --deny | --divert | --off [--stop]", "shut the cameras' own nodes",
	  "CAMERA is a path such as /dev/video0, and means whatever is plugged in at that place;\n"
	  "without it, all cameras, also those plugged in later.\n"
	  "--deny     applications that open the camera's own node are refused\n"
	  "--divert   they get the veiled view instead, as if it were the camera\n"
	  "--off      takes that gate away\n"
	  "--stop     sets the gate up although applications have the camera open: whatever they\n"
	  "           have open is dead, and the camera is plugged in anew, which ends streams\n"
	  "A gate stands until it is taken away, whether plateveild runs or not. Needs root.\n",
	  pv_cmd_gate },
	{ "lock", "", "keep the gates until the machine starts anew",
	  "From then on no gate and no veil can be taken away, no burned-in zone be made\n"
	  "smaller, and the module not be unloaded, by root neither. Needs root.\n",
	  pv_cmd_lock },
	{ "doors", "", "every way left to the raw picture",
	  "One line a finding: `shut`, `open`, or `root` for what only root can go through.\n"
	  "Status 1 if a door is open to others than root. As root it sees more.\n",
	  pv_cmd_doors },
	{ "version", "", "the version", "", pv_cmd_version },
	{ NULL, NULL, NULL, NULL, NULL },
};

int pv_fail(const char *format, ...)
{
	va_list args;
	fputs("plateveil: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 1;
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
	return 2;
}

static int help(FILE *out)
{
	fputs("plateveil: a camera that cannot show a licence plate\n\n", out);
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		fprintf(out, "  plateveil %-8s %s\n", c->name, c->summary);
	fputs("\n`plateveil COMMAND --help` says more. Alone, plateveil shows the status.\n", out);
	return out == stdout ? 0 : 2;
}

int pv_cmd_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return pv_usage("version");
	puts("plateveil " PV_VERSION);
	return 0;
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
		return 0;
	}
	return c->run(argc - 1, argv + 1);
}
