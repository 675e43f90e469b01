// SPDX-License-Identifier: GPL-2.0-or-later
/* What a search is not sure of. */
#include "detect/doubt.h"

#include <stdlib.h>
#include <string.h>

#include "detect/scale.h"
#include "unit.h"

enum { W = 640, H = 480 };

/* What a search is not sure of is asked for again, alone: small, pale plates are found that it hardly saw. */
START_TEST(doubted)
{
	static struct pv_second second;
	static struct pv_doubt doubt;
	struct pv_plane halves[2] = { { NULL, W, W, H }, { NULL, W / 2, W / 2, H / 2 } };
	uint8_t *luma = malloc(W * H), *half = malloc(W * H / 4);
	struct pv_detection finds[3], again[3];
	char error[200];

	ck_assert(luma && half);
	ck_assert_int_eq(pv_second_init(&second, error, sizeof(error)), 0);
	ck_assert_int_eq(pv_doubt_init(&doubt, error, sizeof(error)), 0);
	unit_ground(luma, W * H);
	unit_plate(luma, W, 200, 150);
	pv_scale_half(luma, W, W, H, half, W / 2);
	halves[0].luma = luma;
	halves[1].luma = half;
	const float x = 200, y = 150, w = UNIT_PLATE_W, h = UNIT_PLATE_H;
	for (int k = 0; k < 2; k++) {
		/* A plate, bare ground, and what nobody doubts. */
		finds[0] = (struct pv_detection){ x, y, x + w, y + h, 0.2f };
		finds[1] = (struct pv_detection){ 20, 20, 20 + w, 20 + h, 0.15f };
		finds[2] = (struct pv_detection){ 400, 300, 400 + w, 300 + h, 0.05f };
		ck_assert_int_eq(pv_doubt_ask(&doubt, &second, halves, 2, 1, 1, PV_MAX_DOUBTS, finds, 3, NULL), 0);
		ck_assert_msg(finds[0].score > 0.25f, "%g", (double)finds[0].score);
		ck_assert(finds[0].x0 > x - w / 4 && finds[0].x1 < x + 5 * w / 4);
		ck_assert_msg(finds[1].score < 0.15f, "%g", (double)finds[1].score);
		ck_assert(finds[2].score == 0.05f);
		/* The same again is remembered. */
		if (k)
			ck_assert_mem_eq(finds, again, sizeof(finds));
		memcpy(again, finds, sizeof(finds));
	}
	/* At the picture's edges and beyond what a patch holds: no box leaves the picture. */
	finds[0] = (struct pv_detection){ 0, 0, 30, 10, 0.3f };
	finds[1] = (struct pv_detection){ W - 30, H - 10, W, H, 0.2f };
	finds[2] = (struct pv_detection){ 0, 0, W, H, 0.1f };
	ck_assert_int_eq(pv_doubt_ask(&doubt, &second, halves, 2, 1, 1, PV_MAX_DOUBTS, finds, 3, NULL), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert(finds[i].x0 >= 0 && finds[i].y0 >= 0 && finds[i].x1 <= W && finds[i].y1 <= H);
		ck_assert(finds[i].score > 0 && finds[i].score < 1);
	}
	pv_doubt_free(&doubt);
	pv_second_free(&second);
	free(luma);
	free(half);
}
END_TEST

Suite *doubt_suite(void)
{
	Suite *s = suite_create("doubt");
	TCase *c = unit_case(s, "doubt");

	tcase_add_test(c, doubted);
	return s;
}
