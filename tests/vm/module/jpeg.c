// SPDX-License-Identifier: GPL-2.0-or-later
/* MJPG: the card that the module makes, and what may be sealed. Judged by libjpeg-turbo. */
#include "tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

/* Decodes to grey; NULL if libjpeg has anything against it. */
static uint8_t *decode(const uint8_t *jpeg, size_t size, int width, int height)
{
	tjhandle t = tjInitDecompress();
	int w, h, subsampling, colours;
	uint8_t *grey = malloc((size_t)width * (size_t)height);

	need(t && grey, "a decoder");
	bool good = !tjDecompressHeader3(t, jpeg, size, &w, &h, &subsampling, &colours) &&
		    w == width && h == height && subsampling == TJSAMP_422 && colours == TJCS_YCbCr &&
		    !tjDecompress2(t, jpeg, size, grey, w, 0, h, TJPF_GRAY, TJFLAG_STOPONWARNING);
	if (!good) {
		printf("# %dx%d: %s\n", width, height, tjGetErrorStr2(t));
		free(grey);
		grey = NULL;
	}
	tjDestroy(t);
	return grey;
}

/* Is the card dark with an edge, and has it letters where they fit? */
static bool looks_right(const uint8_t *grey, int width, int height)
{
	int dark = 0, light = 0, n = width * height;

	for (int i = 0; i < n; i++) {
		dark += abs(grey[i] - 48) < 8;
		light += abs(grey[i] - 208) < 12;
	}
	bool letters = width >= 320 && height >= 240;
	return abs(grey[0] - 96) < 8 && dark > n / 2 && (letters ? light > n / 500 : light == 0);
}

/* The first card at this size. */
static bool card_is_good(const struct veil *v, uint32_t width, uint32_t height)
{
	struct stream view = view_start(v, V4L2_PIX_FMT_MJPEG, width, height);
	struct v4l2_buffer b;
	bool good = false;

	if (view.format.fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG &&
	    view.format.fmt.pix.width == width && !stream_take(&view, &b, 5000)) {
		uint8_t *grey = decode(view.start[b.index], b.bytesused, (int)width, (int)height);
		good = grey && looks_right(grey, (int)width, (int)height) &&
		       b.bytesused <= view.format.fmt.pix.sizeimage;
		free(grey);
	}
	stream_end(&view);
	return good;
}

static void cards(const struct veil *v)
{
	static const uint32_t sizes[][2] = {
		{ 16, 16 }, { 18, 16 }, { 30, 62 }, { 160, 120 }, { 176, 144 }, { 320, 240 },
		{ 424, 240 }, { 640, 360 }, { 640, 480 }, { 800, 600 }, { 1280, 720 }, { 1600, 1200 },
		{ 1920, 1080 }, { 2560, 1440 }, { 3840, 2160 }, { 4096, 4096 }, { 4096, 16 },
	};
	const uint32_t n = sizeof(sizes) / sizeof(sizes[0]);
	struct plateveil_mode modes[sizeof(sizes) / sizeof(sizes[0])];

	for (uint32_t i = 0; i < n; i++)
		modes[i] = mode_of(V4L2_PIX_FMT_MJPEG, sizes[i][0], sizes[i][1], 30);
	need(!set_modes(v, modes, n, 0), "MJPG modes");
	for (uint32_t i = 0; i < n; i++)
		check(card_is_good(v, sizes[i][0], sizes[i][1]), "libjpeg takes the card at %ux%u",
		      sizes[i][0], sizes[i][1]);
}

static uint8_t *compress(int width, int height, unsigned seed, int flags, size_t *size)
{
	uint8_t *rgb = make_picture((size_t)width * (size_t)height * 3, seed), *jpeg = NULL;
	tjhandle t = tjInitCompress();
	unsigned long bytes = 0;

	need(t && !tjCompress2(t, rgb, width, 0, height, TJPF_RGB, &jpeg, &bytes, TJSAMP_420, 30, flags),
	     "a JPEG");
	tjDestroy(t);
	free(rgb);
	*size = bytes;
	return jpeg;
}

static void seals(const struct veil *v)
{
	struct plateveil_mode mode = mode_of(V4L2_PIX_FMT_MJPEG, 640, 480, 30);
	size_t size, other;
	uint8_t *jpeg, *wrong;
	struct v4l2_buffer b;

	need(!set_modes(v, &mode, 1, 3000), "an MJPG mode");
	struct stream view = view_start(v, 0, 0, 0), feed = feed_start(v);
	for (unsigned i = 1; i <= 3; i++) {
		jpeg = compress(640, 480, i, 0, &size);
		check(shows(&view, &feed, jpeg, size, &b), "a JPEG of %zu bytes arrives as it is", size);
		tjFree(jpeg);
	}
	jpeg = compress(640, 480, 4, 0, &size);
	refused(seal(&feed, jpeg, 0), EINVAL, "an empty seal");
	refused(seal(&feed, jpeg, 3), EINVAL, "three bytes");
	refused(seal(&feed, jpeg, size - 1), EINVAL, "a JPEG without its end");
	refused(seal(&feed, jpeg + 2, size - 2), EINVAL, "a JPEG without its beginning");
	wrong = compress(640, 360, 4, 0, &other);
	refused(seal(&feed, wrong, other), EINVAL, "a JPEG of another size");
	tjFree(wrong);
	wrong = compress(640, 480, 4, TJFLAG_PROGRESSIVE, &other);
	refused(seal(&feed, wrong, other), EINVAL, "a progressive JPEG");
	tjFree(wrong);
	jpeg[4] = jpeg[5] = 0xff;	/* the first segment's length */
	refused(seal(&feed, jpeg, size), EINVAL, "a segment beyond the end");
	jpeg[4] = jpeg[5] = 0;
	refused(seal(&feed, jpeg, size), EINVAL, "a segment without length");
	tjFree(jpeg);
	stream_end(&feed);
	stream_end(&view);
}

void test_jpeg(void)
{
	struct veil v = veil_make("jpeg");

	cards(&v);
	seals(&v);
	veil_remove(&v);
}
