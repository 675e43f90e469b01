// SPDX-License-Identifier: GPL-2.0-or-later
/* What a photo says beside its pixels, and what of that a veiled one may still say. */
#ifndef PV_METADATA_H
#define PV_METADATA_H

#include <stdio.h>

#include <jpeglib.h>

/*
 * Writes those of the markers to the picture begun that hold no second picture, which would show
 * what is veiled: Exif (the standard's entries of at most 4 KB; no thumbnail, and no maker's note, which may
 * hold one in any disguise), XMP and IPTC without previews, colour profiles and comments. Others are left out; which
 * way is up is said in any case.
 */
void pv_metadata_write(struct jpeg_compress_struct *out, const struct jpeg_marker_struct *markers);

/* Which way is up: Exif's number, 1 to 8; 0 if nothing says. */
int pv_metadata_orientation(const struct jpeg_marker_struct *markers);

/* Writes nothing of them but which way is up, without which the photo would lie on its side. */
void pv_metadata_write_orientation(struct jpeg_compress_struct *out,
				   const struct jpeg_marker_struct *markers);

#endif
