// SPDX-License-Identifier: GPL-2.0-or-later
/* JPEG to frame and back, by libjpeg-turbo. */
#ifndef PV_JPEG_H
#define PV_JPEG_H

#include "frame/frame.h"

struct pv_jpeg;		/* one at a time per thread */

struct pv_jpeg *pv_jpeg_new(void);	/* NULL: no memory */
void pv_jpeg_free(struct pv_jpeg *j);

/* Decodes into f's planes with the file's own subsampling; f->block_* become the
 * MCU's size. -1 for anything but a whole, readable picture: a truncated or
 * damaged one, CMYK, or one over PV_MAX_*; pv_jpeg_error() says which. */
int pv_jpeg_decode(struct pv_jpeg *j, const uint8_t *data, size_t size, struct pv_frame *f);

/* Encodes f at quality 1..100. *out is malloc'd by this and freed by the caller
 * with pv_jpeg_release(). */
int pv_jpeg_encode(struct pv_jpeg *j, const struct pv_frame *f, int quality, uint8_t **out,
		   size_t *size);
void pv_jpeg_release(uint8_t *out);

/* From now on takes pictures without an end too, which libjpeg mends, as cheap cameras send them. What is searched is
 * then what is shown. */
void pv_jpeg_tolerate(struct pv_jpeg *j);

/* From now on refuses pictures of another size, before there is memory for them; 0: of none. */
void pv_jpeg_expect(struct pv_jpeg *j, int width, int height);

const char *pv_jpeg_error(const struct pv_jpeg *j);

#endif
