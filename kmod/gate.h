/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_GATE_H
#define PV_GATE_H

#include <linux/types.h>

#include "uapi/plateveil.h"

struct video_device;

int pv_gate_init(void);
void pv_gate_exit(void);

int pv_gate_set(struct plateveil_gate *gate);
int pv_gate_end(u32 id);
int pv_gate_info(struct plateveil_gate *gate);
int pv_gate_node(struct plateveil_node *node);
int pv_gate_camera(u32 number, dev_t *devt, struct plateveil_node *node);

#endif
