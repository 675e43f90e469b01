/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_RELAY_H
#define PV_RELAY_H

#include <linux/types.h>

struct pv_veil;

int pv_relay_start(struct pv_veil *veil);
void pv_relay_stop(struct pv_veil *veil);
void pv_relay_begin(struct pv_veil *veil);
void pv_relay_kick(struct pv_veil *veil);
bool pv_relay_live(struct pv_veil *veil);
void pv_relay_lease(struct pv_veil *veil, u64 lease_ns);
void pv_relay_expire(struct pv_veil *veil);

#endif
