// SPDX-License-Identifier: GPL-2.0-or-later
/* A plain picture's scan, read and written without libjpeg: what comes out is what libjpeg would make of the same
 * coefficients, to the last byte, whether rows were copied or coded anew. */
#include "codec/scan.h"

#include <stdlib.h>
#include <string.h>

#include "codec/coefs.h"
#include "codec/source.h"
#include "unit.h"
#include "unitjpeg.h"

#define ROOM (1 << 20)

static struct pv_coefs *c;
static struct pv_frame f, picture;
static uint8_t *out;

static void setup(void)
{
	c = pv_coefs_new();
	out = malloc(ROOM);
	ck_assert(c && out);
}

static void teardown(void)
{
	pv_coefs_free(c);
	pv_frame_free(&f);
	pv_frame_free(&picture);
	free(out);
}

static const struct unit_jpeg_options kinds[] = {
	{ .quality = 90 }, { .quality = 50, .restart = 1 }, { .quality = 100, .restart = 5 },
	{ .quality = 75, .no_tables = true }, { .quality = 95, .optimised = true, .restart = 11 },
};
#define KINDS 5

/* Anything in some of the blocks of one row of blocks: flat, loud, or a single coefficient that is far off. */
static void disturb(void)
{
	struct pv_blocks p;
	int i = unit_between(0, pv_coefs_count(c) - 1);

	pv_coefs_blocks(c, i, &p);
	int x0 = unit_between(0, p.columns - 1), x1 = unit_between(x0 + 1, p.columns);
	int16_t *block = pv_coefs_change(c, i, unit_between(0, p.rows - 1), x0, x1);
	for (int x = x0; x < x1; x++, block += 64) {
		switch (unit_between(0, 4)) {
		case 0:
			memset(block, 0, 128);
			break;
		case 1:
			for (int k = 0; k < 64; k++)
				block[k] = (int16_t)unit_between(-1023, 1023);
			break;
		case 2:
			memset(block, 0, 128);
			block[unit_between(1, 63)] = (int16_t)unit_between(-3, 3);
			break;
		}
	}
}

static void check_written(size_t made)
{
	struct unit_jpeg_options o = { .quality = 0 };
	struct unit_jpeg told;
	size_t n;

	unit_jpeg_read(out, made, &told);
	o.restart = told.restart;
	unit_jpeg_free(&told);
	uint8_t *again = unit_jpeg_recode(out, made, &o, &n);
	ck_assert_uint_eq(made, n);
	ck_assert_mem_eq(out, again, n);
	free(again);
}

/* The coefficients that c holds are those that libjpeg finds in a file. */
static void check_held(const struct unit_jpeg *file)
{
	for (int i = 0; i < file->components; i++) {
		const struct unit_component *u = &file->component[i];
		for (int y = 0; y < u->rows; y++)
			ck_assert_mem_eq(pv_coefs_row(c, i, y), u->coefs + y * u->columns * 64,
					 (size_t)u->columns * 128);
	}
}

START_TEST(as_libjpeg)
{
	size_t n, made;

	unit_seed((uint32_t)_i);
	for (int round = 0; round < 30; round++) {
		struct unit_jpeg before, after;
		int count = round % 4;
		unit_picture(&picture, unit_between(8, 230), unit_between(8, 70),
			     &unit_samplings[_i % UNIT_SAMPLINGS]);
		uint8_t *data = unit_jpeg_make(&picture, &kinds[_i / UNIT_SAMPLINGS], &n);
		ck_assert_msg(!pv_coefs_read(c, data, n, 1, &f), "%s", pv_coefs_error(c));
		for (int k = 0; k < count; k++)
			disturb();
		unit_jpeg_read(data, n, &before);
		/* What was decoded here, but for what was disturbed, is what libjpeg decodes. */
		if (!count)
			check_held(&before);
		ck_assert_msg(!pv_coefs_write(c, out, ROOM, &made), "%s", pv_coefs_error(c));
		check_written(made);
		unit_jpeg_read(out, made, &after);
		check_held(&after);
		unit_jpeg_free(&before);
		unit_jpeg_free(&after);
		free(data);
	}
}
END_TEST

