// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Polygons that mask: all that lies in one is gone, and nothing of it shines through; what lies
 * beside it stays. What lies in one is told here by looking at 16 places of each pixel, what lies beside it
 * by walking along its outline, since a spike may be thinner than that.
 */
#include "redact/mask.h"

#include <stdlib.h>
#include <string.h>

#include "codec/coefs.h"
#include "redact/redact.h"
#include "unit.h"
#include "unitjpeg.h"

#define SIDE 100		/* of pictures, at most */
#define ROOM (1 << 18)

static struct pv_redactor redactor;
static struct pv_rules rules;
static bool within[SIDE][SIDE];		/* a place in that pixel lies in a polygon */
static bool outline[SIDE][SIDE];	/* or on its outline */

static void teardown(void)
{
	pv_redactor_free(&redactor);
}

/* How often z goes round a place, in percent. */
static int winding(const struct pv_zone *z, double x, double y)
{
	int n = 0;

	for (int i = 0; i < z->points; i++) {
		int k = (i + 1) % z->points;
		double ax = (double)z->x[i], ay = (double)z->y[i], bx = (double)z->x[k], by = (double)z->y[k];
		double side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
		n += ay <= y && by > y && side > 0;
		n -= by <= y && ay > y && side < 0;
	}
	return n;
}

static void walk(const struct pv_frame *f, const struct pv_zone *z)
{
	for (int k = 0; k < z->points * 10 * SIDE; k++) {
		int i = k / (10 * SIDE), next = (i + 1) % z->points;
		float part = (float)(k % (10 * SIDE)) / (10 * SIDE);
		int x = (int)((z->x[i] + part * (z->x[next] - z->x[i])) * (float)f->width / 100);
		int y = (int)((z->y[i] + part * (z->y[next] - z->y[i])) * (float)f->height / 100);
		if (x < f->width && y < f->height)
			outline[y][x] = true;
	}
}

static void look(const struct pv_frame *f)
{
	memset(within, 0, sizeof(within));
	memset(outline, 0, sizeof(outline));
	for (int i = 0; i < rules.zone_count; i++)
		walk(f, &rules.zones[i]);
	for (int i = 0; i < rules.zone_count; i++)
		for (int k = 0; k < f->width * f->height * 16; k++) {
			int x = k / 16 % f->width, y = k / 16 / f->width;
			double u = (x + (k % 4 + 0.5) / 4) * 100 / f->width;
			double v = (y + (k / 4 % 4 + 0.5) / 4) * 100 / f->height;
			within[y][x] = within[y][x] || winding(&rules.zones[i], u, v);
		}
}

/* Polygons as people draw them, and as they should not. */
static void draw_polygons(void)
{
	pv_rules_default(&rules);
	rules.colour = (int)(unit_random() & 0xffffff);
	rules.zone_count = unit_between(1, 2);
	for (int i = 0; i < rules.zone_count; i++) {
		struct pv_zone *z = &rules.zones[i];
		*z = (struct pv_zone){ .kind = PV_ZONE_MASK, .points = unit_between(3, 7) };
		int across = unit_between(4, 60), x = unit_between(0, 100 - across);
		int down = unit_between(4, 60), y = unit_between(0, 100 - down);
		for (int k = 0; k < z->points; k++) {
			z->x[k] = (float)unit_between(4 * x, 4 * (x + across)) / 4;
			z->y[k] = (float)unit_between(4 * y, 4 * (y + down)) / 4;
		}
	}
}

/* Is a place in this box of pixels in a polygon? Or, if `nearly`, not far from one? */
static bool any(const struct pv_frame *f, int x0, int y0, int x1, int y1, bool nearly)
{
	for (int y = y0 - nearly; y < y1 + nearly; y++)
		for (int x = x0 - nearly; x < x1 + nearly; x++)
			if (x >= 0 && y >= 0 && x < f->width && y < f->height &&
			    (within[y][x] || (nearly && outline[y][x])))
				return true;
	return false;
}

/* The same of what is veiled together with sample x, y of plane i. */
static bool any_of_unit(const struct pv_frame *f, int i, int x, int y, bool nearly)
{
	int sx = i ? f->shift_x : 0, sy = i ? f->shift_y : 0;
	int w = f->block_x > 1 << sx ? f->block_x : 1 << sx, h = f->block_y > 1 << sy ? f->block_y : 1 << sy;
	int x0 = (x << sx) / w * w, y0 = (y << sy) / h * h;

	return any(f, x0, y0, x0 + w, y0 + h, nearly);
}

