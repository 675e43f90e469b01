// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures that stay coefficients: only blocks of regions change, and what is written knows
 * nothing of what was there. */
#include "codec/coefs.h"

#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"
#include "unit.h"
#include "unitjpeg.h"

#define ROOM (1 << 20)

static struct pv_coefs *c;
static struct pv_redactor redactor;
static struct pv_frame f;
static uint8_t *out, *second;

static void setup(void)
{
	c = pv_coefs_new();
	out = malloc(ROOM);
	second = malloc(ROOM);
	ck_assert(c && out && second);
}

static void teardown(void)
{
	pv_coefs_free(c);
	pv_redactor_free(&redactor);
	pv_frame_free(&f);
	free(out);
	free(second);
}

/* Reads from memory of exactly that size, so that reading past it is seen. */
static int read_exactly(const uint8_t *data, size_t size, int shrink)
{
	uint8_t *copy = malloc(size ? size : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, size);
	int err = pv_coefs_read(c, size ? copy : copy + 1, size, shrink, &f);
	free(copy);
	ck_assert(!err || pv_coefs_error(c)[0]);
	ck_assert_int_eq(pv_coefs_count(c) > 0, !err);
	return err;
}

static void redact(const struct pv_rules *rules, const struct pv_box *regions, int n)
{
	ck_assert_int_eq(pv_redact(&redactor, &f, rules, regions, n), 0);
}

static bool is_under(const struct pv_blocks *b, int column, int row, const struct pv_box *boxes, int n)
{
	int x = column * b->width, y = row * b->height;

	for (int k = 0; k < n; k++)
		if (x < boxes[k].x1 && x + b->width > boxes[k].x0 && y < boxes[k].y1 &&
		    y + b->height > boxes[k].y0)
			return true;
	return false;
}

/* Every block outside the boxes has the same coefficients, by libjpeg's own word. */
static void check_outside(const struct unit_jpeg *a, const struct unit_jpeg *b,
			  const struct pv_box *boxes, int n)
{
	long wrong = 0, changed = 0;

	ck_assert_int_eq(a->components, b->components);
	for (int i = 0; i < a->components; i++) {
		const struct unit_component *p = &a->component[i], *q = &b->component[i];
		struct pv_blocks size = { p->columns, p->rows, p->width, p->height, NULL };
		ck_assert(p->columns == q->columns && p->rows == q->rows);
		ck_assert_mem_eq(p->steps, q->steps, sizeof(p->steps));
		for (int y = 0; y < p->rows; y++) {
			for (int x = 0; x < p->columns; x++) {
				int at = (y * p->columns + x) * 64;
				bool same = !memcmp(p->coefs + at, q->coefs + at, 128);
				bool under = is_under(&size, x, y, boxes, n);
				wrong += !same && !under;
				changed += !same && under;
			}
		}
	}
	ck_assert_msg(!wrong, "%ld blocks outside were touched", wrong);
	ck_assert(!n || changed);
}

static const struct unit_jpeg_options kinds[] = {
	{ .quality = 90 }, { .quality = 50, .restart = 3 }, { .quality = 75, .no_tables = true },
	{ .quality = 95, .optimised = true }, { .quality = 80, .scans = true, .restart = 7 },
};
#define KINDS 5

START_TEST(outside_is_untouched)
{
	struct unit_jpeg before, after;
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_frame picture = { .width = 0 };
	struct pv_rules rules;
	size_t n, made;

	unit_seed((uint32_t)_i);
	for (int round = 0; round < 30; round++) {
		struct pv_detection d[2];
		int w = unit_between(20, 150), h = unit_between(20, 120);
		unit_picture(&picture, w, h, &unit_samplings[_i % UNIT_SAMPLINGS]);
		uint8_t *data = unit_jpeg_make(&picture, &kinds[_i / UNIT_SAMPLINGS], &n);
		for (int k = 0; k < 2; k++) {
			float x = (float)unit_between(0, w - 8), y = (float)unit_between(0, h - 8);
			d[k] = (struct pv_detection){ x, y, x + 8, y + 8, 1 };
		}
		ck_assert_int_eq(read_exactly(data, n, 1), 0);
		ck_assert(f.width == w && f.height == h && f.coefs == c);
		pv_rules_default(&rules);
		rules.style = round % 3;
		int count = pv_regions(&f, &rules, d, round % 3 ? 2 : 0, regions);
		redact(&rules, regions, count);
		ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
		unit_jpeg_read(data, n, &before);
		unit_jpeg_read(out, made, &after);
		check_outside(&before, &after, regions, count);
		ck_assert_int_eq(before.restart, after.restart);
		unit_jpeg_free(&before);
		unit_jpeg_free(&after);
		free(data);
	}
	pv_frame_free(&picture);
}
END_TEST

