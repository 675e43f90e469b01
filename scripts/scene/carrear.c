// SPDX-License-Identifier: GPL-2.0-or-later
/* carrear.c - art for the rear and the sides of cars.  In metres, the middle
 * of the car at x = 0 for faces, the rear bumper at x = 0 for sides. */
#include "scene.h"

#include <math.h>

static const Rgb plastic = { 0.17f, 0.17f, 0.18f };
static const Rgb chrome = { 0.75f, 0.76f, 0.78f };

void art_paint(Art *a, const void *ctx)
{
	const CarLook *k = ctx;

	/* The roof of a lorry is that of its box. */
	ink(a, k->body == BODY_LORRY ? rgb(.78f, .78f, .76f) : k->paint,
	    0.075f, 0);
	cairo_paint(a->cr);
}

void art_tyre(Art *a, const void *ctx)
{
	(void)ctx;
	ink(a, rgb(0.16f, 0.16f, 0.165f), 0, 0);
	cairo_paint(a->cr);
	ink(a, rgb(0.09f, 0.09f, 0.09f), 0, 0);
	for (int i = 0; i < 4; i++)
		fill_rect(a, 0.04f + (float)i * 0.06f, 0, 0.012f, 0.3f);
}

/* A gap between panels: dark, with a light lower edge. */
static void seam(Art *a, Rgb paint, float x0, float y0, float x1, float y1)
{
	ink(a, shade_rgb(paint, 1.25f), 0.08f, 0);
	stroke_line(a, 0.008f, x0, y0 - 0.006f, x1, y1 - 0.006f);
	ink(a, rgb(0.06f, 0.06f, 0.07f), 0, 0);
	stroke_line(a, 0.009f, x0, y0, x1, y1);
}

static void rear_window(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float lo = s->glass_lo, hi = s->glass_hi, h = hi - lo;
	float w0 = s->half * 0.80f, w1 = s->half_roof * 0.92f;
	cairo_t *cr = a->cr;

	if (lo > 5)
		return;
	ink_grad(a, 0, lo, 0, hi, rgb(0.10f, 0.11f, 0.12f),
		 rgb(0.17f, 0.19f, 0.21f), 0.10f, 0);
	cairo_move_to(cr, -w0, lo + 0.05f);
	cairo_curve_to(cr, -w0, lo, -w0 + 0.05f, lo, -w0 + 0.08f, lo);
	cairo_line_to(cr, w0 - 0.08f, lo);
	cairo_curve_to(cr, w0 - 0.05f, lo, w0, lo, w0, lo + 0.05f);
	cairo_line_to(cr, w1, hi - 0.06f);
	cairo_curve_to(cr, w1, hi, w1 - 0.05f, hi, w1 - 0.1f, hi);
	cairo_line_to(cr, -w1 + 0.1f, hi);
	cairo_curve_to(cr, -w1 + 0.05f, hi, -w1, hi, -w1, hi - 0.06f);
	cairo_close_path(cr);
	cairo_fill(cr);
	/* Light through the windscreen, heads of the seats before it. */
	ink(a, rgb(0.30f, 0.33f, 0.35f), 0.10f, 0);
	fill_round(a, -w1 * 0.74f, lo + h * 0.42f, w1 * 1.48f, h * 0.36f, 0.05f);
	ink(a, rgb(0.09f, 0.09f, 0.10f), 0.10f, 0);
	for (int i = -1; i <= 1; i += 2) {
		fill_round(a, (float)i * 0.34f - 0.12f, lo + h * 0.2f, 0.24f,
			   h * 0.45f, 0.06f);
		fill_round(a, (float)i * 0.36f - 0.2f, lo + 0.02f, 0.40f,
			   h * 0.28f, 0.05f);
	}
	ink(a, rgb(0.06f, 0.06f, 0.06f), 0.02f, 0);
	stroke_line(a, 0.02f, 0.02f, lo + 0.015f, -0.42f, lo + 0.06f);
	fill_disc(a, 0.02f, lo + 0.01f, 0.03f, 0.025f);
}

