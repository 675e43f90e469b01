/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CONTROL_H
#define PV_CONTROL_H

#include <linux/types.h>

struct pv_veil;

int pv_control_init(void);
void pv_control_exit(void);

struct pv_veil *pv_control_veil_of(const char *device, int index);
int pv_control_veil_is(u32 id, const char *device, int index);

#endif
