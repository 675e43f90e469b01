// SPDX-License-Identifier: GPL-2.0-or-later
/* facade.c - art for houses, trees and street furniture. */
#include "scene.h"

#include <math.h>

static const Rgb plaster[8] = {
	{ .74f, .66f, .54f }, { .62f, .38f, .30f }, { .78f, .76f, .70f },
	{ .66f, .62f, .50f }, { .80f, .74f, .62f }, { .56f, .36f, .28f },
	{ .70f, .72f, .72f }, { .76f, .62f, .48f },
};

/* Some rooms are lit at dusk. */
static void window(Art *a, float x, float y, float w, float h)
{
	float dice = rng_unit(&a->rng), curtain = rng_unit(&a->rng);
	float glow = dice < 0.38f ? 0.28f + 0.25f * curtain : 0;
	Rgb room = dice < 0.38f ? rgb(0.72f, 0.58f, 0.38f) :
		   rgb(0.16f, 0.18f, 0.20f);

	ink(a, rgb(0.55f, 0.52f, 0.48f), 0, 0);
	fill_rect(a, x - 0.14f, y - 0.14f, w + 0.28f, h + 0.3f);
	ink(a, rgb(0.30f, 0.29f, 0.28f), 0, 0);
	fill_rect(a, x - 0.03f, y - 0.03f, w + 0.06f, h + 0.06f);
	ink_grad(a, 0, y + h, 0, y, room, shade_rgb(room, 0.7f), 0.10f, glow);
	fill_rect(a, x, y, w, h);
	if (curtain > 0.4f) {
		ink(a, rgb(0.70f, 0.68f, 0.64f), 0.08f, glow * 0.8f);
		fill_rect(a, x, y, w * 0.22f, h);
		fill_rect(a, x + w * 0.78f, y, w * 0.22f, h);
	}
	ink(a, rgb(0.84f, 0.83f, 0.80f), 0.02f, 0);
	stroke_line(a, 0.07f, x + w / 2, y, x + w / 2, y + h);
	stroke_line(a, 0.05f, x, y + h * 0.68f, x + w, y + h * 0.68f);
	cairo_set_line_width(a->cr, 0.08f);
	cairo_rectangle(a->cr, x, y, w, h);
	cairo_stroke(a->cr);
	ink(a, rgb(0.66f, 0.63f, 0.58f), 0, 0);
	fill_rect(a, x - 0.2f, y - 0.2f, w + 0.4f, 0.1f);
	ink_alpha(a, rgb(0, 0, 0), 0.3f);
	fill_rect(a, x - 0.2f, y - 0.27f, w + 0.4f, 0.07f);
}

static void bricks(Art *a, float w, float h, Rgb c)
{
	for (float y = 0; y < h; y += 0.09f)
		for (float x = (int)(y / 0.09f) % 2 ? -0.12f : 0; x < w;
		     x += 0.25f) {
			ink(a, shade_rgb(c, rng_range(&a->rng, 0.82f, 1.15f)),
			    0, 0);
			fill_rect(a, x, y, 0.235f, 0.076f);
		}
}

static void wall(Art *a, float w, float h, Rgb c, int brick)
{
	ink(a, brick ? shade_rgb(c, 1.25f) : c, 0, 0);
	cairo_paint(a->cr);
	if (brick)
		bricks(a, w, h, c);
	/* Streaks of rain and a dirty foot. */
	for (int i = 0; i < 60; i++) {
		float x = rng_range(&a->rng, 0, w);
		float y = rng_range(&a->rng, 1, h);

		ink_alpha(a, rgb(0.2f, 0.18f, 0.15f), 0.05f);
		fill_rect(a, x, y - rng_range(&a->rng, 0.3f, 2.5f), 0.12f, 2);
	}
	for (int i = 0; i < 6; i++) {
		ink_alpha(a, rgb(0.2f, 0.18f, 0.15f), 0.06f);
		fill_rect(a, 0, 0, w, 0.15f + 0.1f * (float)i);
	}
}

