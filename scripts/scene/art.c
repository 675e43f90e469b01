// SPDX-License-Identifier: GPL-2.0-or-later
/* art.c - flat art drawn with cairo in metres, y up, and its mip levels. */
#include "scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Rgb rgb(float r, float g, float b)
{
	return (Rgb){ r, g, b };
}

Rgb shade_rgb(Rgb c, float k)
{
	return rgb(clamp01(c.r * k), clamp01(c.g * k), clamp01(c.b * k));
}

/* Colour in the colour pass, reflectance and glow in the material pass. */
void ink(Art *a, Rgb c, float reflect, float glow)
{
	if (a->materials)
		cairo_set_source_rgb(a->cr, reflect, glow, 0);
	else
		cairo_set_source_rgb(a->cr, c.r, c.g, c.b);
}

/* A tint over what is there; it does not change the material below. */
void ink_alpha(Art *a, Rgb c, float alpha)
{
	cairo_set_source_rgba(a->cr, c.r, c.g, c.b, a->materials ? 0 : alpha);
}

void ink_grad(Art *a, float x0, float y0, float x1, float y1, Rgb c0, Rgb c1,
	      float reflect, float glow)
{
	cairo_pattern_t *p;

	if (a->materials) {
		ink(a, c0, reflect, glow);
		return;
	}
	p = cairo_pattern_create_linear(x0, y0, x1, y1);
	cairo_pattern_add_color_stop_rgb(p, 0, c0.r, c0.g, c0.b);
	cairo_pattern_add_color_stop_rgb(p, 1, c1.r, c1.g, c1.b);
	cairo_set_source(a->cr, p);
	cairo_pattern_destroy(p);
}

void path_round(cairo_t *cr, float x, float y, float w, float h, float r)
{
	cairo_new_sub_path(cr);
	cairo_arc(cr, x + w - r, y + r, r, -PI_F / 2, 0);
	cairo_arc(cr, x + w - r, y + h - r, r, 0, PI_F / 2);
	cairo_arc(cr, x + r, y + h - r, r, PI_F / 2, PI_F);
	cairo_arc(cr, x + r, y + r, r, PI_F, 1.5 * PI_F);
	cairo_close_path(cr);
}

void fill_rect(Art *a, float x, float y, float w, float h)
{
	cairo_rectangle(a->cr, x, y, w, h);
	cairo_fill(a->cr);
}

void fill_round(Art *a, float x, float y, float w, float h, float r)
{
	path_round(a->cr, x, y, w, h, r);
	cairo_fill(a->cr);
}

void fill_disc(Art *a, float x, float y, float rx, float ry)
{
	cairo_save(a->cr);
	cairo_translate(a->cr, x, y);
	cairo_scale(a->cr, rx, ry);
	cairo_arc(a->cr, 0, 0, 1, 0, 2 * PI_F);
	cairo_restore(a->cr);
	cairo_fill(a->cr);
}

void stroke_line(Art *a, float w, float x0, float y0, float x1, float y1)
{
	cairo_set_line_width(a->cr, w);
	cairo_move_to(a->cr, x0, y0);
	cairo_line_to(a->cr, x1, y1);
	cairo_stroke(a->cr);
}

/*
 * One line of text stretched into the box whose lower left corner is x, y.
 * Outline and extents are taken at a large size without any scaling: at the
 * size of the box, in metres, they would be rounded to nothing.
 */
