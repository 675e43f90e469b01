// SPDX-License-Identifier: GPL-2.0-or-later
#include "unitjpeg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "unit.h"

static void complain(j_common_ptr c, int level)
{
	char text[JMSG_LENGTH_MAX];

	c->err->format_message(c, text);
	ck_assert_msg(level >= 0, "%s", text);
}

static void read_all(struct jpeg_decompress_struct *in, struct unit_jpeg *to)
{
	jvirt_barray_ptr *arrays = jpeg_read_coefficients(in);

	to->components = in->num_components;
	to->restart = (int)in->restart_interval;
	for (int i = 0; i < in->num_components; i++) {
		const jpeg_component_info *info = &in->comp_info[i];
		struct unit_component *c = &to->component[i];
		c->columns = (int)info->width_in_blocks;
		c->rows = (int)info->height_in_blocks;
		c->width = 8 * in->max_h_samp_factor / info->h_samp_factor;
		c->height = 8 * in->max_v_samp_factor / info->v_samp_factor;
		memcpy(c->steps, info->quant_table->quantval, sizeof(c->steps));
		c->coefs = malloc((size_t)(c->columns * c->rows) * 128);
		ck_assert_ptr_nonnull(c->coefs);
		for (int y = 0; y < c->rows; y++) {
			JBLOCKARRAY row = in->mem->access_virt_barray((j_common_ptr)in, arrays[i],
								      (JDIMENSION)y, 1, FALSE);
			memcpy(c->coefs + y * c->columns * 64, row[0], (size_t)c->columns * 128);
		}
	}
}

void unit_jpeg_read(const uint8_t *data, size_t size, struct unit_jpeg *to)
{
	struct jpeg_decompress_struct in;
	struct jpeg_error_mgr manager;

	memset(to, 0, sizeof(*to));
	in.err = jpeg_std_error(&manager);
	manager.emit_message = complain;
	jpeg_create_decompress(&in);
	jpeg_mem_src(&in, data, size);
	jpeg_read_header(&in, TRUE);
	read_all(&in, to);
	jpeg_finish_decompress(&in);
	jpeg_destroy_decompress(&in);
}

void unit_jpeg_free(struct unit_jpeg *j)
{
	for (int i = 0; i < j->components; i++)
		free(j->component[i].coefs);
}

/* Takes the segments with this marker out. */
static size_t without(uint8_t *data, size_t size, uint8_t marker)
{
	size_t at = 2;

	while (at + 4 < size && data[at] == 0xff && data[at + 1] != 0xda) {
		size_t n = 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
		if (data[at + 1] == marker) {
			memmove(data + at, data + at + n, size - at - n);
			size -= n;
		} else {
			at += n;
		}
	}
	return size;
}

uint8_t *unit_jpeg_recode(const uint8_t *data, size_t size, const struct unit_jpeg_options *o, size_t *made)
{
	static const jpeg_scan_info scans[] = { { 1, { 0 }, 0, 63, 0, 0 }, { 1, { 1 }, 0, 63, 0, 0 },
						{ 1, { 2 }, 0, 63, 0, 0 } };
	struct jpeg_decompress_struct in;
	struct jpeg_compress_struct to;
	struct jpeg_error_mgr manager;
	unsigned char *bytes = NULL;
	unsigned long n = 0;

	in.err = to.err = jpeg_std_error(&manager);
	jpeg_create_decompress(&in);
	jpeg_create_compress(&to);
	jpeg_mem_src(&in, data, size);
	jpeg_read_header(&in, TRUE);
	jvirt_barray_ptr *arrays = jpeg_read_coefficients(&in);
	jpeg_copy_critical_parameters(&in, &to);
	to.restart_interval = (unsigned)o->restart;
	to.optimize_coding = o->optimised;
	if (o->scans) {
		to.scan_info = scans;
		to.num_scans = in.num_components;
	}
	to.arith_code = o->arithmetic;
	if (o->progressive)
		jpeg_simple_progression(&to);
	jpeg_mem_dest(&to, &bytes, &n);
	jpeg_write_coefficients(&to, arrays);
	jpeg_finish_compress(&to);
	jpeg_destroy_compress(&to);
	jpeg_destroy_decompress(&in);
	*made = o->no_tables ? without(bytes, n, 0xc4) : n;
	return bytes;
}

uint8_t *unit_jpeg_make(const struct pv_frame *f, const struct unit_jpeg_options *o, size_t *size)
{
	struct pv_jpeg *j = pv_jpeg_new();
	uint8_t *plain;
	size_t n;

	/* Pixels once, then the same coefficients coded as asked. */
	ck_assert_int_eq(pv_jpeg_encode(j, f, o->quality, &plain, &n), 0);
	uint8_t *made = unit_jpeg_recode(plain, n, o, size);
	pv_jpeg_release(plain);
	pv_jpeg_free(j);
	return made;
}

void unit_jpeg_claim(uint8_t *data, size_t size, int width, int height)
{
	size_t at = 0;

	for (; at + 9 < size && !(data[at] == 0xff && data[at + 1] == 0xc0); at++)
		;
	ck_assert_uint_lt(at + 9, size);
	data[at + 5] = (uint8_t)(height >> 8);
	data[at + 6] = (uint8_t)height;
	data[at + 7] = (uint8_t)(width >> 8);
	data[at + 8] = (uint8_t)width;
}

void unit_jpeg_keep_small(uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 9 < size; at++)
		if (data[at] == 0xff && (data[at + 1] == 0xc0 || data[at + 1] == 0xc1 ||
					 data[at + 1] == 0xc2))
			data[at + 5] = data[at + 7] = 0;
}
