// SPDX-License-Identifier: GPL-2.0-or-later
/* signs.c - lettering in the street that is no number plate, and people: what
 * a plate detector must leave alone. */
#include "scene.h"

#define SANS "DejaVu Sans"
#define COND "DejaVu Sans Condensed"

void art_poster(Art *a, const void *ctx)
{
	(void)ctx;
	ink(a, rgb(0.22f, 0.23f, 0.24f), 0.04f, 0);
	fill_rect(a, 0.12f, 0, 0.1f, 0.6f);
	fill_rect(a, 1.08f, 0, 0.1f, 0.6f);
	fill_round(a, 0, 0.5f, 1.3f, 2.0f, 0.05f);
	ink_grad(a, 0, 2.4f, 0, 0.6f, rgb(0.90f, 0.55f, 0.22f),
		 rgb(0.72f, 0.20f, 0.28f), 0.03f, 0.40f);
	fill_rect(a, 0.08f, 0.6f, 1.14f, 1.8f);
	ink(a, rgb(0.97f, 0.93f, 0.80f), 0.03f, 0.42f);
	fill_disc(a, 0.78f, 1.35f, 0.36f, 0.36f);
	ink(a, rgb(0.20f, 0.12f, 0.30f), 0.03f, 0.3f);
	fill_disc(a, 0.60f, 1.22f, 0.27f, 0.30f);
	ink(a, rgb(0.98f, 0.97f, 0.94f), 0.03f, 0.45f);
	fill_text(a, SANS, "SUMMER", 0.18f, 2.10f, 0.94f, 0.17f);
	fill_text(a, SANS, "JAZZ NIGHTS", 0.18f, 1.86f, 0.94f, 0.14f);
	fill_text(a, COND, "14.-28. JUNE", 0.18f, 0.70f, 0.70f, 0.10f);
}

void art_shop_sign(Art *a, const void *ctx)
{
	int second = *(const int *)ctx;

	if (second) {
		ink(a, rgb(0.92f, 0.92f, 0.90f), 0.03f, 0.30f);
		fill_round(a, 0, 0, 1.25f, 0.5f, 0.04f);
		ink(a, rgb(0.10f, 0.42f, 0.22f), 0.03f, 0.40f);
		fill_text(a, SANS, "PHARMACY", 0.08f, 0.14f, 1.09f, 0.22f);
		return;
	}
	ink(a, rgb(0.15f, 0.10f, 0.08f), 0.03f, 0);
	fill_round(a, 0, 0, 1.3f, 0.75f, 0.06f);
	ink(a, rgb(0.95f, 0.86f, 0.62f), 0.03f, 0.45f);
	fill_round(a, 0.05f, 0.05f, 1.2f, 0.65f, 0.04f);
	ink(a, rgb(0.40f, 0.10f, 0.08f), 0.03f, 0.2f);
	fill_text(a, SANS, "CAFE", 0.22f, 0.30f, 0.86f, 0.30f);
	fill_text(a, COND, "OPEN 7-19", 0.30f, 0.12f, 0.70f, 0.11f);
}

