// SPDX-License-Identifier: GPL-2.0-or-later
/* The second look: what it sees, and what it remembers. How well it judges is `make accuracy`'s business. */
#include "detect/second.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/network.h"
#include "unit.h"

enum { W = 300, H = 200, VIEW = PV_VIEW_WIDTH * PV_VIEW_HEIGHT };

static struct pv_plane whole(const uint8_t *luma)
{
	return (struct pv_plane){ luma, W, W, H };
}

/* --- views ------------------------------------------------------------------- */

/* A view's pixel, from where it lies in the network's input. */
static int at(const int8_t *views, int view, int x, int y)
{
	return views[view * VIEW + (int)unit_folded(PV_VIEW_WIDTH, x, y)];
}

START_TEST(view_of_nothing)
{
	static const struct pv_detection boxes[] = {
		{ 100, 90, 160, 110, 0.5f }, { 0, 0, W, H, 0.5f }, { -500, -90, -300, -60, 0.5f },
		{ 299, 199, 300, 200, 0.5f }, { 50, 50, 50.01f, 50.01f, 0.5f },
	};
	uint8_t luma[W * H];
	int8_t views[2 * VIEW];
	struct pv_plane p = whole(luma);

	memset(luma, 77, sizeof(luma));
	for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
		memset(views, 9, sizeof(views));
		pv_view_cut(&p, 1, &boxes[i], views);
		for (int k = 0; k < 2 * VIEW; k++)
			ck_assert_int_eq(views[k], 0);
	}
}
END_TEST

/* A box of 54x27 is seen pixel for pixel, but for brightness and contrast: mean 0, distance 45. */
START_TEST(view_is_the_picture)
{
	const struct pv_detection box = { 123, 80, 177, 107, 0.5f };
	uint8_t luma[W * H];
	int8_t views[2 * VIEW];
	struct pv_plane p = whole(luma);
	double mean = 0, away = 0, gain = 0;

	for (int i = 0; i < W * H; i++)
		luma[i] = (uint8_t)(unit_random() & 1 ? unit_between(80, 90) : unit_between(120, 130));
	pv_view_cut(&p, 1, &box, views);
	const uint8_t *corner = luma + (80 - 10) * W + W / 2 - 48;	/* its rows are half a pixel off */
	for (int k = 0; k < VIEW; k++) {
		const uint8_t *v = corner + k / PV_VIEW_WIDTH * W + k % PV_VIEW_WIDTH;
		mean += (v[0] + v[-W]) / 2.0 / VIEW;
	}
	for (int k = 0; k < VIEW; k++) {
		const uint8_t *v = corner + k / PV_VIEW_WIDTH * W + k % PV_VIEW_WIDTH;
		away += fabs((v[0] + v[-W]) / 2.0 - mean) / VIEW;
	}
	gain = 45 / away;
	for (int y = 0; y < PV_VIEW_HEIGHT; y++) {
		for (int x = 0; x < PV_VIEW_WIDTH; x++) {
			const uint8_t *v = corner + y * W + x;
			double want = fmin(((v[0] + v[-W]) / 2.0 - mean) * gain, 127);
			ck_assert_msg(fabs(at(views, 0, x, y) - want) < gain, "%d %d: %d, not %g", x, y,
				      at(views, 0, x, y), want);
		}
	}
}
END_TEST

/* A dot is where it should be in both views, and from the picture's half as from the picture. */
START_TEST(views_agree)
{
	struct pv_detection box = { 100, 60, 208, 114, 0.5f };	/* two pixels to one of the view's */
	uint8_t luma[W * H], half[W * H / 4];
	int8_t views[2 * VIEW];
	struct pv_plane p[2] = { whole(luma), { half, W / 2, W / 2, H / 2 } };

	memset(luma, 100, sizeof(luma));
	memset(half, 100, sizeof(half));
	for (int y = 80; y < 88; y++)
		memset(luma + y * W + 120, 200, 12);
	for (int y = 40; y < 44; y++)
		memset(half + y * W / 2 + 60, 200, 6);
	for (int halves = 1; halves <= 2; halves++) {
		pv_view_cut(p, halves, &box, views);
		/* Its middle, (126, 84), from the box's, (154, 87), on. */
		ck_assert_int_gt(at(views, 0, 48 - 14, 24 - 2), 100);
		ck_assert_int_gt(at(views, 1, 48 - 5, 24 - 1), 100);
		ck_assert_int_lt(at(views, 0, 48 + 14, 24 + 2), 0);
	}
	/* Beyond the picture: above the wide view's 6th row of 6 pixels each there is none. */
	ck_assert_int_eq(at(views, 1, 48, 0), 0);
	ck_assert_int_ne(at(views, 1, 48, 24), 0);
}
END_TEST

/* --- judging ----------------------------------------------------------------- */

static void begin(struct pv_second *s)
{
	char error[200] = "";
	ck_assert_msg(!pv_second_init(s, error, sizeof(error)), "%s", error);
}

static void candidates(struct pv_detection *d, int n)
{
	for (int i = 0; i < n; i++) {
		float x = (float)(i * 37 % 220), y = (float)(i * 23 % 150);
		d[i] = (struct pv_detection){ x, y, x + 40, y + 16, 0.899f - 0.02f * (float)i };
	}
}

