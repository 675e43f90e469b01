// SPDX-License-Identifier: GPL-2.0-or-later
/* carfront.c - art for the fronts of cars and for the motorcycle. */
#include "scene.h"

#include <math.h>

static const Rgb plastic = { 0.14f, 0.14f, 0.15f };
static const Rgb chrome = { 0.75f, 0.76f, 0.78f };

static void windscreen(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float lo = s->shield_lo, hi = s->shield_hi, h = hi - lo;
	float w0 = s->half * 0.86f, w1 = s->half_roof * 0.94f;
	cairo_t *cr = a->cr;

	ink(a, rgb(0.05f, 0.05f, 0.05f), 0.03f, 0);
	cairo_rectangle(cr, -w0, lo - 0.03f, 2 * w0, 0.05f);
	cairo_fill(cr);
	ink_grad(a, 0, lo, 0, hi, rgb(0.20f, 0.22f, 0.23f),
		 rgb(0.10f, 0.12f, 0.13f), 0.11f, 0);
	cairo_move_to(cr, -w0, lo);
	cairo_line_to(cr, w0, lo);
	cairo_line_to(cr, w1, hi - 0.03f);
	cairo_curve_to(cr, w1 - 0.1f, hi, -w1 + 0.1f, hi, -w1, hi - 0.03f);
	cairo_close_path(cr);
	cairo_fill(cr);
	/* Seats, whoever drives, the mirror, the wheel. */
	for (int i = -1; i <= 1; i += 2) {
		float x = (float)i * s->half * 0.40f;

		ink(a, rgb(0.12f, 0.12f, 0.13f), 0.11f, 0);
		fill_round(a, x - 0.20f, lo, 0.40f, h * 0.45f, 0.1f);
		fill_round(a, x - 0.11f, lo + h * 0.42f, 0.22f, h * 0.36f, .06f);
		if (i < 0 || k->parked)
			continue;
		ink(a, rgb(0.20f, 0.21f, 0.25f), 0.11f, 0);
		fill_round(a, x - 0.2f, lo, 0.40f, h * 0.40f, 0.1f);
		ink_grad(a, x - 0.09f, 0, x + 0.09f, 0, rgb(.38f, .29f, .25f),
			 rgb(.24f, .18f, .16f), 0.11f, 0);
		fill_disc(a, x, lo + h * 0.56f, 0.075f, h * 0.20f);
		ink(a, rgb(0.12f, 0.10f, 0.09f), 0.11f, 0);
		fill_disc(a, x, lo + h * 0.68f, 0.085f, h * 0.12f);
	}
	ink(a, rgb(0.06f, 0.06f, 0.06f), 0.11f, 0);
	fill_round(a, -0.12f, lo + h * 0.80f, 0.24f, h * 0.14f, 0.02f);
	cairo_set_line_width(cr, 0.025f);
	cairo_arc(cr, s->half * 0.40f, lo + h * 0.1f, 0.15f, 0, PI_F);
	cairo_stroke(cr);
	stroke_line(a, 0.018f, 0.05f, lo + 0.02f, -0.5f, lo + 0.05f);
	stroke_line(a, 0.018f, 0.55f, lo + 0.02f, 0.1f, lo + 0.05f);
}

/* One head lamp, drawn for the right half of the picture. */
static void head_lamp(Art *a, float x, float y, float w, float h)
{
	cairo_t *cr = a->cr;

	ink(a, rgb(0.10f, 0.10f, 0.11f), 0.08f, 0);
	cairo_move_to(cr, x, y);
	cairo_line_to(cr, x + w * 0.92f, y + h * 0.18f);
	cairo_curve_to(cr, x + w, y + h * 0.3f, x + w, y + h * 0.8f,
		       x + w * 0.96f, y + h * 1.1f);
	cairo_line_to(cr, x + w * 0.08f, y + h * 0.82f);
	cairo_close_path(cr);
	cairo_fill_preserve(cr);
	cairo_save(cr);
	cairo_clip(cr);
	ink_grad(a, x, y, x, y + h, rgb(0.42f, 0.43f, 0.45f),
		 rgb(0.74f, 0.76f, 0.79f), 0.30f, 0.12f);
	fill_rect(a, x + 0.012f, y + 0.012f, w, h * 1.2f);
	ink(a, rgb(0.16f, 0.16f, 0.17f), 0.2f, 0.2f);
	fill_disc(a, x + w * 0.62f, y + h * 0.55f, h * 0.46f, h * 0.46f);
	ink(a, rgb(0.96f, 0.97f, 1.0f), 0.25f, 1.0f);
	fill_disc(a, x + w * 0.62f, y + h * 0.55f, h * 0.36f, h * 0.36f);
	ink(a, rgb(0.88f, 0.9f, 0.93f), 0.2f, 0.35f);
	fill_disc(a, x + w * 0.27f, y + h * 0.45f, h * 0.26f, h * 0.26f);
	ink(a, rgb(0.9f, 0.55f, 0.15f), 0.1f, 0.05f);
	fill_rect(a, x + w * 0.9f, y, w * 0.1f, h * 1.2f);
	cairo_restore(cr);
}