void art_road_sign(Art *a, const void *ctx)
{
	int parking = *(const int *)ctx;

	ink_grad(a, 0.33f, 0, 0.39f, 0, rgb(0.66f, 0.67f, 0.68f),
		 rgb(0.32f, 0.33f, 0.34f), 0.12f, 0);
	fill_rect(a, 0.33f, 0, 0.06f, 2.9f);
	if (parking) {
		ink(a, rgb(0.10f, 0.24f, 0.60f), 0.03f, 0);
		fill_round(a, 0.06f, 2.32f, 0.60f, 0.62f, 0.05f);
		ink(a, rgb(0.93f, 0.94f, 0.95f), 0.03f, 0);
		fill_text(a, SANS, "P", 0.23f, 2.42f, 0.27f, 0.42f);
		fill_rect(a, 0.06f, 2.02f, 0.60f, 0.26f);
		ink(a, rgb(0.06f, 0.06f, 0.07f), 0.03f, 0);
		fill_text(a, COND, "8-18 h", 0.12f, 2.08f, 0.48f, 0.14f);
		return;
	}
	ink(a, rgb(0.75f, 0.08f, 0.09f), 0.03f, 0);
	fill_disc(a, 0.36f, 2.62f, 0.33f, 0.33f);
	ink(a, rgb(0.94f, 0.94f, 0.93f), 0.03f, 0);
	fill_disc(a, 0.36f, 2.62f, 0.255f, 0.255f);
	ink(a, rgb(0.06f, 0.06f, 0.07f), 0.03f, 0);
	fill_text(a, COND, "30", 0.21f, 2.51f, 0.30f, 0.22f);
	ink(a, rgb(0.94f, 0.94f, 0.93f), 0.03f, 0);
	fill_rect(a, 0.04f, 2.00f, 0.64f, 0.22f);
	ink(a, rgb(0.06f, 0.06f, 0.07f), 0.03f, 0);
	fill_text(a, COND, "ZONE B2", 0.09f, 2.06f, 0.54f, 0.10f);
}

void art_number(Art *a, const void *ctx)
{
	(void)ctx;
	ink(a, rgb(0.92f, 0.92f, 0.90f), 0.05f, 0);
	fill_round(a, 0, 0, 0.34f, 0.24f, 0.02f);
	ink(a, rgb(0.07f, 0.16f, 0.42f), 0.06f, 0);
	fill_round(a, 0.015f, 0.015f, 0.31f, 0.21f, 0.015f);
	ink(a, rgb(0.95f, 0.95f, 0.93f), 0.05f, 0.1f);
	fill_text(a, SANS, "127", 0.05f, 0.055f, 0.24f, 0.13f);
}

/* Somebody on the pavement. */
void art_walker(Art *a, const void *ctx)
{
	int second = *(const int *)ctx;
	Rgb coat = second ? rgb(.45f, .16f, .14f) : rgb(.20f, .26f, .34f);
	cairo_t *cr = a->cr;

	ink(a, rgb(0.14f, 0.15f, 0.20f), 0, 0);
	stroke_line(a, 0.15f, 0.43f, 0.85f, 0.34f, 0.08f);
	stroke_line(a, 0.15f, 0.48f, 0.85f, 0.58f, 0.08f);
	ink(a, rgb(0.08f, 0.07f, 0.07f), 0, 0);
	fill_round(a, 0.24f, 0, 0.20f, 0.09f, 0.03f);
	fill_round(a, 0.52f, 0, 0.20f, 0.09f, 0.03f);
	ink_grad(a, 0.25f, 0, 0.7f, 0, shade_rgb(coat, 1.2f),
		 shade_rgb(coat, 0.6f), 0, 0);
	cairo_move_to(cr, 0.28f, 0.74f);
	cairo_curve_to(cr, 0.22f, 1.1f, 0.22f, 1.4f, 0.32f, 1.48f);
	cairo_line_to(cr, 0.60f, 1.48f);
	cairo_curve_to(cr, 0.70f, 1.4f, 0.68f, 1.1f, 0.63f, 0.74f);
	cairo_close_path(cr);
	cairo_fill(cr);
	stroke_line(a, 0.11f, 0.29f, 1.40f, 0.21f, 0.92f);
	stroke_line(a, 0.11f, 0.63f, 1.40f, 0.72f, 0.95f);
	ink(a, rgb(0.70f, 0.52f, 0.43f), 0, 0);
	fill_rect(a, 0.42f, 1.44f, 0.09f, 0.1f);
	fill_disc(a, 0.465f, 1.62f, 0.095f, 0.125f);
	ink(a, rgb(0.18f, 0.12f, 0.08f), 0, 0);
	fill_disc(a, 0.46f, 1.68f, 0.105f, 0.095f);
	/* A bag. */
	ink(a, rgb(0.35f, 0.26f, 0.16f), 0, 0);
	fill_round(a, 0.64f, 0.62f, 0.2f, 0.28f, 0.03f);
}
