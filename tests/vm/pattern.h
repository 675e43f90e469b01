// SPDX-License-Identifier: GPL-2.0-or-later
/* The code that no viewer may ever see. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdint.h>

#define PATTERN_WIDTH 640	/* pixels of the whole picture */
#define PATTERN_HEIGHT 480
#define CODE_X 256		/* where the code lies: the zone "40 40 25 20" (percent) */
#define CODE_Y 192
#define CODE_W 160
#define CODE_H 96
#define CODE_SQUARE 8	/* pixels */

/* 0 black or 1 white inside the code, -1 outside it. */
static inline int pattern_cell(int x, int y)
{
	if (x < CODE_X || y < CODE_Y || x >= CODE_X + CODE_W ||
	    y >= CODE_Y + CODE_H)
		return -1;
	uint32_t h = (uint32_t)(x / CODE_SQUARE) * 73856093u ^
		     (uint32_t)(y / CODE_SQUARE) * 19349663u;
	h = (h ^ h >> 13) * 0x5bd1e995u;
	return h >> 15 & 1;
}

#endif
