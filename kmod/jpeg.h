/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_JPEG_H
#define PV_JPEG_H

#include <linux/types.h>

/*
 * Writes a picture without colour, @luma rows of @width bytes, as a baseline JPEG
 * with 4:2:2 sampling, what most webcams send. Returns its bytes; 0: no room.
 */
u32 pv_jpeg_write(const u8 *luma, u32 width, u32 height, u8 *to, u32 room);

/* Does @data begin and end as a baseline JPEG of this size does? */
bool pv_jpeg_check(const u8 *data, u32 size, u32 width, u32 height);

#endif
