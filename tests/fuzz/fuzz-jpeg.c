// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer's way into the JPEG path: any bytes, as a camera or a photo would bring them. What is
 * taken is veiled in every style, written, and must then be read again, a camera's frame by both readers:
 * none leaves as something that does not parse.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/coefs.h"
#include "codec/jpeg.h"
#include "redact/redact.h"

#define ROOM (4u << 20)
#define MOST_PIXELS 65536	/* larger ones are only slower */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_small(const uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 9 < size; at++)
		if (data[at] == 0xff && data[at + 1] >= 0xc0 && data[at + 1] <= 0xcf &&
		    (data[at + 5] << 8 | data[at + 6]) * (int64_t)(data[at + 7] << 8 | data[at + 8]) >
			    MOST_PIXELS)
			return false;
	return true;
}

/* Before anything is veiled: what other programs see of it is what was searched. */
static void write_as_it_is(struct pv_coefs *c, const struct pv_frame *f, uint8_t *out)
{
	struct pv_frame seen = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();
	size_t made;

	if (pv_coefs_write(c, out, ROOM, &made) || pv_jpeg_decode(j, out, made, &seen))
		abort();
	for (int y = 0; y < f->height && f->shrink == 1; y++)
		if (memcmp(seen.plane[0] + (size_t)y * (size_t)seen.stride[0],
			   f->plane[0] + (size_t)y * (size_t)f->stride[0], (size_t)f->width))
			abort();
	pv_jpeg_free(j);
	pv_frame_free(&seen);
}

/* What is written is what was searched and veiled, to the last coefficient. */
static bool is_same(struct pv_coefs *a, struct pv_coefs *b)
{
	bool same = pv_coefs_count(a) == pv_coefs_count(b);

	for (int i = 0; same && i < pv_coefs_count(a); i++) {
		struct pv_blocks p, q;
		pv_coefs_blocks(a, i, &p);
		pv_coefs_blocks(b, i, &q);
		same = p.columns == q.columns && p.rows == q.rows;
		for (int y = 0; same && y < p.rows; y++)
			same = !memcmp(pv_coefs_row(a, i, y), pv_coefs_row(b, i, y),
				       (size_t)p.columns * 64 * sizeof(int16_t));
	}
	return same;
}

static void veil(struct pv_coefs *c, struct pv_frame *f, int style, uint8_t *out, bool camera)
{
	static struct pv_redactor redactor;
	struct pv_detection d = { 3, 5, (float)f->width / 2, (float)f->height / 3, 1 };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_frame again = { .width = 0 };
	struct pv_coefs *back = camera ? pv_coefs_new() : pv_coefs_new_photo();
	struct pv_jpeg *j = pv_jpeg_new();
	struct pv_rules rules;
	size_t made;

	pv_rules_default(&rules);
	rules.style = style;
	int n = pv_regions(f, &rules, &d, 1, regions);
	if (style > PV_STYLE_FILL)
		pv_redact_whole(f);
	else if (pv_redact(&redactor, f, &rules, regions, n))
		abort();
	if (!pv_coefs_write(c, out, ROOM, &made)) {
		if (pv_coefs_read(back, out, made, 1, &again) || !is_same(c, back))
			abort();
		if (camera && pv_jpeg_decode(j, out, made, &again))
			abort();
		if (camera && (again.width != f->width || again.height != f->height))
			abort();
	} else if (camera) {
		abort();
	}
	pv_jpeg_free(j);
	pv_coefs_free(back);
	pv_frame_free(&again);
}

/* With a byte of ones before its end marker libjpeg alone reads a picture: it is the same one. */
static void compare_with_libjpeg(struct pv_coefs *c, const uint8_t *data, size_t size)
{
	struct pv_coefs *other = pv_coefs_new();
	struct pv_frame f = { .width = 0 };
	uint8_t *twin = malloc(size + 1);
	size_t end = size;

	while (end > 2 && (data[end - 2] != 0xff || data[end - 1] != 0xd9))
		end--;
	if (end > 2) {
		memcpy(twin, data, end - 2);
		twin[end - 2] = 0xff;
		memcpy(twin + end - 1, data + end - 2, size - end + 2);
		bool taken = !pv_coefs_read(other, twin, size + 1, 1, &f);
		if (taken != (pv_coefs_count(c) > 0) || (taken && !is_same(c, other)))
			abort();
	}
	free(twin);
	pv_frame_free(&f);
	pv_coefs_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pv_coefs *c[2] = { pv_coefs_new(), pv_coefs_new_photo() };
	static uint8_t out[ROOM];
	struct pv_frame f = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();

	pv_jpeg_tolerate(j);
	for (int k = 0; k < 2 && is_small(data, size); k++) {
		for (int style = 0; style <= PV_STYLE_FILL + 1; style++) {
			int err = pv_coefs_read(c[k], data, size, 1 << (size % 3), &f);
			if (!k && !style)
				compare_with_libjpeg(c[k], data, size);
			if (err)
				break;
			if (!k && !style)
				write_as_it_is(c[k], &f, out);
			veil(c[k], &f, style, out, !k);
		}
	}
	f.coefs = NULL;
	if (is_small(data, size))
		pv_jpeg_decode(j, data, size, &f);
	pv_frame_free(&f);
	pv_jpeg_free(j);
	pv_coefs_free(c[0]);
	pv_coefs_free(c[1]);
	return 0;
}
