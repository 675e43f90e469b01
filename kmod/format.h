/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_FORMAT_H
#define PV_FORMAT_H

#include <linux/types.h>

#include "uapi/plateveil.h"

struct pv_format {
	u32 fourcc;
	u8 luma_step;		/* bytes from one luma sample to the next */
	u8 frame_num;		/* sizeimage is luma rows * bytesperline * num / 2 */
};

const struct pv_format *pv_format_find(u32 fourcc);
u32 pv_mode_stride(const struct plateveil_mode *mode);
u32 pv_mode_size(const struct plateveil_mode *mode);
void pv_mode_fill(const struct plateveil_mode *mode, struct v4l2_pix_format *pix);
int pv_mode_check(const struct plateveil_mode *mode);
bool pv_mode_equal(const struct plateveil_mode *a, const struct plateveil_mode *b);

#endif
