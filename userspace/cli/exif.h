// SPDX-License-Identifier: GPL-2.0-or-later
/* What may go along of a photo's metadata. */
#ifndef PV_EXIF_H
#define PV_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `jpeg` with the original's colour profile and Exif data, except for what may show the picture
 * again: thumbnails, the maker's own notes, unknown tags. All else of the original (comments, XMP,
 * further pictures behind the first) stays behind. With strip only the orientation goes along,
 * without which the photo would lie on its side. To be freed; NULL: no memory.
 */
uint8_t *pv_exif_carry(const uint8_t *original, size_t original_size, const uint8_t *jpeg,
		       size_t size, bool strip, size_t *made);

#endif