/* Two cameras' pictures, and two photos, that differ under a plate alone: the same bytes come out. The reader keeps
 * going, so this holds over time too. */
START_TEST(invariance)
{
	struct pv_coefs *camera = c, *photo = pv_coefs_new_photo();
	struct pv_frame a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_rules rules;
	size_t n[2], made[2];

	unit_seed((uint32_t)_i);
	for (int round = 0; round < 40; round++) {
		int w = unit_between(33, 120), h = unit_between(33, 100);
		unit_picture(&a, w, h, &unit_samplings[_i % UNIT_SAMPLINGS]);
		unit_copy(&b, &a);
		int x = round & 1 ? w / 8 * 4 : unit_between(0, w / 8) * 4;
		int y = round & 2 ? h / 4 * 2 : unit_between(0, h / 8) * 2;
		struct pv_box plate = { x, y, round & 1 ? w : x + 12, round & 2 ? h : y + 8 };
		struct pv_detection d = { (float)plate.x0, (float)plate.y0, (float)plate.x1,
					  (float)plate.y1, 1 };
		unit_scramble(&b, &plate, 1);
		const struct unit_jpeg_options *kind = &kinds[_i / UNIT_SAMPLINGS];
		uint8_t *data[2] = { unit_jpeg_make(&a, kind, &n[0]), unit_jpeg_make(&b, kind, &n[1]) };
		pv_rules_default(&rules);
		rules.margin = 0;
		for (int i = 0; i < 2 * (PV_STYLE_FILL + 1); i++) {
			rules.style = i / 2;
			c = i & 1 ? photo : camera;
			for (int k = 0; k < 2; k++) {
				ck_assert_int_eq(read_exactly(data[k], n[k], 1), 0);
				int count = pv_regions(&f, &rules, &d, 1, regions);
				redact(&rules, regions, count);
				ck_assert_int_eq(pv_coefs_write(c, k ? second : out, ROOM, &made[k]), 0);
			}
			ck_assert_msg(made[0] == made[1] && !memcmp(out, second, made[0]),
				      "round %d, style %d: the plate shines through", round, rules.style);
		}
		free(data[0]);
		free(data[1]);
	}
	c = camera;
	pv_coefs_free(photo);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

/* All that stands anywhere under a whole veil is grey, whatever it was. */
START_TEST(whole)
{
	struct pv_frame picture = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();
	size_t n, made;

	unit_picture(&picture, 61, 43, &unit_samplings[_i]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	pv_redact_whole(&f);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	ck_assert_int_eq(pv_jpeg_decode(j, out, made, &picture), 0);
	for (int i = 0; i < unit_planes(&picture); i++)
		for (int y = 0; y < pv_frame_plane_height(&picture, i); y++)
			for (int x = 0; x < pv_frame_plane_width(&picture, i); x++)
				ck_assert_int_eq(picture.plane[i][y * picture.stride[i] + x], 128);
	free(data);
	pv_jpeg_free(j);
	pv_frame_free(&picture);
}
END_TEST

/* A picture that loses one byte or more of its blocks is refused; a missing end marker is no loss.
 * Bytes behind the end, and markers, go no further. */
START_TEST(ends)
{
	static const char behind[] = "PLATE-BEHIND-THE-END";
	struct pv_frame picture = { .width = 0 };
	size_t n, made, again;

	unit_picture(&picture, 40, 24, &unit_samplings[_i]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	for (size_t k = 0; k + 2 < n; k++)
		ck_assert_msg(read_exactly(data, k, 1) == -1, "%zu bytes of %zu", k, n);
	ck_assert_int_eq(read_exactly(data, n - 2, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	data = realloc(data, n + sizeof(behind));
	ck_assert_ptr_nonnull(data);
	memcpy(data + n, behind, sizeof(behind));
	ck_assert_int_eq(read_exactly(data, n + sizeof(behind), 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, second, ROOM, &again), 0);
	ck_assert(made == again && !memcmp(out, second, made));
	/* Markers, of which some cameras make a second stream, and what a header has room for. */
	static const char marker[] = "PLATE-IN-A-MARKER";
	static const uint8_t kinds_of[] = { 0xe1, 0xe4, 0xfe };
	for (size_t k = 0; k < sizeof(kinds_of); k++) {
		uint8_t *more = malloc(n + 4 + sizeof(marker));
		ck_assert_ptr_nonnull(more);
		memcpy(more, data, 2);
		memcpy(more + 2, (uint8_t[]){ 0xff, kinds_of[k], 0, 2 + sizeof(marker) }, 4);
		memcpy(more + 6, marker, sizeof(marker));
		memcpy(more + 6 + sizeof(marker), data + 2, n - 2);
		ck_assert_int_eq(read_exactly(more, n + 4 + sizeof(marker), 1), 0);
		ck_assert_int_eq(pv_coefs_write(c, second, ROOM, &again), 0);
		ck_assert(made == again && !memcmp(out, second, made));
		free(more);
	}
	ck_assert(!memcmp(data + 6, "JFIF", 5));
	memcpy(data + 11, "\1\2\1PLAT", 7);	/* version, unit and density */
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, second, ROOM, &again), 0);
	ck_assert(made == again && !memcmp(out, second, made));
	/* Bytes before the end marker, as some cameras send them. */
	memcpy(data + n - 2, "\0\0\0\xff\xd9", 5);
	ck_assert_int_eq(read_exactly(data, n + 3, 1), 0);
	free(data);
	pv_frame_free(&picture);
}
END_TEST

/* Whatever bytes are wrong: no crash, and what is accepted is written as a picture that shows what
 * was searched. */
START_TEST(damaged)
{
	struct pv_frame picture = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();
	size_t n, made;

	unit_seed((uint32_t)_i);
	unit_picture(&picture, 64, 48, &unit_samplings[_i % UNIT_SAMPLINGS]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[_i % KINDS], &n), *bad = malloc(n);
	ck_assert_ptr_nonnull(bad);
	for (int k = 0; k < 300; k++) {
		memcpy(bad, data, n);
		for (int hits = unit_between(1, 3); hits; hits--)
			bad[unit_random() % n] = (uint8_t)unit_random();
		unit_jpeg_keep_small(bad, n);
		if (read_exactly(bad, n, 1) || pv_coefs_write(c, out, ROOM, &made))
			continue;
		ck_assert_int_eq(pv_jpeg_decode(j, out, made, &picture), 0);
		ck_assert(picture.width == f.width && picture.height == f.height);
		for (int y = 0; y < f.height; y++)
			ck_assert_mem_eq(picture.plane[0] + y * picture.stride[0],
					 f.plane[0] + y * f.stride[0], (size_t)f.width);
	}
	free(bad);
	free(data);
	pv_jpeg_free(j);
	pv_frame_free(&picture);
}
END_TEST

/* Half and quarter luma have the size that the pipeline counts on, and cost no coefficient. */
START_TEST(shrunk)
{
	struct unit_jpeg before, after;
	struct pv_frame picture = { .width = 0 };
	size_t n, made;

	for (int shrink = 1; shrink <= PV_MAX_SHRINK; shrink *= 2) {
		unit_picture(&picture, 101, 67, &unit_samplings[_i]);
		uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
		ck_assert_int_eq(read_exactly(data, n, shrink), 0);
		ck_assert(f.width == 101 && f.height == 67 && f.shrink == shrink);
		long sum[2] = { 0 };
		for (int y = 0; y < 64 / shrink; y++)
			for (int x = 0; x < 96 / shrink; x++)
				sum[0] += f.plane[0][y * f.stride[0] + x];
		for (int y = 0; y < 64; y++)
			for (int x = 0; x < 96; x++)
				sum[1] += picture.plane[0][y * picture.stride[0] + x];
		ck_assert_int_le(labs(sum[0] * shrink * shrink - sum[1]) / (64 * 96), 1);
		ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
		unit_jpeg_read(data, n, &before);
		unit_jpeg_read(out, made, &after);
		check_outside(&before, &after, NULL, 0);
		unit_jpeg_free(&before);
		unit_jpeg_free(&after);
		free(data);
	}
	pv_frame_free(&picture);
}
END_TEST

/* A picture needs no table of the one before, and takes none. */
START_TEST(stands_alone)
{
	static const struct unit_jpeg_options own = { .quality = 70, .optimised = true };
	static const struct unit_jpeg_options none = { .quality = 70, .no_tables = true };
	struct pv_frame picture = { .width = 0 };
	size_t n, m, made, again;

	unit_picture(&picture, 64, 48, &unit_samplings[0]);
	uint8_t *with = unit_jpeg_make(&picture, &own, &n), *without = unit_jpeg_make(&picture, &none, &m);
	ck_assert_int_eq(read_exactly(without, m, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	ck_assert_int_eq(read_exactly(with, n, 1), 0);
	ck_assert_int_eq(read_exactly(without, m, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, second, ROOM, &again), 0);
	ck_assert(made == again && !memcmp(out, second, made));
	free(with);
	free(without);
	pv_frame_free(&picture);
}
END_TEST

/* Numbers larger than a baseline picture has are refused by the tables they were read by, whatever tables
 * stand behind them. */
START_TEST(tables_behind)
{
	struct pv_frame picture = { .width = 0 };
	size_t n;

	unit_picture(&picture, 64, 48, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	uint8_t *table = memmem(data, n, "\xff\xc4", 2);
	while (table && table[4] != 0x10)
		table = memmem(table + 2, n - (size_t)(table + 2 - data), "\xff\xc4", 2);
	ck_assert_ptr_nonnull(table);
	size_t length = 2u + (size_t)(table[2] << 8 | table[3]);
	uint8_t *both = malloc(n + length);
	memcpy(both, data, n - 2);
	memcpy(both + n - 2, table, length);
	memcpy(both + n - 2 + length, "\xff\xd9", 2);
	ck_assert_int_eq(read_exactly(both, n + length, 1), 0);
	both[table - data + (long)length - 1] = 0xff;
	ck_assert_int_eq(read_exactly(both, n + length, 1), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "baseline"), "%s", pv_coefs_error(c));
	free(both);
	free(data);
	pv_frame_free(&picture);
}
END_TEST

START_TEST(refused)
{
	static const struct unit_jpeg_options progressive = { .quality = 70, .progressive = true };
	struct pv_frame picture = { .width = 0 };
	size_t n, made;

	unit_picture(&picture, 64, 48, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &progressive, &n);
	ck_assert_int_eq(read_exactly(data, n, 1), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "baseline"), "%s", pv_coefs_error(c));
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), -1);
	free(data);
	data = unit_jpeg_make(&picture, &kinds[0], &n);
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, n / 2, &made), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "fit"), "%s", pv_coefs_error(c));
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	free(data);
	pv_frame_free(&picture);
}
END_TEST