void fill_text(Art *a, const char *family, const char *s, float x, float y,
	       float w, float h)
{
	cairo_font_options_t *o = cairo_font_options_create();
	cairo_text_extents_t e;
	cairo_path_t *outline;

	cairo_save(a->cr);
	cairo_identity_matrix(a->cr);
	cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
	cairo_set_font_options(a->cr, o);
	cairo_font_options_destroy(o);
	cairo_select_font_face(a->cr, family, CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(a->cr, 200);
	cairo_text_extents(a->cr, s, &e);
	cairo_new_path(a->cr);
	cairo_move_to(a->cr, -e.x_bearing, -(e.y_bearing + e.height));
	cairo_text_path(a->cr, s);
	outline = cairo_copy_path(a->cr);
	cairo_new_path(a->cr);
	cairo_restore(a->cr);
	cairo_save(a->cr);
	cairo_translate(a->cr, x, y);
	/* A machine without any font still gets a block of the right size. */
	if (e.width < 1 || e.height < 1) {
		cairo_rectangle(a->cr, 0, 0, w, h);
	} else {
		cairo_scale(a->cr, w / e.width, -h / e.height);
		cairo_append_path(a->cr, outline);
	}
	cairo_restore(a->cr);
	cairo_path_destroy(outline);
	cairo_fill(a->cr);
}

static uint8_t *art_pass(int w, int h, float h_m, float ppm, ArtFn fn,
			 const void *ctx, uint32_t seed, int materials)
{
	cairo_surface_t *s;
	uint8_t *out = must_alloc((size_t)w * (size_t)h, 4);
	Art a = { NULL, materials, { seed } };
	const uint8_t *data;
	int stride;

	s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
	a.cr = cairo_create(s);
	cairo_scale(a.cr, ppm, -ppm);
	cairo_translate(a.cr, 0, -h_m);
	fn(&a, ctx);
	if (cairo_status(a.cr) != CAIRO_STATUS_SUCCESS) {
		fprintf(stderr, "scene: cairo: %s\n",
			cairo_status_to_string(cairo_status(a.cr)));
		exit(1);
	}
	cairo_destroy(a.cr);
	cairo_surface_flush(s);
	data = cairo_image_surface_get_data(s);
	stride = cairo_image_surface_get_stride(s);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			uint32_t v;
			uint8_t *o = out + 4 * ((size_t)y * (size_t)w +
						(size_t)x);

			memcpy(&v, data + (size_t)y * (size_t)stride +
			       (size_t)x * 4, 4);
			o[0] = (uint8_t)(v >> 16);
			o[1] = (uint8_t)(v >> 8);
			o[2] = (uint8_t)v;
			o[3] = (uint8_t)(v >> 24);
		}
	cairo_surface_destroy(s);
	return out;
}

/* Fine texture and dirt: flat vector colours look like a drawing. */
static void add_grain(uint8_t *px, int w, int h, float ppm, float amount,
		      uint32_t seed)
{
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			uint8_t *o = px + 4 * ((size_t)y * (size_t)w +
					       (size_t)x);
			float mx = (float)x / ppm, my = (float)y / ppm;
			float k = fbm2(mx * 3, my * 2, 3, seed) - 0.5f;
			float fine = noise_hash(x, y, seed) - 0.5f;

			k = 1 + amount * (1.1f * k + 0.5f * fine);
			for (int c = 0; c < 3; c++) {
				float t = (float)o[c] * k;

				o[c] = (uint8_t)(t > o[3] ? o[3] : t);
			}
		}
}

static uint8_t *halve(const uint8_t *src, int w, int h)
{
	int nw = w > 1 ? w / 2 : 1, nh = h > 1 ? h / 2 : 1;
	uint8_t *dst = must_alloc((size_t)nw * (size_t)nh, 4);

	for (int y = 0; y < nh; y++)
		for (int x = 0; x < nw; x++)
			for (int c = 0; c < 4; c++) {
				int x1 = 2 * x + 1 < w ? 2 * x + 1 : w - 1;
				int y1 = 2 * y + 1 < h ? 2 * y + 1 : h - 1;
				int x0 = 2 * x < w ? 2 * x : w - 1;
				int y0 = 2 * y < h ? 2 * y : h - 1;
				int t = src[4 * (y0 * w + x0) + c] +
					src[4 * (y0 * w + x1) + c] +
					src[4 * (y1 * w + x0) + c] +
					src[4 * (y1 * w + x1) + c];

				dst[4 * (y * nw + x) + c] =
					(uint8_t)((t + 2) / 4);
			}
	return dst;
}

Tex *tex_draw(float w_m, float h_m, float ppm, ArtFn fn, const void *ctx,
	      uint32_t seed, float grain)
{
	Tex *t = must_alloc(1, sizeof(*t));

	t->w = (int)(w_m * ppm + 0.5f);
	t->h = (int)(h_m * ppm + 0.5f);
	t->ppm = ppm;
	t->px[0] = art_pass(t->w, t->h, h_m, ppm, fn, ctx, seed, 0);
	t->mat[0] = art_pass(t->w, t->h, h_m, ppm, fn, ctx, seed, 1);
	if (grain > 0)
		add_grain(t->px[0], t->w, t->h, ppm, grain, seed);
	t->levels = 1;
	for (int w = t->w, h = t->h; t->levels < MIP_LEVELS && (w > 1 || h > 1);
	     t->levels++) {
		t->px[t->levels] = halve(t->px[t->levels - 1], w, h);
		t->mat[t->levels] = halve(t->mat[t->levels - 1], w, h);
		w = w > 1 ? w / 2 : 1;
		h = h > 1 ? h / 2 : 1;
	}
	return t;
}

void tex_free(Tex *t)
{
	if (!t)
		return;
	for (int i = 0; i < t->levels; i++) {
		free(t->px[i]);
		free(t->mat[i]);
	}
	free(t);
}