/* A picture of 8x8 pixels whose scan is this. */
static void read_scan(const struct unit_sampling *s, const void *scan, size_t size)
{
	size_t n;

	unit_picture(&picture, 8, 8, s);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	uint8_t *at = memmem(data, n, "\xff\xda", 2);
	ck_assert_ptr_nonnull(at);
	size_t header = (size_t)(at + 2 + at[3] - data);
	uint8_t *whole = malloc(header + size + 2);
	ck_assert_ptr_nonnull(whole);
	memcpy(whole, data, header);
	memcpy(whole + header, scan, size);
	whole[header + size] = 0xff;
	whole[header + size + 1] = 0xd9;
	ck_assert_msg(!pv_coefs_read(c, whole, header + size + 2, 1, &f), "%s", pv_coefs_error(c));
	free(whole);
	free(data);
}

/* Zeros that need no code, blocks that nobody sees and bits that fill a byte: a camera could say anything by them. */
START_TEST(says_nothing)
{
	static const struct unit_sampling grey = { "grey", 0, 0, true }, quarter = { "420", 1, 1, false };
	size_t made;

	read_scan(&grey, "\x2b", 1);			/* 00, the end 1010, ones */
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	ck_assert_mem_eq(out + made - 3, "\x2b\xff\xd9", 3);
	read_scan(&grey, "\x28", 1);			/* zeros */
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	ck_assert_mem_eq(out + made - 3, "\x2b\xff\xd9", 3);
	read_scan(&grey, "\x3f\xcd\x7f", 3);		/* sixteen zeros 11111111001 before the end */
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	ck_assert_mem_eq(out + made - 3, "\x2b\xff\xd9", 3);
	check_written(made);
	/* Of four blocks of luma one is seen; the third is brighter by 1: 010 1. */
	read_scan(&quarter, "\x28\xa5\xa2\x80\x3f", 5);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	check_written(made);
	ck_assert_mem_eq(out + made - 6, "\x28\xa2\x8a\x00\xff\xd9", 6);
}
END_TEST

/* The same picture, but that a byte of ones stands before its end marker, for which this program lets libjpeg
 * read it. */
static uint8_t *for_libjpeg(const uint8_t *data, size_t *n)
{
	uint8_t *made = malloc(*n + 1);
	size_t end = *n;

	ck_assert_ptr_nonnull(made);
	while (end > 2 && (data[end - 2] != 0xff || data[end - 1] != 0xd9))
		end--;
	memcpy(made, data, end - 2);
	made[end - 2] = 0xff;
	memcpy(made + end - 1, data + end - 2, *n - end + 2);
	*n += 1;
	return made;
}

/* Damaged pictures are read, or refused, as if libjpeg alone had seen them. */
START_TEST(damaged_as_libjpeg)
{
	struct pv_coefs *other = pv_coefs_new();
	struct pv_frame seen = { .width = 0 };
	uint8_t *written = malloc(ROOM);
	size_t n, made, made_other, taken = 0;

	ck_assert(other && written);
	unit_seed((uint32_t)_i);
	unit_picture(&picture, 90, 50, &unit_samplings[_i % UNIT_SAMPLINGS]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[_i / UNIT_SAMPLINGS], &n);
	uint8_t *begin = memmem(data, n, "\xff\xda", 2), *bad = malloc(n);
	ck_assert(begin && bad);
	size_t header = (size_t)(begin - data);
	for (int k = 0; k < 300; k++) {
		size_t m = n;
		memcpy(bad, data, n);
		for (int hits = unit_between(0, 3); hits; hits--) {
			size_t at = k & 1 ? header + unit_random() % (n - header - 2) : unit_random() % (n - 2);
			bad[at] = (uint8_t)(k & 2 ? unit_random() : bad[at] ^ 1u << unit_between(0, 7));
		}
		unit_jpeg_keep_small(bad, n);
		uint8_t *twin = for_libjpeg(bad, &m);
		int err = pv_coefs_read(c, bad, n, 1, &f);
		ck_assert_int_eq(err, pv_coefs_read(other, twin, m, 1, &seen));
		free(twin);
		if (err)
			continue;
		taken++;
		for (int y = 0; y < f.height; y++)
			ck_assert_mem_eq(f.plane[0] + y * f.stride[0], seen.plane[0] + y * seen.stride[0],
					 (size_t)f.width);
		memset(pv_coefs_change(c, 0, 0, 0, 1), 0, 128);
		memset(pv_coefs_change(other, 0, 0, 0, 1), 0, 128);
		ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
		ck_assert_int_eq(pv_coefs_write(other, written, ROOM, &made_other), 0);
		ck_assert_uint_eq(made, made_other);
		ck_assert_mem_eq(out, written, made);
	}
	ck_assert_uint_gt(taken, 0);
	free(bad);
	free(data);
	free(written);
	pv_coefs_free(other);
	pv_frame_free(&seen);
}
END_TEST

static struct pv_scan scan;
static struct pv_source source;

