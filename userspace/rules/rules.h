// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules: how to veil. Kept in an INI file:
 *
 *   [veil]
 *   style = blur
 *   margin = 10
 *
 *   [zone "driveway"]
 *   rectangle = 40 60 20 15
 *
 * A zone is always veiled: left, top, width, height in percent of the picture.
 * What a file does not say stays at its default. An unknown section, rule or
 * value is an error, never ignored: a misspelt rule would not protect anyone.
 */
#ifndef PV_RULES_H
#define PV_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PV_RULES_FILE "/etc/plateveil/plateveil.conf"
#define PV_MAX_ZONES 16
#define PV_MAX_LOOKAHEAD 8	/* frames */

enum pv_style { PV_STYLE_BLUR, PV_STYLE_PIXELATE, PV_STYLE_FILL };

struct pv_zone {
	char name[32];
	float left, top, width, height;	/* percent of the picture */
};

struct pv_rules {
	int style;		/* enum pv_style */
	int colour;		/* 0xRRGGBB, of fill */
	int margin;		/* percent of the plate's size, added on every side */
	int hold;		/* ms that a lost plate stays veiled */
	double minimum_score;	/* 0..1: veil what scores at least this */
	int search;		/* pixels along the longer side that are searched */
	int deadline;		/* ms: detection later than this veils the frame whole */
	int lookahead;		/* frames that the picture is delayed */
	int lease;		/* ms that a sealed frame stays good */
	int zone_count;
	struct pv_zone zones[PV_MAX_ZONES];
};

/* One rule as a person sees it. */
struct pv_rule {
	const char *name, *unit, *help;
};

extern const struct pv_rule pv_rule_list[];	/* ends with a NULL name */

void pv_rules_default(struct pv_rules *r);

/* Sets one rule of [veil] from text; false with the reason in error. */
bool pv_rules_set(struct pv_rules *r, const char *name, const char *value, char *error,
		  size_t size);

/* The value of rule pv_rule_list[i] as text. */
void pv_rules_get(const struct pv_rules *r, int i, char *text, size_t size);

/* Reads path over the defaults; a file that does not exist gives the defaults. On error *r is as
 * it was and error says "FILE:LINE: reason". */
bool pv_rules_load(struct pv_rules *r, const char *path, char *error, size_t size);

/* Puts `name = value` into the file's [veil] section, keeping all else, by writing a new file and
 * renaming it: a full disk leaves the old one. The value must be good (pv_rules_set). */
bool pv_rules_save(const char *path, const char *name, const char *value, char *error,
		   size_t size);

#endif
