// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The promise that matters most: what is drawn over a plate does not depend on the plate. Two
 * frames that differ only inside the regions come out byte for byte the same.
 */
#include "redact/redact.h"

#include <string.h>

#include "codec/jpeg.h"
#include "unit.h"

#define MOST_BOXES 7

static struct pv_redactor redactor;

static void teardown(void)
{
	pv_redactor_free(&redactor);
}

/* A box of the kinds that go wrong: at edges, in corners, side by side, everything. */
static struct pv_detection odd_box(const struct pv_frame *f, const struct pv_detection *last)
{
	int w = f->width, h = f->height;
	float x = (float)unit_between(0, w - 1), y = (float)unit_between(0, h - 1);
	float bw = (float)unit_between(1, 1 + w / 3), bh = (float)unit_between(1, 1 + h / 4);

	switch (unit_between(0, 11)) {
	case 0:		/* a corner */
		x = unit_random() & 1 ? 0 : (float)w - bw;
		y = unit_random() & 1 ? 0 : (float)h - bh;
		break;
	case 1:		/* along an edge */
		x = 0;
		bw = (float)w;
		break;
	case 2:
		y = 0;
		bh = (float)h;
		break;
	case 3:		/* a few pixels beside the last one: joined, or nearly */
		x = last->x1 + (float)unit_between(0, 7);
		y = last->y0 + (float)unit_between(-2, 2);
		break;
	case 4:
		x = last->x0 + (float)unit_between(-2, 2);
		y = last->y1 + (float)unit_between(0, 7);
		break;
	case 5:		/* meets the last one's corner */
		x = last->x1 + (float)unit_between(0, 5);
		y = last->y1 + (float)unit_between(0, 5);
		break;
	case 6:
		x += 0.5f;
		y += 0.25f;
		break;
	default:
		break;
	}
	if (!unit_between(0, 60))
		return (struct pv_detection){ 0, 0, (float)w, (float)h, 1 };
	return (struct pv_detection){ x, y, x + bw, y + bh, 1 };
}

/* Regions of f, made as the pipeline makes them. */
static int random_regions(const struct pv_frame *f, struct pv_rules *rules,
			  struct pv_box out[PV_MAX_REGIONS])
{
	static const int margins[] = { 0, 0, 10, 35 };
	struct pv_detection d[MOST_BOXES], last = { 4, 4, 8, 8, 1 };
	int n = unit_between(0, MOST_BOXES);

	pv_rules_default(rules);
	rules->margin = margins[unit_random() % 4];
	rules->colour = (int)(unit_random() & 0xffffff);
	for (int i = 0; i < n; i++)
		last = d[i] = odd_box(f, &last);
	if (!unit_between(0, 3))
		rules->zones[rules->zone_count++] =
			(struct pv_zone){ "z", (float)unit_between(0, 80), (float)unit_between(0, 80),
					  (float)unit_between(1, 20), (float)unit_between(1, 20) };
	return pv_regions(f, rules, d, n, out);
}

/* Blocks as the decoder says them, or as raw frames have them. */
static void set_blocks(struct pv_frame *f, bool jpeg)
{
	f->block_x = jpeg ? 8 << f->shift_x : 1;
	f->block_y = jpeg ? 8 << f->shift_y : 1;
}

