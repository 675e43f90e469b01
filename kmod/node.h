/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_NODE_H
#define PV_NODE_H

#include <linux/types.h>

struct file;

struct file *pv_node_open(dev_t devt, int flags);

#endif
