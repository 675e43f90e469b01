// SPDX-License-Identifier: GPL-2.0-or-later
#include "draw.h"

#include <string.h>

#include "cli.h"
#include "codec/jpeg.h"

#define QUALITY 92
#define DOT_ROWS 5

/* Digits of 3 x 5 dots: a bit a dot, from the left, a row a number. */
static const uint8_t digits[10][DOT_ROWS] = {
	{ 7, 5, 5, 5, 7 }, { 2, 6, 2, 2, 7 }, { 7, 1, 7, 4, 7 }, { 7, 1, 7, 1, 7 },
	{ 5, 5, 7, 1, 1 }, { 7, 4, 7, 1, 7 }, { 7, 4, 7, 5, 7 }, { 7, 1, 1, 2, 2 },
	{ 7, 5, 7, 5, 7 }, { 7, 5, 7, 1, 7 },
};

static void fill(struct pv_frame *f, int x0, int y0, int x1, int y1, uint8_t luma)
{
	for (int y = y0 < 0 ? 0 : y0; y < y1 && y < f->height; y++)
		for (int x = x0 < 0 ? 0 : x0; x < x1 && x < f->width; x++)
			f->plane[0][(size_t)y * (size_t)f->stride[0] + (size_t)x] = luma;
}

/* Thickness of lines and dots. */
static int dot_of(const struct pv_frame *f)
{
	return f->width < 640 ? 1 : f->width / 640;
}

static void write_number(struct pv_frame *f, int x, int y, int number)
{
	int dot = 2 * dot_of(f), places = number > 99 ? 3 : number > 9 ? 2 : 1;

	fill(f, x, y, x + (4 * places + 1) * dot, y + (DOT_ROWS + 2) * dot, 0);
	for (int place = places - 1; place >= 0; place--, number /= 10)
		for (int row = 0; row < DOT_ROWS; row++)
			for (int bit = 0; bit < 3; bit++)
				if (digits[number % 10][row] & (4 >> bit))
					fill(f, x + (4 * place + bit + 1) * dot, y + (row + 1) * dot,
					     x + (4 * place + bit + 2) * dot, y + (row + 2) * dot, 255);
}

/* Black beside white: seen on any ground. */
static void line(struct pv_frame *f, int x0, int y0, int x1, int y1)
{
	int t = dot_of(f);

	fill(f, x0 - t, y0 - t, x1 + t, y1 + t, 0);
	fill(f, x0, y0, x1, y1, 255);
}

void pv_draw_grid(struct pv_frame *f)
{
	int t = dot_of(f);

	for (int i = 1; i < 10; i++) {
		int x = f->width * i / 10, y = f->height * i / 10;
		line(f, x, 0, x + t, f->height);
		line(f, 0, y, f->width, y + t);
	}
	for (int i = 1; i < 10; i++) {
		write_number(f, f->width * i / 10 + 2 * t, 2 * t, 10 * i);
		write_number(f, 2 * t, f->height * i / 10 + 2 * t, 10 * i);
	}
}

void pv_draw_box(struct pv_frame *f, const struct pv_box *b, double score)
{
	int t = dot_of(f), tall = (DOT_ROWS + 2) * 2 * t;

	line(f, b->x0, b->y0, b->x1, b->y0 + t);
	line(f, b->x0, b->y1 - t, b->x1, b->y1);
	line(f, b->x0, b->y0, b->x0 + t, b->y1);
	line(f, b->x1 - t, b->y0, b->x1, b->y1);
	write_number(f, b->x0, b->y0 >= tall + t ? b->y0 - tall - t : b->y1 + t,
		     (int)(score * 100 + 0.5));
}

int pv_draw_save(const struct pv_frame *f, const char *path)
{
	struct pv_jpeg *j = pv_jpeg_new();
	uint8_t *jpeg;
	size_t size;
	int err;

	if (!j)
		return pv_fail("not enough memory");
	if (pv_jpeg_encode(j, f, QUALITY, &jpeg, &size)) {
		err = pv_fail("%s: %s", path, pv_jpeg_error(j));
	} else {
		err = pv_file_write(path, jpeg, size);
		pv_jpeg_release(jpeg);
	}
	pv_jpeg_free(j);
	return err;
}
