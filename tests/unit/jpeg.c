// SPDX-License-Identifier: GPL-2.0-or-later
#include "codec/jpeg.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "unit.h"
#include "unitjpeg.h"

static struct pv_jpeg *j;

static void setup(void)
{
	j = pv_jpeg_new();
	ck_assert_ptr_nonnull(j);
}

static void teardown(void)
{
	pv_jpeg_free(j);
}

/* Decodes from memory of exactly that size, so that reading past it is seen. */
static int decode(const uint8_t *data, size_t size, struct pv_frame *f)
{
	uint8_t *copy = malloc(size ? size : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, size);
	int err = pv_jpeg_decode(j, size ? copy : copy + 1, size, f);
	free(copy);
	if (err)
		ck_assert_msg(pv_jpeg_error(j)[0], "a failure without a reason");
	return err;
}

static uint8_t *sample(int width, int height, int sampling, size_t *size)
{
	struct pv_frame f = { .width = 0 };
	uint8_t *out;

	unit_picture(&f, width, height, &unit_samplings[sampling]);
	ck_assert_int_eq(pv_jpeg_encode(j, &f, 90, &out, size), 0);
	pv_frame_free(&f);
	return out;
}

/* Back come the same shape and sampling, nearly the same picture, and the MCU's size. */
START_TEST(roundtrip)
{
	const struct unit_sampling *s = &unit_samplings[_i];
	static const int sizes[][2] = { { 64, 48 }, { 1, 1 }, { 17, 3 }, { 33, 65 }, { 8, 8 } };
	struct pv_frame f = { .width = 0 }, back = { .width = 0 };

	for (int k = 0; k < 5; k++) {
		uint8_t *out;
		size_t n;
		unit_picture(&f, sizes[k][0], sizes[k][1], s);
		ck_assert_int_eq(pv_jpeg_encode(j, &f, 100, &out, &n), 0);
		ck_assert_int_eq(decode(out, n, &back), 0);
		pv_jpeg_release(out);
		ck_assert(back.width == f.width && back.height == f.height && back.grey == f.grey);
		ck_assert(back.shift_x == s->shift_x && back.shift_y == s->shift_y);
		ck_assert_int_eq(back.block_x, 8 << s->shift_x);
		ck_assert_int_eq(back.block_y, 8 << s->shift_y);
		ck_assert(back.full_range);
		for (int i = 0; i < unit_planes(&f); i++)
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				for (int x = 0; x < pv_frame_plane_width(&f, i); x++)
					ck_assert_int_le(abs(f.plane[i][y * f.stride[i] + x] -
							     back.plane[i][y * back.stride[i] + x]), 6);
	}
	pv_frame_free(&f);
	pv_frame_free(&back);
}
END_TEST

START_TEST(truncated)
{
	struct pv_frame f = { .width = 0 };
	size_t n;
	uint8_t *data = sample(40, 24, _i, &n);

	ck_assert_int_eq(decode(data, n, &f), 0);
	/* Without its last two bytes (the end marker) all pixels may be there; not before. */
	for (size_t k = 0; k + 2 < n; k++)
		ck_assert_msg(decode(data, k, &f) == -1, "%zu bytes of %zu", k, n);
	pv_jpeg_release(data);
	pv_frame_free(&f);
}
END_TEST

/* Any answer will do, but no crash and nothing left behind; then a good one works again. */
START_TEST(damaged)
{
	struct pv_frame f = { .width = 0 };
	size_t n;
	uint8_t *data = sample(48, 32, _i % UNIT_SAMPLINGS, &n), *bad = malloc(n);

	ck_assert_ptr_nonnull(bad);
	unit_seed((uint32_t)_i);
	for (int k = 0; k < 300; k++) {
		memcpy(bad, data, n);
		for (int hits = unit_between(1, 4); hits; hits--)
			bad[unit_random() % n] = (uint8_t)unit_random();
		/* A changed size is a picture of that size: keep it small, or this takes long. */
		for (size_t at = 0; at + 9 < n; at++)
			if (bad[at] == 0xff && (bad[at + 1] == 0xc0 || bad[at + 1] == 0xc2))
				bad[at + 5] = bad[at + 7] = 0;
		decode(bad, n, &f);
	}
	ck_assert_int_eq(decode(data, n, &f), 0);
	ck_assert(f.width == 48 && f.height == 32);
	free(bad);
	pv_jpeg_release(data);
	pv_frame_free(&f);
}
END_TEST

