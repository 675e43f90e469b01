/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_DIVERT_H
#define PV_DIVERT_H

#include <linux/types.h>

struct file;
struct pv_veil;
struct video_device;

int pv_divert_open(struct file *file, struct video_device *vdev, struct pv_veil *veil);
void pv_divert_unplug(struct video_device *vdev);
unsigned int pv_divert_count(const struct video_device *vdev);

#endif