/* Photos however they are coded come out with the same coefficients, too. */
START_TEST(photos)
{
	static const struct unit_jpeg_options coded[] = { { .quality = 80, .progressive = true },
							  { .quality = 80, .arithmetic = true },
							  { .quality = 80, .arithmetic = true, .progressive = true } };
	struct pv_coefs *photo = pv_coefs_new_photo();
	struct pv_box region = { 16, 16, 48, 32 };
	struct pv_frame picture = { .width = 0 };
	struct unit_jpeg before, after;
	struct pv_rules rules;
	size_t n, made;

	pv_rules_default(&rules);
	unit_picture(&picture, 90, 70, &unit_samplings[_i % UNIT_SAMPLINGS]);
	uint8_t *data = unit_jpeg_make(&picture, &coded[_i / UNIT_SAMPLINGS], &n);
	ck_assert_int_eq(pv_coefs_read(photo, data, n, 1, &f), 0);
	redact(&rules, &region, 1);
	ck_assert_msg(!pv_coefs_write(photo, out, ROOM, &made), "%s", pv_coefs_error(photo));
	unit_jpeg_read(data, n, &before);
	unit_jpeg_read(out, made, &after);
	check_outside(&before, &after, &region, 1);
	unit_jpeg_free(&before);
	unit_jpeg_free(&after);
	free(data);
	pv_frame_free(&picture);
	pv_coefs_free(photo);
	f.coefs = NULL;
}
END_TEST