/* Tail lamp within a rounded box; mirrored by the caller. */
static void tail_lamp(Art *a, float x, float y, float w, float h)
{
	ink(a, rgb(0.10f, 0.02f, 0.02f), 0.06f, 0);
	fill_round(a, x - 0.008f, y - 0.008f, w + 0.016f, h + 0.016f, 0.04f);
	ink_grad(a, x, y, x, y + h, rgb(0.50f, 0.03f, 0.04f),
		 rgb(0.80f, 0.10f, 0.09f), 0.07f, 0.42f);
	fill_round(a, x, y, w, h, 0.035f);
	ink(a, rgb(0.95f, 0.28f, 0.22f), 0.08f, 0.80f);
	fill_round(a, x + w * 0.14f, y + h * 0.58f, w * 0.72f, h * 0.3f, 0.025f);
	ink(a, rgb(0.86f, 0.84f, 0.80f), 0.10f, 0.03f);
	fill_round(a, x + w * 0.14f, y + h * 0.10f, w * 0.36f, h * 0.24f, 0.02f);
	ink(a, rgb(0.90f, 0.50f, 0.12f), 0.10f, 0.03f);
	fill_round(a, x + w * 0.52f, y + h * 0.10f, w * 0.36f, h * 0.24f, 0.02f);
	/* The ribs of the lens. */
	ink(a, rgb(0.40f, 0.04f, 0.04f), 0.07f, 0.2f);
	for (int i = 1; i < 5; i++)
		stroke_line(a, 0.004f, x, y + h * (float)i / 5, x + w,
			    y + h * (float)i / 5);
}

static void tail_lamps(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float out = s->half - 0.035f;

	for (int side = 0; side < 2; side++) {
		cairo_save(a->cr);
		if (side)
			cairo_scale(a->cr, -1, 1);
		switch (k->body) {
		case BODY_SALOON:
			tail_lamp(a, out - 0.40f, 0.76f, 0.40f, 0.18f);
			break;
		case BODY_VAN:
			tail_lamp(a, out - 0.12f, 0.80f, 0.12f, 0.48f);
			break;
		case BODY_SUV:
			tail_lamp(a, out - 0.16f, 0.86f, 0.16f, 0.36f);
			break;
		case BODY_KEI:
			tail_lamp(a, out - 0.11f, 0.82f, 0.11f, 0.46f);
			break;
		case BODY_LORRY:
			tail_lamp(a, out - 0.36f, 0.60f, 0.34f, 0.12f);
			break;
		default:
			tail_lamp(a, out - 0.23f, 0.72f, 0.24f, 0.27f);
			break;
		}
		cairo_restore(a->cr);
	}
}

static void rear_bumper(Art *a, const CarLook *k)
{
	float edge = k->body == BODY_SUV ? 0.66f :
		     k->body == BODY_VAN ? 0.62f : 0.40f;
	float w = k->s->half + ART_MARGIN;

	ink_grad(a, 0, 0.2f, 0, edge, shade_rgb(plastic, 0.5f), plastic,
		 0.022f, 0);
	fill_rect(a, -w, 0, 2 * w, edge);
	ink(a, shade_rgb(plastic, 1.5f), 0.03f, 0);
	stroke_line(a, 0.012f, -w, edge - 0.01f, w, edge - 0.01f);
	seam(a, k->paint, -w, edge, w, edge);
	for (int i = -1; i <= 1; i += 2) {
		float x = (float)i * (k->s->half - 0.17f);

		ink(a, rgb(0.55f, 0.05f, 0.05f), 0.08f, 0.06f);
		fill_round(a, x - 0.085f, edge - 0.095f, 0.17f, 0.035f, 0.01f);
	}
	ink(a, shade_rgb(plastic, 0.4f), 0.01f, 0);
	fill_round(a, -0.42f, 0.22f, 0.84f, 0.07f, 0.03f);
	ink(a, chrome, 0.5f, 0);
	fill_disc(a, 0.50f, edge < 0.5f ? 0.25f : 0.36f, 0.05f, 0.03f);
	ink(a, rgb(0.03f, 0.03f, 0.03f), 0, 0);
	fill_disc(a, 0.50f, edge < 0.5f ? 0.25f : 0.36f, 0.04f, 0.022f);
}

/* The hollow the plate sits in, lit from the sky above only at its foot. */
static void plate_recess(Art *a, const CarLook *k)
{
	float w = k->plate_w / 2 + 0.09f, y = k->s->plate_r;
	float h = k->plate_h / 2 + 0.05f;
	Rgb p = k->paint;

	ink(a, shade_rgb(p, 0.5f), 0.03f, 0);
	fill_round(a, -w - 0.012f, y - h - 0.012f, 2 * w + 0.024f,
		   2 * h + 0.024f, 0.05f);
	ink_grad(a, 0, y + h, 0, y - h, shade_rgb(p, 0.38f),
		 shade_rgb(p, 0.95f), 0.03f, 0);
	fill_round(a, -w, y - h, 2 * w, 2 * h, 0.045f);
	ink(a, rgb(0.08f, 0.08f, 0.085f), 0.03f, 0);
	fill_round(a, -k->plate_w / 2 - 0.012f, y - k->plate_h / 2 - 0.016f,
		   k->plate_w + 0.024f, k->plate_h + 0.028f, 0.008f);
	if (k->body != BODY_KEI) {
		ink_grad(a, 0, y + h, 0, y + h + 0.04f, shade_rgb(chrome, .6f),
			 chrome, 0.45f, 0);
		fill_round(a, -w + 0.02f, y + h - 0.015f, 2 * w - 0.04f, 0.04f,
			   0.012f);
	}
	ink(a, rgb(0.98f, 0.96f, 0.85f), 0, 0.40f);
	fill_rect(a, -0.11f, y + h - 0.027f, 0.05f, 0.012f);
	fill_rect(a, 0.06f, y + h - 0.027f, 0.05f, 0.012f);
}

