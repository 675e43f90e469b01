// SPDX-License-Identifier: GPL-2.0-or-later
#include "sieve.h"

#include <stdbool.h>

#include "detect/overlap.h"

static bool is_wanted(const struct pv_rules *rules, int width, int height,
		      const struct pv_detection *d)
{
	float tall = d->y1 - d->y0;
	float x = (d->x0 + d->x1) * 50 / (float)width, y = (d->y0 + d->y1) * 50 / (float)height;

	/* How high a plate is that the frame's edge cuts, or may, is not known. */
	bool cut = d->y0 < PV_AT_HAND * tall || d->y1 > (float)height - PV_AT_HAND * tall;
	if ((tall < (float)rules->minimum_height && !cut) ||
	    (rules->maximum_height && tall > (float)rules->maximum_height))
		return false;
	for (int i = 0; i < rules->zone_count; i++)
		if (rules->zones[i].kind == PV_ZONE_IGNORE && pv_zone_contains(&rules->zones[i], x, y))
			return false;
	return true;
}

int pv_sieve(const struct pv_rules *rules, int width, int height, struct pv_detection *found, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (is_wanted(rules, width, height, &found[i]))
			found[kept++] = found[i];
	return kept;
}
