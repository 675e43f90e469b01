// SPDX-License-Identifier: GPL-2.0-or-later
/* plate.c - number plates of several countries with made-up numbers. */
#include "scene.h"

#include <string.h>

#define PLATE_PPM 2200.0f

struct look {
	const char *country;
	float w, h;               /* millimetres */
	Rgb paper, text, border;
	float left, right;        /* text area, mm from the left edge */
	float base[2], cap[2];    /* lower edge and height of each line, mm */
	float line_left, line_right; /* area of the first of two lines */
	float fat;                /* greatest width of a character over height */
	const char *font;
};

#define NARROW "Liberation Sans Narrow"
#define COND "DejaVu Sans Condensed"
#define BLACK { 0.06f, 0.06f, 0.07f }
#define WHITE { 0.93f, 0.93f, 0.91f }
#define YELLOW { 0.95f, 0.76f, 0.10f }

static const struct look looks[PLATE_STYLES] = {
	[PLATE_DE] = { "DE", 520, 110, WHITE, BLACK, BLACK, 54, 510,
		       { 17 }, { 75 }, 0, 0, 0.66f, NARROW },
	[PLATE_FR] = { "FR", 520, 110, WHITE, BLACK, WHITE, 58, 462,
		       { 16 }, { 77 }, 0, 0, 0.64f, NARROW },
	[PLATE_UK_FRONT] = { "GB", 520, 111, WHITE, BLACK, WHITE, 24, 500,
			     { 16 }, { 79 }, 0, 0, 0.63f, COND },
	[PLATE_UK_REAR] = { "GB", 520, 111, YELLOW, BLACK, YELLOW, 24, 500,
			    { 16 }, { 79 }, 0, 0, 0.63f, COND },
	[PLATE_NL] = { "NL", 520, 110, YELLOW, BLACK, BLACK, 60, 508,
		       { 18 }, { 74 }, 0, 0, 0.66f, COND },
	[PLATE_US] = { "US", 305, 152, { 0.88f, 0.92f, 0.95f },
		       { 0.10f, 0.16f, 0.42f }, { 0.72f, 0.80f, 0.88f },
		       14, 291, { 38 }, { 68 }, 0, 0, 0.60f, NARROW },
	[PLATE_BR] = { "BR", 400, 130, WHITE, BLACK, BLACK, 22, 380,
		       { 15 }, { 66 }, 0, 0, 0.70f, NARROW },
	[PLATE_JP] = { "JP", 330, 165, { 0.94f, 0.95f, 0.93f },
		       { 0.03f, 0.30f, 0.18f }, { 0.94f, 0.95f, 0.93f },
		       66, 318, { 116, 18 }, { 36, 80 }, 168, 258, 0.62f,
		       COND },
	[PLATE_IT_MOTO] = { "IT", 177, 177, WHITE, BLACK, WHITE, 31, 168,
			    { 101, 18 }, { 62, 66 }, 42, 165, 0.62f, NARROW },
	[PLATE_IN] = { "IN", 340, 200, WHITE, BLACK, BLACK, 26, 324,
		       { 108, 18 }, { 72, 72 }, 56, 300, 0.68f, COND },
	[PLATE_CZ] = { "CZ", 520, 110, WHITE, BLACK, BLACK, 54, 510,
		       { 18 }, { 74 }, 0, 0, 0.64f, NARROW },
};

const char *plate_country(enum plate_style s)
{
	return looks[s].country;
}

/* Pressed characters: a light edge, a dark edge, then the colour. */
static void pressed_char(Art *a, const struct look *k, const char *s, float x,
			 float y, float w, float h)
{
	ink(a, rgb(1, 1, 1), 0.03f, 0);
	fill_text(a, k->font, s, x - 1.2f, y + 1.2f, w, h);
	ink(a, shade_rgb(k->paper, 0.72f), 0.03f, 0);
	fill_text(a, k->font, s, x + 1.5f, y - 1.5f, w, h);
	ink(a, k->text, 0.03f, 0);
	fill_text(a, k->font, s, x, y, w, h);
}

static float char_width(char c, float cell, float h, float fat)
{
	float w = cell * 0.84f < h * fat ? cell * 0.84f : h * fat;

	if (strchr("MW", c))
		return w * 1.08f;
	if (strchr("I1", c))
		return c == 'I' ? w * 0.28f : w * 0.55f;
	return strchr("JEFLT", c) ? w * 0.88f : w;
}