START_TEST(invariance)
{
	const struct unit_sampling *s = &unit_samplings[_i % UNIT_SAMPLINGS];
	struct pv_frame before = { .width = 0 }, a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_rules rules;

	unit_seed((uint32_t)_i);
	for (int round = 0; round < 250; round++) {
		unit_picture(&before, unit_between(1, 90), unit_between(1, 70), s);
		set_blocks(&before, _i >= UNIT_SAMPLINGS);
		int n = random_regions(&before, &rules, regions);
		for (rules.style = PV_STYLE_BLUR; rules.style <= PV_STYLE_FILL; rules.style++) {
			unit_copy(&a, &before);
			unit_copy(&b, &before);
			unit_scramble(&b, regions, n);
			ck_assert_int_eq(pv_redact(&redactor, &a, &rules, regions, n), 0);
			ck_assert_int_eq(pv_redact(&redactor, &b, &rules, regions, n), 0);
			ck_assert_msg(!unit_differences(&a, &b, NULL, 0),
				      "%s, round %d, style %d: the plate shines through", s->name,
				      round, rules.style);
			ck_assert_msg(!unit_differences(&a, &before, regions, n),
				      "%s, round %d, style %d: pixels outside were touched", s->name,
				      round, rules.style);
		}
	}
	pv_frame_free(&before);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

/* Nor does it depend on the order in which plates were found. */
START_TEST(order)
{
	struct pv_frame before = { .width = 0 }, a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS], turned[PV_MAX_REGIONS];
	struct pv_rules rules;

	for (int round = 0; round < 200; round++) {
		unit_picture(&before, 90, 70, &unit_samplings[round % UNIT_SAMPLINGS]);
		set_blocks(&before, round & 1);
		int n = random_regions(&before, &rules, regions);
		for (int i = 0; i < n; i++)
			turned[i] = regions[n - 1 - i];
		unit_copy(&a, &before);
		unit_copy(&b, &before);
		ck_assert_int_eq(pv_redact(&redactor, &a, &rules, regions, n), 0);
		ck_assert_int_eq(pv_redact(&redactor, &b, &rules, turned, n), 0);
		ck_assert_int_eq(unit_differences(&a, &b, NULL, 0), 0);
	}
	pv_frame_free(&before);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

static void stretch(const struct pv_frame *f, int i, int x, int y, int *low, int *high)
{
	int v = f->plane[i][y * f->stride[i] + x];
	*low = v < *low ? v : *low;
	*high = v > *high ? v : *high;
}

/* What the four pixels round sample box s hold; mid grey where there are none. */
static void range_round(const struct pv_frame *f, int i, const struct pv_box *s, int *low,
			int *high)
{
	int dx = 4 >> (i ? f->shift_x : 0), dy = 4 >> (i ? f->shift_y : 0);
	int w = pv_frame_plane_width(f, i), h = pv_frame_plane_height(f, i);

	*low = 255;
	*high = 0;
	for (int y = s->y0 - dy; y < s->y1 + dy; y++) {
		for (int x = s->x0 - dx; x < s->x1 + dx; x++) {
			bool beside = x < s->x0 || x >= s->x1, above = y < s->y0 || y >= s->y1;
			if (beside != above && x >= 0 && y >= 0 && x < w && y < h)
				stretch(f, i, x, y, low, high);
		}
	}
	if (*low > *high)
		*low = *high = 128;
}

/* A veil is no brighter or darker than what is round it: no blots that draw the eye. */
START_TEST(blur_within_range)
{
	struct pv_frame f = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_rules rules;

	for (int round = 0; round < 300; round++) {
		unit_picture(&f, unit_between(1, 90), unit_between(1, 70),
			     &unit_samplings[round % UNIT_SAMPLINGS]);
		set_blocks(&f, true);
		int n = random_regions(&f, &rules, regions);
		rules.style = round & 1 ? PV_STYLE_PIXELATE : PV_STYLE_BLUR;
		unit_scramble(&f, regions, n);
		ck_assert_int_eq(pv_redact(&redactor, &f, &rules, regions, n), 0);
		for (int k = 0; k < n; k++) {
			for (int i = 0; i < unit_planes(&f); i++) {
				struct pv_box s = unit_samples(&f, i, &regions[k]);
				int low, high, least = 255, most = 0;
				range_round(&f, i, &s, &low, &high);
				for (int y = s.y0; y < s.y1; y++)
					for (int x = s.x0; x < s.x1; x++)
						stretch(&f, i, x, y, &least, &most);
				ck_assert_msg(least >= low && most <= high,
					      "round %d: %d..%d within %d..%d", round, least, most, low,
					      high);
			}
		}
	}
	pv_frame_free(&f);
}
END_TEST

/* On one colour, blur leaves no trace at all. */
START_TEST(blur_of_flat)
{
	struct pv_frame f = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS], all = { 0, 0, 60, 44 };
	struct pv_rules rules;

	for (int round = 0; round < 60; round++) {
		unit_picture(&f, 60, 44, &unit_samplings[round % UNIT_SAMPLINGS]);
		set_blocks(&f, true);
		int n = random_regions(&f, &rules, regions);
		if (n == 1 && !memcmp(&regions[0], &all, sizeof(all)))
			continue;
		for (int i = 0; i < unit_planes(&f); i++)
			memset(f.plane[i], 77, (size_t)(f.stride[i] * pv_frame_plane_height(&f, i)));
		rules.style = round & 1 ? PV_STYLE_PIXELATE : PV_STYLE_BLUR;
		unit_scramble(&f, regions, n);
		ck_assert_int_eq(pv_redact(&redactor, &f, &rules, regions, n), 0);
		for (int i = 0; i < unit_planes(&f); i++)
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				for (int x = 0; x < pv_frame_plane_width(&f, i); x++)
					ck_assert_int_eq(f.plane[i][y * f.stride[i] + x], 77);
	}
	pv_frame_free(&f);
}
END_TEST

