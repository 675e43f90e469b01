// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Damaged network files. Nothing here knows the file's layout but that somewhere near its front
 * there is a CRC-32 of all that follows some header.
 */
#include "detect/network.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "unit.h"

static uint8_t *file;
static size_t size;
static char error[300];

static void setup(void)
{
	size = pv_network_weights_size;
	file = malloc(size);
	ck_assert_ptr_nonnull(file);
	memcpy(file, pv_network_weights, size);
	error[0] = 0;
}

static void teardown(void)
{
	free(file);
}

/* Loads the first n bytes, in memory of just that size; true if they were taken. */
static bool load(size_t n, int width, int height)
{
	uint8_t *exact = malloc(n ? n : 1);
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, file, n);
	error[0] = 0;
	struct pv_network *net = pv_network_new(exact, n, PV_NETWORK_OUTPUTS, width, height, error, sizeof(error));
	if (net) {
		memset(pv_network_input(net), 0, (size_t)(width * height) * sizeof(*pv_network_input(net)));
		pv_network_run(net);
		pv_network_free(net);
	} else {
		ck_assert_msg(error[0], "a failure without a reason");
	}
	free(exact);
	return net != NULL;
}

/* Where the checksum is, and where what it covers begins. */
static void find_checksum(size_t *at, size_t *from)
{
	for (*from = 8; *from <= 64; *from += 4) {
		uint32_t crc = (uint32_t)crc32(0, file + *from, (uInt)(size - *from));
		for (*at = 0; *at + 4 <= *from; *at += 4) {
			const uint8_t *p = file + *at;
			if (((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			     (uint32_t)p[3] << 24) == crc)
				return;
		}
	}
	ck_abort_msg("no checksum found");
}

static void put32(size_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		file[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

START_TEST(as_built)
{
	struct pv_network *n = pv_network_new(file, size, PV_NETWORK_OUTPUTS, 64, 96, error, sizeof(error));

	ck_assert_msg(n != NULL, "%s", error);
	ck_assert_ptr_nonnull(pv_network_input(n));
	for (int k = 0; k < 64 * 96; k++)
		pv_network_input(n)[k] = 0;
	ck_assert_int_eq(pv_network_run(n), 0);
	for (int i = 0; i < PV_NETWORK_OUTPUTS; i++) {
		const struct pv_network_output *o = pv_network_output(n, i);
		ck_assert_int_gt(o->stride, 0);
		ck_assert_int_eq(o->columns * o->stride, 64);
		ck_assert_int_eq(o->rows * o->stride, 96);
		ck_assert(o->score && o->box);
	}
	pv_network_free(n);
	pv_network_free(NULL);
}
END_TEST

START_TEST(input_sizes)
{
	static const int bad[][2] = { { 0, 32 }, { 32, 0 }, { 33, 32 }, { 32, 48 }, { -32, 32 },
				      { -32, -32 }, { 31, 31 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert(!pv_network_new(file, size, PV_NETWORK_OUTPUTS, bad[i][0], bad[i][1], error, sizeof(error)));
}
END_TEST

/* The data may lie anywhere, at odd addresses too. */
START_TEST(unaligned)
{
	uint8_t *odd = malloc(size + 1);

	ck_assert_ptr_nonnull(odd);
	memcpy(odd + 1, file, size);
	struct pv_network *n = pv_network_new(odd + 1, size, PV_NETWORK_OUTPUTS, 32, 32, error, sizeof(error));
	ck_assert_msg(n != NULL, "%s", error);
	pv_network_free(n);
	free(odd);
}
END_TEST

START_TEST(flipped)
{
	size_t at, from;

	find_checksum(&at, &from);
	for (int k = 0; k < 100; k++) {
		size_t i = from + (k < 50 ? unit_random() % 4000 : unit_random() % (size - from));
		file[i] ^= (uint8_t)(1 << k % 8);
		ck_assert(!load(size, 32, 32));
		ck_assert_msg(strstr(error, "checksum"), "byte %zu: %s", i, error);
		file[i] ^= (uint8_t)(1 << k % 8);
	}
	/* In the header the reason may be another. */
	for (size_t i = 0; i < 12; i++) {
		file[i] ^= 0x10;
		ck_assert_msg(!load(size, 32, 32), "byte %zu", i);
		file[i] ^= 0x10;
	}
	ck_assert(load(size, 32, 32));
}
END_TEST

START_TEST(truncated)
{
	size_t at, from;

	find_checksum(&at, &from);
	for (int k = 0; k < 160; k++) {
		size_t n = k < 80 ? (size_t)k : unit_random() % size;
		put32(at, 0);
		ck_assert_msg(!load(n, 32, 32), "%zu bytes", n);
		if (n <= from)
			continue;
		/* A shorter file with a checksum that is right. */
		put32(at, (uint32_t)crc32(0, file + from, (uInt)(n - from)));
		ck_assert_msg(!load(n, 32, 32), "%zu bytes", n);
	}
}
END_TEST

/* Bad numbers under a right checksum: taken or refused, but never a crash. */
START_TEST(crafted)
{
	static const uint32_t values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 16, 64, 255, 256, 257, 4096, 65536,
					   0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000, 0x7fc00000 };
	const uint32_t kinds = sizeof(values) / sizeof(*values);
	size_t at, from;

	find_checksum(&at, &from);
	unit_seed((uint32_t)_i);
	for (int k = 0; k < 16; k++) {
		memcpy(file, pv_network_weights, size);
		for (int hits = unit_between(1, 3); hits; hits--) {
			/* The numbers that say what the file is are at its front. */
			size_t reach = hits == 3 ? size / 4 : _i % 2 ? 200 : 3000;
			size_t i = unit_random() % reach * 4 % (size & ~(size_t)3);
			if (i == at || i < 8)
				continue;
			put32(i, unit_random() % 4 ? values[unit_random() % kinds] : unit_random());
		}
		put32(at, (uint32_t)crc32(0, file + from, (uInt)(size - from)));
		load(size, 32, 32);
	}
}
END_TEST

Suite *network_suite(void)
{
	Suite *s = suite_create("network");
	TCase *c = unit_case(s, "network");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, as_built);
	tcase_add_test(c, input_sizes);
	tcase_add_test(c, unaligned);
	tcase_add_test(c, flipped);
	tcase_add_test(c, truncated);
	tcase_add_loop_test(c, crafted, 0, 40);
	return s;
}
