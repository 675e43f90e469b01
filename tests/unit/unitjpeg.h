/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG files of every kind, made and looked at with libjpeg itself. */
#ifndef PV_UNIT_JPEG_H
#define PV_UNIT_JPEG_H

#include "codec/jpeg.h"

struct unit_jpeg_options {
	int quality;
	int restart;		/* MCUs between restart markers; 0: none */
	bool no_tables;		/* without Huffman tables, as webcams do */
	bool optimised;		/* Huffman tables fitted to the picture */
	bool scans;		/* each component in a scan of its own */
	bool progressive;
	bool arithmetic;	/* coded so, without Huffman's tables */
};

struct unit_component {
	int columns, rows;	/* of blocks */
	int width, height;	/* pixels a block covers */
	uint16_t steps[64];
	int16_t *coefs;		/* columns * rows * 64 */
};

struct unit_jpeg {
	int components, restart;
	struct unit_component component[3];
};

/* To be freed. */
uint8_t *unit_jpeg_make(const struct pv_frame *f, const struct unit_jpeg_options *o, size_t *size);
/* The same coefficients, coded by libjpeg as asked; the quality stays. To be freed. */
uint8_t *unit_jpeg_recode(const uint8_t *data, size_t size, const struct unit_jpeg_options *o, size_t *made);

/* What is in a file; any warning of libjpeg's ends the test. */
void unit_jpeg_read(const uint8_t *data, size_t size, struct unit_jpeg *to);
void unit_jpeg_free(struct unit_jpeg *j);

/* Makes a baseline file say that it is a picture of another size. */
void unit_jpeg_claim(uint8_t *data, size_t size, int width, int height);
/* A damaged size is a picture of that size: keeps it small, or tests take long. */
void unit_jpeg_keep_small(uint8_t *data, size_t size);

#endif
