// SPDX-License-Identifier: GPL-2.0-or-later
/* The card's text and colour, in every format. */
#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <turbojpeg.h>

#define WIDTH 320
#define HEIGHT 240
#define RED 0xc02010

static int set_card(uint32_t id, uint32_t colour, const char *text)
{
	struct plateveil_card c = { .id = id, .colour = colour };

	snprintf(c.text, sizeof(c.text), "%s", text);
	return ioctl(control_fd(), PLATEVEIL_IOC_SET_CARD, &c);
}

static void refusals(uint32_t id)
{
	struct plateveil_card good = { .id = id, .text = "Away" }, c = good;

	refused(set_card(15, 0, "Away"), ENOENT, "the card of a veil that is not");
	refused(set_card(id, 0x1000000, "Away"), EINVAL, "a colour that is none");
	refused(set_card(id, 0, "a\nb"), EINVAL, "a line's end");
	refused(set_card(id, 0, "\xc3\xa9t\xc3\xa9"), EINVAL, "letters that are not ASCII");
	memset(c.text, 'x', sizeof(c.text));
	refused(ioctl(control_fd(), PLATEVEIL_IOC_SET_CARD, &c), EINVAL, "a text without end");
	c = good;
	c.text[10] = 'x';
	refused(ioctl(control_fd(), PLATEVEIL_IOC_SET_CARD, &c), EINVAL, "something behind its end");
	c = good;
	c.reserved[3] = 1;
	refused(ioctl(control_fd(), PLATEVEIL_IOC_SET_CARD, &c), EINVAL, "a reserved field");
}

/* What a picture is made of: full-range luma of each pixel, and the chroma of all. */
struct picture {
	uint8_t luma[WIDTH * HEIGHT];
	int cb, cr;	/* -1: not the same all over */
};

static void add_chroma(int *all, uint8_t one)
{
	*all = *all == -2 || *all == one ? one : -1;
}

static uint8_t widen(uint8_t luma)
{
	int full = ((luma - 16) * 255 + 109) / 219;

	return (uint8_t)(full < 0 ? 0 : full > 255 ? 255 : full);
}

static void read_pixels(const uint8_t *from, uint32_t format, struct picture *p)
{
	const uint8_t *chroma = from + WIDTH * HEIGHT;

	for (int i = 0; i < WIDTH * HEIGHT; i++)
		p->luma[i] = widen(format == V4L2_PIX_FMT_YUYV ? from[2 * i] : from[i]);
	for (int i = 0; i < WIDTH * HEIGHT / 4; i++) {
		bool packed = format == V4L2_PIX_FMT_YUYV, halves = format == V4L2_PIX_FMT_NV12;
		add_chroma(&p->cb, packed ? from[8 * i + 1] : halves ? chroma[2 * i] : chroma[i]);
		add_chroma(&p->cr, packed ? from[8 * i + 3] : halves ? chroma[2 * i + 1] :
					    chroma[WIDTH * HEIGHT / 4 + i]);
	}
}

/* The same from a JPEG, whose chroma may differ a little in rounding. */
static void read_jpeg(const uint8_t *jpeg, size_t size, struct picture *p)
{
	static uint8_t cb[WIDTH * HEIGHT / 2], cr[WIDTH * HEIGHT / 2];
	unsigned char *planes[3] = { p->luma, cb, cr };
	tjhandle t = tjInitDecompress();

	need(t && !tjDecompressToYUVPlanes(t, jpeg, size, planes, 0, NULL, 0, TJFLAG_STOPONWARNING),
	     "a JPEG card");
	tjDestroy(t);
	for (int i = 0; i < WIDTH * HEIGHT / 2; i++) {
		add_chroma(&p->cb, cb[i]);
		add_chroma(&p->cr, cr[i]);
	}
}

/* The next picture that a viewer gets. */
static void look(const struct veil *v, uint32_t format, struct picture *p)
{
	struct plateveil_mode m = mode_of(format, WIDTH, HEIGHT, 30);
	struct v4l2_buffer b;

	p->cb = p->cr = -2;
	need(!set_modes(v, &m, 1, 0), "a mode");
	struct stream view = view_start(v, 0, 0, 0);
	need(view.format.fmt.pix.pixelformat == format && !stream_take(&view, &b, 5000), "a card");
	if (format == V4L2_PIX_FMT_MJPEG)
		read_jpeg(view.start[b.index], b.bytesused, p);
	else
		read_pixels(view.start[b.index], format, p);
	stream_end(&view);
}

