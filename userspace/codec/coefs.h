// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A JPEG picture as its coefficients: read (entropy-decoded), changed block by block, and written
 * (entropy-coded) again. Blocks that are not changed come out with the same coefficients under the
 * same quantisation tables, bit for bit; pixels are never made of them, but for the luma that is
 * searched.
 *
 * What is written knows nothing of what was there before a change. Huffman tables fitted to the
 * old picture would, so the standard's are used, or for photos new ones; nothing behind the end
 * marker is kept, nor in a camera's picture any marker (but see pv_coefs_heed()). What is copied instead
 * of coded, where nothing changed (scan.h), is the same bytes.
 *
 * Restart intervals stay as they were. Missing Huffman tables are the standard's, as webcams mean
 * it. Each picture stands alone: the one before it has no say in it.
 */
#ifndef PV_COEFS_H
#define PV_COEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame/frame.h"

/* At an eighth libjpeg would leave out all coefficients but the first. */
#define PV_MAX_SHRINK 4

struct pv_coefs;

/* One component of a picture. */
struct pv_blocks {
	int columns, rows;		/* of blocks of 8x8 samples */
	int width, height;		/* pixels that a block covers */
	const uint16_t *steps;		/* 64 quantisation steps, row by row */
};

/* For a camera's pictures: baseline, and whole. Tolerated is what costs no block: bytes too many
 * before a marker, a missing end. NULL: no memory. */
struct pv_coefs *pv_coefs_new(void);
/* For photos: progressive and arithmetic coding too, and no end may be missing. */
struct pv_coefs *pv_coefs_new_photo(void);
void pv_coefs_free(struct pv_coefs *c);
/* Frees those of f, which has none then. */
void pv_coefs_forget(struct pv_frame *f);
/* Of what a picture says in its markers, what is heeded and written from now on: nothing (a camera's), which way is
 * up, or all that metadata.h would keep (a photo's). */
enum pv_heed { PV_HEED_NOTHING, PV_HEED_TURN, PV_HEED_ALL };
void pv_coefs_heed(struct pv_coefs *c, enum pv_heed heed);
/* From now on refuses pictures of another size, before there is memory for them; 0: of none. */
void pv_coefs_expect(struct pv_coefs *c, int width, int height);

/* Reads a picture and makes f of it: its luma decoded at 1/shrink (1, 2 or 4) of the size, and
 * c itself in f->coefs. -1 with pv_coefs_error() for anything but a whole, readable picture. */
int pv_coefs_read(struct pv_coefs *c, const uint8_t *data, size_t size, int shrink,
		  struct pv_frame *f);

/* Writes the picture, at most `room` bytes; -1 with pv_coefs_error(). */
int pv_coefs_write(struct pv_coefs *c, uint8_t *to, size_t room, size_t *size);

/* Lets the picture go, and the memory of its coefficients. */
void pv_coefs_drop(struct pv_coefs *c);

/* What a picture has, between pv_coefs_read() and pv_coefs_drop(). */
int pv_coefs_count(const struct pv_coefs *c);	/* of components: 0 (no picture), 1 or 3 */
void pv_coefs_blocks(const struct pv_coefs *c, int i, struct pv_blocks *out);
/* Row `row` of component i: columns * 64 quantised coefficients, a block's row by row. */
const int16_t *pv_coefs_row(struct pv_coefs *c, int i, int row);
/* Its blocks from `from` up to `to`, and those alone, to be changed: others are copied as they came (scan.h). */
int16_t *pv_coefs_change(struct pv_coefs *c, int i, int row, int from, int to);

const char *pv_coefs_error(const struct pv_coefs *c);

#endif
