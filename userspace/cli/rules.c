// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define NAMES 16	/* columns of a rule's name */
#define VALUES 27	/* and of its value */

static void apply(const struct pv_ruleset *set, const struct pv_meant *camera, struct pv_rules *out)
{
	pv_ruleset_apply(set, camera ? camera->name : NULL, camera ? camera->bus : NULL, out);
}

static bool place_of(const struct pv_ruleset *set, const struct pv_meant *camera, int i, char *place, size_t size)
{
	return pv_ruleset_place(set, camera ? camera->name : NULL, camera ? camera->bus : NULL, i, place, size);
}

static void print_rule(const struct pv_ruleset *set, const struct pv_rules *r, int i,
		       const struct pv_meant *camera)
{
	const struct pv_rule *rule = &pv_rule_list[i];
	char value[100], place[600];
	bool said = place_of(set, camera, i, place, sizeof(place));

	pv_rules_get(r, i, value, sizeof(value));
	if (*rule->unit) {
		size_t n = strlen(value);
		snprintf(value + n, sizeof(value) - n, " %s", rule->unit);
	}
	printf("%-*s %s%-*s%s ", NAMES, rule->name, pv_look(PV_BOLD), VALUES, value, pv_look(PV_PLAIN));
	if (strlen(value) > VALUES)
		printf("\n%*s", NAMES + VALUES + 2, "");
	printf("%s%s%s\n", pv_look(PV_FAINT), said ? place : "default", pv_look(PV_PLAIN));
}

static void print_zones(const struct pv_ruleset *set, const struct pv_rules *r)
{
	char shape[400], place[600] = "";

	for (int i = 0; i < r->zone_count; i++) {
		const struct pv_zone *z = &r->zones[i];
		pv_zone_shape(z, shape, sizeof(shape));
		pv_ruleset_zone_place(set, z->name, place, sizeof(place));
		printf("zone \"%s\": %s%s   %s%s%s\n%*s", z->name,
		       z->kind == PV_ZONE_IGNORE ? "ignored" : "always veiled",
		       z->burned ? ", burned" : "", pv_look(PV_FAINT), place, pv_look(PV_PLAIN), NAMES + 1, "");
		pv_print_wrapped(stdout, NULL, NAMES + 1, shape);
	}
}

static cJSON *zone_json(const struct pv_ruleset *set, const struct pv_zone *z)
{
	cJSON *j = cJSON_CreateObject();
	char shape[400], place[600];

	pv_zone_shape(z, shape, sizeof(shape));
	cJSON_AddStringToObject(j, "name", z->name);
	cJSON_AddStringToObject(j, "kind", z->kind == PV_ZONE_IGNORE ? "ignore" : "mask");
	cJSON_AddBoolToObject(j, "burned", z->burned);
	cJSON_AddStringToObject(j, "shape", shape);
	if (pv_ruleset_zone_place(set, z->name, place, sizeof(place)))
		cJSON_AddStringToObject(j, "place", place);
	return j;
}

static cJSON *rules_json(const struct pv_ruleset *set, const struct pv_rules *r, const struct pv_meant *camera)
{
	cJSON *j = cJSON_CreateObject();
	char value[100], place[600];
	const char *other;

	for (int i = 0; pv_rule_list[i].name; i++) {
		cJSON *rule = cJSON_AddObjectToObject(j, pv_rule_list[i].name);
		pv_rules_get(r, i, value, sizeof(value));
		cJSON_AddStringToObject(rule, "value", value);
		cJSON_AddStringToObject(rule, "unit", pv_rule_list[i].unit);
		if (place_of(set, camera, i, place, sizeof(place)))
			cJSON_AddStringToObject(rule, "place", place);
	}
	cJSON *zones = cJSON_AddArrayToObject(j, "zones"), *cameras = cJSON_AddArrayToObject(j, "cameras");
	for (int i = 0; i < r->zone_count; i++)
		cJSON_AddItemToArray(zones, zone_json(set, &r->zones[i]));
	for (int i = 0; !camera && (other = pv_ruleset_camera(set, i)); i++)
		cJSON_AddItemToArray(cameras, cJSON_CreateString(other));
	return j;
}