/* Spaces and hyphens take less room than characters and are not counted. */
static float cell_share(char c)
{
	return c == ' ' ? 0.45f : strchr("-.", c) ? 0.5f : 1;
}

static void draw_line(Art *a, Plate *p, const struct look *k, int n)
{
	const char *s = p->line[n];
	int upper = p->lines == 2 && n == 0;
	float x0 = upper ? k->line_left : k->left;
	float x1 = upper ? k->line_right : k->right;
	float h = k->cap[n], y = k->base[n], total = 0, cell, x;

	for (const char *c = s; *c; c++)
		total += cell_share(*c);
	cell = (x1 - x0) / total;
	if (cell > h * k->fat * 1.25f) {
		cell = h * k->fat * 1.25f;
		x0 += (x1 - x0 - cell * total) / 2;
	}
	x = x0;
	for (const char *c = s; *c; c++) {
		float step = cell * cell_share(*c), w;
		char one[2] = { *c, 0 };

		if (*c == '-' || *c == '.') {
			ink(a, k->text, 0.02f, 0);
			fill_rect(a, x + step * 0.2f, y + h * 0.44f,
				  step * 0.6f, h * 0.13f);
		} else if (*c != ' ') {
			w = char_width(*c, cell, h, k->fat);
			pressed_char(a, k, one, x + (step - w) / 2, y, w, h);
			if (!a->materials && p->chars < MAX_CHARS) {
				Box *b = &p->box[p->chars++];

				b->u0 = x / k->w;
				b->u1 = (x + step) / k->w;
				b->v0 = 1 - (y + h) / k->h;
				b->v1 = 1 - y / k->h;
			}
		}
		x += step;
	}
}

static void euro_band(Art *a, float x, float w, float h, const char *code)
{
	ink_grad(a, x, 0, x, h, rgb(0.03f, 0.16f, 0.55f),
		 rgb(0.06f, 0.24f, 0.66f), 0.03f, 0);
	fill_rect(a, x, 0, w, h);
	ink(a, rgb(0.98f, 0.85f, 0.2f), 0.02f, 0);
	for (int i = 0; i < 12; i++) {
		static const float c12[12] = { 1, .866f, .5f, 0, -.5f, -.866f,
					       -1, -.866f, -.5f, 0, .5f, .866f };

		fill_disc(a, x + w / 2 + c12[i] * w * 0.3f,
			  h * 0.68f + c12[(i + 9) % 12] * w * 0.3f, 2.3f, 2.3f);
	}
	ink(a, rgb(0.95f, 0.95f, 0.95f), 0.02f, 0);
	fill_text(a, NARROW, code, x + w * 0.26f, h * 0.12f,
		  code[1] ? w * 0.6f : w * 0.45f, h * 0.2f);
}

/* Region name and kana of the Japanese plate as a few plain strokes, because
 * a font with them may not be there. */
static void japan_signs(Art *a)
{
	ink(a, rgb(0.03f, 0.30f, 0.18f), 0.02f, 0);
	stroke_line(a, 6, 92, 118, 92, 148);
	stroke_line(a, 6, 78, 118, 78, 138);
	stroke_line(a, 6, 106, 118, 106, 138);
	stroke_line(a, 6, 75, 119, 109, 119);
	cairo_set_line_width(a->cr, 6);
	cairo_rectangle(a->cr, 122, 119, 28, 26);
	cairo_stroke(a->cr);
	cairo_move_to(a->cr, 46, 80);
	cairo_line_to(a->cr, 24, 58);
	cairo_line_to(a->cr, 46, 34);
	cairo_stroke(a->cr);
}

