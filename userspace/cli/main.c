// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil: the command line. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int help(FILE *out)
{
	fputs("plateveil: a camera that cannot show a licence plate\n\n", out);
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		fprintf(out, "  plateveil %-9s %s\n", c->name, c->summary);
	fputs("\n`plateveil COMMAND --help` says more. Alone, plateveil shows the status.\n", out);
	return out == stdout ? PV_DONE : PV_MISUSED;
}

static int help_of(const struct pv_command *c)
{
	pv_usage_line(stdout, c);
	printf("\n%s: %s\n%s", c->name, c->summary, c->help);
	return PV_DONE;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word))) {
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
		at += n;
	}
	return false;
}

/* Of what was misused, options that there are none of. */
static void tell_unknown(const struct pv_command *c, int argc, char **argv)
{
	for (int i = 2; i < argc && argv[i]; i++)
		if (!strncmp(argv[i], "--", 2) && !has_word(c->words, argv[i]))
			pv_fail("%s has no option %s", c->name, argv[i]);
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return pv_cmd_status(1, argv);
	if (is_help(argv[1]) && argc < 3)
		return help(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return pv_cmd_version(1, argv);
	if (is_help(argv[1])) {
		argv[1] = argv[2];
		argv[2] = "--help";
	}
	const struct pv_command *c = pv_command_find(argv[1]);
	if (!c) {
		pv_fail("no command is called '%s'\n", argv[1]);
		return help(stderr);
	}
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return help_of(c);
	int status = c->run(argc - 1, argv + 1);
	if (status == PV_MISUSED)
		tell_unknown(c, argc, argv);
	return status;
}

/* What is opened must not become standard input, output or errors of one that was started without. */
static void fill_gaps(void)
{
	int fd;

	/* Not to be written to: what is printed for nobody was not said. */
	while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	fill_gaps();
	int status = run(argc, argv);

	/* What was not printed, to a full disk say, was not said. */
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE && status == PV_DONE)
		return pv_fail("standard output cannot be written: %s", strerror(errno));
	return status;
}
