// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum kind { STYLE, COLOUR, WHOLE, FRACTION };

const struct pv_rule pv_rule_list[] = {
	{ "style", "", "blur: a soft surface from what surrounds the plate; fill: one colour" },
	{ "colour", "#rrggbb", "the colour of fill" },
	{ "margin", "%", "how much larger than the plate the veil is, on every side" },
	{ "hold", "ms", "how long a plate that was lost stays veiled" },
	{ "minimum-score", "", "0 to 1: veil what scores at least this; lower veils more" },
	{ "search", "pixels", "longer side of the picture that is searched: more finds smaller plates" },
	{ "deadline", "ms", "a frame whose search takes longer is veiled whole" },
	{ "lookahead", "frames", "delays the picture, so that a plate is veiled before it is first found" },
	{ "lease", "ms", "how long a frame stays good; past it applications see the card" },
	{ NULL, NULL, NULL },
};

/* Beside the list above: kind, place in struct pv_rules, range, default. */
static const struct {
	enum kind kind;
	size_t offset;
	double least, most;
	const char *first;
} kinds[] = {
	{ STYLE, offsetof(struct pv_rules, style), 0, 1, "blur" },
	{ COLOUR, offsetof(struct pv_rules, colour), 0, 0xffffff, "#202020" },
	{ WHOLE, offsetof(struct pv_rules, margin), 0, 100, "10" },
	{ WHOLE, offsetof(struct pv_rules, hold), 0, 10000, "500" },
	{ FRACTION, offsetof(struct pv_rules, minimum_score), 0.02, 0.95, "0.4" },
	{ WHOLE, offsetof(struct pv_rules, search), 320, 4096, "1920" },
	{ WHOLE, offsetof(struct pv_rules, deadline), 1, 60000, "250" },
	{ WHOLE, offsetof(struct pv_rules, lookahead), 0, PV_MAX_LOOKAHEAD, "0" },
	{ WHOLE, offsetof(struct pv_rules, lease), 50, 60000, "500" },
};

static const char *const styles[] = { "blur", "fill", NULL };

static int find_rule(const char *name)
{
	for (int i = 0; pv_rule_list[i].name; i++)
		if (!strcmp(pv_rule_list[i].name, name))
			return i;
	return -1;
}

/* Parses a number that is all of `text`; false if it is not one or out of range. */
static bool number(const char *text, bool whole, double least, double most, double *out)
{
	char *end;
	errno = 0;
	double v = strtod(text, &end);
	/* Space before it may be a line's end, which would break the file it is saved to. */
	if (end == text || errno || isspace((unsigned char)*text))
		return false;
	if (*end || !(v >= least && v <= most) || (whole && v != (double)(int)v))
		return false;
	*out = v;
	return true;
}

static bool set_at(struct pv_rules *r, int i, const char *value, char *error, size_t size)
{
	void *at = (char *)r + kinds[i].offset;
	const char *name = pv_rule_list[i].name;
	double v;

	switch (kinds[i].kind) {
	case STYLE:
		for (int k = 0; styles[k]; k++) {
			if (!strcmp(styles[k], value)) {
				*(int *)at = k;
				return true;
			}
		}
		snprintf(error, size, "style is blur or fill, not '%s'", value);
		return false;
	case COLOUR:
		if (value[0] == '#' && strlen(value) == 7 &&
		    strspn(value + 1, "0123456789abcdefABCDEF") == 6) {
			*(int *)at = (int)strtol(value + 1, NULL, 16);
			return true;
		}
		snprintf(error, size, "%s is written #rrggbb, for example #202020, not '%s'", name,
			 value);
		return false;
	case WHOLE:
		if (number(value, true, kinds[i].least, kinds[i].most, &v)) {
			*(int *)at = (int)v;
			return true;
		}
		snprintf(error, size, "%s is a whole number from %g to %g, not '%s'", name,
			 kinds[i].least, kinds[i].most, value);
		return false;
	case FRACTION:
		if (number(value, false, kinds[i].least, kinds[i].most, &v)) {
			*(double *)at = v;
			return true;
		}
		snprintf(error, size, "%s is a number from %g to %g, not '%s'", name, kinds[i].least,
			 kinds[i].most, value);
		return false;
	}
	return false;
}

bool pv_rules_set(struct pv_rules *r, const char *name, const char *value, char *error, size_t size)
{
	int i = find_rule(name);
	if (i < 0) {
		int n = snprintf(error, size, "no rule is called '%s'; there are:", name);
		for (i = 0; pv_rule_list[i].name && n > 0 && (size_t)n < size; i++)
			n += snprintf(error + n, size - (size_t)n, " %s", pv_rule_list[i].name);
		return false;
	}
	return set_at(r, i, value, error, size);
}

void pv_rules_default(struct pv_rules *r)
{
	char error[200];
	memset(r, 0, sizeof(*r));
	for (int i = 0; pv_rule_list[i].name; i++)
		set_at(r, i, kinds[i].first, error, sizeof(error));
}