/* Other content wherever something is masked. */
static void scramble(struct pv_frame *f)
{
	for (int i = 0; i < unit_planes(f); i++)
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			for (int x = 0; x < pv_frame_plane_width(f, i); x++)
				if (any_of_unit(f, i, x, y, false))
					f->plane[i][y * f->stride[i] + x] = (uint8_t)unit_random();
}

static void check_outside(const struct pv_frame *a, const struct pv_frame *b, const struct pv_box *regions, int n)
{
	for (int i = 0; i < unit_planes(a); i++)
		for (int y = 0; y < pv_frame_plane_height(a, i); y++)
			for (int x = 0; x < pv_frame_plane_width(a, i); x++)
				ck_assert_msg(a->plane[i][y * a->stride[i] + x] == b->plane[i][y * b->stride[i] + x] ||
					      any_of_unit(a, i, x, y, true) || unit_inside(a, i, x, y, regions, n),
					      "plane %d, %d %d was touched", i, x, y);
}

START_TEST(pixels)
{
	const struct unit_sampling *s = &unit_samplings[_i % UNIT_SAMPLINGS];
	struct pv_frame before = { .width = 0 }, a = { .width = 0 }, b = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];

	unit_seed((uint32_t)_i);
	for (int round = 0; round < 8; round++) {
		unit_picture(&before, unit_between(2, 80), unit_between(2, 60), s);
		before.block_x = _i < UNIT_SAMPLINGS ? 1 : 8 << before.shift_x;
		before.block_y = _i < UNIT_SAMPLINGS ? 1 : 8 << before.shift_y;
		draw_polygons();
		look(&before);
		float x = (float)unit_between(0, before.width - 1), y = (float)unit_between(0, before.height - 1);
		struct pv_detection d = { x, y, x + 12, y + 6, 1 };
		int n = pv_regions(&before, &rules, &d, round & 1, regions);
		for (rules.style = PV_STYLE_BLUR; rules.style <= PV_STYLE_FILL; rules.style++) {
			unit_copy(&a, &before);
			unit_copy(&b, &before);
			scramble(&b);
			unit_scramble(&b, regions, n);
			ck_assert_int_eq(pv_redact(&redactor, &a, &rules, regions, n), 0);
			ck_assert_int_eq(pv_redact(&redactor, &b, &rules, regions, n), 0);
			ck_assert_msg(!unit_differences(&a, &b, NULL, 0),
				      "%s, round %d, style %d: what is masked shines through", s->name, round,
				      rules.style);
			check_outside(&a, &before, regions, n);
		}
	}
	pv_frame_free(&before);
	pv_frame_free(&a);
	pv_frame_free(&b);
}
END_TEST

/* Blocks that lie well outside have the same coefficients, by libjpeg's own word. */
static void check_blocks(const struct pv_frame *f, const uint8_t *was, size_t was_size, const uint8_t *is,
			 size_t is_size)
{
	struct unit_jpeg a, b;

	unit_jpeg_read(was, was_size, &a);
	unit_jpeg_read(is, is_size, &b);
	for (int i = 0; i < a.components; i++) {
		const struct unit_component *p = &a.component[i], *most = &a.component[a.components - 1];
		for (int k = 0; k < p->columns * p->rows; k++) {
			int x = k % p->columns * p->width / most->width * most->width;
			int y = k / p->columns * p->height / most->height * most->height;
			if (!any(f, x, y, x + most->width, y + most->height, true))
				ck_assert_mem_eq(p->coefs + k * 64, b.component[i].coefs + k * 64, 128);
		}
	}
	unit_jpeg_free(&a);
	unit_jpeg_free(&b);
}

