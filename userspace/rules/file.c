// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of rules: every setting with the place where it was said. */
#include "rules.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SETTINGS 512
#define MAX_FILES 32

struct place {
	const char *file;
	int line;
};

struct setting {
	char camera[PV_NAME_LEN];	/* empty: all */
	int rule;			/* in pv_rule_list */
	char value[200];
	struct place place;
};

struct placed_zone {
	struct pv_zone zone;
	char camera[PV_NAME_LEN];	/* empty: all */
	struct place place;
};

struct pv_ruleset {
	char *files[MAX_FILES];
	int file_count;
	int count;
	struct setting settings[MAX_SETTINGS];
	int zone_count;
	struct placed_zone zones[PV_MAX_ZONES];
};

struct reader {
	struct pv_ruleset *set;
	FILE *file;
	const char *path;
	int line;		/* being read */
	char text[256];		/* as it is in the file, cut */
	int section_line;	/* of the last line that begins a section */
	int why_line, why_column;	/* that `why` is about */
	char why[300];
};

/* --- what a line says ---------------------------------------------------- */

/* Where `word` stands in the line, counted from 1; after the '=' if it is a value. */
static int column_of(const struct reader *rd, const char *word, bool value)
{
	const char *from = rd->text, *at;

	if (value && strpbrk(from, "=:"))
		from = strpbrk(from, "=:") + 1;
	at = *word ? strstr(from, word) : NULL;
	if (!at)
		at = from + strspn(from, " \t");
	return (int)(at - rd->text) + 1;
}

static int refuse(struct reader *rd, int line, int column)
{
	rd->why_line = line;
	rd->why_column = column;
	return 0;
}

/* NAME of `KIND "NAME"`; false if the section is another. */
static bool section_name(const char *section, const char *kind, char *name, size_t size)
{
	size_t k = strlen(kind), n = strlen(section);

	if (strncmp(section, kind, k) || n < k + 4 || section[k] != ' ' || section[k + 1] != '"' ||
	    section[n - 1] != '"' || n - k - 3 >= size || memchr(section + k + 2, '"', n - k - 3))
		return false;
	memcpy(name, section + k + 2, n - k - 3);
	name[n - k - 3] = 0;
	return true;
}

static int on_rule(struct reader *rd, const char *camera, const char *name, const char *value)
{
	struct pv_ruleset *s = rd->set;
	struct pv_rules scratch = { .style = 0 };

	if (!pv_rules_set(&scratch, name, value, rd->why, sizeof(rd->why))) {
		bool known = pv_rule_find(pv_rule_list, name) >= 0;
		return refuse(rd, rd->line, column_of(rd, known ? value : name, known));
	}
	if (s->count == MAX_SETTINGS) {
		snprintf(rd->why, sizeof(rd->why), "more than %d rules", MAX_SETTINGS);
		return refuse(rd, rd->line, 1);
	}
	struct setting *t = &s->settings[s->count++];
	snprintf(t->camera, sizeof(t->camera), "%s", camera);
	snprintf(t->value, sizeof(t->value), "%s", value);
	t->rule = pv_rule_find(pv_rule_list, name);
	t->place = (struct place){ rd->path, rd->line };
	return 1;
}

static struct placed_zone *zone_called(struct reader *rd, const char *name)
{
	struct pv_ruleset *s = rd->set;

	for (int i = 0; i < s->zone_count; i++)
		if (!strcmp(s->zones[i].zone.name, name))
			return &s->zones[i];
	if (s->zone_count == PV_MAX_ZONES) {
		snprintf(rd->why, sizeof(rd->why), "more than %d zones", PV_MAX_ZONES);
		return NULL;
	}
	struct placed_zone *z = &s->zones[s->zone_count++];
	memset(z, 0, sizeof(*z));
	snprintf(z->zone.name, sizeof(z->zone.name), "%s", name);
	z->place = (struct place){ rd->path, rd->section_line };
	return z;
}

