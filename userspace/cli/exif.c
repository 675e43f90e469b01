// SPDX-License-Identifier: GPL-2.0-or-later
#include "exif.h"

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

#define APP0 0xe0
#define APP1 0xe1
#define APP2 0xe2
#define SOS 0xda
#define MOST 65533	/* bytes of a segment, its length aside */

static const uint8_t exif_mark[] = "Exif\0", profile_mark[] = "ICC_PROFILE";

/* The segment at *at, which is moved on; NULL when the picture begins, or the file ends. */
static const uint8_t *next_segment(const uint8_t *d, size_t n, size_t *at, int *marker, size_t *length)
{
	while (*at + 4 <= n && d[*at] == 0xff) {
		if (d[*at + 1] == 0xff) {	/* filling */
			++*at;
			continue;
		}
		*marker = d[*at + 1];
		size_t whole = (size_t)d[*at + 2] << 8 | d[*at + 3];
		if (*marker == SOS || whole < 2 || *at + 2 + whole > n)
			return NULL;
		*length = whole - 2;
		const uint8_t *body = d + *at + 4;
		*at += 2 + whole;
		return body;
	}
	return NULL;
}

static void empty(ExifContent *c)
{
	while (c->count)
		exif_content_remove_entry(c, c->entries[c->count - 1]);
}

static void keep_only(ExifContent *c, ExifTag tag)
{
	for (unsigned i = c->count; i-- > 0;)
		if (c->entries[i]->tag != tag)
			exif_content_remove_entry(c, c->entries[i]);
}

/* The Exif segment's body anew; NULL if there is none, or nothing of it may stay. */
static uint8_t *clean(const uint8_t *body, size_t length, bool strip, unsigned *made)
{
	ExifData *e = exif_data_new();	/* ignores unknown tags */
	unsigned char *out = NULL;
	unsigned entries = 0;

	if (!e)
		return NULL;
	exif_data_unset_option(e, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
	exif_data_load_data(e, body, (unsigned)length);
	/* The thumbnail; libexif frees what it finds here by the same allocator. */
	free(e->data);
	e->data = NULL;
	e->size = 0;
	empty(e->ifd[EXIF_IFD_1]);
	ExifEntry *notes = exif_content_get_entry(e->ifd[EXIF_IFD_EXIF], EXIF_TAG_MAKER_NOTE);
	if (notes)
		exif_content_remove_entry(e->ifd[EXIF_IFD_EXIF], notes);
	for (int i = 0; i < EXIF_IFD_COUNT; i++) {
		if (strip && i == EXIF_IFD_0)
			keep_only(e->ifd[i], EXIF_TAG_ORIENTATION);
		else if (strip)
			empty(e->ifd[i]);
		entries += e->ifd[i]->count;
	}
	*made = 0;
	if (entries)
		exif_data_save_data(e, &out, made);
	exif_data_unref(e);
	if (*made && *made <= MOST)
		return out;
	free(out);
	return NULL;
}

static void put(uint8_t **to, int marker, const uint8_t *body, size_t length)
{
	uint8_t head[4] = { 0xff, (uint8_t)marker, (uint8_t)((length + 2) >> 8), (uint8_t)(length + 2) };

	memcpy(*to, head, 4);
	memcpy(*to + 4, body, length);
	*to += 4 + length;
}

/* Puts what may go along at *to, with room for all that the original has and a segment more. */
static void carry(const uint8_t *d, size_t n, bool strip, uint8_t **to)
{
	const uint8_t *body;
	bool exif = false;
	size_t at = 2, length;
	unsigned made;
	int marker;

	while ((body = next_segment(d, n, &at, &marker, &length))) {
		if (marker == APP1 && !exif && length > 6 && !memcmp(body, exif_mark, 6)) {
			uint8_t *fresh = clean(body, length, strip, &made);
			if (fresh)
				put(to, APP1, fresh, made);
			exif = true;
			free(fresh);
		} else if (marker == APP2 && !strip && length > sizeof(profile_mark) &&
			   !memcmp(body, profile_mark, sizeof(profile_mark))) {
			put(to, APP2, body, length);
		}
	}
}

uint8_t *pv_exif_carry(const uint8_t *original, size_t original_size, const uint8_t *jpeg,
		       size_t size, bool strip, size_t *made)
{
	uint8_t *out = malloc(size + original_size + MOST + 4), *to = out;
	size_t at = 2, length;
	int marker;

	if (!out)
		return NULL;
	/* Behind the start and JFIF's own segment, which is the first. */
	if (!next_segment(jpeg, size, &at, &marker, &length) || marker != APP0)
		at = 2;
	memcpy(to, jpeg, at);
	to += at;
	carry(original, original_size, strip, &to);
	memcpy(to, jpeg + at, size - at);
	*made = (size_t)(to - out) + size - at;
	return out;
}
