// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands before the scan of a camera's veiled picture. */
#ifndef PV_HEADER_H
#define PV_HEADER_H

#include <stdio.h>

#include <jpeglib.h>

#include "bits.h"

/* Writes all up to the scan of a baseline picture, in libjpeg's order; `out` has its shape and tables. */
void pv_header_write(struct pv_bit_writer *w, const struct jpeg_compress_struct *out);

#endif
