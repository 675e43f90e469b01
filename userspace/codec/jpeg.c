// SPDX-License-Identifier: GPL-2.0-or-later
#include "jpeg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

struct pv_jpeg {
	tjhandle in, out;
	bool tolerant;
	char error[200];
};

struct pv_jpeg *pv_jpeg_new(void)
{
	struct pv_jpeg *j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	j->in = tjInitDecompress();
	j->out = tjInitCompress();
	if (!j->in || !j->out) {
		pv_jpeg_free(j);
		return NULL;
	}
	return j;
}

void pv_jpeg_free(struct pv_jpeg *j)
{
	if (!j)
		return;
	if (j->in)
		tjDestroy(j->in);
	if (j->out)
		tjDestroy(j->out);
	free(j);
}

void pv_jpeg_tolerate(struct pv_jpeg *j)
{
	j->tolerant = true;
}

const char *pv_jpeg_error(const struct pv_jpeg *j)
{
	return j->error;
}

static int fail(struct pv_jpeg *j, const char *why)
{
	snprintf(j->error, sizeof(j->error), "%s", why);
	return -1;
}

/* log2 of an MCU's size in samples of 8: 8 << shift pixels */
static bool shifts(int subsampling, int *x, int *y)
{
	switch (subsampling) {
	case TJSAMP_444:
	case TJSAMP_GRAY:
		*x = *y = 0;
		return true;
	case TJSAMP_422:
		*x = 1, *y = 0;
		return true;
	case TJSAMP_420:
		*x = *y = 1;
		return true;
	case TJSAMP_440:
		*x = 0, *y = 1;
		return true;
	case TJSAMP_411:
		*x = 2, *y = 0;
		return true;
	default:
		return false;
	}
}

/* After a damaged header the library's decompressor stays where it was and fails for ever. */
static int fail_decode(struct pv_jpeg *j, const char *why)
{
	fail(j, why);
	tjDestroy(j->in);
	j->in = tjInitDecompress();
	return -1;
}

int pv_jpeg_decode(struct pv_jpeg *j, const uint8_t *data, size_t size, struct pv_frame *f)
{
	int w, h, sub, space, sx, sy;

	if (!j->in)
		return fail_decode(j, "not enough memory");

	if (size < 4 || data[0] != 0xff || data[1] != 0xd8)
		return fail(j, "not a JPEG picture");
	if (tjDecompressHeader3(j->in, data, size, &w, &h, &sub, &space))
		return fail_decode(j, tjGetErrorStr2(j->in));
	if ((space != TJCS_YCbCr && space != TJCS_GRAY) || !shifts(sub, &sx, &sy))
		return fail(j, "a colour space or subsampling that is not handled (CMYK or RGB "
			       "JPEG); convert it first, for example with ImageMagick");
	if (pv_frame_shape(f, w, h, sx, sy, sub == TJSAMP_GRAY))
		return fail(j, "too large, or not enough memory");
	if (tjDecompressToYUVPlanes(j->in, data, size, f->plane, w, f->stride, h, TJFLAG_LIMITSCANS) &&
	    !(j->tolerant && tjGetErrorCode(j->in) == TJERR_WARNING))
		return fail_decode(j, tjGetErrorStr2(j->in));
	f->full_range = true;
	f->block_x = 8 << sx;
	f->block_y = 8 << sy;
	return 0;
}

/*
 * The encoder takes luma up to whole chroma samples, so a row and some columns beyond an odd
 * size. What lies there is what was decoded or left there: pixels that no veil covers.
 */
static void extend_luma(const struct pv_frame *f)
{
	int w = (f->width + (1 << f->shift_x) - 1) >> f->shift_x << f->shift_x;
	uint8_t *row = f->plane[0];

	for (int y = 0; y < f->height && w > f->width; y++, row += f->stride[0])
		memset(row + f->width, row[f->width - 1], (size_t)(w - f->width));
	if (f->height & ((1 << f->shift_y) - 1)) {
		row = f->plane[0] + (size_t)f->height * (size_t)f->stride[0];
		memcpy(row, row - f->stride[0], (size_t)w);
	}
}

int pv_jpeg_encode(struct pv_jpeg *j, const struct pv_frame *f, int quality, uint8_t **out,
		   size_t *size)
{
	static const int subs[3][2] = { { TJSAMP_444, TJSAMP_440 },
					{ TJSAMP_422, TJSAMP_420 },
					{ TJSAMP_411, -1 } };
	int sub = f->grey ? TJSAMP_GRAY : subs[f->shift_x][f->shift_y];
	const unsigned char *planes[3] = { f->plane[0], f->plane[1], f->plane[2] };
	unsigned char *buffer = NULL;
	unsigned long n = 0;

	if (!f->grey)
		extend_luma(f);
	if (tjCompressFromYUVPlanes(j->out, planes, f->width, f->stride, f->height, sub, &buffer, &n,
				    quality, TJFLAG_ACCURATEDCT)) {
		tjFree(buffer);
		return fail(j, tjGetErrorStr2(j->out));
	}
	*out = buffer;
	*size = n;
	return 0;
}

void pv_jpeg_release(uint8_t *out)
{
	tjFree(out);
}