static size_t copied(const struct jpeg_compress_struct *to, jvirt_barray_ptr *arrays)
{
	struct pv_bit_writer w = { .at = out, .end = out + ROOM };

	ck_assert_int_eq(pv_scan_write(&scan, &source.in, arrays, to, &w), 0);
	return scan.copied;
}

/* All but what changes, and what is next to it, is copied: of 32 MCUs in a row four pieces, in each of four rows. */
START_TEST(copies)
{
	struct pv_frame shape = { .width = 0 };
	struct jpeg_compress_struct to;
	size_t n;

	unit_picture(&picture, 32 * 16, 4 * 8, &(struct unit_sampling){ "422", 1, 0, false });
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	ck_assert_int_eq(setjmp(source.failed), 0);
	pv_source_open(&source, data, n, false, &shape);
	source.in.buffered_image = TRUE;
	jpeg_start_decompress(&source.in);
	jvirt_barray_ptr *arrays = jpeg_read_coefficients(&source.in);
	size_t size = pv_scan_find(&scan, &source.in, source.in.src->next_input_byte, source.in.src->bytes_in_buffer);
	ck_assert_uint_gt(size, 0);
	pv_source_skip(&source, size);
	ck_assert(pv_scan_read(&scan, &source.in, arrays));
	to.err = pv_source_manager(&source);
	jpeg_create_compress(&to);
	jpeg_copy_critical_parameters(&source.in, &to);
	ck_assert_uint_eq(copied(&to, arrays), 16);
	/* Marked alone, and really brighter in its last block, after which the next piece counts from elsewhere. */
	pv_scan_change(&scan, &source.in.comp_info[0], 1, 0, 1);
	ck_assert_uint_eq(copied(&to, arrays), 15);
	JBLOCKARRAY row = source.in.mem->access_virt_barray((j_common_ptr)&source.in, arrays[0], 1, 1, TRUE);
	row[0][15][0] ^= 4;
	ck_assert_uint_eq(copied(&to, arrays), 14);
	pv_scan_change(&scan, &source.in.comp_info[2], 3, 15, 17);
	ck_assert_uint_eq(copied(&to, arrays), 12);
	jpeg_destroy_compress(&to);
	pv_source_close(&source);
	pv_scan_free(&scan);
	free(data);
}
END_TEST

/* Whatever room there is, nothing goes beyond it, and what does not fit is told. */
START_TEST(room)
{
	size_t n, made, less;

	unit_picture(&picture, 40, 24, &unit_samplings[_i]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[_i % KINDS], &n);
	ck_assert_int_eq(pv_coefs_read(c, data, n, 1, &f), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	/* libjpeg, which codes where nothing can be copied, takes what is full for too small. */
	for (size_t size = 0; size <= made + 1; size += size == made - 1 ? 2 : 1) {
		uint8_t *exact = malloc(size ? size : 1);
		ck_assert_ptr_nonnull(exact);
		int err = pv_coefs_write(c, size ? exact : exact + 1, size, &less);
		ck_assert_msg(err == (size < made ? -1 : 0), "%d with %zu of %zu bytes", err, size, made);
		ck_assert(err ? strstr(pv_coefs_error(c), "fit") != NULL : !memcmp(exact, out, made));
		free(exact);
	}
	free(data);
}
END_TEST

/* A coefficient that the tables have no code for is told, not written as another. */
START_TEST(beyond)
{
	static const int values[][2] = { { 0, 2047 }, { 0, -2047 }, { 5, 1024 }, { 5, -1024 }, { 63, 32767 },
					 { 0, -32768 } };
	size_t n, made;

	unit_picture(&picture, 40, 24, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++) {
		ck_assert_int_eq(pv_coefs_read(c, data, n, 1, &f), 0);
		int16_t *row = pv_coefs_change(c, 0, 1, 0, 3);
		row[0] = -1000;
		row[64] = row[128] = 0;
		row[64 + values[k][0]] = (int16_t)values[k][1];
		ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), -1);
	}
	free(data);
}
END_TEST

Suite *scan_suite(void)
{
	Suite *s = suite_create("scan");
	TCase *t = unit_case(s, "scan");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, as_libjpeg, 0, KINDS * UNIT_SAMPLINGS);
	tcase_add_test(t, says_nothing);
	tcase_add_loop_test(t, damaged_as_libjpeg, 0, KINDS * UNIT_SAMPLINGS);
	tcase_add_test(t, copies);
	tcase_add_loop_test(t, room, 0, UNIT_SAMPLINGS);
	tcase_add_test(t, beyond);
	return s;
}
