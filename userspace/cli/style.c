// SPDX-License-Identifier: GPL-2.0-or-later
/* How things look on a terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define COLUMNS 80

const char *pv_look(enum pv_look look)
{
	static const char *const codes[] = { "\033[0m", "\033[32m", "\033[33m",
					     "\033[31m", "\033[2m", "\033[1m" };
	const char *off = getenv("NO_COLOR"), *term = getenv("TERM");

	if (!isatty(1) || (off && *off) || !term || !strcmp(term, "dumb"))
		return "";
	return codes[look];
}

void pv_print_wrapped(FILE *out, const char *label, int indent, const char *text)
{
	if (label)
		fprintf(out, "%-*s", indent, label);
	while (*text) {
		int n = (int)strlen(text), room = COLUMNS - indent;
		if (n > room) {	/* the last gap that fits, or else within a word */
			for (n = room; n > 0 && text[n] != ' '; n--)
				;
			if (!n)
				n = room;
		}
		fprintf(out, "%.*s\n", n, text);
		text += n + strspn(text + n, " ");
		if (*text)
			fprintf(out, "%*s", indent, "");
	}
}

void pv_print_json(const cJSON *json, bool pretty)
{
	char *text = pretty ? cJSON_Print(json) : cJSON_PrintUnformatted(json);

	if (text)
		puts(text);
	free(text);
}