/* A small file that says it is a huge picture takes no memory. */
START_TEST(bomb)
{
	static const int sizes[][2] = { { 65500, 65500 }, { PV_MAX_SIDE + 1, 16 }, { 16000, 16000 } };
	struct pv_coefs *photo = pv_coefs_new_photo();
	struct pv_frame picture = { .width = 0 };
	size_t n;

	unit_picture(&picture, 16, 16, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	for (int k = 0; k < 3; k++) {
		unit_jpeg_claim(data, n, sizes[k][0], sizes[k][1]);
		ck_assert_int_eq(pv_coefs_read(photo, data, n, 1, &f), -1);
		ck_assert_ptr_nonnull(strstr(pv_coefs_error(photo), "at most"));
	}
	pv_coefs_free(photo);
	pv_frame_free(&picture);
	free(data);
}
END_TEST

/* What was searched is what is shown: a table that changes between scans would make two pictures of one. */
START_TEST(tables_between)
{
	static const struct unit_jpeg_options scans = { .quality = 80, .scans = true };
	struct pv_frame picture = { .width = 0 };
	size_t n;

	unit_picture(&picture, 64, 48, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &scans, &n);
	uint8_t *table = memmem(data, n, "\xff\xdb", 2), *scan = memmem(data, n, "\xff\xda", 2);
	ck_assert(table && scan);
	scan = memmem(scan + 2, n - (size_t)(scan + 2 - data), "\xff\xda", 2);
	ck_assert_ptr_nonnull(scan);
	size_t length = 2u + (size_t)(table[2] << 8 | table[3]), at = (size_t)(scan - data);
	uint8_t *both = malloc(n + length);
	memcpy(both, data, at);
	memcpy(both + at, table, length);
	memcpy(both + at + length, scan, n - at);
	ck_assert_int_eq(read_exactly(both, n + length, 1), 0);
	both[at + 10]++;
	ck_assert_int_eq(read_exactly(both, n + length, 1), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "quantisation"), "%s", pv_coefs_error(c));
	free(both);
	free(data);
	pv_frame_free(&picture);
}
END_TEST