static void grille(Art *a, float w, float y, float h, int bars)
{
	ink(a, chrome, 0.5f, 0);
	fill_round(a, -w - 0.015f, y - 0.015f, 2 * w + 0.03f, h + 0.03f, 0.04f);
	ink_grad(a, 0, y, 0, y + h, rgb(0.08f, 0.08f, 0.08f),
		 rgb(0.03f, 0.03f, 0.03f), 0.02f, 0);
	fill_round(a, -w, y, 2 * w, h, 0.03f);
	for (int i = 1; i <= bars; i++) {
		float t = y + h * (float)i / (float)(bars + 1);

		ink(a, rgb(0.35f, 0.36f, 0.38f), 0.25f, 0);
		stroke_line(a, 0.014f, -w + 0.01f, t, w - 0.01f, t);
	}
	ink(a, chrome, 0.6f, 0);
	fill_disc(a, 0, y + h / 2, 0.065f, 0.065f);
	ink(a, rgb(0.12f, 0.13f, 0.16f), 0.1f, 0);
	fill_disc(a, 0, y + h / 2, 0.052f, 0.052f);
	ink(a, chrome, 0.6f, 0);
	stroke_line(a, 0.014f, -0.035f, y + h / 2 - 0.02f, 0, y + h / 2 + .04f);
	stroke_line(a, 0.014f, 0.035f, y + h / 2 - 0.02f, 0, y + h / 2 + .04f);
}

static void lower_front(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float y = s->plate_f, w = s->half;

	/* The lower intake and its mesh. */
	ink(a, rgb(0.05f, 0.05f, 0.055f), 0.01f, 0);
	fill_round(a, -w * 0.62f, y - 0.20f, w * 1.24f, 0.13f, 0.04f);
	ink(a, rgb(0.15f, 0.15f, 0.16f), 0.02f, 0);
	for (int i = 0; i < 4; i++)
		stroke_line(a, 0.008f, -w * 0.6f, y - 0.18f + 0.03f * (float)i,
			    w * 0.6f, y - 0.18f + 0.03f * (float)i);
	for (int i = -1; i <= 1; i += 2) {
		float x = (float)i * w * 0.78f;

		ink(a, plastic, 0.02f, 0);
		fill_round(a, x - 0.11f, y - 0.17f, 0.22f, 0.13f, 0.03f);
		ink(a, rgb(0.75f, 0.77f, 0.8f), 0.3f, 0.12f);
		fill_disc(a, x, y - 0.105f, 0.042f, 0.042f);
	}
	ink(a, plastic, 0.02f, 0);
	fill_rect(a, -w - 0.1f, 0, 2 * w + 0.2f, y - 0.23f);
	ink(a, rgb(0.07f, 0.07f, 0.075f), 0.03f, 0);
	fill_round(a, -k->plate_w / 2 - 0.013f, y - k->plate_h / 2 - 0.017f,
		   k->plate_w + 0.026f, k->plate_h + 0.03f, 0.008f);
}