static void plate_extras(Art *a, const Plate *p, const struct look *k)
{
	switch (p->style) {
	case PLATE_DE:
		euro_band(a, 0, 42, 110, "D");
		ink(a, rgb(0.15f, 0.5f, 0.25f), 0.05f, 0);
		break;
	case PLATE_FR:
		euro_band(a, 0, 45, 110, "F");
		euro_band(a, 475, 45, 110, "75");
		break;
	case PLATE_NL:
		euro_band(a, 0, 42, 110, "NL");
		break;
	case PLATE_CZ:
		euro_band(a, 0, 42, 110, "CZ");
		break;
	case PLATE_IT_MOTO:
		euro_band(a, 0, 26, 177, "I");
		break;
	case PLATE_US:
		ink_grad(a, 0, 112, 0, 152, rgb(0.86f, 0.9f, 0.95f),
			 rgb(0.45f, 0.62f, 0.82f), 0.03f, 0);
		fill_rect(a, 0, 116, 305, 36);
		ink(a, rgb(0.72f, 0.10f, 0.12f), 0.02f, 0);
		fill_text(a, COND, "NEW AVALON", 76, 122, 153, 20);
		ink(a, rgb(0.15f, 0.25f, 0.5f), 0.02f, 0);
		fill_text(a, COND, "The Harbor State", 88, 10, 130, 15);
		break;
	case PLATE_BR:
		ink(a, rgb(0.04f, 0.18f, 0.55f), 0.03f, 0);
		fill_rect(a, 0, 98, 400, 32);
		ink(a, rgb(0.95f, 0.95f, 0.95f), 0.02f, 0);
		fill_text(a, COND, "BRASIL", 155, 105, 90, 17);
		ink(a, rgb(0.1f, 0.6f, 0.25f), 0.02f, 0);
		fill_rect(a, 355, 103, 32, 21);
		break;
	case PLATE_JP:
		japan_signs(a);
		break;
	case PLATE_IN:
		ink(a, rgb(0.1f, 0.25f, 0.6f), 0.02f, 0);
		fill_text(a, NARROW, "IND", 16, 112, 24, 14);
		break;
	default:
		break;
	}
	(void)k;
}

static void plate_screws(Art *a, const struct look *k)
{
	float y = k->h > 140 ? k->h - 16 : k->h / 2;
	float x = k->h > 140 ? k->w * 0.22f : 8;

	ink(a, rgb(0.5f, 0.5f, 0.5f), 0.3f, 0);
	fill_disc(a, x, y, 4, 4);
	fill_disc(a, k->w - x, y, 4, 4);
}

static void art_plate(Art *a, const void *ctx)
{
	/* The art callback also notes where the characters come to lie. */
	Plate *p = *(Plate *const *)ctx;
	const struct look *k = &looks[p->style];

	cairo_scale(a->cr, 0.001, 0.001);
	ink(a, rgb(0.13f, 0.13f, 0.14f), 0.02f, 0);
	fill_rect(a, 0, 0, k->w, k->h);
	ink_grad(a, 0, k->h, 0, 0, k->paper, shade_rgb(k->paper, 0.94f),
		 0.035f, 0);
	fill_round(a, 0.5f, 0.5f, k->w - 1, k->h - 1, 9);
	plate_extras(a, p, k);
	ink(a, k->border, 0.02f, 0);
	cairo_set_line_width(a->cr, 4);
	path_round(a->cr, 3, 3, k->w - 6, k->h - 6, 8);
	cairo_stroke(a->cr);
	plate_screws(a, k);
	for (int i = 0; i < p->lines; i++)
		draw_line(a, p, k, i);
	/* Road dirt gathers along the lower edge. */
	for (int i = 0; i < 160; i++) {
		float x = rng_range(&a->rng, 0, k->w);
		float t = rng_unit(&a->rng), r = rng_range(&a->rng, 0.5f, 2);

		ink_alpha(a, rgb(0.25f, 0.22f, 0.18f), 0.22f);
		fill_disc(a, x, t * t * k->h, r, r);
	}
}

void plate_make(Plate *p, enum plate_style s, const char *line0,
		const char *line1, uint32_t seed)
{
	const struct look *k = &looks[s];
	Plate *self = p;

	memset(p, 0, sizeof(*p));
	p->style = s;
	p->w = k->w / 1000;
	p->h = k->h / 1000;
	p->lines = line1 ? 2 : 1;
	snprintf(p->line[0], sizeof(p->line[0]), "%s", line0);
	snprintf(p->line[1], sizeof(p->line[1]), "%s", line1 ? line1 : "");
	if (s == PLATE_JP)
		snprintf(p->text, sizeof(p->text), "山口 %s く %s", line0, line1);
	else
		snprintf(p->text, sizeof(p->text), "%s%s%s", line0,
			 line1 ? " " : "", line1 ? line1 : "");
	p->tex = tex_draw(p->w, p->h, PLATE_PPM, art_plate, &self, seed, 0.08f);
}