static int on_zone(struct reader *rd, const char *zone, const char *name, const char *value)
{
	struct placed_zone *z = zone_called(rd, zone);

	if (!z)
		return refuse(rd, rd->line, 1);
	if (!strcmp(name, "camera")) {
		if (!*value || strchr(value, '"')) {
			snprintf(rd->why, sizeof(rd->why), "a camera's name, without quotes");
		} else if (strlen(value) >= sizeof(z->camera)) {
			snprintf(rd->why, sizeof(rd->why), "a camera's name has at most %d letters",
				 PV_NAME_LEN - 1);
		} else {
			snprintf(z->camera, sizeof(z->camera), "%s", value);
			return 1;
		}
	} else if (pv_zone_set(&z->zone, name, value, rd->why, sizeof(rd->why))) {
		return 1;
	}
	bool known = pv_rule_find(pv_zone_rule_list, name) >= 0;
	return refuse(rd, rd->line, column_of(rd, known ? value : name, known));
}

static int unknown_section(struct reader *rd, const char *section)
{
	snprintf(rd->why, sizeof(rd->why),
		 "section [%.120s] is not known; there are [veil], [veil \"CAMERA\"] and [zone \"NAME\"] (a name of at "
		 "most %d letters)", section, PV_NAME_LEN - 1);
	return refuse(rd, rd->section_line, 1);
}

/* libinih says nothing of sections in which nothing stands. */
static void on_section(struct reader *rd, const char *line)
{
	char section[INI_MAX_LINE], called[PV_NAME_LEN];
	const char *end = strchr(line, ']');

	if (!end || rd->why[0])
		return;
	/* libinih reads no further in this line. */
	const char *rest = end + 1 + strspn(end + 1, " \t\r");
	if (*rest && *rest != ';' && *rest != '#') {
		refuse(rd, rd->line, (int)(rest - line) + 1);
		snprintf(rd->why, sizeof(rd->why), "a rule stands on a line of its own, below its section");
		return;
	}
	snprintf(section, sizeof(section), "%.*s", (int)(end - line - 1), line + 1);
	if (section_name(section, "zone", called, sizeof(called))) {
		if (!zone_called(rd, called))
			refuse(rd, rd->line, 1);
	} else if (strcmp(section, "veil") && !section_name(section, "veil", called, sizeof(called))) {
		unknown_section(rd, section);
	}
}

static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reader *rd = user;
	char called[PV_NAME_LEN];

	if (rd->why[0])
		return 0;	/* libinih reads on after an error: keep the first */
	if (!strcmp(section, "veil"))
		return on_rule(rd, "", name, value);
	if (section_name(section, "veil", called, sizeof(called)))
		return on_rule(rd, called, name, value);
	if (section_name(section, "zone", called, sizeof(called)))
		return on_zone(rd, called, name, value);
	if (*section)
		return unknown_section(rd, section);
	snprintf(rd->why, sizeof(rd->why), "there is no section before it; begin with [veil]");
	return refuse(rd, rd->line, 1);
}

/* --- files --------------------------------------------------------------- */

/*
 * One line for libinih, without the space before it: to libinih that means more of the line
 * above; and without comments, which some versions take for more than one line when they are long. Of
 * other long lines it gets what fits: that is an error.
 */
static char *read_line(char *to, int size, void *stream)
{
	struct reader *rd = stream;
	int n = 0, raw = 0, c;

	while ((c = getc(rd->file)) != EOF && c != '\n') {
		c = c ? c : '?';
		if (raw < (int)sizeof(rd->text) - 1)
			rd->text[raw++] = (char)c;
		if (n < size - 1 && (n || !isspace(c)))
			to[n++] = (char)c;
	}
	if (c == EOF && !n)
		return NULL;
	rd->text[raw] = 0;
	if (!rd->line && n >= 3 && !memcmp(to, "\xef\xbb\xbf", 3)) {	/* a byte order mark */
		n -= 3;
		memmove(to, to + 3, (size_t)n);
	}
	rd->line++;
	if (n && (*to == '#' || *to == ';'))
		n = 0;
	if (n == size - 1 && !rd->why[0]) {
		refuse(rd, rd->line, size - 1);
		snprintf(rd->why, sizeof(rd->why), "the line is longer than %d letters", size - 2);
	}
	to[n] = 0;
	if (*to == '[') {
		rd->section_line = rd->line;
		on_section(rd, to);
	}
	return to;
}

