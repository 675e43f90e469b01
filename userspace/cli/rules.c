// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int show(void)
{
	struct pv_rules r;
	char value[64], why[400];

	if (!pv_rules_load(&r, PV_RULES_FILE, why, sizeof(why)))
		return pv_fail("%s", why);
	for (int i = 0; pv_rule_list[i].name; i++) {
		const char *unit = pv_rule_list[i].unit;
		pv_rules_get(&r, i, value, sizeof(value));
		if (*unit && *unit != '#') {
			size_t n = strlen(value);
			snprintf(value + n, sizeof(value) - n, " %s", unit);
		}
		printf("%-14s %s\n    %s\n", pv_rule_list[i].name, value, pv_rule_list[i].help);
	}
	for (int i = 0; i < r.zone_count; i++)
		printf("zone \"%s\": always veiled: left %g, top %g, width %g, height %g %%\n",
		       r.zones[i].name, (double)r.zones[i].left, (double)r.zones[i].top,
		       (double)r.zones[i].width, (double)r.zones[i].height);
	printf("\nKept in %s%s\n", PV_RULES_FILE,
	       access(PV_RULES_FILE, F_OK) ? ", which does not exist yet: all defaults" : "");
	return 0;
}

static int set(const char *name, const char *value)
{
	struct pv_rules r;
	char why[400], text[1024];

	/* The file must be good first, or the change would hide what is wrong with it. */
	if (!pv_rules_load(&r, PV_RULES_FILE, why, sizeof(why)) ||
	    !pv_rules_set(&r, name, value, why, sizeof(why)) ||
	    !pv_rules_save(PV_RULES_FILE, "veil", name, value, why, sizeof(why)))
		return pv_fail("%s", why);
	int got = pv_ask("reload", text, sizeof(text));
	if (got > 0)
		return 1;
	printf("%s is %s%s\n", name, value, got ? " (nothing is veiled right now)" : ", in force now");
	return 0;
}

int pv_cmd_rules(int argc, char **argv)
{
	struct pv_rules r;
	char why[400];

	if (argc == 1)
		return show();
	if (argc == 4 && !strcmp(argv[1], "set"))
		return set(argv[2], argv[3]);
	if (argc <= 3 && !strcmp(argv[1], "check")) {
		const char *path = argc == 3 ? argv[2] : PV_RULES_FILE;
		if (argc == 3 && access(path, R_OK))
			return pv_fail("%s cannot be read", path);
		if (!pv_rules_load(&r, path, why, sizeof(why)))
			return pv_fail("%s", why);
		printf("%s is good\n", path);
		return 0;
	}
	return pv_usage("rules");
}
