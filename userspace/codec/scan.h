// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The entropy-coded part of a camera's plain picture: baseline, all of it in one scan. Whatever is odd about a
 * picture is left to libjpeg, which says what is wrong with it or makes allowances.
 *
 * It is coded here because of what is then known: where in the scan each piece of a row of MCUs began. Pieces that
 * nobody changes, behind others whose end is as it was, are not coded again but copied, bit by bit, where the
 * camera's tables are the standard's, as webcams' are, and the piece was coded as this program would have done it.
 * What comes out is in each case, to the last byte, what coding all of it would have made.
 */
#ifndef PV_SCAN_H
#define PV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "bits.h"
#include "huffman.h"

#define PV_SCAN_COMPONENTS 3

/* Where in a block, row by row, the coefficients are in the order they are coded in. */
extern const uint8_t pv_scan_order[64];

/* So many MCUs of a row, or fewer, where the row ends or a restart marker stands. */
#define PV_PIECE 8

struct pv_piece {
	size_t from, to;		/* bits of it in `bytes` */
	unsigned first, count;		/* MCUs */
	/* Before it and at its end, the first coefficient of the last block of each component. */
	int16_t before[PV_SCAN_COMPONENTS], after[PV_SCAN_COMPONENTS];
	bool restarts;			/* a restart marker is before it */
	bool plain;			/* coded as it would be here */
};

struct pv_scan {
	struct pv_codes first[NUM_HUFF_TBLS], others[NUM_HUFF_TBLS];	/* by the number of the table */
	uint8_t *bytes;			/* of the scan, without stuffing and markers */
	size_t *ends;			/* where in them a restart marker was, or the end */
	struct pv_piece *pieces;
	bool *changed;			/* by row of MCUs and PV_PIECE of them */
	size_t room, end_count, end_room, piece_count, piece_room, changed_room;
	size_t copied;			/* pieces, when it was last written */
	unsigned every, rows, columns;	/* MCUs between restart markers, or all; of `changed` */
};

/* Frees what it holds. All zero is one that holds nothing. */
void pv_scan_free(struct pv_scan *s);

/* How many bytes of the data are the scan, behind which the picture's end marker stands, or nothing at all; 0: it is
 * not that plain, or there is no memory. `in` has begun to decompress. */
size_t pv_scan_find(struct pv_scan *s, const struct jpeg_decompress_struct *in, const uint8_t *data, size_t size);

/* Decodes what was found into the arrays of `in`. False: libjpeg has to see it. */
bool pv_scan_read(struct pv_scan *s, struct jpeg_decompress_struct *in, jvirt_barray_ptr *arrays);

/* In row `row` of a component the blocks from `from` up to `to` are about to change. */
void pv_scan_change(struct pv_scan *s, const jpeg_component_info *info, unsigned row, unsigned from, unsigned to);

/* Has the picture the Huffman tables that `out` has, so that pieces can be copied? Else libjpeg codes it faster. */
bool pv_scan_is_alike(const struct jpeg_decompress_struct *in, const struct jpeg_compress_struct *out);

/* Then codes it, but for its end marker. -1: a coefficient that has no code; see w->full as well. */
int pv_scan_write(struct pv_scan *s, struct jpeg_decompress_struct *in, jvirt_barray_ptr *arrays,
		  const struct jpeg_compress_struct *out, struct pv_bit_writer *w);

#endif
