// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules: how to veil. Kept in INI files, PV_RULES_FILE first, then PV_RULES_FILE.d/ *.conf in
 * order of name, of which the last word counts:
 *
 *   [veil]                      all cameras
 *   style = blur
 *
 *   [veil "HD Webcam"]          one camera, by its name or by where it is plugged in; it goes
 *   margin = 20                 before what is said of all
 *
 *   [zone "driveway"]           a place in the picture, in percent of its width and height
 *   rectangle = 40 60 20 15
 *
 * What no file says stays at its default. An unknown section, rule or value is an error, never
 * ignored: a misspelt rule would not protect anyone. keys.c has the table of all rules.
 */
#ifndef PV_RULES_H
#define PV_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PV_RULES_FILE "/etc/plateveil/plateveil.conf"
#define PV_MAX_ZONES 16
#define PV_MAX_POINTS 16	/* of a zone's polygon */
#define PV_MAX_SPANS 4		/* of a schedule */
#define PV_MAX_LOOKAHEAD 8	/* frames */
#define PV_NAME_LEN 32		/* of a camera or zone, with the terminating zero */
#define PV_CARD_LEN 32		/* likewise of the card's text */

enum pv_style { PV_STYLE_BLUR, PV_STYLE_PIXELATE, PV_STYLE_FILL };
enum pv_gate { PV_GATE_OFF, PV_GATE_DENY, PV_GATE_DIVERT };
enum pv_zone_kind { PV_ZONE_MASK, PV_ZONE_IGNORE };

struct pv_zone {
	char name[PV_NAME_LEN];
	float left, top, width, height;	/* percent of the picture; what its polygon spans */
	int kind;			/* enum pv_zone_kind */
	bool burned;			/* the module blackens it too */
	int points;			/* of the polygon; 0: the rectangle */
	float x[PV_MAX_POINTS], y[PV_MAX_POINTS];	/* percent */
};

struct pv_size {
	int width, height;	/* pixels; 0: any */
};

/* When the camera gives a picture. */
struct pv_schedule {
	int spans;		/* 0: always */
	int16_t from[PV_MAX_SPANS], to[PV_MAX_SPANS];	/* minutes of the day; over midnight if from > to */
};

/* What holds for one camera. */
struct pv_rules {
	int automatic;		/* plateveild veils it as soon as it is there */
	int style;		/* enum pv_style */
	int colour;		/* 0xRRGGBB, of fill */
	int margin;		/* percent of the plate's size, added on every side */
	int hold;		/* ms that a lost plate stays veiled */
	int lookahead;		/* frames that the picture is delayed */
	double minimum_score;	/* 0..1: veil what scores at least this */
	int minimum_height;	/* pixels: lower plates are not veiled */
	int maximum_height;	/* pixels, 0: any */
	int search;		/* pixels along the longer side that are searched */
	int deadline;		/* ms: detection later than this veils the frame whole */
	struct pv_size maximum_size;	/* of the pictures that the view offers */
	int maximum_rate;	/* frames a second that the view offers, 0: any */
	int lease;		/* ms that a sealed frame stays good */
	struct pv_schedule schedule;
	int gate;		/* enum pv_gate: what stands on the camera's own node */
	char card_text[PV_CARD_LEN];
	int card_colour;	/* 0xRRGGBB */
	bool resting;		/* no rule: the schedule says no picture now (plateveild sets it) */
	int zone_count;
	struct pv_zone zones[PV_MAX_ZONES];
};

/* One rule as a person sees it. */
struct pv_rule {
	const char *name;
	const char *unit;	/* may be empty */
	const char *values;	/* what may stand there, for people and completion */
	const char *first;	/* the default */
	const char *help;	/* a line */
	const char *more;	/* what else there is to know; may be empty */
	bool camera;		/* of cameras alone: photos and files know no such thing */
};

extern const struct pv_rule pv_rule_list[];	/* of [veil]; ends with a NULL name */
extern const struct pv_rule pv_zone_rule_list[];	/* of [zone "NAME"] */

void pv_rules_default(struct pv_rules *r);

/* The place of `name` in one of these lists, or -1. */
int pv_rule_find(const struct pv_rule *list, const char *name);

/* What the list has that is most like `name`, or NULL if nothing is. */
const char *pv_rule_nearest(const struct pv_rule *list, const char *name);

/* Sets one rule of [veil] from text; false with the reason in error, *r as it was. */
bool pv_rules_set(struct pv_rules *r, const char *name, const char *value, char *error,
		  size_t size);

/* The value of rule pv_rule_list[i] as text, in the form that pv_rules_set() takes. */
void pv_rules_get(const struct pv_rules *r, int i, char *text, size_t size);

/* Is there no plate that these rules would veil? Then `why` says so. */
bool pv_rules_veil_none(const struct pv_rules *r, char *why, size_t size);

/* May the camera give a picture at this minute of the day (0..1439)? */
bool pv_schedule_allows(const struct pv_schedule *s, int minute);

/* --- zones (zone.c) ------------------------------------------------------ */

/* Sets one rule of a zone from text; false with the reason. */
bool pv_zone_set(struct pv_zone *z, const char *name, const char *value, char *error, size_t size);

/* "rectangle = 1 2 3 4" or "polygon = ...", as the file has it. */
void pv_zone_shape(const struct pv_zone *z, char *text, size_t size);

/* Is this point, in percent, in the zone? */
bool pv_zone_contains(const struct pv_zone *z, float x, float y);

/* --- the files (file.c) -------------------------------------------------- */

struct pv_ruleset;

/* Reads path and path.d/ *.conf; files that do not exist say nothing. NULL on error, which then
 * says "FILE:LINE:COLUMN: reason". */
struct pv_ruleset *pv_ruleset_read(const char *path, char *error, size_t size);
/* The same with another file in the place of path itself. */
struct pv_ruleset *pv_ruleset_read_as(const char *file, const char *path, char *error, size_t size);
void pv_ruleset_free(struct pv_ruleset *s);

/* The rules of the camera with this name, plugged in there; NULL for what holds for all. */
void pv_ruleset_apply(const struct pv_ruleset *s, const char *name, const char *bus,
		      struct pv_rules *out);

/* Where rule pv_rule_list[i] of that camera was said, as "FILE:LINE"; false: nowhere. */
bool pv_ruleset_place(const struct pv_ruleset *s, const char *name, const char *bus, int i,
		      char *place, size_t size);

/* The same of a zone. */
bool pv_ruleset_zone_place(const struct pv_ruleset *s, const char *zone, char *place, size_t size);

/* All zones, whatever camera they are for, in r->zones. */
void pv_ruleset_zones(const struct pv_ruleset *s, struct pv_rules *r);

/* The camera that r->zones[i] of those is for, empty for all. */
const char *pv_ruleset_zone_camera(const struct pv_ruleset *s, int i);

/* The cameras that have a section of their own; NULL after the last. */
const char *pv_ruleset_camera(const struct pv_ruleset *s, int i);

/* What holds for all cameras. On error *r is as it was. */
bool pv_rules_load(struct pv_rules *r, const char *path, char *error, size_t size);

/* --- changing a file (save.c) -------------------------------------------- */

/* Puts `name = value` into the file's section ("veil", or "veil \"NAME\""), keeping all else, by
 * writing a new file and renaming it: a full disk leaves the old one. A NULL value takes the line
 * out, a NULL name the whole section. The value must be good. */
bool pv_rules_save(const char *path, const char *section, const char *name, const char *value,
		   char *error, size_t size);

#endif
