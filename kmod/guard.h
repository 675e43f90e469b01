/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_GUARD_H
#define PV_GUARD_H

#include <linux/types.h>

#include "control.h"

#define PV_GUARD_CALLS	8

extern const struct pv_call pv_guard_calls[PV_GUARD_CALLS];
void pv_guard_release(struct file *file);
bool pv_guard_locked(void);

#endif
