// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of rules, from which all that reads, shows and explains them is made. */
#include "rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind { CHOICE, COLOUR, WHOLE, FRACTION, SIZE, SCHEDULE, TEXT };

const struct pv_rule pv_rule_list[] = {
	{ "automatic", "", "yes|no", "yes", "yes: plateveild veils the camera as soon as it is there",
	  "With no, it is veiled when `plateveil up` asks for it, and its own node is its users'; one that is veiled "
	  "by now stays so until `plateveil down`. Another camera's own section can say otherwise.", true },
	{ "style", "", "blur|pixelate|fill", "blur", "how a veil looks",
	  "blur is a soft surface made from what surrounds the plate, pixelate the same surface in "
	  "coarse cells, fill one colour. None of them holds anything of what is under it." },
	{ "colour", "", "#rrggbb", "#202020", "the colour of fill", "" },
	{ "margin", "%", "0..100", "10",
	  "how much larger than the plate the veil is, on every side", "" },
	{ "hold", "ms", "0..60000", "500", "how long a plate that was lost stays veiled",
	  "Unless it is 0, it is one frame at least, if the next comes within two seconds. Something large that was seen "
	  "once or twice and then no more was hardly a plate: it stays veiled for three "
	  "frames, and a tenth of a second." },
	{ "lookahead", "frames", "0..8", "0",
	  "delays the picture, so that a plate is veiled before it is first found",
	  "Each frame of it costs the memory of a picture and a frame's time of delay." },
	{ "minimum-score", "", "0.02..0.95", "0.25",
	  "veil what scores at least this; lower veils more",
	  "Below about 0.1 there may be more than can be followed: such a picture is veiled whole, and a photo refused." },
	{ "minimum-height", "pixels", "0..4096", "0", "plates lower than this are not veiled",
	  "In pixels of the view's picture. 0 veils all that is found. What the upper or lower edge may cut is "
	  "veiled however low it is." },
	{ "maximum-height", "pixels", "0..4096", "0",
	  "what is higher than this is no plate, and not veiled; 0: no limit",
	  "For a camera that never sees a plate from near." },
	{ "search", "pixels", "320..4096", "1920",
	  "longer side of the picture that is searched: more finds smaller plates",
	  "Photos (`plateveil redact`) are searched up to 4096, unless another value is said here: as they are "
	  "and, where that is no more, enlarged to 1.41 times and twice their size; videos of up to 640 "
	  "pixels to 1.41 times." },
	{ "deadline", "ms", "1..60000", "250", "a frame whose search takes longer is veiled whole",
	  "", true },
	{ "maximum-size", "", "any|WIDTHxHEIGHT", "any", "the largest picture that the view offers",
	  "Smaller pictures take less time to search, but for those of up to 640 pixels, which are searched twice "
	  "(`search = 640` ends that). Where the camera has none so small, its smallest is offered.", true },
	{ "maximum-rate", "frames/s", "0..240", "0", "the highest frame rate that the view offers; 0: any",
	  "Where the camera has none so low, its lowest is offered.", true },
	{ "lease", "ms", "50..60000", "500",
	  "how long a frame stays good; past it applications see the card",
	  "Of a camera whose frames are further apart than half of it, once two of them are missing.", true },
	{ "schedule", "", "always|HH:MM-HH:MM,...", "always", "the hours in which the camera gives a picture",
	  "Outside them it is closed, and applications see the card. Up to four spans, in local "
	  "time; 22:00-06:00 is a night. It never means a picture that is not veiled.", true },
	{ "gate", "", "off|deny|divert", "off", "what stands on the camera's own node",
	  "deny: while it is veiled, nobody but plateveild can open it. divert: who opens it gets the view instead. "
	  "off: whoever may open it gets the raw picture.", true },
	{ "card-text", "", "TEXT", "no veiled picture right now", "what the card says",
	  "The card is what applications see where there is no veiled frame. Up to 31 letters, "
	  "digits and signs of ASCII, but no ';'.", true },
	{ "card-colour", "", "#rrggbb", "#303030", "the card's colour", "", true },
	{ .name = NULL },
};

#define AT(field) offsetof(struct pv_rules, field)

/* Beside the list above: kind, place in struct pv_rules, range. */
static const struct {
	enum kind kind;
	size_t offset;
	double least, most;
} kinds[] = {
	{ CHOICE, AT(automatic), 0, 0 },
	{ CHOICE, AT(style), 0, 0 },
	{ COLOUR, AT(colour), 0, 0xffffff },
	{ WHOLE, AT(margin), 0, 100 },
	{ WHOLE, AT(hold), 0, 60000 },
	{ WHOLE, AT(lookahead), 0, PV_MAX_LOOKAHEAD },
	{ FRACTION, AT(minimum_score), 0.02, 0.95 },
	{ WHOLE, AT(minimum_height), 0, 4096 },
	{ WHOLE, AT(maximum_height), 0, 4096 },
	{ WHOLE, AT(search), 320, 4096 },
	{ WHOLE, AT(deadline), 1, 60000 },
	{ SIZE, AT(maximum_size), 16, 16384 },
	{ WHOLE, AT(maximum_rate), 0, 240 },
	{ WHOLE, AT(lease), 50, 60000 },
	{ SCHEDULE, AT(schedule), 0, 0 },
	{ CHOICE, AT(gate), 0, 0 },
	{ TEXT, AT(card_text), 0, 0 },
	{ COLOUR, AT(card_colour), 0, 0xffffff },
};

