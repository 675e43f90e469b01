// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local contrast: a plate in glare, fog or dusk differs from its surroundings by a few levels, and the
 * first stage, which learnt from what cameras usually show, does not see it. Where the standard
 * deviation of luma round a place (PV_CONTRAST_BLOCK * 5 pixels square) is under PV_CONTRAST_LEAST,
 * differences from the mean there are made larger, till it is that, but at most PV_CONTRAST_MOST times.
 * What has contrast stays as it is.
 *
 * Means and gains are those of a grid of blocks, and bilinear between them (as in Zuiderveld's
 * "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994, though not of
 * histograms). A block's depend on two more blocks each way, as far as the input has them.
 */
#ifndef PV_CONTRAST_H
#define PV_CONTRAST_H

#include <stdint.h>

#define PV_CONTRAST_BLOCK 16	/* pixels a side */
#define PV_CONTRAST_LEAST 30	/* levels of luma */
#define PV_CONTRAST_MOST 4

/* What a block holds: of luma - 128. */
struct pv_contrast {
	int32_t sum;
	uint32_t squares;
	int32_t count;		/* pixels within the picture */
	int32_t mean;		/* of the blocks round it; levels */
	int32_t gain;		/* there; 32 is 1 */
};

/* Of a network's input (network.h) of width pixels a row, whose first `inside` columns and `rows` rows are
 * picture; sides are multiples of PV_CONTRAST_BLOCK. `blocks` has room for one of each block. */
void pv_contrast_raise(int8_t *input, int width, int inside, int rows, struct pv_contrast *blocks);

#endif