/* A zone must be somewhere, and the module burns rectangles alone. */
static void check_zones(struct reader *rd)
{
	for (int i = 0; i < rd->set->zone_count && !rd->why[0]; i++) {
		const struct placed_zone *z = &rd->set->zones[i];
		if (z->zone.width > 0 &&
		    !(z->zone.burned && (z->zone.points || z->zone.kind != PV_ZONE_MASK)))
			continue;
		rd->path = z->place.file;
		refuse(rd, z->place.line, 1);
		if (z->zone.width > 0)
			snprintf(rd->why, sizeof(rd->why),
				 "zone \"%s\": only a mask with a rectangle can be burned", z->zone.name);
		else
			snprintf(rd->why, sizeof(rd->why),
				 "zone \"%s\" has neither a rectangle nor a polygon", z->zone.name);
	}
}

static bool read_file(struct reader *rd, char *error, size_t size)
{
	int line = 0, err = 0;
	struct stat link;

	rd->line = rd->section_line = 0;
	rd->file = fopen(rd->path, "r");
	if (rd->file) {
		line = ini_parse_stream(read_line, rd, on_value, rd);
		/* A part of the rules is not the rules. */
		err = ferror(rd->file) ? errno : line < 0 ? ENOMEM : 0;
		fclose(rd->file);
	} else if (errno != ENOENT) {
		err = errno;
	} else if (!lstat(rd->path, &link)) {
		/* Not none, but somewhere that is not there now: the rules are not known. */
		snprintf(error, size, "%s: a link to what is not there; put the file there, or remove the link", rd->path);
		return false;
	}
	if (err) {
		snprintf(error, size, "%s: cannot be read: %s", rd->path, strerror(err));
		return false;
	}
	if (rd->why[0] && (!line || rd->why_line <= line)) {
		snprintf(error, size, "%s:%d:%d: %s", rd->path, rd->why_line, rd->why_column, rd->why);
		return false;
	}
	if (line > 0) {
		snprintf(error, size, "%s:%d:1: neither a [section] nor a `rule = value`", rd->path,
			 line);
		return false;
	}
	return true;
}

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return d->d_name[0] != '.' && n > 5 && !strcmp(d->d_name + n - 5, ".conf");
}

/* The file, and the drop-ins of path, in order. */
static bool list_files(struct pv_ruleset *s, const char *file, const char *path, char *error, size_t size)
{
	struct dirent **names = NULL;
	char folder[600];
	bool good = true;

	s->files[s->file_count++] = strdup(file);
	snprintf(folder, sizeof(folder), "%.590s.d", path);
	int n = scandir(folder, &names, is_conf, alphasort);
	if (n < 0 && errno != ENOENT && errno != ENOTDIR) {
		snprintf(error, size, "%s: cannot be read: %s", folder, strerror(errno));
		return false;
	}
	if (n >= MAX_FILES) {
		snprintf(error, size, "%s: more than %d files", folder, MAX_FILES - 1);
		good = false;
	}
	for (int i = 0; i < n; i++) {
		if (good && asprintf(&s->files[s->file_count], "%s/%s", folder, names[i]->d_name) > 0)
			s->file_count++;
		free(names[i]);
	}
	free(names);
	return good;
}

static bool check_heights(const struct pv_ruleset *s, char *error, size_t size)
{
	int least = pv_rule_find(pv_rule_list, "minimum-height"), most = pv_rule_find(pv_rule_list, "maximum-height");
	char place[300] = "", why[200];
	const char *camera = NULL;
	struct pv_rules r;

	/* Of all cameras, then of each that has a section. */
	for (int i = 0; !i || camera; i++) {
		pv_ruleset_apply(s, camera, NULL, &r);
		if (pv_rules_veil_none(&r, why, sizeof(why))) {
			if (!pv_ruleset_place(s, camera, NULL, most, place, sizeof(place)))
				pv_ruleset_place(s, camera, NULL, least, place, sizeof(place));
			snprintf(error, size, "%s:1: %s", place, why);
			return false;
		}
		camera = pv_ruleset_camera(s, i);
	}
	return true;
}