static bool near(int a, int b)
{
	return abs(a - b) <= 5;
}

/* Is the ground of this colour (ITU-R BT.601), with an edge and letters of the same hue? */
static bool is_of(const struct picture *p, uint32_t colour, bool full_range)
{
	int r = colour >> 16 & 255, g = colour >> 8 & 255, b = colour & 255, ground = 0, other = 0;
	double y = .299 * r + .587 * g + .114 * b, scale = full_range ? 1 : 224 / 255.;

	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		ground += near(p->luma[i], (int)y);
		other += abs(p->luma[i] - (int)y) > 60;
	}
	return ground > WIDTH * HEIGHT * 3 / 4 && other > 100 && !near(p->luma[0], (int)y) &&
	       near(p->cb, (int)(128 + (b - y) * .564 * scale)) &&
	       near(p->cr, (int)(128 + (r - y) * .713 * scale));
}

static void colours(const struct veil *v)
{
	static const uint32_t list[] = { 0x303030, RED, 0x0000ff, 0xffffff, 0xffe000, 0 };
	static const uint32_t formats[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420,
					    V4L2_PIX_FMT_MJPEG };
	static struct picture p;

	for (int i = 0; i < 6; i++) {
		int good = 0;
		need(!set_card(v->id, list[i], "Away"), "a card");
		for (int k = 0; k < 4; k++) {
			look(v, formats[k], &p);
			good += is_of(&p, list[i], formats[k] == V4L2_PIX_FMT_MJPEG);
		}
		check(good == 4, "a card in #%06x, in %d of 4 formats", list[i], good);
	}
}

static void texts(const struct veil *v)
{
	static struct picture away, home, none, longest;

	need(!set_card(v->id, RED, "Away"), "a card");
	look(v, V4L2_PIX_FMT_YUYV, &away);
	need(!set_card(v->id, RED, "Home"), "a card");
	look(v, V4L2_PIX_FMT_YUYV, &home);
	need(!set_card(v->id, RED, ""), "a card");
	look(v, V4L2_PIX_FMT_YUYV, &none);
	need(!set_card(v->id, RED, "~ the longest text there can be"), "a card");
	look(v, V4L2_PIX_FMT_YUYV, &longest);
	size_t half = sizeof(away.luma) / 2;
	check(!memcmp(away.luma, home.luma, half) && !memcmp(away.luma, none.luma, half) &&
	      !memcmp(away.luma, longest.luma, half), "whatever the text, the title is the same");
	check(memcmp(away.luma, home.luma, sizeof(away.luma)) &&
	      memcmp(away.luma, none.luma, sizeof(away.luma)) &&
	      memcmp(away.luma, longest.luma, sizeof(away.luma)), "and the text is what was said");
}

/* Who watches sees the new one, and live frames go on as before. */
static void watched(const struct veil *v)
{
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, 30);
	struct v4l2_buffer b;
	bool seen = false;

	need(!set_card(v->id, 0, "Away") && !set_modes(v, &m, 1, 3000), "a card");
	struct stream view = view_start(v, 0, 0, 0), feed = feed_start(v);
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 5);
	need(shows(&view, &feed, picture, size, &b), "a live view");
	check(!set_card(v->id, RED, "Home") && shows(&view, &feed, picture, size, &b),
	      "a new card changes no live frame");
	stream_end(&feed);
	for (int i = 0; i < 100 && !seen && !stream_take(&view, &b, 5000); i++) {
		seen = ((uint8_t *)view.start[b.index])[3] > 160;	/* red */
		stream_queue(&view, b.index, 0);
	}
	check(seen, "and is what comes after them");
	stream_end(&view);
	free(picture);
}

void test_card(void)
{
	struct veil v = veil_make("card");

	refusals(v.id);
	colours(&v);
	texts(&v);
	watched(&v);
	veil_remove(&v);
}
