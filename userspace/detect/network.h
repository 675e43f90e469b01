// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A network, run by XNNPACK on one core: the first stage's (level.h) or the second look's (second.h).
 *
 * The weights file says what the network is; this rebuilds it for one input size.
 * The file, little-endian throughout (scripts/train/export.py writes it):
 *   header, 32 bytes: "PVNET\0\0\2", u32 CRC-32 (zlib's) of all that follows the header,
 *     u32 operations, u32 outputs, u32 bytes of weights, 8 zero bytes
 *   an operation, 40 bytes: u32 kind (1 conv, 2 depthwise conv, 3 add, 4 upsample by 2), source
 *     value, other value (add), channels in, channels out, kernel, stride, relu; f32 scale and
 *     s32 zero point of the value it makes
 *   an output, 16 bytes: u32 stride (input pixels), score value, box value; f32 share of an earlier
 *     score (logit) that is to be added to this one's, 0 where there is none
 *   weights, for each conv in order: s8 weights (out, kernel, kernel, in; depthwise: kernel,
 *     kernel, channels) and zeros up to a multiple of 4 bytes; f32 scale of each channel out;
 *     s32 bias of each, in units of the source's scale times the channel's
 * Value 0 is the input, which operation 0 alone reads, a conv of kernel 3 and stride 2. Operation i
 * makes value i + 1. A value is s8 (v - zero point) * scale.
 *
 * Input: luma - 128, scale 1 / 128, folded 2x2 into 4 channels, NHWC: (height / 2, width / 2, 4).
 * Outputs, a cell every `stride` pixels: a score (logit), and four numbers that make a box. The first
 * stage's: log of the distance in strides from the cell's centre to the left, top, right and bottom
 * edge.
 *
 * 8 bits, because integers are as fast as floats on a processor with good vector units and many
 * times faster on one without, an emulated one above all; what it costs MODEL.md says.
 */
#ifndef PV_NETWORK_H
#define PV_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#define PV_NETWORK_OUTPUTS 3		/* at most */
#define PV_NETWORK_MULTIPLE 32		/* input sides are multiples of this */

struct pv_network_output {
	int stride, columns, rows;	/* rows * columns cells */
	const int8_t *score;		/* one a cell */
	const int8_t *box;		/* four a cell */
	float score_scale, box_scale;
	int score_zero, box_zero;
	float earlier;			/* share of the earlier score */
};

struct pv_network;

/* The weights compiled into the program: the first stage's, the second look's. */
extern const uint8_t pv_network_weights[], pv_second_weights[];
extern const size_t pv_network_weights_size, pv_second_weights_size;

/* Builds the network, which must have so many outputs, for an input of width x height. `data` must
 * outlive it. NULL on failure, with the reason in error. Several may live at once; each is one
 * thread's. */
struct pv_network *pv_network_new(const uint8_t *data, size_t size, int outputs, int width, int height,
				  char *error, size_t error_size);
void pv_network_free(struct pv_network *n);

/* Where to put the input. */
int8_t *pv_network_input(struct pv_network *n);

/* 0, or -1 if XNNPACK failed. No allocation. */
int pv_network_run(struct pv_network *n);

const struct pv_network_output *pv_network_output(const struct pv_network *n, int i);

#endif