struct pv_ruleset *pv_ruleset_read(const char *path, char *error, size_t size)
{
	return pv_ruleset_read_as(path, path, error, size);
}

struct pv_ruleset *pv_ruleset_read_as(const char *file, const char *path, char *error, size_t size)
{
	struct pv_ruleset *s = calloc(1, sizeof(*s));
	struct reader rd = { .set = s };
	bool good = s && list_files(s, file, path, error, size);

	if (!s)
		snprintf(error, size, "not enough memory");
	for (int i = 0; good && i < s->file_count; i++) {
		rd.path = s->files[i];
		good = rd.path && read_file(&rd, error, size);
	}
	if (good) {
		check_zones(&rd);
		good = !rd.why[0];
		if (!good)
			snprintf(error, size, "%s:%d:%d: %s", rd.path, rd.why_line, rd.why_column,
				 rd.why);
	}
	if (good && check_heights(s, error, size))
		return s;
	pv_ruleset_free(s);
	return NULL;
}

void pv_ruleset_free(struct pv_ruleset *s)
{
	for (int i = 0; s && i < s->file_count; i++)
		free(s->files[i]);
	free(s);
}

/* --- what holds ---------------------------------------------------------- */

static bool is_for(const char *camera, const char *name, const char *bus)
{
	return !*camera || (name && !strcmp(camera, name)) || (bus && !strcmp(camera, bus));
}

void pv_ruleset_apply(const struct pv_ruleset *s, const char *name, const char *bus,
		      struct pv_rules *out)
{
	char error[200];

	pv_rules_default(out);
	for (int own = 0; own < 2; own++)	/* what is said of one goes before what of all */
		for (int i = 0; i < s->count; i++)
			if (!!*s->settings[i].camera == own &&
			    is_for(s->settings[i].camera, name, bus))
				pv_rules_set(out, pv_rule_list[s->settings[i].rule].name,
					     s->settings[i].value, error, sizeof(error));
	for (int i = 0; i < s->zone_count; i++)
		if (is_for(s->zones[i].camera, name, bus))
			out->zones[out->zone_count++] = s->zones[i].zone;
}

void pv_ruleset_zones(const struct pv_ruleset *s, struct pv_rules *r)
{
	for (r->zone_count = 0; r->zone_count < s->zone_count; r->zone_count++)
		r->zones[r->zone_count] = s->zones[r->zone_count].zone;
}

static bool tell(const struct place *p, char *text, size_t size)
{
	snprintf(text, size, "%s:%d", p->file, p->line);
	return true;
}

bool pv_ruleset_place(const struct pv_ruleset *s, const char *name, const char *bus, int i,
		      char *place, size_t size)
{
	for (int own = 1; own >= 0; own--)
		for (int k = s->count - 1; k >= 0; k--)
			if (s->settings[k].rule == i && !!*s->settings[k].camera == own &&
			    is_for(s->settings[k].camera, name, bus))
				return tell(&s->settings[k].place, place, size);
	return false;
}

bool pv_ruleset_zone_place(const struct pv_ruleset *s, const char *zone, char *place, size_t size)
{
	for (int k = 0; k < s->zone_count; k++)
		if (!strcmp(s->zones[k].zone.name, zone))
			return tell(&s->zones[k].place, place, size);
	return false;
}

const char *pv_ruleset_zone_camera(const struct pv_ruleset *s, int i)
{
	return s->zones[i].camera;
}

const char *pv_ruleset_camera(const struct pv_ruleset *s, int i)
{
	for (int k = 0; k < s->count; k++) {
		bool seen = !*s->settings[k].camera;
		for (int j = 0; j < k && !seen; j++)
			seen = !strcmp(s->settings[j].camera, s->settings[k].camera);
		if (!seen && !i--)
			return s->settings[k].camera;
	}
	return NULL;
}

bool pv_rules_load(struct pv_rules *r, const char *path, char *error, size_t size)
{
	struct pv_ruleset *s = pv_ruleset_read(path, error, size);

	if (!s)
		return false;
	pv_ruleset_apply(s, NULL, NULL, r);
	pv_ruleset_free(s);
	return true;
}
