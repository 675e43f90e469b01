// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer on the rules: whatever a file says is refused with a reason or read; and what was read
 * can be shown and set again. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rules/rules.h"

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_rules(const struct pv_rules *r)
{
	struct pv_rules again = *r;
	char text[400], why[400];

	for (int i = 0; pv_rule_list[i].name; i++) {
		pv_rules_get(r, i, text, sizeof(text));
		/* %g shows six digits of a fraction. */
		check(pv_rules_set(&again, pv_rule_list[i].name, text, why, sizeof(why)));
	}
	check(r->zone_count >= 0 && r->zone_count <= PV_MAX_ZONES);
	for (int i = 0; i < r->zone_count; i++) {
		const struct pv_zone *z = &r->zones[i];
		check(z->points >= 0 && z->points <= PV_MAX_POINTS && z->width > 0 && z->height > 0);
		check(z->left >= 0 && z->top >= 0 && z->left + z->width <= 100.01f &&
		      z->top + z->height <= 100.01f);
		check(memchr(z->name, 0, sizeof(z->name)));
		pv_zone_shape(z, text, sizeof(text));
		pv_zone_contains(z, 50, 50);
	}
	for (int minute = 0; minute < 1440; minute += 97)
		pv_schedule_allows(&r->schedule, minute);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40], why[400] = "", place[300];
	struct pv_rules rules;
	int fd = memfd_create("rules", MFD_CLOEXEC);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct pv_ruleset *set = pv_ruleset_read(path, why, sizeof(why));
	check(set || (strstr(why, path) && strlen(why) < sizeof(why)));
	if (set) {
		const char *camera = pv_ruleset_camera(set, 0);
		pv_ruleset_apply(set, camera, "usb-1", &rules);
		check_rules(&rules);
		for (int i = 0; pv_rule_list[i].name; i++)
			pv_ruleset_place(set, camera, NULL, i, place, sizeof(place));
		pv_ruleset_zones(set, &rules);
		check_rules(&rules);
	}
	pv_ruleset_free(set);
	close(fd);
	return 0;
}