START_TEST(garbage)
{
	static const uint8_t heads[][4] = { { 0xff, 0xd8, 0xff, 0xd9 }, { 0xff, 0xd8, 0xff, 0xc0 },
					    { 0xff, 0xd8, 0, 0 }, { 0x89, 'P', 'N', 'G' },
					    { 0, 0, 0, 0 } };
	struct pv_frame f = { .width = 0 };
	uint8_t noise[600] = { 0 };

	ck_assert_int_eq(decode(noise, 0, &f), -1);
	for (int k = 0; k < 200; k++) {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)unit_random();
		memcpy(noise, heads[k % 5], 4);
		ck_assert_int_eq(decode(noise, 4 + unit_random() % 596, &f), -1);
	}
	pv_frame_free(&f);
}
END_TEST

/* A few hundred bytes that claim to be a picture of 65500 x 65500, and the like. */
START_TEST(bomb)
{
	static const int sizes[][2] = { { 65500, 65500 }, { 65500, 1 }, { 1, 65500 },
					{ PV_MAX_SIDE + 1, 16 }, { 16000, 16000 }, { 0, 16 } };
	struct pv_frame f = { .width = 0 };
	size_t n;
	uint8_t *data = sample(16, 16, 0, &n);

	for (int k = 0; k < 6; k++) {
		unit_jpeg_claim(data, n, sizes[k][0], sizes[k][1]);
		ck_assert_int_eq(decode(data, n, &f), -1);
		ck_assert_uint_eq(f.capacity, 0);
	}
	pv_jpeg_release(data);
	pv_frame_free(&f);
}
END_TEST

/* RGB and CMYK files are refused with words, not shown in wrong colours. */
START_TEST(other_colours)
{
	unsigned char pixels[16 * 16 * 4], *out = NULL;
	struct pv_frame f = { .width = 0 };
	unsigned long n = 0;
	tjhandle t = tjInitCompress();

	ck_assert_ptr_nonnull(t);
	memset(pixels, 90, sizeof(pixels));
	ck_assert_int_eq(tjCompress2(t, pixels, 16, 0, 16, TJPF_CMYK, &out, &n, TJSAMP_444, 90, 0), 0);
	ck_assert_int_eq(decode(out, n, &f), -1);
	ck_assert_msg(strstr(pv_jpeg_error(j), "CMYK"), "%s", pv_jpeg_error(j));
	tjFree(out);
	tjDestroy(t);
	/* An Adobe marker with transform 0 makes the same bytes RGB. */
	static const uint8_t adobe[] = { 0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0,
					 0, 0, 0 };
	size_t size;
	uint8_t *data = sample(16, 16, 2, &size), *rgb = malloc(size + sizeof(adobe));
	ck_assert_ptr_nonnull(rgb);
	/* The JFIF marker, 18 bytes behind the start, would win over it: take its place. */
	ck_assert(data[2] == 0xff && data[3] == 0xe0);
	size_t skip = 4 + (size_t)data[5];
	memcpy(rgb, data, 2);
	memcpy(rgb + 2, adobe, sizeof(adobe));
	memcpy(rgb + 2 + sizeof(adobe), data + skip, size - skip);
	ck_assert_int_eq(decode(rgb, size - skip + 2 + sizeof(adobe), &f), -1);
	ck_assert_msg(strstr(pv_jpeg_error(j), "RGB"), "%s", pv_jpeg_error(j));
	free(rgb);
	pv_jpeg_release(data);
	pv_frame_free(&f);
}
END_TEST

/* One decoder goes through frames of changing size and sampling, as a camera's modes change. */
START_TEST(changing_sizes)
{
	struct pv_frame f = { .width = 0 };

	for (int k = 0; k < 30; k++) {
		int w = unit_between(1, 90), h = unit_between(1, 90);
		size_t n;
		uint8_t *data = sample(w, h, k % UNIT_SAMPLINGS, &n);
		ck_assert_int_eq(decode(data, n, &f), 0);
		ck_assert(f.width == w && f.height == h);
		pv_jpeg_release(data);
	}
	pv_frame_free(&f);
	pv_jpeg_free(NULL);
}
END_TEST

Suite *jpeg_suite(void)
{
	Suite *s = suite_create("jpeg");
	TCase *c = unit_case(s, "jpeg");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, roundtrip, 0, UNIT_SAMPLINGS);
	tcase_add_loop_test(c, truncated, 0, UNIT_SAMPLINGS);
	tcase_add_loop_test(c, damaged, 0, 12);
	tcase_add_test(c, garbage);
	tcase_add_test(c, bomb);
	tcase_add_test(c, other_colours);
	tcase_add_test(c, changing_sizes);
	return s;
}
