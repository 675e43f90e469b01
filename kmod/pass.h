/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_PASS_H
#define PV_PASS_H

#include <linux/types.h>

struct file;
struct video_device;

struct file *pv_pass_open(dev_t devt, int flags);
bool pv_pass_opening(void);
bool pv_pass_holds(const struct file *file);
unsigned int pv_pass_count(const struct video_device *vdev);

#endif
