/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_GUARD_H
#define PV_GUARD_H

#include <linux/types.h>

struct file;

long pv_guard_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
void pv_guard_release(struct file *file);
bool pv_guard_locked(void);

#endif
