// SPDX-License-Identifier: GPL-2.0-or-later
/* Zones: black in every format, nothing else changed, and none of it ever in a viewer's memory. */
#include "tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define WIDTH 320u
#define HEIGHT 240u

static const struct plateveil_zone three[] = {	/* the first two overlap; the last is at the edge */
	{ .left = 1000, .top = 1000, .right = 5000, .bottom = 4000 },
	{ .left = 500, .top = 2000, .right = 2500, .bottom = 8000 },
	{ .left = 9999, .top = 9990, .right = 10000, .bottom = 10000 },
};

static int set_zones(const struct veil *v, const struct plateveil_zone *zones, uint32_t count)
{
	struct plateveil_zones z = { .id = v->id, .count = count, .zones = (uintptr_t)zones };
	return ioctl(control_fd(), PLATEVEIL_IOC_SET_ZONES, &z);
}

static bool is_veiled(uint32_t x, uint32_t y)
{
	for (size_t i = 0; i < sizeof(three) / sizeof(three[0]); i++) {
		uint32_t left = three[i].left * WIDTH / 10000 & ~1u;
		uint32_t right = ((three[i].right * WIDTH + 9999) / 10000 + 1) & ~1u;
		uint32_t top = three[i].top * HEIGHT / 10000 & ~1u;
		uint32_t bottom = ((three[i].bottom * HEIGHT + 9999) / 10000 + 1) & ~1u;
		if (x >= left && x < right && y >= top && y < bottom)
			return true;
	}
	return false;
}

/* Where pixel x,y's luma and one of its chroma samples are. */
static void places(uint32_t format, uint32_t x, uint32_t y, size_t *luma, size_t *chroma)
{
	size_t area = WIDTH * HEIGHT;

	if (format == V4L2_PIX_FMT_YUYV) {
		*luma = (size_t)y * WIDTH * 2 + x * 2;
		*chroma = *luma + 1;
	} else {
		*luma = (size_t)y * WIDTH + x;
		*chroma = format == V4L2_PIX_FMT_NV12 ?
			  area + (size_t)(y / 2) * WIDTH + x :
			  area + (y & 1) * area / 4 + (size_t)(y / 2) * WIDTH / 2 + x / 2;
	}
}

/* What `picture` must look like. */
static uint8_t *veil_by_hand(uint32_t format, const uint8_t *picture, size_t size)
{
	uint8_t *veiled = malloc(size);
	size_t luma, chroma;

	need(veiled != NULL, "memory");
	memcpy(veiled, picture, size);
	for (uint32_t y = 0; y < HEIGHT; y++) {
		for (uint32_t x = 0; x < WIDTH; x++) {
			if (!is_veiled(x, y))
				continue;
			places(format, x, y, &luma, &chroma);
			veiled[luma] = 16;
			veiled[chroma] = 128;
		}
	}
	return veiled;
}

static void burned(const struct veil *v, uint32_t format)
{
	struct stream view = view_start(v, format, WIDTH, HEIGHT), feed = feed_start(v);
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 5), *veiled = veil_by_hand(format, picture, size);
	struct v4l2_buffer b = { .index = 0 };
	int mixed = 0;
	bool seen = false;

	for (int i = 0; i < 20 && !seen; i++) {
		need(!seal(&feed, picture, size) && !stream_take(&view, &b, 3000), "frames");
		seen = !memcmp(view.start[b.index], veiled, size);
		mixed += !memcmp(view.start[b.index], picture, size);
		stream_queue(&view, b.index, 0);
	}
	check(seen && !mixed, "zones are black and nothing else is changed in %.4s",
	      (const char *)&format);
	need(!set_zones(v, NULL, 0), "no zones");
	check(shows(&view, &feed, picture, size, &b), "without zones it is as sealed");
	need(!set_zones(v, three, 3), "zones again");
	stream_end(&feed);
	stream_end(&view);
	free(picture);
	free(veiled);
}

