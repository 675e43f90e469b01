// SPDX-License-Identifier: GPL-2.0-only
/* The pixel formats a veil can carry, and what a mode means in bytes. */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "format.h"

#define LEAST_JPEG	16384	/* bytes: room for headers, however small the picture */

static const struct pv_format formats[] = {
	{ V4L2_PIX_FMT_YUYV, 1, { { 4, 0, { 16, 128 } } } },
	{ V4L2_PIX_FMT_NV12, 2, { { 2, 0, { 16, 16 } }, { 2, 1, { 128, 128 } } } },
	{ V4L2_PIX_FMT_YUV420, 3, { { 2, 0, { 16, 16 } }, { 1, 1, { 128, 128 } },
				    { 1, 1, { 128, 128 } } } },
	{ V4L2_PIX_FMT_MJPEG, 0 },
};

const struct pv_format *pv_format_find(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

u32 pv_plane_stride(const struct pv_plane *plane, const struct plateveil_mode *mode)
{
	return mode->width / 2 * plane->pair;
}

u32 pv_plane_rows(const struct pv_plane *plane, const struct plateveil_mode *mode)
{
	return mode->height >> plane->rows_shift;
}

bool pv_mode_compressed(const struct plateveil_mode *mode)
{
	return !pv_format_find(mode->pixelformat)->planes;
}

/* Bytes of a frame; of a compressed one, the most it may have. */
u32 pv_mode_size(const struct plateveil_mode *mode)
{
	const struct pv_format *f = pv_format_find(mode->pixelformat);
	u32 size = 0;
	unsigned int i;

	if (!f->planes)
		return max_t(u32, mode->width * mode->height * 2, LEAST_JPEG);
	for (i = 0; i < f->planes; i++)
		size += pv_plane_stride(&f->plane[i], mode) * pv_plane_rows(&f->plane[i], mode);
	return size;
}

void pv_mode_fill(const struct plateveil_mode *mode, struct v4l2_pix_format *pix)
{
	const struct pv_format *f = pv_format_find(mode->pixelformat);

	memset(pix, 0, sizeof(*pix));
	pix->width = mode->width;
	pix->height = mode->height;
	pix->pixelformat = mode->pixelformat;
	pix->field = V4L2_FIELD_NONE;
	pix->bytesperline = f->planes ? pv_plane_stride(&f->plane[0], mode) : 0;
	pix->sizeimage = pv_mode_size(mode);
	pix->colorspace = V4L2_COLORSPACE_SRGB;
	pix->ycbcr_enc = V4L2_YCBCR_ENC_601;
	pix->quantization = !f->planes || mode->flags & PLATEVEIL_MODE_FULL_RANGE ?
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

/* But for the interval. */
bool pv_mode_same_picture(const struct plateveil_mode *a, const struct plateveil_mode *b)
{
	return a->pixelformat == b->pixelformat && a->width == b->width && a->height == b->height;
}