static int show(const struct pv_meant *camera, bool json)
{
	char why[800];
	struct pv_rules r;
	struct pv_ruleset *set = pv_ruleset_read(PV_RULES_FILE, why, sizeof(why));
	const char *other;

	if (!set)
		return pv_fail("%s", why);
	apply(set, camera, &r);
	if (json) {
		cJSON *j = rules_json(set, &r, camera);
		pv_print_json(j, true);
		cJSON_Delete(j);
		pv_ruleset_free(set);
		return PV_DONE;
	}
	for (int i = 0; pv_rule_list[i].name; i++)
		print_rule(set, &r, i, camera);
	print_zones(set, &r);
	for (int i = 0; !camera && (other = pv_ruleset_camera(set, i)); i++)
		printf("\n\"%s\" has rules of its own: plateveil rules show --camera \"%s\"\n", other,
		       other);
	printf("\nKept in %s%s\n`plateveil rules explain RULE` says what a rule means.\n", PV_RULES_FILE,
	       access(PV_RULES_FILE, F_OK) ? ", which does not exist yet: all defaults" : "");
	pv_ruleset_free(set);
	return PV_DONE;
}

static int explain_one(const struct pv_rule *rule)
{
	printf("%s%s%s = %s%s%s\n", pv_look(PV_BOLD), rule->name, pv_look(PV_PLAIN), rule->values,
	       *rule->unit ? "   in " : "", rule->unit);
	pv_print_wrapped(stdout, "    ", 4, rule->help);
	if (*rule->more)
		pv_print_wrapped(stdout, "    ", 4, rule->more);
	if (*rule->first)
		printf("    default: %s\n", rule->first);
	return PV_DONE;
}

static int explain(const char *name)
{
	const char *near = name ? pv_rule_nearest(pv_rule_list, name) : NULL;

	if (name && !near)
		near = pv_rule_nearest(pv_zone_rule_list, name);

	for (int k = 0; k < 2; k++) {
		const struct pv_rule *rule = k ? pv_zone_rule_list : pv_rule_list;
		if (!name)
			printf("%s\n\n", k ? "\nIn [zone \"NAME\"]:" : "In [veil] or [veil \"CAMERA\"]:");
		for (; rule->name; rule++) {
			if (name && !strcmp(rule->name, name))
				return explain_one(rule);
			if (!name)
				explain_one(rule);
		}
	}
	if (!name)
		return PV_DONE;
	if (near)
		return pv_fail("no rule is called '%s'; did you mean '%s'?", name, near);
	return pv_fail("no rule is called '%s'; `plateveil rules` lists them", name);
}

int pv_follow_rules(const char *done, const struct pv_meant *camera)
{
	cJSON *answer;
	char elsewhere[600] = "";
	enum pv_asked got = pv_ask("reload", NULL, &answer);

	if (strcmp(pv_text(answer, "rules"), PV_RULES_FILE))
		snprintf(elsewhere, sizeof(elsewhere), "%.500s", pv_text(answer, "rules"));
	cJSON_Delete(answer);
	if (got == PV_ASKED_REFUSED)
		return PV_FAILED;
	if (*elsewhere)
		return pv_fail("%s, but plateveild goes by %s (its --rules)", done, elsewhere);
	if (camera && !camera->here)
		fprintf(stderr, "plateveil: no \"%s\" is plugged in (yet?); `plateveil devices` lists the cameras\n",
			camera->word);
	printf("%s%s\n", done, got ? " (plateveild does not run)" : ", in force now");
	return PV_DONE;
}

