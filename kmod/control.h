/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CONTROL_H
#define PV_CONTROL_H

#include <linux/types.h>

struct file;
struct pv_veil;

/* A call of /dev/plateveil. */
struct pv_call {
	unsigned int cmd;
	bool privileged;
	long (*run)(struct file *file, void __user *arg);
};

int pv_control_init(void);
void pv_control_exit(void);

struct pv_veil *pv_control_veil_of(const char *device, int index);
void pv_control_wait(void);
int pv_control_veil_is(u32 id, const char *device, int index);

#endif
