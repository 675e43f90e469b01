// SPDX-License-Identifier: GPL-2.0-or-later
/* What a veiled photo may still say: nothing that holds a second picture. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/coefs.h"
#include "unit.h"
#include "unitjpeg.h"

#define ROOM (1 << 18)

static uint8_t photo[ROOM], out[ROOM];
static size_t size, made;

static void put(const void *data, size_t n)
{
	ck_assert_uint_lt(size + n, ROOM);
	memcpy(photo + size, data, n);
	size += n;
}

static void put_marker(uint8_t marker, const void *data, size_t n)
{
	uint8_t head[4] = { 0xff, marker, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2) };

	put(head, 4);
	put(data, n);
}

/* Exif of one byte order: a maker's name, a maker's note, a thumbnail. */
struct exif {
	uint8_t data[400];
	bool big;
};

static void set(struct exif *e, int at, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		e->data[6 + at + i] = (uint8_t)(v >> 8 * (e->big ? bytes - 1 - i : i));
}

static void entry(struct exif *e, int at, int tag, int type, uint32_t count, uint32_t value)
{
	set(e, at, (uint32_t)tag, 2);
	set(e, at + 2, (uint32_t)type, 2);
	set(e, at + 4, count, 4);
	set(e, at + 8, value, 4);
}

static void make_exif(struct exif *e, bool big, const char *note, const char *thumbnail)
{
	memset(e, 0, sizeof(*e));
	e->big = big;
	memcpy(e->data, "Exif\0\0", 6);
	memcpy(e->data + 6, big ? "MM\0*" : "II*\0", 4);
	set(e, 4, 8, 4);
	set(e, 8, 2, 2);		/* the first directory, at 8 */
	entry(e, 10, 0x10f, 2, 12, 100);
	entry(e, 22, 0x8769, 4, 1, 120);
	set(e, 34, 60, 4);
	set(e, 60, 2, 2);		/* the thumbnail's, at 60 */
	entry(e, 62, 0x201, 4, 1, 300);
	entry(e, 74, 0x202, 4, 1, 32);
	memcpy(e->data + 6 + 100, "MAKERS-NAME", 12);
	set(e, 120, 1, 2);		/* Exif's own, at 120 */
	entry(e, 122, 0x927c, 7, 40, 200);
	memcpy(e->data + 6 + 200, note, strlen(note));
	memcpy(e->data + 6 + 300, thumbnail, strlen(thumbnail));
}

/* The photo with these markers behind its first, through a photo's reader. */
static void begin(void)
{
	size = 0;
	put("\xff\xd8", 2);
}

