/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_ZONE_H
#define PV_ZONE_H

#include "uapi/plateveil.h"

struct pv_zones {
	unsigned int count;
	struct plateveil_zone zone[PLATEVEIL_MAX_ZONES];
};

bool pv_zones_keep(const struct pv_zones *zones, const struct plateveil_zone *now,
		   unsigned int count);
int pv_zones_set(struct pv_zones *zones, const struct plateveil_zone *from, unsigned int count);

/*
 * Copies a frame of @mode, which is not a compressed one, but for what lies under
 * @zones: there @to becomes black, and what @from has never gets into it.
 */
void pv_zones_copy(const struct pv_zones *zones, const struct plateveil_mode *mode,
		   u8 *to, const u8 *from);

#endif
