// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module is told of a camera, as the rules limit it. */
#ifndef PV_OFFER_H
#define PV_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/rules.h"
#include "uapi/plateveil.h"

/* Has the camera a mode that can be veiled? */
bool pv_offer_any(int camera_fd);

/* Leaves those of n > 0 modes that the rules' limits let through, and returns how many; of a limit that none meets,
 * the nearest: the least size, and the slowest rate of those that are small enough. */
uint32_t pv_offer_limit(struct plateveil_mode *modes, uint32_t n, const struct pv_rules *rules);

/* Leaves at most `most` of n modes: as many rates of each size as there is room for, from fastest to slowest. */
uint32_t pv_offer_thin(struct plateveil_mode *modes, uint32_t n, uint32_t most);

/* The modes that the veil's view offers, and its lease; 0, or -1 with errno. */
int pv_offer_modes(int control, uint32_t id, int camera_fd, const struct pv_rules *rules);

/* Would the module be told the same by both? Then the camera need not be opened for it. */
bool pv_offer_modes_alike(const struct pv_rules *a, const struct pv_rules *b);

/* The zones that the module burns itself, and what its card looks like: what `was` (or NULL) says
 * otherwise, and what is still to be told. `trouble` says why the zones are not so; or it is empty. */
void pv_offer_look(int control, uint32_t id, const struct pv_rules *rules, const struct pv_rules *was, char *trouble,
		   size_t size);

#endif
