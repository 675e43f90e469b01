// SPDX-License-Identifier: GPL-2.0-or-later
/* Huffman's codes of a JPEG's scan (ITU-T T.81, annexes C and F), ready to be looked up. */
#ifndef PV_HUFFMAN_H
#define PV_HUFFMAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "bits.h"

#define PV_CODE_LOOK 11		/* bits that are looked up at once */
#define PV_CODE_END 64		/* in `skip`: the block ends here */
#define PV_CODE_BAD 127		/* in `skip`: there is no such code, or it is none of a baseline picture */
#define PV_CODE_LONG 128	/* in `skip`: not all of it is within PV_CODE_LOOK bits */

/* A coefficient as it is coded. A run of 16 zeros is one that is 0 behind 15 others; 0 behind none is nothing. */
struct pv_code {
	int16_t value;
	uint8_t skip;		/* zeros before it, or PV_CODE_* */
	uint8_t bits;		/* of the code and the value together */
};

struct pv_codes {
	/* What comes next, and then, if that is within the bits, too; its `bits` are those of both. */
	struct pv_code look[1 << PV_CODE_LOOK][2];
	JHUFF_TBL table;
	int32_t past[17];	/* what codes of a length are below, in 16 bits */
	int32_t first[17];	/* the first code of a length, less its place among the symbols */
	int most;		/* bits of a value: 11 for the first coefficient of a block, 10 for others; 0: no
				 * table was read */
};

/* Are they the same codes? */
bool pv_huffman_equal(const JHUFF_TBL *a, const JHUFF_TBL *b);

/* Codes of first coefficients, or of others; nothing is done where c has them already. False: the table is none. */
bool pv_codes_read(struct pv_codes *c, const JHUFF_TBL *table, bool first);

/* What comes next, however long it is: not looked up, but searched for. 32 bits must be held. */
struct pv_code pv_codes_long(const struct pv_codes *c, uint64_t hold);

/* The other way: the code of each symbol. */
struct pv_symbols {
	uint16_t code[256];
	uint8_t bits[256];	/* 0: the table has no such symbol */
};

void pv_symbols_make(struct pv_symbols *s, const JHUFF_TBL *table);

#endif
