// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>

static int ceil_shift(int n, int shift)
{
	return (n + (1 << shift) - 1) >> shift;
}

int pv_frame_plane_width(const struct pv_frame *f, int i)
{
	return i ? ceil_shift(f->width, f->shift_x) : f->width;
}

int pv_frame_plane_height(const struct pv_frame *f, int i)
{
	return i ? ceil_shift(f->height, f->shift_y) : f->height;
}

int pv_frame_shape(struct pv_frame *f, int width, int height, int shift_x, int shift_y,
		   bool grey)
{
	if (width < 1 || height < 1 || width > PV_MAX_SIDE || height > PV_MAX_SIDE ||
	    (size_t)width * (size_t)height > PV_MAX_PIXELS)
		return -1;
	struct pv_frame n = *f;
	n.width = width;
	n.height = height;
	n.shift_x = shift_x;
	n.shift_y = shift_y;
	n.grey = grey;
	n.block_x = n.block_y = 1;
	size_t need = 0, at[3] = {0};
	for (int i = 0; i < (grey ? 1 : 3); i++) {
		n.stride[i] = (pv_frame_plane_width(&n, i) + 31) & ~31;
		at[i] = need;
		need += (size_t)n.stride[i] * (size_t)pv_frame_plane_height(&n, i);
	}
	if (need > n.capacity) {
		uint8_t *memory = aligned_alloc(64, (need + 63) & ~(size_t)63);
		if (!memory)
			return -1;
		free(n.memory);
		n.memory = memory;
		n.capacity = need;
	}
	for (int i = 0; i < 3; i++)
		n.plane[i] = i && grey ? NULL : n.memory + at[i];
	*f = n;
	return 0;
}

void pv_frame_free(struct pv_frame *f)
{
	free(f->memory);
	memset(f, 0, sizeof(*f));
}

size_t pv_frame_packed_size(uint32_t pixelformat, int width, int height)
{
	size_t w = (size_t)width, h = (size_t)height;
	switch (pixelformat) {
	case V4L2_PIX_FMT_YUYV:
		return w * h * 2;
	case V4L2_PIX_FMT_NV12:
	case V4L2_PIX_FMT_YUV420:
		return w * h + 2 * ((w + 1) / 2 * ((h + 1) / 2));
	default:
		return 0;
	}
}

/*
 * How samples become those of a raw format, which applications take for limited range: v * times +
 * plus, in 255ths. 16 bits hold it.
 */
struct scale {
	uint16_t times, plus;
};

static const struct scale as_it_is = { 255, 0 };
static const struct scale narrow_luma = { 219, 16 * 255 }, narrow_chroma = { 224, 128 * 31 };

static inline uint8_t scaled(uint8_t v, struct scale s)
{
	uint16_t t = (uint16_t)(v * s.times + s.plus + 128);

	return (uint8_t)((t + (t >> 8)) >> 8);	/* rounded division by 255 */
}

/* Loops over samples have their ends in variables: what is stored might else be the frame's own width, for all that
 * the compiler knows, and nothing is done by vectors then. */

/* The row of chroma plane i that pixel row y shares, at half the width. */
static void chroma_row(const struct pv_frame *f, int i, int y, uint8_t *to)
{
	struct scale s = f->full_range ? narrow_chroma : as_it_is;
	int w = (f->width + 1) / 2;

	if (f->grey) {
		memset(to, 128, (size_t)w);
		return;
	}
	const uint8_t *row = f->plane[i] + (size_t)(y >> f->shift_y) * (size_t)f->stride[i];
	if (f->shift_x == 1)
		for (int x = 0; x < w; x++)
			to[x] = scaled(row[x], s);
	else
		for (int x = 0; x < w; x++)
			to[x] = scaled(row[2 * x >> f->shift_x], s);
}

static void pack_yuyv(const struct pv_frame *f, uint8_t *to)
{
	struct scale s = f->full_range ? narrow_luma : as_it_is;
	uint8_t u[PV_MAX_SIDE / 2] = { 0 }, v[PV_MAX_SIDE / 2] = { 0 };
	int half = f->width / 2;

	for (int y = 0; y < f->height; y++) {
		const uint8_t *luma = f->plane[0] + (size_t)y * (size_t)f->stride[0];
		uint8_t *row = to + (size_t)y * (size_t)f->width * 2;
		chroma_row(f, 1, y, u);
		chroma_row(f, 2, y, v);
		for (int x = 0; x < half; x++) {
			row[4 * x] = scaled(luma[2 * x], s);
			row[4 * x + 1] = u[x];
			row[4 * x + 2] = scaled(luma[2 * x + 1], s);
			row[4 * x + 3] = v[x];
		}
	}
}

