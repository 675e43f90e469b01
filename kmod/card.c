// SPDX-License-Identifier: GPL-2.0-only
/* The card: a placeholder painted by the module, whatever the pixel format. */

#include <linux/font.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "card.h"
#include "format.h"
#include "jpeg.h"

#define SHADE	48	/* from the ground's luma to its edge's */
#define LIGHT	208	/* luma of letters, on a dark ground and on a light one */
#define DARK	40

static const char title[] = "plateveil";

const struct plateveil_card pv_card_default = {
	.colour = 0x303030,
	.text = "no veiled picture right now",
};

/* Of the whole card one hue, of its parts the luma. */
struct paint {
	u8 ground, edge, ink;
	u8 chroma[2];		/* Cb, Cr */
};

struct canvas {
	u8 *luma;
	u32 width, height;
	u32 stride, step;	/* bytes to the next row, to the next sample */
};

static void fill(struct canvas *c, u32 x, u32 y, u32 w, u32 h, u8 value)
{
	u32 i, j;

	for (j = y; j < min(y + h, c->height); j++) {
		for (i = x; i < min(x + w, c->width); i++)
			c->luma[j * c->stride + i * c->step] = value;
		cond_resched();
	}
}

/* One line of text, centred; every dot of the font is a square of @dot pixels. */
static void write_line(struct canvas *c, const struct font_desc *font,
		       const char *text, u32 y, u32 dot, u8 ink)
{
	const u8 *glyphs = font->data;
	u32 width = strlen(text) * font->width * dot;
	u32 x = width < c->width ? (c->width - width) / 2 : 0;
	u32 row, bit;

	for (; *text; text++, x += font->width * dot)
		for (row = 0; row < font->height; row++)
			for (bit = 0; bit < 8; bit++)
				if (glyphs[(u8)*text * font->height + row] & (0x80 >> bit))
					fill(c, x + bit * dot, y + row * dot, dot, dot, ink);
}

/* Without @text the plain card. */
static void paint(struct canvas *c, const struct paint *p, const char *text)
{
	const struct font_desc *font = find_font("VGA8x16");
	u32 edge = max(2U, c->height / 60);
	u32 dot;

	fill(c, 0, 0, c->width, c->height, p->edge);
	fill(c, edge, edge, c->width - 2 * edge, c->height - 2 * edge, p->ground);
	/* A built-in font of another shape, or none: the plain card will do. */
	if (!text || !font || font->width != 8)
		return;
	/* A short text is no larger than that of the default: there is the title, too. */
	dot = c->width / (max(strlen(text), strlen(pv_card_default.text)) * font->width + 16);
	if (!dot || c->height < font->height * dot * 5)
		return;
	write_line(c, font, title, c->height / 2 - font->height * dot * 2, dot * 2, p->ink);
	write_line(c, font, text, c->height / 2 + font->height * dot / 2, dot, p->ink);
}

/* The weights of ITU-R BT.601, in 256ths; those of a grey's chroma add up to nothing. */
static u8 weigh(const s16 weights[3], u32 colour, int offset)
{
	int sum = weights[0] * (int)(colour >> 16 & 0xff) + weights[1] * (int)(colour >> 8 & 0xff) +
		  weights[2] * (int)(colour & 0xff);

	return clamp(offset + ((sum + 128) >> 8), 0, 255);
}

static void mix(u32 colour, bool full_range, struct paint *p)
{
	static const s16 weights[2][3][3] = {
		{ { 66, 129, 25 }, { -38, -74, 112 }, { 112, -94, -18 } },
		{ { 77, 150, 29 }, { -43, -85, 128 }, { 128, -107, -21 } },
	};
	const s16 (*w)[3] = weights[full_range];

	p->ground = weigh(w[0], colour, full_range ? 0 : 16);
	p->chroma[0] = weigh(w[1], colour, 128);
	p->chroma[1] = weigh(w[2], colour, 128);
	p->edge = p->ground < 128 ? p->ground + SHADE : p->ground - SHADE;
	p->ink = p->ground < 128 ? LIGHT : DARK;
}

/* Where there is chroma in a frame of pixels, it is the same all over. */
static void tint(const struct plateveil_mode *mode, const u8 chroma[2], u8 *frame)
{
	const struct pv_format *format = pv_format_find(mode->pixelformat);
	u32 luma = mode->width * mode->height, size = pv_mode_size(mode), i;

	switch (format->planes) {
	case 1:
		for (i = 1; i < size; i += 2)
			frame[i] = chroma[i / 2 % 2];
		break;
	case 2:
		for (i = luma; i < size; i++)
			frame[i] = chroma[(i - luma) % 2];
		break;
	case 3:
		memset(frame + luma, chroma[0], (size - luma) / 2);
		memset(frame + luma + (size - luma) / 2, chroma[1], (size - luma) / 2);
	}
}

static u32 paint_jpeg(const struct plateveil_mode *mode, const struct paint *p, const char *text,
		      u8 *frame)
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
	paint(&c, p, text);
	size = pv_jpeg_write(c.luma, p->chroma, c.width, c.height, frame, pv_mode_size(mode));
	if (!size) {
		paint(&c, p, NULL);
		size = pv_jpeg_write(c.luma, p->chroma, c.width, c.height, frame,
				     pv_mode_size(mode));
	}
	vfree(c.luma);
	return size;
}

bool pv_card_check(const struct plateveil_card *card)
{
	size_t i, n = strnlen(card->text, sizeof(card->text));

	if (n == sizeof(card->text) || memchr_inv(card->text + n, 0, sizeof(card->text) - n))
		return false;
	for (i = 0; i < n; i++)
		if (card->text[i] < ' ' || card->text[i] > '~')
			return false;
	return card->colour <= 0xffffff;
}

u32 pv_card_paint(const struct plateveil_card *card, const struct plateveil_mode *mode, u8 *frame)
{
	const struct pv_format *format = pv_format_find(mode->pixelformat);
	struct canvas c = {
		.luma = frame,
		.width = mode->width,
		.height = mode->height,
		.stride = pv_plane_stride(&format->plane[0], mode),
		.step = format->plane[0].pair / 2,
	};
	struct paint p;

	mix(card->colour, pv_mode_compressed(mode) || mode->flags & PLATEVEIL_MODE_FULL_RANGE, &p);
	if (pv_mode_compressed(mode))
		return paint_jpeg(mode, &p, card->text, frame);
	paint(&c, &p, card->text);
	tint(mode, p.chroma, frame);
	return pv_mode_size(mode);
}