START_TEST(blocks)
{
	static const struct unit_jpeg_options kind = { .quality = 85 };
	static uint8_t out[2][ROOM];
	struct pv_frame picture[2] = { { .width = 0 }, { .width = 0 } }, f = { .width = 0 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_coefs *c = pv_coefs_new();
	size_t n[2], made[2];

	ck_assert_ptr_nonnull(c);
	unit_seed((uint32_t)_i);
	for (int round = 0; round < 16; round++) {
		unit_picture(&picture[0], unit_between(17, SIDE), unit_between(17, SIDE), &unit_samplings[_i]);
		unit_copy(&picture[1], &picture[0]);
		draw_polygons();
		rules.style = round / 2 % (PV_STYLE_FILL + 1);
		look(&picture[0]);
		scramble(&picture[1]);
		float x = (float)unit_between(0, picture[0].width), y = (float)unit_between(0, picture[0].height);
		struct pv_detection d = { x - 14, y - 6, x + 14, y + 6, 1 };
		for (int k = 0; k < 2; k++) {
			uint8_t *data = unit_jpeg_make(&picture[k], &kind, &n[k]);
			ck_assert_int_eq(pv_coefs_read(c, data, n[k], 1, &f), 0);
			/* Half of the rounds with plates, too, whose veils must not be made of what is masked. */
			int count = pv_regions(&f, &rules, &d, round & 1, regions);
			ck_assert_int_eq(pv_redact(&redactor, &f, &rules, regions, count), 0);
			ck_assert_int_eq(pv_coefs_write(c, out[k], ROOM, &made[k]), 0);
			if (!k && !count)
				check_blocks(&f, data, n[k], out[k], made[k]);
			free(data);
		}
		ck_assert_msg(made[0] == made[1] && !memcmp(out[0], out[1], made[0]),
			      "round %d, style %d: what is masked shines through", round, rules.style);
	}
	pv_coefs_free(c);
	pv_frame_free(&picture[0]);
	pv_frame_free(&picture[1]);
	pv_frame_free(&f);
}
END_TEST

/* To the pixel: as many as a person would count, none beside them. */
START_TEST(exact)
{
	static const struct pv_zone step = { .points = 6, .x = { 10, 30, 30, 20, 20, 10 },
					     .y = { 10, 10, 20, 20, 40, 40 } };
	struct pv_grid g = { 100, 50, 1, 1, 1, 1 };
	struct pv_mask m = { .room = 0 };

	pv_rules_default(&rules);
	ck_assert(!pv_mask_needed(&rules));
	rules.zones[rules.zone_count++] = step;
	ck_assert(pv_mask_needed(&rules) && pv_mask_make(&m, &rules, 100, 50, &g));
	for (int y = 0; y < 50; y++)
		for (int x = 0; x < 100; x++)
			ck_assert_int_eq(pv_mask_has(&m, x, y),
					 x >= 10 && y >= 5 && ((x < 30 && y < 10) || (x < 20 && y < 20)));
	ck_assert(m.bounds.x0 == 10 && m.bounds.y0 == 5 && m.bounds.x1 == 30 && m.bounds.y1 == 20);
	/* It is made once, and anew for whatever it was made of. */
	m.of[0] = 1;
	ck_assert(pv_mask_make(&m, &rules, 100, 50, &g) && m.of[0]);
	rules.zones[0].x[5] = 11;
	ck_assert(pv_mask_make(&m, &rules, 100, 50, &g) && !m.of[0]);
	m.of[0] = 1;
	ck_assert(pv_mask_make(&m, &rules, 100, 51, &g) && !m.of[0]);
	m.of[0] = 1;
	g.across = 2;
	ck_assert(pv_mask_make(&m, &rules, 100, 51, &g) && !m.of[0]);
	m.of[0] = 1;
	rules.zones[rules.zone_count++] = step;
	ck_assert(pv_mask_make(&m, &rules, 100, 51, &g) && !m.of[0]);
	rules.zones[0].kind = rules.zones[1].kind = PV_ZONE_IGNORE;
	ck_assert(!pv_mask_needed(&rules));
	pv_mask_free(&m);
}
END_TEST

Suite *mask_suite(void)
{
	Suite *s = suite_create("mask");
	TCase *c = unit_case(s, "mask");

	tcase_add_checked_fixture(c, NULL, teardown);
	tcase_add_test(c, exact);
	tcase_add_loop_test(c, pixels, 0, 2 * UNIT_SAMPLINGS);
	tcase_add_loop_test(c, blocks, 0, UNIT_SAMPLINGS);
	return s;
}
