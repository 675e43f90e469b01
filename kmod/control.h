/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CONTROL_H
#define PV_CONTROL_H

int pv_control_init(void);
void pv_control_exit(void);

#endif
