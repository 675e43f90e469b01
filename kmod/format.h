/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_FORMAT_H
#define PV_FORMAT_H

#include <linux/types.h>

#include "uapi/plateveil.h"

#define PV_MAX_PLANES	3

/* One after the other in a frame, rows without gaps. */
struct pv_plane {
	u8 pair;		/* bytes that two pixels beside each other have here */
	u8 rows_shift;		/* 1: a row for every two of pixels */
	u8 black[2];		/* even and odd bytes of what has neither light nor colour */
};

struct pv_format {
	u32 fourcc;
	unsigned int planes;	/* 0: compressed */
	struct pv_plane plane[PV_MAX_PLANES];
};

const struct pv_format *pv_format_find(u32 fourcc);
u32 pv_plane_stride(const struct pv_plane *plane, const struct plateveil_mode *mode);
u32 pv_plane_rows(const struct pv_plane *plane, const struct plateveil_mode *mode);

bool pv_mode_compressed(const struct plateveil_mode *mode);
u32 pv_mode_size(const struct plateveil_mode *mode);
void pv_mode_fill(const struct plateveil_mode *mode, struct v4l2_pix_format *pix);
int pv_mode_check(const struct plateveil_mode *mode);
bool pv_mode_equal(const struct plateveil_mode *a, const struct plateveil_mode *b);
bool pv_mode_same_picture(const struct plateveil_mode *a, const struct plateveil_mode *b);

#endif
