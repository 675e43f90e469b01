// SPDX-License-Identifier: GPL-2.0-only
/* The pixel formats a veil can carry, and what a mode means in bytes. */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "format.h"

static const struct pv_format formats[] = {
	{ V4L2_PIX_FMT_YUYV, 2, 2 },
	{ V4L2_PIX_FMT_NV12, 1, 3 },
	{ V4L2_PIX_FMT_YUV420, 1, 3 },
};

const struct pv_format *pv_format_find(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

u32 pv_mode_stride(const struct plateveil_mode *mode)
{
	return mode->width * pv_format_find(mode->pixelformat)->luma_step;
}

u32 pv_mode_size(const struct plateveil_mode *mode)
{
	const struct pv_format *f = pv_format_find(mode->pixelformat);

	return pv_mode_stride(mode) * mode->height * f->frame_num / 2;
}

void pv_mode_fill(const struct plateveil_mode *mode, struct v4l2_pix_format *pix)
{
	memset(pix, 0, sizeof(*pix));
	pix->width = mode->width;
	pix->height = mode->height;
	pix->pixelformat = mode->pixelformat;
	pix->field = V4L2_FIELD_NONE;
	pix->bytesperline = pv_mode_stride(mode);
	pix->sizeimage = pv_mode_size(mode);
	pix->colorspace = V4L2_COLORSPACE_SRGB;
	pix->ycbcr_enc = V4L2_YCBCR_ENC_601;
	pix->quantization = mode->flags & PLATEVEIL_MODE_FULL_RANGE ?
			    V4L2_QUANTIZATION_FULL_RANGE : V4L2_QUANTIZATION_LIM_RANGE;
}

int pv_mode_check(const struct plateveil_mode *m)
{
	u64 ms;

	if (!pv_format_find(m->pixelformat))
		return -EINVAL;
	if (m->width < PLATEVEIL_MIN_SIDE || m->width > PLATEVEIL_MAX_SIDE ||
	    m->height < PLATEVEIL_MIN_SIDE || m->height > PLATEVEIL_MAX_SIDE ||
	    (m->width | m->height) & 1)
		return -EINVAL;
	if (!m->numerator || !m->denominator)
		return -EINVAL;
	ms = (u64)m->numerator * 1000;
	if (ms < m->denominator || ms > (u64)m->denominator * 60000)
		return -EINVAL;
	if (m->flags & ~PLATEVEIL_MODE_FULL_RANGE || m->reserved[0] || m->reserved[1])
		return -EINVAL;
	return 0;
}

bool pv_mode_equal(const struct plateveil_mode *a, const struct plateveil_mode *b)
{
	return !memcmp(a, b, sizeof(*a));
}