static const char *const off_on[] = { "no", "yes", NULL };
static const char *const styles[] = { "blur", "pixelate", "fill", NULL };
static const char *const gates[] = { "off", "deny", "divert", NULL };

static const char *const *words_of(int i)
{
	return kinds[i].offset == AT(style) ? styles : kinds[i].offset == AT(gate) ? gates : off_on;
}

int pv_rule_find(const struct pv_rule *list, const char *name)
{
	for (int i = 0; list[i].name; i++)
		if (!strcmp(list[i].name, name))
			return i;
	return -1;
}

/* --- values -------------------------------------------------------------- */

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

static bool set_choice(int *at, const char *const *words, const char *value)
{
	for (int k = 0; words[k]; k++) {
		if (!strcmp(words[k], value)) {
			*at = k;
			return true;
		}
	}
	return false;
}

static bool set_size(struct pv_size *at, const char *value)
{
	int w, h, end = 0;

	if (!strcmp(value, "any")) {
		*at = (struct pv_size){ 0, 0 };
		return true;
	}
	if (!isdigit((unsigned char)*value) || sscanf(value, "%5dx%5d%n", &w, &h, &end) != 2 ||
	    value[end] || w < 16 || h < 16 || w > 16384 || h > 16384)
		return false;
	*at = (struct pv_size){ w, h };
	return true;
}

/* What the module takes, and the file gives back as it is: there ';' may begin a comment. */
static bool set_text(char *at, const char *value)
{
	size_t n = strlen(value);

	if (!n || n >= PV_CARD_LEN || *value == ' ' || value[n - 1] == ' ')
		return false;
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~' || *p == ';')
			return false;
	memset(at, 0, PV_CARD_LEN);
	snprintf(at, PV_CARD_LEN, "%s", value);
	return true;
}

/* "HH:MM" at *p, which is moved on; -1 if it is none. 24:00 is the day's end. */
static int read_minute(const char **p)
{
	const char *s = *p;
	static const char form[] = "00:00";

	for (int i = 0; i < 5; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)s[i]) : s[i] != ':')
			return -1;
	int minute = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0';
	*p = s + 5;
	return s[3] > '5' || minute > 24 * 60 ? -1 : minute;
}

static bool set_schedule(struct pv_schedule *at, const char *p)
{
	struct pv_schedule s = { .spans = 0 };

	if (!strcmp(p, "always")) {
		*at = s;
		return true;
	}
	for (;; p++) {
		p += strspn(p, " ");
		int from = read_minute(&p);
		if (from < 0 || *p++ != '-')
			return false;
		int to = read_minute(&p);
		if (to < 0 || from == to || s.spans == PV_MAX_SPANS)
			return false;
		s.from[s.spans] = (int16_t)from;
		s.to[s.spans++] = (int16_t)to;
		if (!*p)
			break;
		if (*p != ',')
			return false;
	}
	*at = s;
	return true;
}

bool pv_schedule_allows(const struct pv_schedule *s, int minute)
{
	for (int i = 0; i < s->spans; i++) {
		bool after = minute >= s->from[i], before = minute < s->to[i];
		if (s->from[i] < s->to[i] ? after && before : after || before)
			return true;
	}
	return !s->spans;
}

/* What a value of rule i must look like. */
static void expected(int i, char *text, size_t size)
{
	const char *const *words = words_of(i);
	int n = 0;

	switch (kinds[i].kind) {
	case CHOICE:
		for (int k = 0; words[k] && n >= 0 && (size_t)n < size; k++)
			n += snprintf(text + n, size - (size_t)n, "%s%s",
				      !k ? "" : words[k + 1] ? ", " : " or ", words[k]);
		break;
	case COLOUR:
		snprintf(text, size, "written #rrggbb, for example #202020");
		break;
	case WHOLE:
		snprintf(text, size, "a whole number from %g to %g", kinds[i].least, kinds[i].most);
		break;
	case FRACTION:
		snprintf(text, size, "a number from %g to %g", kinds[i].least, kinds[i].most);
		break;
	case SIZE:
		snprintf(text, size, "any, or WIDTHxHEIGHT, for example 1280x720");
		break;
	case SCHEDULE:
		snprintf(text, size, "always, or up to %d spans such as 07:30-18:00,22:00-02:00",
			 PV_MAX_SPANS);
		break;
	case TEXT:
		snprintf(text, size, "1 to %d letters, digits and signs of ASCII without ';'",
			 PV_CARD_LEN - 1);
		break;
	}
}