static void shop(Art *a, float w, const char *name, Rgb c)
{
	ink(a, shade_rgb(c, 0.8f), 0.03f, 0);
	fill_rect(a, 0.3f, 0, w - 0.6f, 3.5f);
	ink(a, c, 0.03f, 0.12f);
	fill_rect(a, 0.3f, 2.75f, w - 0.6f, 0.75f);
	ink(a, rgb(0.95f, 0.92f, 0.80f), 0.02f, 0.45f);
	fill_text(a, "DejaVu Sans", name, 1.2f, 2.9f, w - 2.4f, 0.42f);
	for (int i = 0; i < 3; i++) {
		float x = 0.6f + (w - 1.2f) / 3 * (float)i;

		ink_grad(a, 0, 2.5f, 0, 0.5f, rgb(0.62f, 0.54f, 0.40f),
			 rgb(0.34f, 0.28f, 0.22f), 0.09f, 0.5f);
		fill_rect(a, x, i == 1 ? 0.1f : 0.55f, (w - 1.8f) / 3,
			  i == 1 ? 2.5f : 2.05f);
		for (int k = 0; k < 9; k++) {
			ink(a, rgb(rng_range(&a->rng, .2f, .8f),
				   rng_range(&a->rng, .2f, .6f),
				   rng_range(&a->rng, .1f, .5f)), 0.09f, 0.4f);
			fill_rect(a, x + 0.2f + 0.28f * (float)k, 0.6f, 0.22f,
				  rng_range(&a->rng, 0.2f, 0.8f));
		}
	}
	/* Awning. */
	for (int i = 0; i < 20; i++) {
		ink(a, i % 2 ? rgb(.85f, .83f, .78f) : c, 0, 0);
		fill_rect(a, 0.3f + (w - 0.6f) * (float)i / 20, 2.3f,
			  (w - 0.6f) / 20, 0.45f);
	}
}

void art_facade(Art *a, const void *ctx)
{
	int style = *(const int *)ctx;
	float w = style % 4 == 3 ? 14 : style % 4 == 0 ? 11 : 12, h = 12.5f;
	int floor0 = style == 0 || style == 5;
	float y;

	wall(a, w, h, plaster[style], style == 1 || style == 5);
	for (int row = 0; row < 4; row++) {
		y = 1.0f + 2.95f * (float)row;
		if (row == 0 && floor0)
			continue;
		for (int i = 0; i < 4; i++) {
			float x = 0.8f + (w - 1.2f) / 4 * (float)i;

			if (row == 0 && i == 1) {
				ink(a, rgb(0.25f, 0.17f, 0.12f), 0.03f, 0);
				fill_rect(a, x, 0, 1.15f, 2.4f);
				ink(a, rgb(0.5f, 0.5f, 0.48f), 0.09f, 0.3f);
				fill_rect(a, x + 0.2f, 1.5f, 0.75f, 0.7f);
				continue;
			}
			window(a, x, y, 1.2f, 1.65f);
		}
		ink(a, shade_rgb(plaster[style], 1.12f), 0, 0);
		fill_rect(a, 0, y + 2.25f, w, 0.16f);
	}
	if (floor0)
		shop(a, w, style ? "ELECTRIC 1924" : "BAKERY & CAFE",
		     style ? rgb(.14f, .22f, .34f) : rgb(.42f, .12f, .10f));
	ink(a, rgb(0.35f, 0.36f, 0.36f), 0.05f, 0);
	fill_rect(a, w - 0.3f, 0, 0.12f, h);
}

void art_endwall(Art *a, const void *ctx)
{
	int right = *(const int *)ctx;

	wall(a, 9, 10, right ? rgb(.52f, .31f, .24f) : rgb(.72f, .66f, .56f),
	     right);
	if (right) {
		window(a, 1.6f, 1.2f, 1.1f, 1.5f);
		window(a, 1.6f, 4.4f, 1.1f, 1.5f);
		window(a, 0.25f, 4.4f, 0.8f, 1.5f);
		return;
	}
	ink(a, rgb(0.25f, 0.30f, 0.42f), 0, 0);
	fill_text(a, "DejaVu Sans", "GARAGE 24", 5.0f, 3.1f, 3.4f, 0.55f);
	ink(a, rgb(0.30f, 0.32f, 0.34f), 0.03f, 0);
	fill_rect(a, 5.4f, 0, 2.6f, 2.4f);
	for (int i = 0; i < 12; i++) {
		ink(a, rgb(0.22f, 0.24f, 0.26f), 0.02f, 0);
		stroke_line(a, 0.02f, 5.4f, 0.2f * (float)i, 8.0f,
			    0.2f * (float)i);
	}
	window(a, 6.5f, 5.3f, 1.2f, 1.6f);
}

