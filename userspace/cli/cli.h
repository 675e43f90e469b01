// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line: one table of commands (table.c), one file a command. */
#ifndef PV_CLI_H
#define PV_CLI_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "frame/frame.h"

#define PV_VERSION "0.1"

/* Exit status of every command. */
enum {
	PV_DONE = 0,
	PV_FAILED = 1,		/* it could not be done, or for doctor: something needs mending */
	PV_MISUSED = 2,		/* the command line was wrong */
};

struct pv_command {
	const char *name, *arguments, *summary;
	const char *help;	/* more, in lines of at most 80; may be empty */
	/* What may follow, for completion: words, and CAMERA, RULE or FILE for such. */
	const char *words;
	int (*run)(int argc, char **argv);	/* argv[0] is the command's name */
};

extern const struct pv_command pv_command_list[];	/* ends with a NULL name */

int pv_cmd_bench(int argc, char **argv);
int pv_cmd_devices(int argc, char **argv);
int pv_cmd_doctor(int argc, char **argv);
int pv_cmd_doors(int argc, char **argv);
int pv_cmd_down(int argc, char **argv);
int pv_cmd_gate(int argc, char **argv);
int pv_cmd_lock(int argc, char **argv);
int pv_cmd_redact(int argc, char **argv);
int pv_cmd_rules(int argc, char **argv);
int pv_cmd_snapshot(int argc, char **argv);
int pv_cmd_status(int argc, char **argv);
int pv_cmd_up(int argc, char **argv);
int pv_cmd_version(int argc, char **argv);
int pv_cmd_zones(int argc, char **argv);

/* NULL if no command is called so. */
const struct pv_command *pv_command_find(const char *name);

/* Prints "plateveil: ..." to stderr; returns PV_FAILED. */
int pv_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints how the command is used: a line, or more if it is long. */
void pv_usage_line(FILE *out, const struct pv_command *c);

/* The same to stderr; returns PV_MISUSED. */
int pv_usage(const char *command);

/* Takes `option` out of the arguments; true if it was there. */
bool pv_option(int *argc, char **argv, const char *option);
bool pv_is_option(const char *word);	/* or would be: what is left is none that the command knows */

/* The same of an option with a value, or NULL; a missing value is left for pv_usage(). */
const char *pv_option_value(int *argc, char **argv, const char *option);

/* --- ask.c: talking to plateveild ---------------------------------------- */

enum pv_asked {
	PV_ASKED = 0,
	PV_ASKED_REFUSED = 1,	/* and the reason was told to the user */
	PV_ASKED_NOBODY = -1,	/* no plateveild runs */
	PV_ASKED_FORBIDDEN = -2,	/* the socket is not for this user */
};

/* Asks plateveild, `camera` may be NULL; *answer is the caller's to delete after PV_ASKED. */
enum pv_asked pv_ask(const char *request, const char *camera, cJSON **answer);
/* The same for who can do without: waits a second, and says nothing; PV_ASKED or PV_ASKED_NOBODY. */
enum pv_asked pv_ask_briefly(const char *request, cJSON **answer);

/* Members of an answer; empty or 0 where there is none. */
const char *pv_text(const cJSON *object, const char *member);
double pv_number(const cJSON *object, const char *member);
bool pv_truth(const cJSON *object, const char *member);

struct pv_meant;

/* After a change of the rules, of one camera or (NULL) all: tells a running plateveild, and the user that `done`.
 * (rules.c) */
int pv_follow_rules(const char *done, const struct pv_meant *camera);

/* --- devices.c: which camera rules are for ------------------------------- */

struct pv_meant {
	char name[32], bus[32];	/* both the word itself where no such camera is plugged in */
	char word[32];		/* what the rules are to call it */
	bool here;		/* it is plugged in */
};

/* `word` is its name, where it is plugged in, or the path of one that is, or of its view. PV_FAILED with the reason
 * told. */
int pv_camera_meant(const char *word, struct pv_meant *out);

/* The path that `word` means: of the first camera that is called so or plugged in there, or itself, at the end of its
 * links. */
void pv_camera_path(const char *word, char *path, size_t size);

/* Are cameras' own nodes root's, by the rules for udev? */
bool pv_cameras_are_roots(void);

/* --- style.c: how things look on a terminal ------------------------------ */

enum pv_look { PV_PLAIN, PV_GOOD, PV_WARN, PV_BAD, PV_FAINT, PV_BOLD };

/* Where a terminal shows colours and NO_COLOR is not set: what begins this look, or "". */
const char *pv_look(enum pv_look look);

/* Prints `text` in lines of at most 80 columns, the first after `label`, all at column `indent`;
 * a NULL label: the cursor is there. */
void pv_print_wrapped(FILE *out, const char *label, int indent, const char *text);

void pv_print_json(const cJSON *json, bool pretty);	/* else on one line */

/* --- view.c: a picture from a view --------------------------------------- */

/* The veiled view that is meant: the one given (a camera or a view), or the first; false with the
 * reason told. */
bool pv_view_find(const char *camera, char *view, size_t size);

struct pv_view_picture {
	struct pv_frame frame;
	uint64_t time_us;	/* of its buffer */
	bool card;		/* the module's card, nothing sealed */
};

/* Waits for a sealed picture, at most so long; then the card will do. PV_FAILED with the reason told. */
int pv_view_take(const char *view, int seconds, struct pv_view_picture *out);

/* --- file.c -------------------------------------------------------------- */

/* All of a file ("-": of standard input), to be freed; NULL with the reason told. */
uint8_t *pv_file_read(const char *path, size_t *size);

/* Its first line, kept until the next call; empty: it cannot be read. */
const char *pv_file_line(const char *path);

/* All or nothing: a full disk leaves no half file, and an old one as it was. "-": standard output. */
int pv_file_write(const char *path, const void *data, size_t size);

/* Where to tell of what was written there: on standard output, unless that is it. */
FILE *pv_file_tell(const char *path);

/* Is it what standard output goes to, by whatever name ("-" for one)? */
bool pv_file_is_output(const char *path);

#endif