/* What its components are called is nobody's business, and could be anybody's message. */
START_TEST(names)
{
	static uint8_t other[ROOM];
	struct pv_frame picture = { .width = 0 };
	size_t n, made, made_other;

	unit_picture(&picture, 64, 48, &unit_samplings[0]);
	uint8_t *data = unit_jpeg_make(&picture, &kinds[0], &n);
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, out, ROOM, &made), 0);
	uint8_t *sof = memmem(data, n, "\xff\xc0", 2), *sos = memmem(data, n, "\xff\xda", 2);
	ck_assert(sof && sos);
	for (int i = 0; i < 3; i++)
		sof[10 + 3 * i] = sos[5 + 2 * i] = (uint8_t)(40 + 7 * i);
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	ck_assert_int_eq(pv_coefs_write(c, other, ROOM, &made_other), 0);
	ck_assert_uint_eq(made, made_other);
	ck_assert_mem_eq(out, other, made);
	free(data);
	pv_frame_free(&picture);
}
END_TEST

/* Of another size than is expected, or with more blocks to an MCU than can be written. */
START_TEST(unexpected)
{
	static const struct unit_jpeg_options scans = { .quality = 80, .scans = true };
	static const struct unit_sampling full = { "444", 0, 0, false };
	struct pv_frame picture = { .width = 0 };
	size_t n;

	unit_picture(&picture, 64, 48, &full);
	uint8_t *data = unit_jpeg_make(&picture, &scans, &n);
	pv_coefs_expect(c, 64, 32);
	ck_assert_int_eq(read_exactly(data, n, 1), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "another size"), "%s", pv_coefs_error(c));
	pv_coefs_expect(c, 64, 48);
	ck_assert_int_eq(read_exactly(data, n, 1), 0);
	uint8_t *sof = memmem(data, n, "\xff\xc0", 2);
	ck_assert_ptr_nonnull(sof);
	for (int i = 0; i < 3; i++)
		sof[11 + 3 * i] = 0x22;
	ck_assert_int_eq(read_exactly(data, n, 1), -1);
	ck_assert_msg(strstr(pv_coefs_error(c), "subsampling"), "%s", pv_coefs_error(c));
	free(data);
	pv_frame_free(&picture);
}
END_TEST

Suite *coefs_suite(void)
{
	Suite *s = suite_create("coefs");
	TCase *t = unit_case(s, "coefs");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, outside_is_untouched, 0, KINDS * UNIT_SAMPLINGS);
	tcase_add_loop_test(t, invariance, 0, KINDS * UNIT_SAMPLINGS);
	tcase_add_loop_test(t, whole, 0, UNIT_SAMPLINGS);
	tcase_add_loop_test(t, ends, 0, UNIT_SAMPLINGS);
	tcase_add_loop_test(t, damaged, 0, 30);
	tcase_add_loop_test(t, shrunk, 0, UNIT_SAMPLINGS);
	tcase_add_test(t, stands_alone);
	tcase_add_test(t, tables_behind);
	tcase_add_loop_test(t, photos, 0, 3 * UNIT_SAMPLINGS);
	tcase_add_test(t, bomb);
	tcase_add_test(t, tables_between);
	tcase_add_test(t, names);
	tcase_add_test(t, unexpected);
	tcase_add_test(t, refused);
	return s;
}