START_TEST(fill_colours)
{
	static const struct {
		int rgb;
		bool full;
		uint8_t y, u, v;
	} known[] = {	/* BT.601 */
		{ 0x000000, true, 0, 128, 128 },   { 0xffffff, true, 255, 128, 128 },
		{ 0xff0000, true, 76, 85, 255 },   { 0x0000ff, true, 29, 255, 107 },
		{ 0x000000, false, 16, 128, 128 }, { 0xffffff, false, 235, 128, 128 },
		{ 0xff0000, false, 81, 90, 240 },  { 0x00ff00, false, 145, 54, 34 },
	};
	struct pv_box all = { 0, 0, 16, 16 };
	struct pv_frame f = { .width = 0 };
	struct pv_rules rules;

	pv_rules_default(&rules);
	rules.style = PV_STYLE_FILL;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		unit_picture(&f, 16, 16, &unit_samplings[0]);
		f.full_range = known[k].full;
		rules.colour = known[k].rgb;
		ck_assert_int_eq(pv_redact(&redactor, &f, &rules, &all, 1), 0);
		ck_assert_int_eq(f.plane[0][37], known[k].y);
		ck_assert_int_eq(f.plane[1][3], known[k].u);
		ck_assert_int_eq(f.plane[2][3], known[k].v);
	}
	pv_frame_free(&f);
}
END_TEST

START_TEST(whole)
{
	struct pv_frame f = { .width = 0 };

	for (int k = 0; k < UNIT_SAMPLINGS; k++) {
		unit_picture(&f, 33, 17, &unit_samplings[k]);
		pv_redact_whole(&f);
		for (int i = 0; i < unit_planes(&f); i++)
			for (int y = 0; y < pv_frame_plane_height(&f, i); y++)
				for (int x = 0; x < pv_frame_plane_width(&f, i); x++)
					ck_assert_int_eq(f.plane[i][y * f.stride[i] + x], 128);
	}
	pv_frame_free(&f);
}
END_TEST

/* Encodes f and decodes it again, as a camera and the helper do. */
static void through_jpeg(struct pv_jpeg *j, struct pv_frame *f, int quality)
{
	uint8_t *data;
	size_t size;

	ck_assert_int_eq(pv_jpeg_encode(j, f, quality, &data, &size), 0);
	ck_assert_int_eq(pv_jpeg_decode(j, data, size, f), 0);
	pv_jpeg_release(data);
}

