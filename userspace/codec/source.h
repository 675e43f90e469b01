// SPDX-License-Identifier: GPL-2.0-or-later
/* What reading a JPEG with libjpeg takes, whether for its pixels or for its coefficients. */
#ifndef PV_SOURCE_H
#define PV_SOURCE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "frame/frame.h"

struct pv_source {
	struct jpeg_decompress_struct in;
	struct jpeg_error_mgr manager;
	jmp_buf failed;		/* where libjpeg goes on after an error; set it before any call */
	bool tolerant;
	bool skips;		/* libjpeg meets an empty scan, of which it need not warn */
	int width, height;	/* of the pictures that are taken; 0: any */
	char error[200];
};

/* Errors of libjpeg that concern s; for a compressor of its own, too. */
struct jpeg_error_mgr *pv_source_manager(struct pv_source *s);

/* Leaves by s->failed with this reason. */
void pv_source_fail(struct pv_source *s, const char *why) __attribute__((noreturn));

/* Begins anew, with no table left of the picture before, and reads the header up to the first
 * scan; refuses what is no Y'CbCr or grey picture within PV_MAX_* and of the size expected, and samplings other
 * than those of pv_frame. Sets f's shape alone: width, height, shift_*, grey, full_range, block_*. */
void pv_source_open(struct pv_source *s, const uint8_t *data, size_t size, bool markers,
		    struct pv_frame *f);

/* Takes in a row of MCUs or a marker, in buffered-image mode; false: that was the last. */
bool pv_source_step(struct pv_source *s);

/* All of the picture but the next `size` bytes, which somebody else reads: the blocks are anything then. */
void pv_source_skip(struct pv_source *s, size_t size);

void pv_source_close(struct pv_source *s);

#endif