static void pack_420(const struct pv_frame *f, uint8_t *to, bool interleaved)
{
	struct scale s = f->full_range ? narrow_luma : as_it_is;
	int width = f->width, w = (width + 1) / 2, h = (f->height + 1) / 2;
	uint8_t u[PV_MAX_SIDE / 2] = { 0 }, v[PV_MAX_SIDE / 2] = { 0 };

	for (int y = 0; y < f->height; y++, to += width) {
		const uint8_t *luma = f->plane[0] + (size_t)y * (size_t)f->stride[0];
		for (int x = 0; x < width; x++)
			to[x] = scaled(luma[x], s);
	}
	for (int y = 0; y < h; y++) {
		if (!interleaved) {
			chroma_row(f, 1, 2 * y, to + (size_t)y * (size_t)w);
			chroma_row(f, 2, 2 * y, to + (size_t)(h + y) * (size_t)w);
			continue;
		}
		chroma_row(f, 1, 2 * y, u);
		chroma_row(f, 2, 2 * y, v);
		for (int x = 0; x < w; x++) {
			to[2 * (y * w + x)] = u[x];
			to[2 * (y * w + x) + 1] = v[x];
		}
	}
}

bool pv_frame_pack(const struct pv_frame *f, uint32_t pixelformat, uint8_t *to)
{
	switch (pixelformat) {
	case V4L2_PIX_FMT_YUYV:
		pack_yuyv(f, to);
		return true;
	case V4L2_PIX_FMT_NV12:
		pack_420(f, to, true);
		return true;
	case V4L2_PIX_FMT_YUV420:
		pack_420(f, to, false);
		return true;
	default:
		return false;
	}
}

static void unpack_yuyv(struct pv_frame *f, const uint8_t *from, int stride)
{
	int half = f->width / 2;

	for (int y = 0; y < f->height; y++) {
		const uint8_t *row = from + (size_t)y * (size_t)stride;
		uint8_t *luma = f->plane[0] + (size_t)y * (size_t)f->stride[0];
		uint8_t *u = f->plane[1] + (size_t)y * (size_t)f->stride[1];
		uint8_t *v = f->plane[2] + (size_t)y * (size_t)f->stride[2];
		for (int x = 0; x < half; x++) {
			luma[2 * x] = row[4 * x];
			luma[2 * x + 1] = row[4 * x + 2];
			u[x] = row[4 * x + 1];
			v[x] = row[4 * x + 3];
		}
	}
}

static void unpack_420(struct pv_frame *f, const uint8_t *from, int stride, bool interleaved)
{
	for (int y = 0; y < f->height; y++, from += stride)
		memcpy(f->plane[0] + (size_t)y * (size_t)f->stride[0], from, (size_t)f->width);
	int w = f->width / 2, h = f->height / 2;
	size_t pitch = (size_t)(interleaved ? stride : stride / 2);
	for (int y = 0; y < h; y++) {
		uint8_t *u = f->plane[1] + (size_t)y * (size_t)f->stride[1];
		uint8_t *v = f->plane[2] + (size_t)y * (size_t)f->stride[2];
		const uint8_t *row = from + (size_t)y * pitch;
		if (!interleaved) {
			memcpy(u, row, (size_t)w);
			memcpy(v, row + (size_t)h * pitch, (size_t)w);
			continue;
		}
		for (int x = 0; x < w; x++) {
			u[x] = row[2 * x];
			v[x] = row[2 * x + 1];
		}
	}
}

int pv_frame_unpack(struct pv_frame *f, uint32_t pixelformat, int width, int height,
		    int stride, const uint8_t *from, size_t size)
{
	bool yuyv = pixelformat == V4L2_PIX_FMT_YUYV;
	size_t need = yuyv ? (size_t)stride * (size_t)height :
			     pv_frame_packed_size(pixelformat, stride, height);
	if (!need || (width | height) & 1 || stride < width * (yuyv ? 2 : 1) || size < need)
		return -1;
	if (pv_frame_shape(f, width, height, 1, yuyv ? 0 : 1, false))
		return -1;
	if (yuyv)
		unpack_yuyv(f, from, stride);
	else
		unpack_420(f, from, stride, pixelformat == V4L2_PIX_FMT_NV12);
	/* A 4:2:0 chroma sample covers two rows and two columns. */
	f->block_x = 2;
	f->block_y = yuyv ? 1 : 2;
	return 0;
}

void pv_frame_widen(struct pv_frame *f)
{
	uint8_t wide[256];

	for (int i = 0; i < (f->full_range ? 0 : f->grey ? 1 : 3); i++) {
		int zero = i ? 128 : 16, of = i ? 224 : 219;
		for (int v = 0; v < 256; v++) {
			/* 256 more, so that what is divided is positive, and rounded alike. */
			int w = (2 * 255 * (v - zero) + of + 2 * 256 * of) / (2 * of) - 256 + (i ? 128 : 0);
			wide[v] = (uint8_t)(v < 16 ? 0 : w < 255 ? w : 255);
		}
		for (int y = 0; y < pv_frame_plane_height(f, i); y++) {
			uint8_t *row = f->plane[i] + (size_t)y * (size_t)f->stride[i];
			for (int x = 0; x < pv_frame_plane_width(f, i); x++)
				row[x] = wide[row[x]];
		}
	}
	f->full_range = true;
}