static void badge(Art *a, const char *left, const char *right, float half,
		  float y)
{
	float x = half * 0.58f;

	ink(a, chrome, 0.5f, 0);
	fill_text(a, "DejaVu Sans", left, -x - 0.07f, y, 0.15f, 0.030f);
	fill_text(a, "DejaVu Sans", right, x - 0.04f, y, 0.11f, 0.030f);
}

static void emblem(Art *a, float x, float y, float r)
{
	ink(a, chrome, 0.6f, 0);
	fill_disc(a, x, y, r, r);
	ink(a, rgb(0.1f, 0.11f, 0.13f), 0.1f, 0);
	fill_disc(a, x, y, r * 0.8f, r * 0.8f);
	ink(a, chrome, 0.6f, 0);
	stroke_line(a, r * 0.22f, x - r * 0.6f, y - r * 0.35f, x, y + r * 0.6f);
	stroke_line(a, r * 0.22f, x + r * 0.6f, y - r * 0.35f, x, y + r * 0.6f);
}

static void doors(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float w = s->half * 0.80f, top = s->prof[s->points / 2][1];

	if (k->body == BODY_LORRY) {
		ink(a, rgb(0.78f, 0.78f, 0.76f), 0.03f, 0);
		fill_rect(a, -2, 0.85f, 4, 3);
		seam(a, k->paint, 0, 0.9f, 0, 3.1f);
		return;
	}
	if (k->body == BODY_VAN) {
		seam(a, k->paint, 0, 0.62f, 0, top);
		seam(a, k->paint, -w - 0.08f, 0.62f, -w - 0.08f, top - 0.1f);
		seam(a, k->paint, w + 0.08f, 0.62f, w + 0.08f, top - 0.1f);
		return;
	}
	seam(a, k->paint, -w, 0.62f, w, 0.62f);
	seam(a, k->paint, -w, 0.62f, -w - 0.02f, s->glass_lo);
	seam(a, k->paint, w, 0.62f, w + 0.02f, s->glass_lo);
	if (k->body == BODY_SALOON)
		seam(a, k->paint, -w, 1.03f, w, 1.03f);
}

void art_rear(Art *a, const void *ctx)
{
	const CarLook *k = ctx;
	const Shape *s = k->s;
	float top = s->prof[s->points / 2][1];

	cairo_translate(a->cr, s->half + ART_MARGIN, 0);
	ink_grad(a, 0, top, 0, 0.2f, shade_rgb(k->paint, 1.04f),
		 shade_rgb(k->paint, 0.86f), 0.075f, 0);
	cairo_paint(a->cr);
	/* A crease across the tailgate. */
	ink(a, shade_rgb(k->paint, 0.84f), 0.075f, 0);
	stroke_line(a, 0.02f, -s->half, s->plate_r + 0.17f, s->half,
		    s->plate_r + 0.17f);
	doors(a, k);
	rear_bumper(a, k);
	rear_window(a, k);
	if (k->body == BODY_VAN) {
		ink(a, shade_rgb(k->paint, 0.9f), 0.05f, 0);
		fill_rect(a, -0.05f, 1.1f, 0.1f, 0.8f);
	}
	tail_lamps(a, k);
	plate_recess(a, k);
	if (k->body != BODY_LORRY) {
		float y = s->glass_lo - 0.06f;

		/* Not on the slope of a boot lid, where it would be drawn out. */
		emblem(a, 0, k->body == BODY_SALOON ? 0.965f : y, 0.04f);
		badge(a, "VELARO", "1.6 T", s->half,
		      s->plate_r - k->plate_h / 2 + 0.01f);
		ink(a, rgb(0.6f, 0.06f, 0.05f), 0.06f, 0.4f);
		fill_round(a, -0.15f, s->glass_hi + 0.012f, 0.3f, 0.02f, 0.008f);
	}
	/* Spray from the road. */
	for (int i = 0; i < 5; i++) {
		ink_alpha(a, rgb(0.36f, 0.33f, 0.29f), 0.05f);
		fill_rect(a, -2, 0, 4, 0.25f + 0.1f * (float)i);
	}
}

