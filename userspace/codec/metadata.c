// SPDX-License-Identifier: GPL-2.0-or-later
/* Exif is a TIFF file: see "Exchangeable image file format", CIPA DC-008, sections 4.5 and 4.6. */
#include "metadata.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EXIF_HEAD "Exif\0"	/* and the zero that ends the string */
#define MOST_STRIPS 64

enum { ORIENTATION = 0x112, STRIPS = 0x111, STRIP_SIZES = 0x117, JPEG = 0x201, JPEG_SIZE = 0x202, EXIF = 0x8769,
       MAKER_NOTE = 0x927c };

struct tiff {
	uint8_t *data;
	uint32_t size;
	bool big;		/* most significant byte first */
};

/* 2 or 4 bytes; 0 where there are none. */
static uint32_t number(const struct tiff *t, uint32_t at, int bytes)
{
	uint32_t v = 0;

	if (at > t->size || t->size - at < (uint32_t)bytes)
		return 0;
	for (int i = 0; i < bytes; i++)
		v |= (uint32_t)t->data[at + (uint32_t)i] << 8 * (t->big ? bytes - 1 - i : i);
	return v;
}

static void blank(struct tiff *t, uint32_t at, uint32_t n)
{
	if (at < t->size)
		memset(t->data + at, 0, n < t->size - at ? n : t->size - at);
}

/* Where a directory's entry with this tag is, or 0. */
static uint32_t find(const struct tiff *t, uint32_t directory, uint32_t tag)
{
	uint32_t n = number(t, directory, 2);

	for (uint32_t i = 0; i < n && directory; i++)
		if (number(t, directory + 2 + 12 * i, 2) == tag)
			return directory + 2 + 12 * i;
	return 0;
}

/* The i-th number that an entry holds. */
static uint32_t value(const struct tiff *t, uint32_t entry, uint32_t i)
{
	uint32_t bytes = number(t, entry + 2, 2) == 3 ? 2 : 4, count = number(t, entry + 4, 4);
	uint32_t at = count * bytes <= 4 ? entry + 8 : number(t, entry + 8, 4);

	return number(t, at + i * bytes, (int)bytes);
}

static bool blank_pieces(struct tiff *t, uint32_t directory, uint32_t places, uint32_t sizes)
{
	uint32_t p = find(t, directory, places), s = find(t, directory, sizes);
	uint32_t n = p ? number(t, p + 4, 4) : 0;

	if (n > MOST_STRIPS || (p && !s))
		return false;
	for (uint32_t i = 0; i < n; i++)
		blank(t, value(t, p, i), value(t, s, i));
	return true;
}

static bool holds(const uint8_t *data, size_t size, const char *what, size_t n)
{
	return memmem(data, size, what, n) != NULL;
}

static bool holds_jpeg(const uint8_t *data, size_t size)
{
	return holds(data, size, "\xff\xd8\xff", 3);
}

/* Takes the pictures out; false if some may be left. */
static bool clean_tiff(struct tiff *t)
{
	if (t->size < 8 || (memcmp(t->data, "II*\0", 4) && memcmp(t->data, "MM\0*", 4)))
		return false;
	t->big = t->data[0] == 'M';
	uint32_t first = number(t, 4, 4);
	uint32_t link = first + 2 + 12 * number(t, first, 2);
	uint32_t second = number(t, link, 4);
	if (second) {
		/* The second directory is the thumbnail's; what comes behind that is no camera's. */
		uint32_t n = number(t, second, 2);
		if (number(t, second + 2 + 12 * n, 4) || !blank_pieces(t, second, JPEG, JPEG_SIZE) ||
		    !blank_pieces(t, second, STRIPS, STRIP_SIZES))
			return false;
		blank(t, link, 4);
		blank(t, second, 2 + 12 * n);
	}
	/* Pieces of the picture itself are in no Exif. */
	if (find(t, first, STRIPS) || find(t, first, JPEG))
		return false;
	uint32_t exif = find(t, first, EXIF);
	uint32_t note = exif ? find(t, number(t, exif + 8, 4), MAKER_NOTE) : 0;
	if (note && holds_jpeg(t->data, t->size))
		blank(t, number(t, note + 8, 4), number(t, note + 4, 4));
	return !holds_jpeg(t->data, t->size);
}

static bool begins(const struct jpeg_marker_struct *m, const char *head, size_t n)
{
	return m->data_length >= n && !memcmp(m->data, head, n);
}

/* May it be kept? Takes out of it what may not. */
static bool clean(const struct jpeg_marker_struct *m)
{
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/", icc[] = "ICC_PROFILE";
	static const char iptc[] = "Photoshop 3.0";
	const uint8_t *d = m->data;
	size_t n = m->data_length;

	if (m->marker == JPEG_COM)
		return !holds_jpeg(d, n);
	if (m->marker == JPEG_APP0 + 1 && begins(m, EXIF_HEAD, 6)) {
		struct tiff t = { .data = m->data + 6, .size = m->data_length - 6 };
		return clean_tiff(&t);
	}
	/* XMP keeps pictures as text. */
	if (m->marker == JPEG_APP0 + 1 && begins(m, xmp, sizeof(xmp)))
		return !holds(d, n, "xmpGImg", 7) && !holds(d, n, ":Data", 5) &&
		       !holds(d, n, "image/", 6);
	if (m->marker == JPEG_APP0 + 2 && begins(m, icc, sizeof(icc)))
		return true;
	return m->marker == JPEG_APP0 + 13 && begins(m, iptc, sizeof(iptc)) && !holds_jpeg(d, n) &&
	       !holds(d, n, "8BIM\x04\x09", 6) && !holds(d, n, "8BIM\x04\x0c", 6);
}

void pv_metadata_write(struct jpeg_compress_struct *out, const struct jpeg_marker_struct *markers)
{
	for (const struct jpeg_marker_struct *m = markers; m; m = m->next)
		if (clean(m))
			jpeg_write_marker(out, m->marker, m->data, m->data_length);
}

void pv_metadata_write_orientation(struct jpeg_compress_struct *out,
				   const struct jpeg_marker_struct *markers)
{
	/* One directory of one entry, a 16-bit number. */
	uint8_t exif[] = EXIF_HEAD "\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0";

	for (const struct jpeg_marker_struct *m = markers; m; m = m->next) {
		if (m->marker != JPEG_APP0 + 1 || !begins(m, EXIF_HEAD, 6) || m->data_length < 14)
			continue;
		struct tiff t = { .data = m->data + 6, .size = m->data_length - 6,
				  .big = m->data[6] == 'M' };
		uint32_t entry = find(&t, number(&t, 4, 4), ORIENTATION);
		uint32_t which = entry ? value(&t, entry, 0) : 0;
		if (which < 2 || which > 8)
			continue;
		exif[25] = (uint8_t)which;
		jpeg_write_marker(out, JPEG_APP0 + 1, exif, sizeof(exif));
		return;
	}
}
