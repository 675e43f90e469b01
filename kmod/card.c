// SPDX-License-Identifier: GPL-2.0-only
/* The card: a placeholder painted by the module, whatever the pixel format. */

#include <linux/font.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "card.h"
#include "format.h"
#include "jpeg.h"

#define GROUND	48	/* luma of the card, of its edge and of its letters */
#define EDGE	96
#define INK	208
#define NEUTRAL	128	/* chroma without colour */

struct canvas {
	u8 *luma;
	u32 width, height;
	u32 stride, step;	/* bytes to the next row, to the next sample */
};

static void fill(struct canvas *c, u32 x, u32 y, u32 w, u32 h, u8 value)
{
	u32 i, j;

	for (j = y; j < min(y + h, c->height); j++)
		for (i = x; i < min(x + w, c->width); i++)
			c->luma[j * c->stride + i * c->step] = value;
}

/* One line of text, centred; every dot of the font is a square of @dot pixels. */
static void write_line(struct canvas *c, const struct font_desc *font,
		       const char *text, u32 y, u32 dot)
{
	const u8 *glyphs = font->data;
	u32 width = strlen(text) * font->width * dot;
	u32 x = width < c->width ? (c->width - width) / 2 : 0;
	u32 row, bit;

	for (; *text; text++, x += font->width * dot)
		for (row = 0; row < font->height; row++)
			for (bit = 0; bit < 8; bit++)
				if (glyphs[(u8)*text * font->height + row] & (0x80 >> bit))
					fill(c, x + bit * dot, y + row * dot, dot, dot, INK);
}

static void paint(struct canvas *c, bool text)
{
	static const char title[] = "plateveil";
	static const char line[] = "no veiled picture right now";
	const struct font_desc *font = find_font("VGA8x16");
	u32 edge = max(2U, c->height / 60);
	u32 dot;

	fill(c, 0, 0, c->width, c->height, EDGE);
	fill(c, edge, edge, c->width - 2 * edge, c->height - 2 * edge, GROUND);
	/* A built-in font of another shape, or none: the plain card will do. */
	if (!text || !font || font->width != 8)
		return;
	dot = c->width / ((sizeof(line) - 1) * font->width + 16);
	if (!dot || c->height < font->height * dot * 5)
		return;
	write_line(c, font, title, c->height / 2 - font->height * dot * 2, dot * 2);
	write_line(c, font, line, c->height / 2 + font->height * dot / 2, dot);
}

static u32 paint_jpeg(const struct plateveil_mode *mode, u8 *frame)
{
	struct canvas c = {
		.luma = vmalloc(array_size(mode->width, mode->height)),
		.width = mode->width,
		.height = mode->height,
		.stride = mode->width,
		.step = 1,
	};
	u32 size;

	if (!c.luma)
		return 0;
	paint(&c, true);
	size = pv_jpeg_write(c.luma, c.width, c.height, frame, pv_mode_size(mode));
	if (!size) {
		paint(&c, false);
		size = pv_jpeg_write(c.luma, c.width, c.height, frame, pv_mode_size(mode));
	}
	vfree(c.luma);
	return size;
}

u32 pv_card_paint(const struct plateveil_mode *mode, u8 *frame)
{
	const struct pv_format *format = pv_format_find(mode->pixelformat);
	struct canvas c = {
		.luma = frame,
		.width = mode->width,
		.height = mode->height,
		.stride = pv_plane_stride(&format->plane[0], mode),
		.step = format->plane[0].pair / 2,
	};

	if (pv_mode_compressed(mode))
		return paint_jpeg(mode, frame);
	memset(frame, NEUTRAL, pv_mode_size(mode));
	paint(&c, true);
	return pv_mode_size(mode);
}