void pv_rules_get(const struct pv_rules *r, int i, char *text, size_t size)
{
	const void *at = (const char *)r + kinds[i].offset;
	switch (kinds[i].kind) {
	case STYLE:
		snprintf(text, size, "%s", styles[*(const int *)at]);
		break;
	case COLOUR:
		snprintf(text, size, "#%06x", (unsigned)*(const int *)at);
		break;
	case WHOLE:
		snprintf(text, size, "%d", *(const int *)at);
		break;
	case FRACTION:
		snprintf(text, size, "%g", *(const double *)at);
		break;
	}
}

/* --- the file ------------------------------------------------------------ */

struct reader {
	struct pv_rules rules;
	FILE *file;
	int line;		/* being read */
	int why_line;		/* that `why` is about */
	char why[300];
};

static bool zone_name(const char *section, char *name, size_t size)
{
	size_t n = strlen(section);
	if (strncmp(section, "zone \"", 6) || n < 8 || section[n - 1] != '"' || n - 7 >= size)
		return false;
	memcpy(name, section + 6, n - 7);
	name[n - 7] = 0;
	return true;
}

static bool set_zone(struct reader *rd, const char *zone, const char *name, const char *value)
{
	struct pv_rules *r = &rd->rules;
	struct pv_zone *z = NULL;
	float v[4];
	int end = 0;

	if (strcmp(name, "rectangle")) {
		snprintf(rd->why, sizeof(rd->why), "a zone has a rectangle, not '%s'", name);
		return false;
	}
	if (sscanf(value, "%f %f %f %f %n", &v[0], &v[1], &v[2], &v[3], &end) != 4 || value[end] ||
	    !(v[0] >= 0 && v[1] >= 0 && v[2] > 0 && v[3] > 0 && v[0] + v[2] <= 100.001f &&
	      v[1] + v[3] <= 100.001f)) {
		snprintf(rd->why, sizeof(rd->why),
			 "rectangle is left top width height in percent of the picture, "
			 "for example 40 60 20 15, not '%s'", value);
		return false;
	}
	for (int i = 0; i < r->zone_count; i++)
		if (!strcmp(r->zones[i].name, zone))
			z = &r->zones[i];
	if (!z && r->zone_count == PV_MAX_ZONES) {
		snprintf(rd->why, sizeof(rd->why), "more than %d zones", PV_MAX_ZONES);
		return false;
	}
	if (!z)
		z = &r->zones[r->zone_count++];
	snprintf(z->name, sizeof(z->name), "%s", zone);
	z->left = v[0];
	z->top = v[1];
	z->width = v[2];
	z->height = v[3];
	return true;
}

static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reader *rd = user;
	char zone[32];

	if (rd->why[0])
		return 0;	/* libinih reads on after an error: keep the first */
	rd->why_line = rd->line;
	if (!strcmp(section, "veil"))
		return pv_rules_set(&rd->rules, name, value, rd->why, sizeof(rd->why));
	if (zone_name(section, zone, sizeof(zone)))
		return set_zone(rd, zone, name, value);
	snprintf(rd->why, sizeof(rd->why),
		 "section [%s] is not known; there are [veil] and [zone \"NAME\"] (a name of at "
		 "most 31 letters)", section);
	return 0;
}

/*
 * One line for libinih, without the space before it: to libinih that means more of the line
 * above. Of a long line it gets what fits: all but a comment is then an error.
 */
static char *read_line(char *to, int size, void *stream)
{
	struct reader *rd = stream;
	int n = 0, c;

	while ((c = getc(rd->file)) != EOF && c != '\n')
		if (n < size - 1 && (n || !isspace(c)))
			to[n++] = (char)(c ? c : '?');
	if (c == EOF && !n)
		return NULL;
	rd->line++;
	if (n == size - 1 && *to != '#' && *to != ';' && !rd->why[0]) {
		rd->why_line = rd->line;
		snprintf(rd->why, sizeof(rd->why), "the line is longer than %d letters", size - 2);
	}
	to[n] = 0;
	return to;
}

bool pv_rules_load(struct pv_rules *r, const char *path, char *error, size_t size)
{
	struct reader rd = { .why = "" };
	int line = 0, err = 0;

	pv_rules_default(&rd.rules);
	rd.file = fopen(path, "r");
	if (rd.file) {
		line = ini_parse_stream(read_line, &rd, on_value, &rd);
		/* A part of the rules is not the rules. */
		err = ferror(rd.file) ? errno : line < 0 ? ENOMEM : 0;
		fclose(rd.file);
	} else if (errno != ENOENT) {
		err = errno;
	}
	if (err) {
		snprintf(error, size, "%s: cannot be read: %s", path, strerror(err));
		return false;
	}
	if (rd.why[0] && (!line || rd.why_line <= line)) {
		snprintf(error, size, "%s:%d: %s", path, rd.why_line, rd.why);
		return false;
	}
	if (line > 0) {
		snprintf(error, size, "%s:%d: neither a [section] nor a `rule = value`", path, line);
		return false;
	}
	*r = rd.rules;
	return true;
}