static void bonnet(Art *a, const CarLook *k, float lamp_y)
{
	const Shape *s = k->s;

	ink(a, rgb(0.07f, 0.07f, 0.075f), 0, 0);
	stroke_line(a, 0.009f, -s->half * 0.78f, lamp_y + 0.14f,
		    s->half * 0.78f, lamp_y + 0.14f);
	ink(a, shade_rgb(k->paint, 0.88f), 0.075f, 0);
	stroke_line(a, 0.02f, -s->half * 0.45f, lamp_y + 0.15f,
		    -s->half * 0.62f, s->shield_lo);
	stroke_line(a, 0.02f, s->half * 0.45f, lamp_y + 0.15f,
		    s->half * 0.62f, s->shield_lo);
}

static void lorry_front(Art *a, const CarLook *k)
{
	const Shape *s = k->s;

	ink(a, rgb(0.80f, 0.80f, 0.78f), 0.03f, 0);
	fill_rect(a, -2, 2.60f, 4, 1);
	ink(a, rgb(0.2f, 0.22f, 0.5f), 0.03f, 0);
	fill_text(a, "DejaVu Sans", "NORDFRACHT", -0.62f, 2.80f, 1.24f, 0.16f);
	ink(a, shade_rgb(k->paint, 0.7f), 0.05f, 0);
	stroke_line(a, 0.03f, -s->half, 1.52f, s->half, 1.52f);
	grille(a, 0.62f, 0.98f, 0.36f, 5);
}

void art_front(Art *a, const void *ctx)
{
	const CarLook *k = ctx;
	const Shape *s = k->s;
	float lamp_h = k->body == BODY_VAN || k->body == BODY_LORRY ? .2f : .13f;
	float lamp_y = s->plate_f + 0.155f;
	float lamp_w = s->half * 0.40f;

	cairo_translate(a->cr, s->half + ART_MARGIN, 0);
	ink_grad(a, 0, 1.0f, 0, 0.2f, shade_rgb(k->paint, 1.03f),
		 shade_rgb(k->paint, 0.84f), 0.075f, 0);
	cairo_paint(a->cr);
	if (k->body == BODY_LORRY)
		lorry_front(a, k);
	else
		bonnet(a, k, lamp_y);
	windscreen(a, k);
	lower_front(a, k);
	if (k->body != BODY_LORRY)
		grille(a, s->half * 0.46f, lamp_y - 0.03f, lamp_h + 0.01f,
		       k->body == BODY_SUV ? 3 : 2);
	for (int side = 0; side < 2; side++) {
		cairo_save(a->cr);
		if (side)
			cairo_scale(a->cr, -1, 1);
		head_lamp(a, s->half * 0.56f, lamp_y, lamp_w, lamp_h);
		cairo_restore(a->cr);
	}
	for (int i = 0; i < 4; i++) {
		ink_alpha(a, rgb(0.36f, 0.33f, 0.29f), 0.05f);
		fill_rect(a, -2, 0, 4, 0.22f + 0.08f * (float)i);
	}
}

/* Motorcycle from behind: wheel, mudguard, lamp, panniers, seat. */
void art_moto(Art *a, const void *ctx)
{
	const CarLook *k = ctx;
	float y = k->s->plate_r;

	cairo_translate(a->cr, 0.45f, 0);
	ink_grad(a, -0.09f, 0, 0.09f, 0, rgb(0.07f, 0.07f, 0.07f),
		 rgb(0.17f, 0.17f, 0.17f), 0, 0);
	fill_round(a, -0.085f, 0, 0.17f, 0.64f, 0.07f);
	ink(a, rgb(0.3f, 0.3f, 0.31f), 0.1f, 0);
	fill_rect(a, -0.15f, 0.24f, 0.3f, 0.05f);
	ink_grad(a, 0.15f, 0, 0.28f, 0, rgb(0.75f, 0.75f, 0.77f),
		 rgb(0.25f, 0.25f, 0.27f), 0.4f, 0);
	fill_round(a, 0.15f, 0.3f, 0.12f, 0.13f, 0.05f);
	ink(a, rgb(0.03f, 0.03f, 0.03f), 0, 0);
	fill_disc(a, 0.21f, 0.365f, 0.038f, 0.038f);
	for (int i = -1; i <= 1; i += 2) {
		float x = i < 0 ? -0.42f : 0.14f;

		ink_grad(a, x, 0, x + 0.28f, 0, shade_rgb(plastic, 1.5f),
			 shade_rgb(plastic, 0.8f), 0.03f, 0);
		fill_round(a, x, 0.50f, 0.28f, 0.38f, 0.05f);
		ink(a, rgb(0.5f, 0.05f, 0.05f), 0.06f, 0.05f);
		fill_round(a, x + 0.06f, 0.56f, 0.16f, 0.04f, 0.012f);
	}
	ink(a, plastic, 0.03f, 0);
	fill_round(a, -0.12f, y - 0.13f, 0.24f, 0.34f, 0.03f);
	ink_grad(a, 0, 0.76f, 0, 0.98f, shade_rgb(k->paint, 0.7f), k->paint,
		 0.06f, 0);
	fill_round(a, -0.17f, 0.76f, 0.34f, 0.18f, 0.07f);
	ink(a, rgb(0.82f, 0.08f, 0.08f), 0.08f, 0.7f);
	fill_round(a, -0.10f, 0.79f, 0.20f, 0.07f, 0.02f);
	ink(a, rgb(0.9f, 0.5f, 0.1f), 0.08f, 0.03f);
	fill_disc(a, -0.22f, 0.84f, 0.035f, 0.03f);
	fill_disc(a, 0.22f, 0.84f, 0.035f, 0.03f);
	ink(a, rgb(0.08f, 0.08f, 0.08f), 0.02f, 0);
	fill_round(a, -0.16f, 0.92f, 0.32f, 0.09f, 0.04f);
}

