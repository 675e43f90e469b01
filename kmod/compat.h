/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernel versions, and nowhere else. */
#ifndef PV_COMPAT_H
#define PV_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0) || \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#error "plateveil.ko is tested on Linux 6.1 only so far"
#endif

#define PV_IMPORT_DMA_BUF	MODULE_IMPORT_NS(DMA_BUF)

#endif