/* What is said of one camera goes before what is said of all. */
static void tell_of_others(const struct pv_ruleset *set, int i)
{
	const char *other;
	struct pv_rules all, own;
	char a[600], b[600], place[300];

	pv_ruleset_apply(set, NULL, NULL, &all);
	pv_rules_get(&all, i, a, sizeof(a));
	for (int k = 0; (other = pv_ruleset_camera(set, k)); k++) {
		pv_ruleset_apply(set, other, NULL, &own);
		pv_rules_get(&own, i, b, sizeof(b));
		if (strcmp(a, b) && pv_ruleset_place(set, other, NULL, i, place, sizeof(place)))
			fprintf(stderr, "plateveil: for \"%s\" it stays %s, as %s says\n", other, b, place);
	}
}

static int set_rule(const struct pv_meant *camera, const char *name, const char *value)
{
	struct pv_rules r, wished;
	char why[800], section[80] = "veil", done[300], now[600], wish[600], place[600], of[60] = "";
	int i = pv_rule_find(pv_rule_list, name);

	if (camera)
		snprintf(section, sizeof(section), "veil \"%s\"", camera->word);
	if (camera)
		snprintf(of, sizeof(of), " for \"%s\"", camera->word);
	/* The files must be good first, or the change would hide what is wrong with them. */
	struct pv_ruleset *set = pv_ruleset_read(PV_RULES_FILE, why, sizeof(why));
	bool good = set && (value || i >= 0) &&
		    (!value || pv_rules_set(&wished, name, value, why, sizeof(why)));
	if (set && !value && i < 0)
		pv_rules_set(&wished, name, "", why, sizeof(why));
	pv_ruleset_free(set);
	if (!good || !pv_rules_save(PV_RULES_FILE, section, name, value, why, sizeof(why)))
		return pv_fail("%s", why);
	set = pv_ruleset_read(PV_RULES_FILE, why, sizeof(why));
	if (!set)
		return pv_fail("%s", why);
	apply(set, camera, &r);
	pv_rules_get(&r, i, now, sizeof(now));
	if (value)
		pv_rules_get(&wished, i, wish, sizeof(wish));
	/* A drop-in, or another section, may say otherwise. */
	bool other = value && strcmp(now, wish);
	if ((other || !value) && place_of(set, camera, i, place, sizeof(place)))
		fprintf(stderr, "plateveil: %s says that %s is %s, and goes before\n", place, name, now);
	if (value && !other)
		snprintf(done, sizeof(done), "%s is %s%s", name, value, of);
	else
		snprintf(done, sizeof(done), "%s is %.80s %s%s", name, now, value ? "still" : "again", of);
	if (!camera)
		tell_of_others(set, i);
	pv_ruleset_free(set);
	return pv_follow_rules(done, camera);
}

static int check(const char *path)
{
	char why[800];

	if (path && access(path, R_OK))
		return pv_fail("%s cannot be read", path);
	path = path ? path : PV_RULES_FILE;
	struct pv_ruleset *set = pv_ruleset_read(path, why, sizeof(why));
	if (!set)
		return pv_fail("%s", why);
	pv_ruleset_free(set);
	printf("%s is good\n", path);
	return PV_DONE;
}

int pv_cmd_rules(int argc, char **argv)
{
	const char *word = pv_option_value(&argc, argv, "--camera");
	struct pv_meant meant, *camera = word ? &meant : NULL;
	bool json = pv_option(&argc, argv, "--json");
	const char *verb = argc > 1 ? argv[1] : "show";

	if (word && pv_camera_meant(word, &meant))
		return PV_FAILED;
	if (argc <= 2 && !strcmp(verb, "show"))
		return show(camera, json);
	if (json)
		return pv_usage("rules");
	if (argc == 4 && !strcmp(verb, "set"))
		return set_rule(camera, argv[2], argv[3]);
	if (argc == 3 && !strcmp(verb, "unset"))
		return set_rule(camera, argv[2], NULL);
	if (argc <= 3 && !camera && !strcmp(verb, "check"))
		return check(argv[2]);
	if (argc <= 3 && !camera && !strcmp(verb, "explain"))
		return explain(argv[2]);
	return pv_usage("rules");
}
