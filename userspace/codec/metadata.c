// SPDX-License-Identifier: GPL-2.0-or-later
/* Exif is a TIFF file: see "Exchangeable image file format", CIPA DC-008, sections 4.5 and 4.6. */
#include "metadata.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EXIF_HEAD "Exif\0"	/* and the zero that ends the string */
#define MOST_ENTRIES 200	/* of a directory */
#define MOST_BYTES 4096		/* of an entry: more is no text, and no number */
#define MOST_DIRECTORIES 8	/* of a picture */
#define WORD 500		/* letters and digits in a row, of which text has fewer and pictures more */

enum { STRIPS = 0x111, ORIENTATION = 0x112, STRIP_SIZES = 0x117, TILES = 0x144, TILE_SIZES = 0x145, OTHERS = 0x14a,
       TABLES = 0x15b, JPEG = 0x201, JPEG_SIZE = 0x202, EXIF = 0x8769, GPS = 0x8825, MAKER_NOTE = 0x927c,
       INTEROP = 0xa005 };

struct tiff {
	uint8_t *data;
	uint32_t size;
	bool big;		/* most significant byte first */
	int directories;	/* that were entered */
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

static void put(struct tiff *t, uint32_t at, uint32_t v)	/* 2 bytes */
{
	t->data[at + t->big] = (uint8_t)v;
	t->data[at + !t->big] = (uint8_t)(v >> 8);
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

static bool holds(const uint8_t *data, size_t size, const char *what, size_t n)
{
	return memmem(data, size, what, n) != NULL;
}

static bool holds_jpeg(const uint8_t *data, size_t size)
{
	return holds(data, size, "\xff\xd8\xff", 3);
}

/* What the standard knows, and Windows, but for what holds pictures: makers keep them in notes of their own making,
 * with a byte changed, scrambled, compressed. */
static bool is_wanted(uint32_t tag)
{
	static const struct {
		uint32_t from, to;
	} known[] = { { 0, 0x1f }, { 0xfe, 0x214 }, { 0x1000, 0x1002 }, { 0x4746, 0x4749 }, { 0x8298, 0x829d },
		      { EXIF, EXIF }, { 0x8822, 0x8835 }, { 0x9000, 0x9292 }, { 0x9400, 0x9406 }, { 0x9c9b, 0x9c9f },
		      { 0xa000, 0xa500 } };
	static const uint32_t pictures[] = { STRIPS, STRIP_SIZES, TILES, TILE_SIZES, OTHERS, TABLES, JPEG, JPEG_SIZE,
					     MAKER_NOTE };
	bool wanted = false;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		wanted |= tag >= known[i].from && tag <= known[i].to;
	for (size_t i = 0; i < sizeof(pictures) / sizeof(*pictures); i++)
		wanted &= tag != pictures[i];
	return wanted;
}

static bool keep_directory(struct tiff *t, uint32_t at, int depth, uint8_t *keep);

/* Marks what an entry refers to; false if it is to go. */
static bool keep_value(struct tiff *t, uint32_t entry, int depth, uint8_t *keep)
{
	static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8 };
	uint32_t tag = number(t, entry, 2), type = number(t, entry + 2, 2), at = number(t, entry + 8, 4);
	uint64_t bytes = type < sizeof(sizes) ? (uint64_t)sizes[type] * number(t, entry + 4, 4) : 0;

	if (!bytes || bytes > MOST_BYTES || !is_wanted(tag))
		return false;
	if (tag == EXIF || tag == GPS || tag == INTEROP)
		return depth == (tag == INTEROP) && keep_directory(t, at, depth + 1, keep);
	if (bytes <= 4)
		return true;
	if (at > t->size || t->size - at < bytes)
		return false;
	memset(keep + at, 1, bytes);
	return true;
}

/* Leaves of a directory the entries that may stay, and marks it and what they refer to; false if none may. */
static bool keep_directory(struct tiff *t, uint32_t at, int depth, uint8_t *keep)
{
	uint32_t n = number(t, at, 2), kept = 0;

	if (++t->directories > MOST_DIRECTORIES || n > MOST_ENTRIES || at > t->size || t->size - at < 2 + 12 * n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (keep_value(t, at + 2 + 12 * i, depth, keep)) {
			memmove(t->data + at + 2 + 12 * kept, t->data + at + 2 + 12 * i, 12);
			kept++;
		}
	}
	if (!kept)
		return false;
	put(t, at, kept);
	memset(keep + at, 1, 2 + 12 * kept);
	return true;
}

/*
 * Leaves nothing but what the first directory, Exif's, the position's and their entries hold: a thumbnail is the
 * second's, and what nobody refers to may be an older one, or the end of one whose length is wrong. False if
 * nothing may be left.
 */
static bool clean_tiff(struct tiff *t)
{
	uint8_t keep[1 << 16] = { 1, 1, 1, 1, 1, 1, 1, 1 };

	if (t->size < 8 || t->size > sizeof(keep) ||
	    (memcmp(t->data, "II*\0", 4) && memcmp(t->data, "MM\0*", 4)) ||
	    !keep_directory(t, number(t, 4, 4), 0, keep))
		return false;
	for (uint32_t i = 0; i < t->size; i++)
		t->data[i] = keep[i] ? t->data[i] : 0;
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

/* The end of a line, as it is or as XML may say it, and what the next one is indented by: their length, or 0. */
static size_t line_end(const uint8_t *d, size_t n)
{
	static const char *const ends[] = { "\n", "\r", "&#xA;", "&#xa;", "&#10;", "&#xD;", "&#xd;", "&#13;" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t length = strlen(ends[i]);
		if (n < length || memcmp(d, ends[i], length))
			continue;
		while (length < n && (d[length] == ' ' || d[length] == '\t'))
			length++;
		return length;
	}
	return 0;
}

/* XMP keeps pictures as text, in lines or in one. */
static bool holds_picture_as_text(const uint8_t *d, size_t n)
{
	static const char *const names[] = { "GImg", "/g/img/", ":Data", "image/", "akernote", "akerNote" };
	size_t run = 0, end;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (holds(d, n, names[i], strlen(names[i])))
			return true;
	for (size_t i = 0; i < n && run < WORD; i += end ? end : 1) {
		end = line_end(d + i, n - i);
		if (!end)
			run = isalnum(d[i]) || (d[i] && strchr("+/=-_", d[i])) ? run + 1 : 0;
	}
	return run == WORD;
}

/* In characters of two bytes or more nothing would be noticed. */
static bool is_8_bits(const uint8_t *d, size_t n)
{
	while (n && !d[n - 1])
		n--;
	return !memchr(d, 0, n);
}

/* May it be kept? Takes out of it what may not. */
static bool clean(const struct jpeg_marker_struct *m)
{
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/", icc[] = "ICC_PROFILE";
	static const char iptc[] = "Photoshop 3.0";
	/* Of its resources those that hold a picture, or more metadata in which one may be: thumbnails, Exif, XMP. */
	static const char *const others[] = { "8BIM\x04\x09", "8BIM\x04\x0c", "8BIM\x04\x22", "8BIM\x04\x23",
					      "8BIM\x04\x24" };
	const uint8_t *d = m->data;
	size_t n = m->data_length;
	struct tiff t;

	if (m->marker == JPEG_COM)
		return !holds_jpeg(d, n) && !holds_picture_as_text(d, n);
	if (read_exif(m, &t))
		return clean_tiff(&t);
	if (m->marker == JPEG_APP0 + 1 && begins(m, xmp, sizeof(xmp)))
		return !holds_picture_as_text(d, n) && is_8_bits(d + sizeof(xmp), n - sizeof(xmp));
	if (m->marker == JPEG_APP0 + 2 && begins(m, icc, sizeof(icc)))
		return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (holds(d, n, others[i], 6))
			return false;
	return m->marker == JPEG_APP0 + 13 && begins(m, iptc, sizeof(iptc)) && !holds_jpeg(d, n) &&
	       !holds_picture_as_text(d, n);
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