/* Watches a buffer while the relay writes it: what is under a zone must not even pass through. */
static void never_there(const struct veil *v)
{
	struct plateveil_zone all = { 0, 0, 10000, 10000 };
	struct stream view = view_start(v, V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT), feed = feed_start(v);
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = malloc(size);
	struct v4l2_buffer b;
	long leaks = 0;

	need(picture && !set_zones(v, &all, 1), "a zone over everything");
	memset(picture, 0xee, size);
	for (int frames = 0; frames < 60;) {
		need(!seal(&feed, picture, size), "a seal");
		for (uint32_t k = 0; k < view.count; k++)
			leaks += memchr(view.start[k], 0xee, size) != NULL;
		if (stream_take(&view, &b, 0))
			continue;
		frames++;
		stream_queue(&view, b.index, 0);
	}
	check(!leaks, "what is under a zone never gets into a buffer");
	stream_end(&feed);
	stream_end(&view);
	free(picture);
}

static void refusals(const struct veil *v)
{
	struct plateveil_zone z = { 0, 0, 10, 10 }, many[17];
	struct veil none = { .id = 15 };
	struct plateveil_mode mode = mode_of(V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT, 30);
	struct plateveil_zones bad = { .id = v->id, .reserved = { 1 } };

	memset(many, 0, sizeof(many));
	refused(set_zones(v, many, 17), EINVAL, "too many zones");
	refused(set_zones(v, many, 1), EINVAL, "an empty zone");
	refused(set_zones(&none, &z, 1), ENOENT, "zones of a veil that is not");
	refused(set_zones(v, (void *)8, 1), EFAULT, "zones nowhere");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_SET_ZONES, &bad), EINVAL, "a reserved field");
	z.right = 10001;
	refused(set_zones(v, &z, 1), EINVAL, "a zone beyond the picture");
	z = (struct plateveil_zone){ 0xfffffff0, 0, 0xffffffff, 10 };
	refused(set_zones(v, &z, 1), EINVAL, "a zone far away");
	need(!set_zones(v, three, 3), "zones");
	refused(set_modes(v, &mode, 1, 0), EINVAL, "only MJPG, with zones");
}

static void no_jpeg(const struct veil *v)
{
	struct plateveil_mode modes[] = { mode_of(V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT, 30),
					  mode_of(V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, 30) };
	struct v4l2_fmtdesc d = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	static const uint8_t jpeg[4] = { 0xff, 0xd8, 0xff, 0xd9 };

	need(!set_zones(v, NULL, 0) && !set_modes(v, modes, 2, 0), "MJPG beside YUYV");
	struct stream view = view_start(v, V4L2_PIX_FMT_MJPEG, WIDTH, HEIGHT), feed = feed_start(v);
	need(!set_zones(v, three, 3), "zones come while MJPG streams");
	refused(seal(&feed, jpeg, sizeof(jpeg)), EPERM, "an MJPG seal then");
	check(!ioctl(view.fd, VIDIOC_ENUM_FMT, &d) && d.pixelformat == V4L2_PIX_FMT_YUYV,
	      "MJPG is not offered any more");
	stream_end(&feed);
	stream_end(&view);
	check(veil_info(v).mode.pixelformat == V4L2_PIX_FMT_YUYV, "the last viewer goes: a raw mode");
	need(!set_zones(v, NULL, 0), "no zones");
	d.index = 1;
	int fd = open_node(v->view);
	check(!ioctl(fd, VIDIOC_ENUM_FMT, &d), "without zones MJPG is offered again");
	need(!set_modes(v, modes, 1, 0), "only MJPG");
	refused(set_zones(v, three, 3), EINVAL, "zones, with only MJPG");
}

void test_zones(void)
{
	struct veil v = veil_make("zones");
	struct plateveil_mode modes[] = { mode_of(V4L2_PIX_FMT_YUYV, WIDTH, HEIGHT, 30),
					  mode_of(V4L2_PIX_FMT_NV12, WIDTH, HEIGHT, 30),
					  mode_of(V4L2_PIX_FMT_YUV420, WIDTH, HEIGHT, 30) };

	need(!set_modes(&v, modes, 3, 3000), "modes");
	refusals(&v);
	for (int i = 0; i < 3; i++)
		burned(&v, modes[i].pixelformat);
	never_there(&v);
	no_jpeg(&v);
	veil_remove(&v);
}
