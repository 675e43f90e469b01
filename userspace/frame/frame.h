// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A picture in memory: planar Y'CbCr, 8 bits a sample, as JPEG and webcams have
 * it, so that nothing on a frame's way needs RGB.
 */
#ifndef PV_FRAME_H
#define PV_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PV_MAX_SIDE 16384		/* pixels; of a frame or photo */
#define PV_JPEG_BLOCK 16		/* pixels that a chroma block of 4:2:0 is wide and high */
#define PV_MAX_PIXELS (200u * 1000 * 1000)	/* as phones have them */

/* A rectangle of pixels: x0 <= x < x1, y0 <= y < y1. */
struct pv_box {
	int x0, y0, x1, y1;
};

struct pv_coefs;

struct pv_frame {
	int width, height;		/* pixels */
	int shift_x, shift_y;		/* a chroma sample is 1 << shift pixels wide, high */
	bool grey;			/* no chroma planes */
	bool full_range;		/* luma 0..255 (JPEG), else 16..235 */
	/* Regions are grown to multiples of this: what one JPEG block decodes to
	 * depends on all of the block, so a plate's pixels reach no further. PV_JPEG_BLOCK
	 * for pixels that were a JPEG, or a video, before. */
	int block_x, block_y;		/* pixels, >= 1 */
	uint8_t *plane[3];		/* Y, Cb, Cr */
	int stride[3];			/* bytes; at least the plane's width */
	uint64_t time_ns;		/* CLOCK_MONOTONIC, 0 if unknown */
	uint64_t taken_ns;		/* CLOCK_BOOTTIME when the camera gave it, 0 if unknown */
	uint64_t slept_ns;		/* how long the machine had slept by then, since its start */
	/* Not NULL: the picture is there, still as JPEG coefficients, and veils are drawn there;
	 * plane[0] is for the search alone. Belongs to who put it there. */
	struct pv_coefs *coefs;
	int shrink;			/* plane[0] is 1/shrink of the size; 0 means 1 */
	int orientation;		/* of a photo: Exif's, 1 to 8 (veild/upright.h); 0: not known */
	uint8_t *memory;
	size_t capacity;
};

/* Rows and samples a row of plane i, rounding up. */
int pv_frame_plane_width(const struct pv_frame *f, int i);
int pv_frame_plane_height(const struct pv_frame *f, int i);

/* Gives f memory for this shape, keeping what it has if that is enough.
 * 0, or -1 if there is not enough memory or a side is out of range; f is then
 * as it was. Free with pv_frame_free(), which leaves an empty frame. */
int pv_frame_shape(struct pv_frame *f, int width, int height, int shift_x, int shift_y,
		   bool grey);
void pv_frame_free(struct pv_frame *f);

/* Bytes of a frame of this pixel format (V4L2_PIX_FMT_YUYV, NV12, YUV420, no
 * padding), or 0 for another. */
size_t pv_frame_packed_size(uint32_t pixelformat, int width, int height);

/* Copies f into `to` as that format, in limited range (luma 16..235), which applications take raw
 * formats to be in; false for a format above not named. */
bool pv_frame_pack(const struct pv_frame *f, uint32_t pixelformat, uint8_t *to);

/* Fills f from such a picture with `stride` bytes a luma row; 0 or -1 (no
 * memory, unknown format, or fewer than needed bytes). full_range, which the
 * bytes do not tell, stays as it is. */
int pv_frame_unpack(struct pv_frame *f, uint32_t pixelformat, int width, int height,
		    int stride, const uint8_t *from, size_t size);

/* Brings a picture whose Y'CbCr is that of ITU-R BT.709, as HDMI grabbers' is, to that of BT.601, which JPEG is in and
 * webcams mostly are. */
void pv_frame_from_bt709(struct pv_frame *f);

/* Brings a picture of limited range to full range, which JPEG files are in. */
void pv_frame_widen(struct pv_frame *f);

#endif
