/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_JPEG_H
#define PV_JPEG_H

#include <linux/types.h>

/*
 * Writes a picture of one hue, @luma rows of @width bytes and @chroma (Cb, Cr) all over, as a
 * baseline JPEG with 4:2:2 sampling, what most webcams send. Returns its bytes; 0: no room.
 */
u32 pv_jpeg_write(const u8 *luma, const u8 chroma[2], u32 width, u32 height, u8 *to, u32 room);

/* Does @data begin and end as a baseline JPEG of this size does? */
bool pv_jpeg_check(const u8 *data, u32 size, u32 width, u32 height);

#endif
