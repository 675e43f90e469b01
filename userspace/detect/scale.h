// SPDX-License-Identifier: GPL-2.0-or-later
/* Luma at the detector's scale. */
#ifndef PV_SCALE_H
#define PV_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct pv_scale;

/* What lies between four pixels, two of a row and two of the next (bilinear): so many of 256 parts of the way to the
 * right, and down. */
static inline uint8_t pv_scale_between(const uint8_t *row, const uint8_t *next, int left, int right, int across, int down)
{
	int top = row[left] * (256 - across) + row[right] * across;
	int low = next[left] * (256 - across) + next[right] * across;

	return (uint8_t)((top * (256 - down) + low * down + 32768) >> 16);
}

/* Plans shrinking from one size to another, not larger on either side. NULL: no
 * memory, or a size out of range. */
struct pv_scale *pv_scale_new(int from_width, int from_height, int to_width, int to_height);
void pv_scale_free(struct pv_scale *s);

/* Each pixel of `to` is the mean of the area it stands for. Strides in bytes. */
void pv_scale_run(struct pv_scale *s, const uint8_t *from, size_t from_stride, uint8_t *to,
		  size_t to_stride);

/* Enlarges: each pixel of `to`, which is larger both ways, is what lies between four of `from` (bilinear). */
void pv_scale_enlarge(const uint8_t *from, size_t from_stride, int from_width, int from_height, uint8_t *to,
		      size_t to_stride, int to_width, int to_height);

/* Half the size, rounded up: each pixel of `to` is the mean of four of `from`, or of the two or one
 * that an odd side leaves at the edge. */
void pv_scale_half(const uint8_t *from, size_t from_stride, int width, int height, uint8_t *to,
		   size_t to_stride);

#endif
