// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef PV_CLI_H
#define PV_CLI_H

#include <stddef.h>

#define PV_VERSION "0.1"

/* Exit status: 0 done, 1 it could not be done, 2 the command line was wrong. */
struct pv_command {
	const char *name, *arguments, *summary, *help;
	int (*run)(int argc, char **argv);	/* argv[0] is the command's name */
};

extern const struct pv_command pv_command_list[];	/* ends with a NULL name */

int pv_cmd_up(int argc, char **argv);
int pv_cmd_down(int argc, char **argv);
int pv_cmd_status(int argc, char **argv);
int pv_cmd_devices(int argc, char **argv);
int pv_cmd_rules(int argc, char **argv);
int pv_cmd_redact(int argc, char **argv);
int pv_cmd_gate(int argc, char **argv);
int pv_cmd_lock(int argc, char **argv);
int pv_cmd_doors(int argc, char **argv);
int pv_cmd_version(int argc, char **argv);

/* Prints "plateveil: ..." to stderr; returns 1. */
int pv_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints how the command is used; returns 2. */
int pv_usage(const char *command);

/* Asks plateveild; the whole answer goes to text. 0 for "ok", 1 for "error" (told), -1 if no
 * plateveild runs. */
int pv_ask(const char *request, char *text, size_t size);

#endif