void art_rider(Art *a, const void *ctx)
{
	cairo_t *cr = a->cr;

	(void)ctx;
	cairo_translate(cr, 0.45f, 0);
	/* Bars and mirrors first, the rider sits before them. */
	ink(a, rgb(0.09f, 0.09f, 0.09f), 0.05f, 0);
	stroke_line(a, 0.03f, -0.38f, 1.06f, 0.38f, 1.06f);
	stroke_line(a, 0.015f, -0.3f, 1.06f, -0.34f, 1.24f);
	stroke_line(a, 0.015f, 0.3f, 1.06f, 0.34f, 1.24f);
	fill_round(a, -0.42f, 1.22f, 0.15f, 0.08f, 0.03f);
	fill_round(a, 0.27f, 1.22f, 0.15f, 0.08f, 0.03f);
	/* Legs, jacket, arms. */
	ink_grad(a, -0.3f, 0, 0.3f, 0, rgb(0.10f, 0.12f, 0.18f),
		 rgb(0.18f, 0.21f, 0.30f), 0, 0);
	fill_round(a, -0.32f, 0.42f, 0.16f, 0.56f, 0.07f);
	fill_round(a, 0.16f, 0.42f, 0.16f, 0.56f, 0.07f);
	fill_round(a, -0.25f, 0.80f, 0.5f, 0.25f, 0.1f);
	ink_grad(a, -0.3f, 0, 0.3f, 0, rgb(0.22f, 0.22f, 0.21f),
		 rgb(0.10f, 0.10f, 0.10f), 0.01f, 0);
	cairo_move_to(cr, -0.19f, 0.92f);
	cairo_curve_to(cr, -0.24f, 1.2f, -0.26f, 1.36f, -0.15f, 1.44f);
	cairo_line_to(cr, 0.15f, 1.44f);
	cairo_curve_to(cr, 0.26f, 1.36f, 0.24f, 1.2f, 0.19f, 0.92f);
	cairo_close_path(cr);
	cairo_fill(cr);
	stroke_line(a, 0.11f, -0.19f, 1.37f, -0.33f, 1.12f);
	stroke_line(a, 0.11f, 0.19f, 1.37f, 0.33f, 1.12f);
	ink(a, rgb(0.75f, 0.77f, 0.74f), 0.02f, 0.02f);
	fill_rect(a, -0.20f, 1.16f, 0.40f, 0.035f);
	/* Helmet. */
	ink_grad(a, -0.13f, 1.7f, 0.13f, 1.45f, rgb(0.85f, 0.30f, 0.12f),
		 rgb(0.42f, 0.10f, 0.05f), 0.08f, 0);
	fill_disc(a, 0, 1.57f, 0.13f, 0.155f);
	ink(a, rgb(0.06f, 0.06f, 0.07f), 0.03f, 0);
	fill_rect(a, -0.10f, 1.42f, 0.2f, 0.03f);
}
