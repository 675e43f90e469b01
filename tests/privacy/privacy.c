// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two attacks on veiled plates by who knows all but the text: privacy FOLDER (for pictures).
 *
 * Template matching: the font, the layout and the place are known, and of one plate there are 1, 10
 * or 60 frames, of which the mean is taken; for each place of a letter the glyph that correlates
 * best is the guess. Text recognition: tesseract reads the plate. Both must read plates that are not
 * veiled, or the test says nothing, and must read veiled ones no better than by chance.
 */
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/coefs.h"
#include "codec/jpeg.h"
#include "redact/redact.h"

#define W 320
#define H 160
#define X 60		/* of the plate */
#define Y 56
#define PLATE_W 204
#define PLATE_H 48
#define PITCH 32
#define LETTERS 6
#define PLATES 24
#define READ_PLATES 8	/* by tesseract, which is slow */
#define ROOM (1u << 20)
#define CLEAR (-1)	/* a style: no veil */

static const char alphabet[] = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
#define GLYPHS 33

static struct pv_coefs *coefs;
static struct pv_jpeg *jpeg;
static struct pv_redactor redactor;

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "privacy: %s\n", what);
	exit(2);
}

/* A car's rear with this plate, luma only. */
static void draw(const char *text, uint8_t luma[W * H])
{
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, W, H);
	cairo_t *c = cairo_create(s);
	cairo_pattern_t *paint = cairo_pattern_create_linear(0, 0, W, H);
	char letter[2] = "";

	cairo_pattern_add_color_stop_rgb(paint, 0, 0.25, 0.25, 0.25);
	cairo_pattern_add_color_stop_rgb(paint, 1, 0.6, 0.6, 0.6);
	cairo_set_source(c, paint);
	cairo_paint(c);
	cairo_set_source_rgb(c, 0.95, 0.95, 0.95);
	cairo_rectangle(c, X, Y, PLATE_W, PLATE_H);
	cairo_fill(c);
	cairo_set_source_rgb(c, 0.05, 0.05, 0.05);
	cairo_select_font_face(c, "DejaVu Sans Mono", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(c, 40);
	for (int i = 0; text[i]; i++) {
		letter[0] = text[i];
		cairo_move_to(c, X + 10 + i * PITCH, Y + 39);
		cairo_show_text(c, letter);
	}
	cairo_surface_flush(s);
	const uint8_t *data = cairo_image_surface_get_data(s);
	int stride = cairo_image_surface_get_stride(s);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			luma[y * W + x] = data[y * stride + x * 4];
	cairo_pattern_destroy(paint);
	cairo_destroy(c);
	cairo_surface_destroy(s);
}

static int noise(void)
{
	return (rand() % 13 + rand() % 13 - 12) / 2;
}

