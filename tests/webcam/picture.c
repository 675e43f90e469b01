// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture.h"

#include <stdlib.h>
#include <turbojpeg.h>

#define NO_MEMORY "out of memory"

enum { M_SOI = 0xd8, M_EOI, M_SOS, M_RST0 = 0xd0, M_RST7 = 0xd7, M_TEM = 0x01 };

/* Where the next marker after entropy-coded data at i is; size if there is none. */
static size_t next_marker(const uint8_t *d, size_t size, size_t i)
{
	for (; i + 1 < size; i++)
		if (d[i] == 0xff && d[i + 1] && d[i + 1] != 0xff &&
		    (d[i + 1] < M_RST0 || d[i + 1] > M_RST7))
			return i;
	return size;
}

/* Walks the segments, because thumbnails in them have ends of their own. */
size_t picture_jpeg_length(const uint8_t *d, size_t size)
{
	size_t i = 2;

	if (size < 4 || d[0] != 0xff || d[1] != M_SOI)
		return 0;
	while (i + 1 < size) {
		uint8_t marker = d[i + 1];

		if (d[i] != 0xff)
			return 0;
		if (marker == 0xff) { /* fill byte */
			i++;
			continue;
		}
		if (marker == M_EOI)
			return i + 2;
		i += 2;
		if (marker == M_TEM || (marker >= M_RST0 && marker <= M_RST7))
			continue;
		if (i + 1 >= size)
			return 0;
		i += (size_t)d[i] << 8 | d[i + 1];
		if (marker == M_SOS)
			i = next_marker(d, size, i);
	}
	return 0;
}

const char *picture_jpeg_size(const uint8_t *jpeg, size_t size, unsigned *width, unsigned *height)
{
	tjhandle tj = tjInitDecompress();
	int w, h, sub, space;

	if (!tj)
		return NO_MEMORY;
	if (tjDecompressHeader3(tj, jpeg, size, &w, &h, &sub, &space)) {
		tjDestroy(tj);
		return tjGetErrorStr2(NULL);
	}
	tjDestroy(tj);
	*width = (unsigned)w;
	*height = (unsigned)h;
	return NULL;
}

const char *picture_decode(const uint8_t *jpeg, size_t size, struct picture *out)
{
	const char *error = picture_jpeg_size(jpeg, size, &out->width, &out->height);
	tjhandle tj;
	int failed;

	out->rgb = NULL;
	if (error)
		return error;
	tj = tjInitDecompress();
	out->rgb = malloc((size_t)3 * out->width * out->height);
	if (!tj || !out->rgb) {
		if (tj)
			tjDestroy(tj);
		picture_free(out);
		return NO_MEMORY;
	}
	failed = tjDecompress2(tj, jpeg, size, out->rgb, (int)out->width, 0, (int)out->height,
			       TJPF_RGB, 0);
	/* A warning, of stray bytes say, comes with a picture. */
	failed = failed && tjGetErrorCode(tj) == TJERR_FATAL;
	tjDestroy(tj);
	if (!failed)
		return NULL;
	picture_free(out);
	return "not a JPEG that can be decoded";
}

/* The mean of the source pixels under each new one; stretches to another shape. */
const char *picture_scale(const struct picture *in, unsigned width, unsigned height,
			  struct picture *out)
{
	*out = (struct picture){width, height, malloc((size_t)3 * width * height)};
	if (!out->rgb)
		return NO_MEMORY;
	for (unsigned y = 0; y < height; y++) {
		unsigned y0 = y * in->height / height, y1 = (y + 1) * in->height / height;

		y1 += y1 == y0;
		for (unsigned x = 0; x < width; x++) {
			unsigned x0 = x * in->width / width, x1 = (x + 1) * in->width / width;
			unsigned sum[3] = {0}, n;

			x1 += x1 == x0;
			n = (x1 - x0) * (y1 - y0);
			for (unsigned v = y0; v < y1; v++)
				for (unsigned u = x0; u < x1; u++)
					for (unsigned c = 0; c < 3; c++)
						sum[c] += in->rgb[3 * ((size_t)v * in->width + u) + c];
			for (unsigned c = 0; c < 3; c++)
				out->rgb[3 * ((size_t)y * width + x) + c] = (uint8_t)(sum[c] / n);
		}
	}
	return NULL;
}

const char *picture_encode(const struct picture *in, uint8_t **jpeg, size_t *size)
{
	tjhandle tj = tjInitCompress();
	unsigned long room = tjBufSize((int)in->width, (int)in->height, TJSAMP_422);
	int failed;

	*jpeg = malloc(room);
	if (!tj || !*jpeg) {
		if (tj)
			tjDestroy(tj);
		free(*jpeg);
		return NO_MEMORY;
	}
	failed = tjCompress2(tj, in->rgb, (int)in->width, 0, (int)in->height, TJPF_RGB, jpeg,
			     &room, TJSAMP_422, 85, TJFLAG_NOREALLOC);
	tjDestroy(tj);
	*size = room;
	if (!failed)
		return NULL;
	free(*jpeg);
	return "cannot be encoded as JPEG";
}

/* In the limited range, which is what raw formats from a camera mean; 256ths. */
typedef const int matrix[3][3];
static matrix bt601 = { { 66, 129, 25 }, { -38, -74, 112 }, { 112, -94, -18 } };
static matrix bt709 = { { 47, 157, 16 }, { -26, -86, 112 }, { 112, -102, -10 } };

static uint8_t luma(matrix m, const uint8_t *p)
{
	return (uint8_t)(16 + ((m[0][0] * p[0] + m[0][1] * p[1] + m[0][2] * p[2] + 128) >> 8));
}

/* Of two pixels. */
static void chroma(matrix m, const uint8_t *p, uint8_t *cb, uint8_t *cr)
{
	int r = p[0] + p[3], g = p[1] + p[4], b = p[2] + p[5];

	*cb = (uint8_t)(128 + (m[1][0] * r + m[1][1] * g + m[1][2] * b) / 512);
	*cr = (uint8_t)(128 + (m[2][0] * r + m[2][1] * g + m[2][2] * b) / 512);
}

const char *picture_to_yuyv(const struct picture *in, uint8_t **yuyv, size_t *size)
{
	size_t pairs = (size_t)in->width / 2 * in->height;
	const uint8_t *p = in->rgb;
	uint8_t *q;

	*size = 4 * pairs;
	*yuyv = q = malloc(*size);
	if (!q)
		return NO_MEMORY;
	for (size_t i = 0; i < pairs; i++, p += 6, q += 4) {
		q[0] = luma(bt601, p);
		chroma(bt601, p, &q[1], &q[3]);
		q[2] = luma(bt601, p + 3);
	}
	return NULL;
}

/* By BT.709, as HDMI grabbers do. Chroma is that of every second row. */
const char *picture_to_nv12(const struct picture *in, uint8_t **nv12, size_t *size)
{
	size_t pixels = (size_t)in->width * in->height;
	uint8_t *q;

	*size = pixels * 3 / 2;
	*nv12 = q = malloc(*size);
	if (!q)
		return NO_MEMORY;
	for (size_t i = 0; i < pixels; i++)
		*q++ = luma(bt709, in->rgb + 3 * i);
	for (size_t y = 0; y < in->height; y += 2)
		for (size_t x = 0; x < in->width; x += 2, q += 2)
			chroma(bt709, in->rgb + 3 * (y * in->width + x), &q[0], &q[1]);
	return NULL;
}

void picture_free(struct picture *p)
{
	free(p->rgb);
	p->rgb = NULL;
}