START_TEST(judges_the_best)
{
	enum { N = 45, BELOW = 40 };	/* more than it looks at in a frame; the last are below what it looks at */
	struct pv_detection first[N], d[N], again[N];
	struct pv_second s;
	uint8_t luma[W * H];
	struct pv_plane p = whole(luma);

	begin(&s);
	unit_busy(luma, W, H);
	candidates(first, N);
	memcpy(d, first, sizeof(d));
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, d, N, NULL), 0);
	ck_assert_int_eq(s.looks, PV_MAX_LOOKS);
	for (int i = 0; i < N; i++) {
		ck_assert(d[i].score > 0 && d[i].score < 1);
		ck_assert(d[i].x0 >= 0 && d[i].y0 >= 0 && d[i].x1 <= W && d[i].y1 <= H);
		ck_assert(d[i].x1 > d[i].x0 && d[i].y1 > d[i].y0);
	}
	ck_assert_mem_eq(d + PV_MAX_LOOKS, first + PV_MAX_LOOKS, sizeof(*d) * (N - PV_MAX_LOOKS));
	/* In the next frame it is those, besides what is known by then. */
	memcpy(again, first, sizeof(again));
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, again, N, NULL), 0);
	ck_assert_int_eq(s.looks, BELOW - PV_MAX_LOOKS);
	ck_assert_mem_eq(again, d, sizeof(*d) * PV_MAX_LOOKS);
	ck_assert_int_ne(memcmp(again + PV_MAX_LOOKS, first + PV_MAX_LOOKS, sizeof(*d)), 0);
	ck_assert_mem_eq(again + BELOW, first + BELOW, sizeof(*d) * (N - BELOW));
	pv_second_forget(&s, NULL);
	candidates(d, 3);
	d[2].score = PV_LOOK_LEAST - 0.01f;
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, d, 3, NULL), 0);
	ck_assert_int_eq(s.looks, 2);
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, d, 0, NULL), 0);
	pv_second_free(&s);
}
END_TEST

/* The same picture twice as large gives the same boxes twice as large. */
START_TEST(in_frame_pixels)
{
	struct pv_detection a = { 40, 60, 88, 80, 0.5f }, b = { 80, 180, 176, 240, 0.5f };
	struct pv_second s;
	uint8_t luma[W * H];
	struct pv_plane p = whole(luma);

	begin(&s);
	unit_busy(luma, W, H);
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, &a, 1, NULL), 0);
	pv_second_forget(&s, NULL);
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 2, 3, PV_MAX_LOOKS, &b, 1, NULL), 0);
	ck_assert(fabsf(b.x0 - 2 * a.x0) < 0.01f && fabsf(b.x1 - 2 * a.x1) < 0.01f);
	ck_assert(fabsf(b.y0 - 3 * a.y0) < 0.01f && fabsf(b.y1 - 3 * a.y1) < 0.01f);
	ck_assert(fabsf(a.score - b.score) < 1e-5f);
	pv_second_free(&s);
}
END_TEST

/* What stands still is not looked at twice; where the picture changed, or another frame is begun, it is. */
START_TEST(remembers)
{
	struct pv_change *c = pv_change_new(W, H);
	struct pv_detection first[5], a[5], b[5];
	struct pv_second s;
	uint8_t luma[W * H];
	struct pv_plane p = whole(luma);

	ck_assert_ptr_nonnull(c);
	begin(&s);
	unit_busy(luma, W, H);
	candidates(first, 5);
	memcpy(a, first, sizeof(a));
	memcpy(b, first, sizeof(b));
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, a, 5, NULL), 0);
	memset(c->cells, PV_CELL_SAME, (size_t)(c->columns * c->rows));
	pv_second_forget(&s, c);
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, b, 5, NULL), 0);
	ck_assert_int_eq(s.looks, 0);
	ck_assert_mem_eq(a, b, sizeof(a));

	struct pv_area under = pv_change_under(c, first[0].x0, first[0].y0, first[0].x1, first[0].y1);
	c->cells[under.y0 * c->columns + under.x0] = PV_CELL_CHANGED;
	pv_second_forget(&s, c);
	memcpy(b, first, sizeof(b));
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, b, 5, NULL), 0);
	ck_assert(s.looks >= 1 && s.looks < 5);
	ck_assert_mem_eq(a, b, sizeof(a));

	pv_second_forget(&s, NULL);
	memcpy(b, first, sizeof(b));
	ck_assert_int_eq(pv_second_judge(&s, &p, 1, 1, 1, PV_MAX_LOOKS, b, 5, NULL), 0);
	ck_assert_int_eq(s.looks, 5);
	pv_change_free(c);
	pv_second_free(&s);
}
END_TEST

/* Neither network is taken for the other. */
START_TEST(kinds_of_network)
{
	char error[200] = "";

	ck_assert_ptr_null(pv_network_new(pv_second_weights, pv_second_weights_size, PV_NETWORK_OUTPUTS,
					  96, 96, error, sizeof(error)));
	ck_assert_msg(strstr(error, "outputs"), "%s", error);
	ck_assert_ptr_null(pv_network_new(pv_network_weights, pv_network_weights_size, 1, 96, 96, error,
					  sizeof(error)));
	ck_assert_msg(strstr(error, "outputs"), "%s", error);
}
END_TEST

Suite *second_suite(void)
{
	Suite *s = suite_create("second");
	TCase *c = unit_case(s, "views");

	tcase_add_test(c, view_of_nothing);
	tcase_add_test(c, view_is_the_picture);
	tcase_add_test(c, views_agree);
	c = unit_case(s, "judging");
	tcase_add_test(c, judges_the_best);
	tcase_add_test(c, in_frame_pixels);
	tcase_add_test(c, remembers);
	tcase_add_test(c, kinds_of_network);
	return s;
}