static void side_wheel(Art *a, float x, float r)
{
	ink(a, rgb(0.04f, 0.04f, 0.045f), 0, 0);
	fill_disc(a, x, r + 0.01f, r + 0.07f, r + 0.07f);
	ink(a, rgb(0.13f, 0.13f, 0.135f), 0, 0);
	fill_disc(a, x, r, r, r);
	ink(a, rgb(0.58f, 0.59f, 0.61f), 0.2f, 0);
	fill_disc(a, x, r, r * 0.68f, r * 0.68f);
	ink(a, rgb(0.10f, 0.10f, 0.11f), 0.02f, 0);
	for (int i = 0; i < 7; i++) {
		float t = (float)i / 7 * 2 * PI_F;

		fill_disc(a, x + r * 0.44f * cosf(t), r + r * 0.44f * sinf(t),
			  r * 0.12f, r * 0.12f);
	}
	ink(a, rgb(0.4f, 0.4f, 0.42f), 0.2f, 0);
	fill_disc(a, x, r, r * 0.14f, r * 0.14f);
}

static void side_windows(Art *a, const CarLook *k)
{
	const Shape *s = k->s;
	float top = s->prof[s->points / 2][1] - 0.10f, lo = s->belt + 0.02f;
	float z0 = shape_face_z(s, lo, 0) + 0.30f;
	float z1 = shape_face_z(s, fminf(lo + 0.02f, s->shield_lo), 1);
	float mid = (s->roof_r + s->roof_f) / 2 + 0.1f;

	if (k->body == BODY_LORRY) {
		ink(a, rgb(0.78f, 0.78f, 0.76f), 0.03f, 0);
		fill_rect(a, 0, 0.9f, 4.95f, 3);
		ink(a, rgb(0.1f, 0.11f, 0.12f), 0.1f, 0);
		fill_round(a, 5.7f, 1.6f, 0.9f, 0.7f, 0.08f);
		return;
	}
	if (k->body == BODY_VAN)
		z0 = 2.5f;
	z1 = z1 > s->roof_f + 0.75f ? s->roof_f + 0.55f : z1 - 0.25f;
	ink_grad(a, 0, lo, 0, top, rgb(0.07f, 0.08f, 0.09f),
		 rgb(0.15f, 0.17f, 0.19f), 0.10f, 0);
	cairo_move_to(a->cr, z0, lo);
	cairo_line_to(a->cr, fmaxf(z0 + 0.02f, s->roof_r + 0.15f), top);
	cairo_line_to(a->cr, s->roof_f - 0.05f, top);
	cairo_line_to(a->cr, z1, lo);
	cairo_close_path(a->cr);
	cairo_fill(a->cr);
	ink(a, rgb(0.05f, 0.05f, 0.05f), 0.03f, 0);
	stroke_line(a, 0.07f, mid, lo, mid - 0.03f, top);
	seam(a, k->paint, mid, lo, mid, 0.35f);
	seam(a, k->paint, z1 - 0.05f, lo, z1 - 0.08f, 0.35f);
	ink(a, shade_rgb(k->paint, 0.8f), 0.2f, 0);
	fill_round(a, mid + 0.08f, lo - 0.14f, 0.17f, 0.03f, 0.012f);
	fill_round(a, mid - 0.95f, lo - 0.14f, 0.17f, 0.03f, 0.012f);
}

void art_side(Art *a, const void *ctx)
{
	const CarLook *k = ctx;
	const Shape *s = k->s;

	ink_grad(a, 0, s->belt, 0, 0.3f, k->paint, shade_rgb(k->paint, 0.82f),
		 0.075f, 0);
	cairo_paint(a->cr);
	ink(a, shade_rgb(k->paint, 0.8f), 0.075f, 0);
	stroke_line(a, 0.025f, 0.2f, s->belt - 0.14f, s->len - 0.4f,
		    s->belt - 0.2f);
	ink(a, plastic, 0.02f, 0);
	fill_rect(a, 0, 0, s->len, 0.31f);
	side_windows(a, k);
	ink(a, rgb(0.6f, 0.05f, 0.05f), 0.07f, 0.3f);
	if (k->body != BODY_LORRY)
		fill_round(a, -0.1f, s->belt - 0.2f, 0.26f, 0.16f, 0.03f);
	ink(a, rgb(0.7f, 0.72f, 0.74f), 0.15f, 0.1f);
	if (k->body != BODY_LORRY)
		fill_round(a, s->len - 0.34f, 0.62f, 0.3f, 0.13f, 0.04f);
	side_wheel(a, s->axle_r, s->wheel);
	side_wheel(a, s->axle_f, s->wheel);
}