static void finish(void)
{
	static const struct unit_jpeg_options plain = { .quality = 80 };
	struct pv_frame picture = { .width = 0 }, f = { .width = 0 };
	struct pv_coefs *c = pv_coefs_new_photo();
	size_t n;

	unit_picture(&picture, 32, 32, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &plain, &n);
	put(data + 2, n - 2);
	put("\xff\xd8\xffSECOND-PICTURE", 17);
	ck_assert_int_eq(pv_coefs_read(c, photo, size, 1, &f), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	free(data);
	pv_coefs_free(c);
	pv_frame_free(&picture);
	pv_frame_free(&f);
}

static bool says(const char *what)
{
	return memmem(out, made, what, strlen(what)) != NULL;
}

/* Which way is up, as the veiled photo says it. */
static int way_up(void)
{
	struct pv_coefs *c = pv_coefs_new_photo();
	struct pv_frame f = { .width = 0 };

	ck_assert_int_eq(pv_coefs_read(c, out, made, 1, &f), 0);
	int which = f.orientation;
	pv_coefs_free(c);
	pv_frame_free(&f);
	return which;
}

START_TEST(exif)
{
	struct exif e;

	make_exif(&e, _i, "A-NOTE", "\xff\xd8\xffTHUMBNAIL");
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	/* A maker's note may hold a picture in any disguise: it goes, the rest of Exif stays. */
	ck_assert(says("MAKERS-NAME") && !says("A-NOTE"));
	ck_assert(!says("THUMBNAIL") && !says("SECOND-PICTURE"));
	make_exif(&e, _i, "NOTE\xff\xd8\xffPREVIEW", "\xff\xd8\xffTHUMBNAIL");
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(says("MAKERS-NAME") && !says("PREVIEW") && !says("THUMBNAIL"));
	/* A thumbnail that is stored as tiles goes, too. */
	make_exif(&e, _i, "", "TILE");
	entry(&e, 62, 0x144, 4, 1, 300);
	entry(&e, 74, 0x145, 4, 1, 32);
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(says("MAKERS-NAME") && !says("TILE"));
	ck_assert_int_eq(way_up(), 0);
	/* Of further pictures nobody knows how many there are: all goes but which way is up. */
	make_exif(&e, _i, "", "");
	entry(&e, 10, 0x14a, 4, 1, 200);
	entry(&e, 22, 0x112, 3, 1, 0);
	set(&e, 30, 6, 2);
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(!says("MAKERS-NAME"));
	ck_assert_int_eq(way_up(), 6);
	/* Said once where Exif may stay. */
	entry(&e, 10, 0x10f, 2, 12, 100);
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(says("MAKERS-NAME"));
	ck_assert_int_eq(way_up(), 6);
	uint8_t *once = memmem(out, made, "Exif", 4);
	ck_assert_ptr_nonnull(once);
	ck_assert_ptr_null(memmem(once + 4, (size_t)(out + made - once) - 4, "Exif", 4));
	/* What nobody refers to does not stay, nor a thumbnail's end behind the length that is said. */
	make_exif(&e, _i, "", "\xff\xd8\xffTHUMBNAIL");
	memcpy(e.data + 6 + 260, "\xff\xd8\xffHIDDEN", 9);
	entry(&e, 74, 0x202, 4, 1, 4);
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(says("MAKERS-NAME") && !says("HIDDEN") && !says("UMBNAIL"));
}
END_TEST

static void keeps_none_of(struct exif *e, const char *what)
{
	begin();
	put_marker(0xe1, e->data, sizeof(e->data));
	finish();
	ck_assert_msg(!says(what), "%s", what);
}

/* Wherever a second picture is said to be. */
START_TEST(hidden_pictures)
{
	struct exif e;

	make_exif(&e, _i, "", "STRIP");		/* as most programs do that are no camera */
	entry(&e, 62, 0x111, 4, 1, 300);
	entry(&e, 74, 0x117, 4, 1, 32);
	keeps_none_of(&e, "STRIP");
	ck_assert(says("MAKERS-NAME"));
	make_exif(&e, _i, "", "");
	set(&e, 60 + 2 + 24, 150, 4);		/* a third directory */
	set(&e, 150, 2, 2);
	entry(&e, 152, 0x111, 4, 1, 240);
	entry(&e, 164, 0x117, 4, 1, 32);
	memcpy(e.data + 6 + 240, "THIRD", 5);
	keeps_none_of(&e, "THIRD");
	make_exif(&e, _i, "", "STRIP");		/* the first */
	entry(&e, 10, 0x111, 4, 1, 300);
	entry(&e, 22, 0x117, 4, 1, 32);
	keeps_none_of(&e, "STRIP");
	make_exif(&e, _i, "A-NOTE-OF-16-BITS", "");	/* a maker's note of numbers */
	entry(&e, 122, 0x927c, 3, 10, 200);
	keeps_none_of(&e, "NOTE");
	make_exif(&e, _i, "PREVIEW", "");	/* XMP */
	entry(&e, 122, 0x2bc, 1, 40, 200);
	keeps_none_of(&e, "PREVIEW");
}
END_TEST

/* Whatever numbers stand in it, nothing but Exif is read or written. */
START_TEST(damaged_exif)
{
	struct exif e;

	for (int k = 0; k < 400; k++) {
		make_exif(&e, k & 1, "A-NOTE", "\xff\xd8\xffTHUMBNAIL");
		for (int hits = unit_between(1, 5); hits; hits--)
			e.data[6 + unit_random() % 150] = (uint8_t)unit_random();
		begin();
		put_marker(0xe1, e.data, (size_t)unit_between(6, sizeof(e.data)));
		finish();
		ck_assert(!says("\xff\xd8\xffTHUMBNAIL"));
	}
}
END_TEST

START_TEST(other_markers)
{
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0<x>PLAIN-XMP</x>";
	static const char preview[] = "http://ns.adobe.com/xap/1.0/\0<xmpGImg:image>PREVIEW";
	static const char older[] = "http://ns.adobe.com/xap/1.0/\0<xapGImg:image>PREVIEW";
	char coded[640] = "http://ns.adobe.com/xap/1.0/\0<x>";

	memset(coded + 32, 'Q', sizeof(coded) - 32);
	begin();
	put_marker(0xe1, coded, sizeof(coded));
	put_marker(0xe1, xmp, sizeof(xmp));
	put_marker(0xe1, preview, sizeof(preview));
	put_marker(0xe1, older, sizeof(older));
	put_marker(0xe2, "ICC_PROFILE\0\1\1PROFILE", 21);
	put_marker(0xe2, "MPF\0PICTURES", 12);
	put_marker(0xe4, "A-CAMERAS-OWN", 13);
	put_marker(0xed, "Photoshop 3.0\0" "8BIM\x04\x04IPTC-TEXT", 29);
	put_marker(0xfe, "A-COMMENT", 9);
	put_marker(0xfe, "\xff\xd8\xffPREVIEW", 10);
	finish();
	ck_assert(says("PLAIN-XMP") && says("PROFILE") && says("IPTC-TEXT") && says("A-COMMENT"));
	ck_assert(!says("PREVIEW") && !says("PICTURES") && !says("A-CAMERAS-OWN") && !says("QQQQ"));
	/* A thumbnail may go on in the next marker, which looks like none. */
	begin();
	put_marker(0xed, "Photoshop 3.0\0" "8BIM\x04\x0cPS-THUMB", 28);
	put_marker(0xed, "Photoshop 3.0\0" "REST-OF-IT", 24);
	finish();
	ck_assert(!says("PS-THUMB") && !says("REST-OF-IT"));
}
END_TEST

/* A picture as text, where the standard has none. */
START_TEST(pictures_as_text)
{
	static const char *const ends[] = { "\n", "\r\n   ", "&#xA;", "" };
	char lines[1200] = "", wide[400];
	size_t n = 0;

	for (int i = 0; n + 100 < sizeof(lines); i++) {
		memset(lines + n, 'Q', 76);
		n += 76;
		n += (size_t)sprintf(lines + n, "%s", ends[_i]);
	}
	char xmp[1300] = "http://ns.adobe.com/xap/1.0/\0<x>";
	memcpy(xmp + 32, lines, n);
	for (size_t i = 0; i < sizeof(wide); i += 2)
		memcpy(wide + i, "Q", 2);
	memcpy(wide, "http://ns.adobe.com/xap/1.0/", 29);
	begin();
	put_marker(0xe1, xmp, 32 + n);
	put_marker(0xe1, wide, sizeof(wide));
	put_marker(0xfe, lines, n);
	put_marker(0xed, "Photoshop 3.0\0" "8BIM\x04\x24<x>QQQQ</x>", 32);
	put_marker(0xed, "Photoshop 3.0\0" "8BIM\x04\x22" "Exif-QQQQ", 29);
	put_marker(0xfe, "Two lines of a\ncomment stay.", 28);
	finish();
	ck_assert(!says("QQQQ") && !memmem(out, made, "Q\0Q", 3) && says("comment stay"));
}
END_TEST

/* So many are never needed: all of them would take a time that nobody waits. */
START_TEST(directories_without_end)
{
	struct exif e = { .big = true };
	char name[] = "TEXT-A";

	memcpy(e.data, "Exif\0\0MM\0*\0\0\0\x08", 14);
	set(&e, 8, 12, 2);
	for (int i = 0; i < 12; i++) {
		entry(&e, 10 + 12 * i, 0x8769, 4, 1, 160 + 18 * (uint32_t)i);
		set(&e, 160 + 18 * i, 1, 2);
		entry(&e, 162 + 18 * i, 0x9286, 7, 4, 0);
		name[5] = (char)('A' + i);
		memcpy(e.data + 6 + 162 + 18 * i + 8, name + 2, 4);
	}
	begin();
	put_marker(0xe1, e.data, sizeof(e.data));
	finish();
	ck_assert(says("XT-A") && says("XT-C") && !says("XT-J") && !says("XT-L"));
}
END_TEST

/* Text is short, and holds no picture. */
START_TEST(long_or_hollow_text)
{
	static struct exif e;
	static uint8_t data[6000];
	int bytes = _i ? 2000 : 5000;

	memset(&e, 0, sizeof(e));
	memcpy(e.data, "Exif\0\0II*\0\x08", 11);
	set(&e, 8, 2, 2);
	entry(&e, 10, 0x10f, 2, 12, 100);
	entry(&e, 22, 0x8769, 4, 1, 120);
	memcpy(e.data + 6 + 100, "MAKERS-NAME", 12);
	set(&e, 120, 1, 2);
	entry(&e, 122, 0x9286, 7, (uint32_t)bytes, 300);
	memcpy(data, e.data, sizeof(e.data));
	memset(data + 6 + 300, 'T', (size_t)bytes);
	memcpy(data + 6 + 300 + bytes - 20, _i ? "\xff\xd8\xffHOLLOWED" : "A-LONG-TEXT", 11);
	begin();
	put_marker(0xe1, data, (size_t)(6 + 300 + bytes));
	finish();
	ck_assert(!says("HOLLOW") && !says("A-LONG-TEXT"));
	ck_assert(says("MAKERS-NAME") == !_i);
}
END_TEST

START_TEST(markers_without_end)
{
	struct pv_coefs *c = pv_coefs_new_photo();
	struct pv_frame f = { .width = 0 };

	begin();
	for (int i = 0; i < 1000; i++)
		put_marker(0xfe, "", 0);
	finish();
	begin();
	for (int i = 0; i < 3000; i++)
		put_marker(0xfe, "", 0);
	put("\xff\xd9", 2);
	ck_assert_int_eq(pv_coefs_read(c, photo, size, 1, &f), -1);
	ck_assert_ptr_nonnull(strstr(pv_coefs_error(c), "segments"));
	pv_coefs_free(c);
	pv_frame_free(&f);
}
END_TEST

Suite *metadata_suite(void)
{
	Suite *s = suite_create("metadata");
	TCase *c = unit_case(s, "metadata");

	tcase_add_loop_test(c, exif, 0, 2);
	tcase_add_loop_test(c, hidden_pictures, 0, 2);
	tcase_add_test(c, damaged_exif);
	tcase_add_test(c, other_markers);
	tcase_add_loop_test(c, pictures_as_text, 0, 4);
	tcase_add_test(c, directories_without_end);
	tcase_add_loop_test(c, long_or_hollow_text, 0, 2);
	tcase_add_test(c, markers_without_end);
	return s;
}
