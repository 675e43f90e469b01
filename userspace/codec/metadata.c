// SPDX-License-Identifier: GPL-2.0-or-later
/* Exif is a TIFF file: see "Exchangeable image file format", CIPA DC-008, sections 4.5 and 4.6. */
#include "metadata.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EXIF_HEAD "Exif\0"	/* and the zero that ends the string */
#define MOST_STRIPS 64
#define WORD 500		/* letters and digits in a row, of which text has fewer and pictures more */

enum { STRIPS = 0x111, ORIENTATION = 0x112, STRIP_SIZES = 0x117, TILES = 0x144, TILE_SIZES = 0x145, OTHERS = 0x14a,
       JPEG = 0x201, JPEG_SIZE = 0x202, EXIF = 0x8769, MAKER_NOTE = 0x927c };

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
	uint32_t first = number(t, 4, 4);
	uint32_t link = first + 2 + 12 * number(t, first, 2);
	uint32_t second = number(t, link, 4);
	if (second) {
		/* The second directory is the thumbnail's; what comes behind that is no camera's. */
		uint32_t n = number(t, second, 2);
		if (number(t, second + 2 + 12 * n, 4) || find(t, second, OTHERS) ||
		    !blank_pieces(t, second, JPEG, JPEG_SIZE) || !blank_pieces(t, second, STRIPS, STRIP_SIZES) ||
		    !blank_pieces(t, second, TILES, TILE_SIZES))
			return false;
		blank(t, link, 4);
		blank(t, second, 2 + 12 * n);
	}
	/* Pieces of the picture itself are in no Exif. */
	if (find(t, first, STRIPS) || find(t, first, JPEG) || find(t, first, TILES) || find(t, first, OTHERS))
		return false;
	/* Makers keep pictures in notes of their own making: with a byte changed, scrambled, compressed. */
	uint32_t exif = find(t, first, EXIF);
	uint32_t note = exif ? find(t, number(t, exif + 8, 4), MAKER_NOTE) : 0;
	if (note && number(t, note + 4, 4) > 4)
		blank(t, number(t, note + 8, 4), number(t, note + 4, 4));
	return !holds_jpeg(t->data, t->size);
}

static bool begins(const struct jpeg_marker_struct *m, const char *head, size_t n)
{
	return m->data_length >= n && !memcmp(m->data, head, n);
}

static bool read_exif(const struct jpeg_marker_struct *m, struct tiff *t)
{
	if (m->marker != JPEG_APP0 + 1 || !begins(m, EXIF_HEAD, 6))
		return false;
	*t = (struct tiff){ .data = m->data + 6, .size = m->data_length - 6 };
	t->big = t->size && t->data[0] == 'M';
	return true;
}

/* XMP keeps pictures as text. */
static bool holds_picture_as_text(const uint8_t *d, size_t n)
{
	static const char *const names[] = { "GImg", "/g/img/", ":Data", "image/", "akernote", "akerNote" };
	size_t run = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (holds(d, n, names[i], strlen(names[i])))
			return true;
	for (size_t i = 0; i < n && run < WORD; i++)
		run = isalnum(d[i]) || d[i] == '+' || d[i] == '/' || d[i] == '=' ? run + 1 : 0;
	return run == WORD;
}

/* May it be kept? Takes out of it what may not. */
static bool clean(const struct jpeg_marker_struct *m)
{
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/", icc[] = "ICC_PROFILE";
	static const char iptc[] = "Photoshop 3.0";
	const uint8_t *d = m->data;
	size_t n = m->data_length;
	struct tiff t;

	if (m->marker == JPEG_COM)
		return !holds_jpeg(d, n);
	if (read_exif(m, &t))
		return clean_tiff(&t);
	if (m->marker == JPEG_APP0 + 1 && begins(m, xmp, sizeof(xmp)))
		return !holds_picture_as_text(d, n);
	if (m->marker == JPEG_APP0 + 2 && begins(m, icc, sizeof(icc)))
		return true;
	return m->marker == JPEG_APP0 + 13 && begins(m, iptc, sizeof(iptc)) && !holds_jpeg(d, n) &&
	       !holds(d, n, "8BIM\x04\x09", 6) && !holds(d, n, "8BIM\x04\x0c", 6);
}

int pv_metadata_orientation(const struct jpeg_marker_struct *markers)
{
	struct tiff t;

	for (const struct jpeg_marker_struct *m = markers; m; m = m->next) {
		if (!read_exif(m, &t))
			continue;
		uint32_t entry = find(&t, number(&t, 4, 4), ORIENTATION);
		uint32_t which = entry ? value(&t, entry, 0) : 0;
		if (which >= 1 && which <= 8)
			return (int)which;
	}
	return 0;
}

static void write_orientation(struct jpeg_compress_struct *out, int which)
{
	/* One directory of one entry, a 16-bit number. */
	uint8_t exif[] = EXIF_HEAD "\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0";

	if (which < 2)
		return;
	exif[25] = (uint8_t)which;
	jpeg_write_marker(out, JPEG_APP0 + 1, exif, sizeof(exif));
}

void pv_metadata_write_orientation(struct jpeg_compress_struct *out,
				   const struct jpeg_marker_struct *markers)
{
	write_orientation(out, pv_metadata_orientation(markers));
}

void pv_metadata_write(struct jpeg_compress_struct *out, const struct jpeg_marker_struct *markers)
{
	int which = pv_metadata_orientation(markers);
	bool whole = true, told = false;
	struct tiff t;

	/* Photoshop's go on from one to the next, in the middle of a picture too. */
	for (const struct jpeg_marker_struct *m = markers; m; m = m->next)
		whole &= m->marker != JPEG_APP0 + 13 || clean(m);
	for (const struct jpeg_marker_struct *m = markers; m; m = m->next) {
		if ((!whole && m->marker == JPEG_APP0 + 13) || !clean(m))
			continue;
		told |= read_exif(m, &t);
		jpeg_write_marker(out, m->marker, m->data, m->data_length);
	}
	if (!told)
		write_orientation(out, which);
}