/* The camera's own JPEG spreads a plate over its blocks; regions must be as large as that. */
START_TEST(jpeg_invariance)
{
	static const int qualities[] = { 10, 50, 85, 100 };
	struct pv_frame before = { .width = 0 }, a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_jpeg *j = pv_jpeg_new();
	struct pv_rules rules;

	pv_rules_default(&rules);
	ck_assert_ptr_nonnull(j);
	for (int round = 0; round < 60; round++) {
		unit_picture(&before, unit_between(33, 100), unit_between(33, 80), &unit_samplings[_i]);
		/* The plate's pixels: whole chroma samples, or the box would not be all of it. */
		int x = unit_between(0, before.width / 4) * 4, y = unit_between(0, before.height / 2) * 2;
		struct pv_box plate = { x, y, x + 4 * unit_between(1, 6), y + 2 * unit_between(1, 6) };
		struct pv_detection d = { (float)plate.x0, (float)plate.y0, (float)plate.x1,
					  (float)plate.y1, 1 };
		unit_copy(&a, &before);
		unit_copy(&b, &before);
		unit_scramble(&b, &plate, 1);
		through_jpeg(j, &a, qualities[round % 4]);
		through_jpeg(j, &b, qualities[round % 4]);
		rules.margin = round % 8 ? 0 : 10;
		int n = pv_regions(&a, &rules, &d, 1, regions);
		ck_assert_msg(!unit_differences(&a, &b, regions, n), "round %d: it reaches out", round);
		for (rules.style = PV_STYLE_BLUR; rules.style <= PV_STYLE_FILL; rules.style++) {
			ck_assert_int_eq(pv_redact(&redactor, &a, &rules, regions, n), 0);
			ck_assert_int_eq(pv_redact(&redactor, &b, &rules, regions, n), 0);
			ck_assert_int_eq(unit_differences(&a, &b, NULL, 0), 0);
		}
	}
	pv_jpeg_free(j);
	pv_frame_free(&before);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

/* By way of pixels, as for a view in JPEG of a camera that gives none: what comes out is the same, byte for byte.
 * The plate lies at an edge of odd sizes, where decoder and encoder work on more than the picture. */
START_TEST(file_invariance)
{
	struct pv_frame a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_jpeg *j = pv_jpeg_new();
	struct pv_rules rules;
	uint8_t *out[2];
	size_t n[2];

	pv_rules_default(&rules);
	ck_assert_ptr_nonnull(j);
	for (int round = 0; round < 60; round++) {
		int w = unit_between(33, 70), h = unit_between(33, 70);
		unit_picture(&a, w, h, &unit_samplings[_i]);
		unit_copy(&b, &a);
		struct pv_box plate = { round & 1 ? w / 8 * 4 : 0, round & 2 ? h / 4 * 2 : 0,
					round & 1 ? w : 16, round & 2 ? h : 8 };
		struct pv_detection d = { (float)plate.x0, (float)plate.y0, (float)plate.x1,
					  (float)plate.y1, 1 };
		unit_scramble(&b, &plate, 1);
		through_jpeg(j, &a, 92);
		through_jpeg(j, &b, 92);
		int count = pv_regions(&a, &rules, &d, 1, regions);
		ck_assert_int_eq(pv_redact(&redactor, &a, &rules, regions, count), 0);
		ck_assert_int_eq(pv_redact(&redactor, &b, &rules, regions, count), 0);
		ck_assert_int_eq(pv_jpeg_encode(j, &a, 92, &out[0], &n[0]), 0);
		ck_assert_int_eq(pv_jpeg_encode(j, &b, 92, &out[1], &n[1]), 0);
		ck_assert_msg(n[0] == n[1] && !memcmp(out[0], out[1], n[0]), "%dx%d, round %d", w, h,
			      round);
		pv_jpeg_release(out[0]);
		pv_jpeg_release(out[1]);
	}
	pv_jpeg_free(j);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

Suite *redact_suite(void)
{
	Suite *s = suite_create("redact");
	TCase *c = unit_case(s, "redact");

	tcase_add_checked_fixture(c, NULL, teardown);
	tcase_add_loop_test(c, invariance, 0, 2 * UNIT_SAMPLINGS);
	tcase_add_test(c, order);
	tcase_add_test(c, blur_within_range);
	tcase_add_test(c, blur_of_flat);
	tcase_add_test(c, fill_colours);
	tcase_add_test(c, whole);
	tcase_add_loop_test(c, jpeg_invariance, 0, UNIT_SAMPLINGS);
	tcase_add_loop_test(c, file_invariance, 0, UNIT_SAMPLINGS);
	return s;
}