/* One frame of it as a viewer gets it, added to sum. */
static void add_frame(const uint8_t luma[W * H], int style, double sum[W * H])
{
	static struct pv_frame f, seen;
	static uint8_t out[ROOM];
	const struct pv_detection plate = { X, Y, X + PLATE_W, Y + PLATE_H, 1 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_frame picture = { .width = 0 };
	struct pv_rules rules;
	uint8_t *data;
	size_t n, made;

	need(!pv_frame_shape(&f, W, H, 1, 0, false), "not enough memory");
	for (int i = 1; i < 3; i++)
		memset(f.plane[i], 128, (size_t)(f.stride[i] * H));
	for (int y = 0; y < H; y++) {
		for (int x = 0; x < W; x++) {
			int v = luma[y * W + x] + noise();
			f.plane[0][y * f.stride[0] + x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
		}
	}
	need(!pv_jpeg_encode(jpeg, &f, 85, &data, &n), pv_jpeg_error(jpeg));
	need(!pv_coefs_read(coefs, data, n, 1, &picture), pv_coefs_error(coefs));
	pv_jpeg_release(data);
	pv_rules_default(&rules);
	rules.style = style;
	if (style != CLEAR)
		need(!pv_redact(&redactor, &picture, &rules, regions,
				pv_regions(&picture, &rules, &plate, 1, regions)), "redaction failed");
	need(!pv_coefs_write(coefs, out, ROOM, &made), pv_coefs_error(coefs));
	need(!pv_jpeg_decode(jpeg, out, made, &seen), pv_jpeg_error(jpeg));
	pv_frame_free(&picture);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			sum[y * W + x] += seen.plane[0][y * seen.stride[0] + x];
}

/* How a letter's place correlates with a glyph, -1..1. */
static double correlate(const double *mean, const uint8_t *glyph, int place)
{
	double a = 0, b = 0, aa = 0, bb = 0, ab = 0, n = PITCH * PLATE_H;

	for (int y = Y; y < Y + PLATE_H; y++) {
		for (int x = 0; x < PITCH; x++) {
			double p = mean[y * W + X + 6 + place * PITCH + x];
			double q = glyph[y * W + X + 6 + x];
			a += p;
			b += q;
			aa += p * p;
			bb += q * q;
			ab += p * q;
		}
	}
	double spread = (aa - a * a / n) * (bb - b * b / n);
	return spread > 1e-6 ? (ab - a * b / n) / sqrt(spread) : 0;
}

static void random_text(char text[LETTERS + 1])
{
	for (int i = 0; i < LETTERS; i++)
		text[i] = alphabet[rand() % GLYPHS];
	text[LETTERS] = 0;
}

/* Letters guessed right, of PLATES * LETTERS. */
static int match_templates(int style, int frames)
{
	static uint8_t glyphs[GLYPHS][W * H], luma[W * H];
	static double sum[W * H];
	char text[LETTERS + 1], one[2] = "";
	int right = 0;

	for (int g = 0; g < GLYPHS; g++) {
		one[0] = alphabet[g];
		draw(one, glyphs[g]);
	}
	for (int p = 0; p < PLATES; p++) {
		random_text(text);
		draw(text, luma);
		memset(sum, 0, sizeof(sum));
		for (int k = 0; k < frames; k++)
			add_frame(luma, style, sum);
		for (int i = 0; i < LETTERS; i++) {
			int best = 0;
			double most = -2;
			for (int g = 0; g < GLYPHS; g++) {
				double c = correlate(sum, glyphs[g], i);
				if (c > most) {
					most = c;
					best = g;
				}
			}
			right += alphabet[best] == text[i];
		}
	}
	return right;
}

/* Plates of which tesseract reads half in a row, or more. */
static int read_text(int style, const char *folder)
{
	static uint8_t luma[W * H];
	static double sum[W * H];
	char text[LETTERS + 1], path[1000], command[1200], line[256];
	int right = 0;

	for (int p = 0; p < READ_PLATES; p++) {
		random_text(text);
		draw(text, luma);
		memset(sum, 0, sizeof(sum));
		add_frame(luma, style, sum);
		snprintf(path, sizeof(path), "%s/style%d-%d.pgm", folder, style, p);
		FILE *f = fopen(path, "wb");
		need(f != NULL, path);
		fprintf(f, "P5 %d %d 255\n", PLATE_W, PLATE_H);
		for (int y = Y; y < Y + PLATE_H; y++)
			for (int x = X; x < X + PLATE_W; x++)
				fputc((int)sum[y * W + x], f);
		need(!fclose(f), path);
		snprintf(command, sizeof(command), "tesseract '%s' - --psm 7 2>/dev/null", path);
		f = popen(command, "r");
		need(f != NULL, "tesseract cannot be started");
		size_t n = fread(line, 1, sizeof(line) - 1, f);
		line[n] = 0;
		need(!pclose(f), "tesseract failed");
		bool found = false;
		for (int i = 0; i + LETTERS / 2 <= LETTERS; i++) {
			char half[LETTERS / 2 + 1] = "";
			memcpy(half, text + i, LETTERS / 2);
			found |= strstr(line, half) != NULL;
		}
		right += found;
	}
	return right;
}

static int verdict(bool good, const char *what, const char *style, int n, int of)
{
	printf("%s - %s, %s: %d of %d\n", good ? "ok" : "not ok", what, style, n, of);
	return !good;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "not veiled", "blur", "pixelate", "fill" };
	static const int counts[] = { 1, 10, 60 };
	int all = PLATES * LETTERS, bad = 0;
	/* By chance one in GLYPHS; four deviations more happen once in ten thousand. */
	int most = (int)(all / (double)GLYPHS + 4 * sqrt(all * (GLYPHS - 1.0)) / GLYPHS);
	char what[80];

	need(argc == 2, "usage: privacy FOLDER");
	coefs = pv_coefs_new();
	jpeg = pv_jpeg_new();
	need(coefs && jpeg, "not enough memory");
	for (int style = CLEAR; style <= PV_STYLE_FILL; style++) {
		for (int k = style == CLEAR ? 2 : 0; k >= 0 && k < 3; k++) {
			int frames = style == CLEAR ? 1 : counts[k];
			int n = match_templates(style, frames);
			snprintf(what, sizeof(what), "letters by template, %d frame%s", frames,
				 frames > 1 ? "s" : "");
			bad |= verdict(style == CLEAR ? n > all * 9 / 10 : n <= most, what,
				       names[style + 1], n, all);
		}
		int n = read_text(style, argv[1]);
		bad |= verdict(style == CLEAR ? n > READ_PLATES / 2 : !n, "plates by tesseract",
			       names[style + 1], n, READ_PLATES);
	}
	pv_redactor_free(&redactor);
	pv_coefs_free(coefs);
	pv_jpeg_free(jpeg);
	return bad;
}