static bool set_at(struct pv_rules *r, int i, const char *value, char *error, size_t size)
{
	void *at = (char *)r + kinds[i].offset;
	char form[120];
	bool good = false;
	double v;

	switch (kinds[i].kind) {
	case CHOICE:
		good = set_choice(at, words_of(i), value);
		break;
	case COLOUR:
		good = value[0] == '#' && strlen(value) == 7 &&
		       strspn(value + 1, "0123456789abcdefABCDEF") == 6;
		if (good)
			*(int *)at = (int)strtol(value + 1, NULL, 16);
		break;
	case WHOLE:
		good = number(value, true, kinds[i].least, kinds[i].most, &v);
		if (good)
			*(int *)at = (int)v;
		break;
	case FRACTION:
		good = number(value, false, kinds[i].least, kinds[i].most, &v);
		if (good)
			*(double *)at = v;
		break;
	case SIZE:
		good = set_size(at, value);
		break;
	case SCHEDULE:
		good = set_schedule(at, value);
		break;
	case TEXT:
		good = set_text(at, value);
		break;
	}
	if (good)
		return true;
	expected(i, form, sizeof(form));
	snprintf(error, size, "%s is %s, not '%s'", pv_rule_list[i].name, form, value);
	return false;
}

/* --- names --------------------------------------------------------------- */

/* Edits (of a letter) between two words: V. I. Levenshtein, 1966. */
static int distance(const char *a, const char *b)
{
	int row[40], n = (int)strlen(b);

	if (n >= 40 || strlen(a) >= 40)
		return 99;
	for (int k = 0; k <= n; k++)
		row[k] = k;
	for (int i = 1; a[i - 1]; i++) {
		int corner = row[0];
		row[0] = i;
		for (int k = 1; k <= n; k++) {
			int change = corner + (a[i - 1] != b[k - 1]);
			int least = row[k] < row[k - 1] ? row[k] + 1 : row[k - 1] + 1;
			corner = row[k];
			row[k] = change < least ? change : least;
		}
	}
	return row[n];
}

const char *pv_rule_nearest(const struct pv_rule *list, const char *name)
{
	const char *best = NULL;
	int least = (int)strlen(name) / 3 + 2;

	for (; list->name; list++) {
		int d = distance(name, list->name);
		if (d < least) {
			least = d;
			best = list->name;
		}
	}
	return best;
}

bool pv_rules_set(struct pv_rules *r, const char *name, const char *value, char *error, size_t size)
{
	int i = pv_rule_find(pv_rule_list, name);
	const char *near = pv_rule_nearest(pv_rule_list, name);

	if (i >= 0)
		return set_at(r, i, value, error, size);
	if (pv_rule_find(pv_zone_rule_list, name) >= 0) {
		snprintf(error, size, "'%s' is a zone's; `plateveil zones` has those", name);
		return false;
	}
	if (near) {
		snprintf(error, size, "no rule is called '%s'; did you mean '%s'?", name, near);
		return false;
	}
	int n = snprintf(error, size, "no rule is called '%s'; there are:", name);
	for (i = 0; pv_rule_list[i].name && n > 0 && (size_t)n < size; i++)
		n += snprintf(error + n, size - (size_t)n, " %s", pv_rule_list[i].name);
	return false;
}

bool pv_rules_veil_none(const struct pv_rules *r, char *why, size_t size)
{
	bool none = r->maximum_height && r->minimum_height > r->maximum_height;

	if (none)
		snprintf(why, size, "maximum-height is %d and minimum-height %d: no plate would be veiled",
			 r->maximum_height, r->minimum_height);
	return none;
}

void pv_rules_default(struct pv_rules *r)
{
	char error[200];
	memset(r, 0, sizeof(*r));
	for (int i = 0; pv_rule_list[i].name; i++)
		set_at(r, i, pv_rule_list[i].first, error, sizeof(error));
}

static void get_schedule(const struct pv_schedule *s, char *text, size_t size)
{
	int n = 0;

	snprintf(text, size, "always");
	for (int i = 0; i < s->spans && n >= 0 && (size_t)n < size; i++)
		n += snprintf(text + n, size - (size_t)n, "%s%02d:%02d-%02d:%02d", i ? "," : "",
			      s->from[i] / 60, s->from[i] % 60, s->to[i] / 60, s->to[i] % 60);
}

void pv_rules_get(const struct pv_rules *r, int i, char *text, size_t size)
{
	const void *at = (const char *)r + kinds[i].offset;
	const struct pv_size *s = at;

	switch (kinds[i].kind) {
	case CHOICE:
		snprintf(text, size, "%s", words_of(i)[*(const int *)at]);
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
	case SIZE:
		if (s->width)
			snprintf(text, size, "%dx%d", s->width, s->height);
		else
			snprintf(text, size, "any");
		break;
	case SCHEDULE:
		get_schedule(at, text, size);
		break;
	case TEXT:
		snprintf(text, size, "%s", (const char *)at);
		break;
	}
}