/* The end of the street: houses and tree tops in one. */
void art_far(Art *a, const void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 9; i++) {
		float x = (float)i * 7, h = rng_range(&a->rng, 7.5f, 12.5f);

		ink(a, plaster[i % 8], 0, 0);
		fill_rect(a, x, 0, 7, h);
		ink(a, rgb(0.34f, 0.24f, 0.20f), 0, 0);
		fill_rect(a, x, h - 1.6f, 7, 1.1f);
		for (int k = 0; k < 12; k++)
			window(a, x + 0.7f + 1.55f * (float)(k % 4),
			       1 + 2.6f * (float)(k / 4), 0.85f, 1.4f);
	}
	for (int i = 0; i < 900; i++) {
		float x = rng_range(&a->rng, 0, 60), r;
		float g = rng_range(&a->rng, 0.16f, 0.42f);

		r = rng_range(&a->rng, 0.15f, 0.5f);
		ink(a, rgb(g * 0.75f, g, g * 0.45f), 0, 0);
		fill_disc(a, x, rng_range(&a->rng, 0.2f, 3.2f) *
			  (0.6f + 0.4f * sinf(x)), r, r);
	}
}

static void leaves(Art *a, float x, float y, float rx, float ry, int n)
{
	for (int i = 0; i < n; i++) {
		float t = rng_range(&a->rng, 0, 2 * PI_F);
		float d = sqrtf(rng_unit(&a->rng));
		float px = x + rx * d * cosf(t), py = y + ry * d * sinf(t);
		/* Light from above left; the later, the nearer. */
		float lit = 0.5f + 0.35f * (py - y) / ry - 0.2f * (px - x) / rx;
		float g = (0.10f + 0.38f * lit) * rng_range(&a->rng, .7f, 1.2f) *
			  (0.6f + 0.4f * (float)i / (float)n);
		float r = rng_range(&a->rng, 0.025f, 0.075f);

		ink(a, rgb(g * 0.78f, g * 1.02f, g * 0.36f), 0, 0);
		fill_disc(a, px, py, r, r * 0.7f);
	}
}

void art_tree(Art *a, const void *ctx)
{
	(void)ctx;
	ink_grad(a, 2.05f, 0, 2.35f, 0, rgb(0.42f, 0.36f, 0.29f),
		 rgb(0.18f, 0.15f, 0.12f), 0, 0);
	cairo_move_to(a->cr, 2.05f, 0);
	cairo_line_to(a->cr, 2.12f, 4);
	cairo_line_to(a->cr, 2.24f, 4);
	cairo_line_to(a->cr, 2.34f, 0);
	cairo_close_path(a->cr);
	cairo_fill(a->cr);
	for (int i = 0; i < 5; i++)
		stroke_line(a, 0.07f, 2.18f, 2.2f + 0.3f * (float)i,
			    1.1f + 0.55f * (float)i, 3.6f + 0.3f * (float)i);
	leaves(a, 2.2f, 4.5f, 1.7f, 1.7f, 2200);
	for (int i = 0; i < 9; i++) {
		float t = (float)i / 9 * 2 * PI_F + rng_unit(&a->rng);

		leaves(a, 2.2f + 1.15f * cosf(t), 4.5f + 1.2f * sinf(t),
		       rng_range(&a->rng, 0.5f, 0.85f),
		       rng_range(&a->rng, 0.4f, 0.7f), 420);
	}
}

void art_hedge(Art *a, const void *ctx)
{
	(void)ctx;
	ink(a, rgb(0.10f, 0.14f, 0.07f), 0, 0);
	fill_rect(a, 0, 0, 6, 1.2f);
	for (int i = 0; i < 12; i++)
		leaves(a, 0.25f + 0.5f * (float)i, 0.68f, 0.5f, 0.66f, 420);
}

void art_pole(Art *a, const void *ctx)
{
	(void)ctx;
	ink_grad(a, 0.02f, 0, 0.14f, 0, rgb(0.46f, 0.48f, 0.48f),
		 rgb(0.16f, 0.17f, 0.17f), 0.05f, 0);
	fill_rect(a, 0.04f, 0, 0.08f, 5.3f);
	fill_rect(a, 0.015f, 0, 0.13f, 1.1f);
}

void art_lamp(Art *a, const void *ctx)
{
	(void)ctx;
	ink(a, rgb(0.28f, 0.29f, 0.29f), 0.03f, 0);
	fill_round(a, 0.02f, 0.08f, 0.86f, 0.1f, 0.04f);
	ink(a, rgb(1.0f, 0.86f, 0.62f), 0.05f, 1.0f);
	fill_rect(a, 0.25f, 0.04f, 0.5f, 0.06f);
}
