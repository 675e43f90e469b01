// SPDX-License-Identifier: GPL-2.0-or-later
/* Luma at the detector's scale. */
#ifndef PV_SCALE_H
#define PV_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct pv_scale;

/* n pixels between those of a row, of `width`, and of the next (bilinear): `down` of 256 parts of the way to that, and
 * each part[i] of 256 from pixel left[i], which is not before the last one's, to the one that is right of it. */
void pv_scale_between(const uint8_t *row, const uint8_t *next, int width, int down, const int *left, const int *part,
		      int n, uint8_t *to);

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
