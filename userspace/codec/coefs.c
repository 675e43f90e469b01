// SPDX-License-Identifier: GPL-2.0-or-later
#include "coefs.h"

#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "metadata.h"
#include "scan.h"
#include "source.h"
#include "target.h"

#define MOST_ROWS 32		/* of luma in a row of MCUs */

struct pv_coefs {
	struct pv_source source;
	struct pv_target target;
	jvirt_barray_ptr *arrays;	/* NULL: no picture */
	struct pv_scan scan;
	bool scanned;			/* the picture was read by it, and not by libjpeg */
	bool photo;
	enum pv_heed heed;
};

struct pv_coefs *pv_coefs_new(void)
{
	struct pv_coefs *c = calloc(1, sizeof(*c));

	if (c)
		c->source.tolerant = true;
	return c;
}

struct pv_coefs *pv_coefs_new_photo(void)
{
	struct pv_coefs *c = calloc(1, sizeof(*c));

	if (c)
		*c = (struct pv_coefs){ .photo = true, .heed = PV_HEED_ALL };
	return c;
}

void pv_coefs_free(struct pv_coefs *c)
{
	if (!c)
		return;
	pv_coefs_drop(c);
	pv_scan_free(&c->scan);
	free(c);
}

void pv_coefs_forget(struct pv_frame *f)
{
	pv_coefs_free(f->coefs);
	f->coefs = NULL;
	f->shrink = 1;
}

void pv_coefs_heed(struct pv_coefs *c, enum pv_heed heed)
{
	c->heed = heed;
}

void pv_coefs_drop(struct pv_coefs *c)
{
	pv_target_close(&c->target);
	pv_source_close(&c->source);
	c->arrays = NULL;
	c->scanned = false;
}

void pv_coefs_expect(struct pv_coefs *c, int width, int height)
{
	c->source.width = width;
	c->source.height = height;
}

const char *pv_coefs_error(const struct pv_coefs *c)
{
	return c->source.error;
}

static void decode_luma(struct pv_coefs *c, const struct pv_frame *f)
{
	struct jpeg_decompress_struct *in = &c->source.in;
	int n = in->max_v_samp_factor * in->min_DCT_scaled_size;
	/* Rows are as long as whole blocks, for which strides have room; those below the picture
	 * go to a spare one. */
	uint8_t *spare = in->mem->alloc_large((j_common_ptr)in, JPOOL_IMAGE, (size_t)f->stride[0]);
	JSAMPROW rows[MOST_ROWS];
	JSAMPARRAY planes[3] = { rows, NULL, NULL };

	/* Told before, libjpeg would not have kept their coefficients. */
	for (int i = 1; i < in->num_components; i++)
		in->comp_info[i].component_needed = FALSE;
	jpeg_start_output(in, in->input_scan_number);
	for (int y = 0; in->output_scanline < in->output_height; y += n) {
		for (int k = 0; k < n; k++)
			rows[k] = y + k < f->height ?
					  f->plane[0] + (size_t)(y + k) * (size_t)f->stride[0] : spare;
		jpeg_read_raw_data(in, planes, (JDIMENSION)n);
	}
	jpeg_finish_output(in);
}

/* Has the table symbols for numbers of at most that many bits only? */
static bool is_within(const JHUFF_TBL *t, int bits)
{
	int n = 0;

	for (int i = 1; i <= 16 && t; i++)
		n += t->bits[i];
	for (int i = 0; i < n && i < 256; i++)
		if ((t->huffval[i] & 15) > bits)
			return false;
	return true;
}

/* The first `count` coefficients of each block: a mean that some light makes, and others of ten bits. */
static bool is_row_within(const int16_t *block, int blocks, int count)
{
	bool good = true;

	for (; blocks; blocks--, block += 64) {
		good &= block[0] >= -1024 && block[0] < 1024;
		for (int i = 1; i < count; i++)
			good &= abs(block[i]) < 1024;
	}
	return good;
}

/*
 * A baseline picture has no larger numbers than these, and the standard's tables have no codes for
 * others; libjpeg does not look. Those of the first scan are known before it, and of others what they
 * were may be forgotten by the end.
 */
static void check_baseline(struct pv_coefs *c)
{
	const struct jpeg_decompress_struct *in = &c->source.in;
	bool good = !in->progressive_mode && !in->arith_code;

	for (int i = 0; i < NUM_HUFF_TBLS; i++)
		good &= is_within(in->dc_huff_tbl_ptrs[i], 11) && is_within(in->ac_huff_tbl_ptrs[i], 10);
	for (int i = 0; i < NUM_QUANT_TBLS; i++)
		for (int k = 0; k < 64 && in->quant_tbl_ptrs[i]; k++)
			good &= in->quant_tbl_ptrs[i]->quantval[k] < 256;
	if (!good)
		pv_source_fail(&c->source, "not a baseline JPEG");
}

/* The rows of blocks from MCU row `from` up to `to`, which is cheap while they are in the cache. */
static void check_rows(struct pv_coefs *c, unsigned from, unsigned to)
{
	const struct jpeg_decompress_struct *in = &c->source.in;
	/* Each scan may have tables of its own, of which only the last are known. */
	int count = in->arith_code || jpeg_has_multiple_scans(&c->source.in) ? 64 : 1;
	bool good = true;

	for (int i = 0; i < in->num_components; i++) {
		const jpeg_component_info *info = &in->comp_info[i];
		unsigned v = (unsigned)info->v_samp_factor;
		for (unsigned y = from * v; y < to * v && y < info->height_in_blocks; y++)
			good &= is_row_within(pv_coefs_row(c, i, (int)y), (int)info->width_in_blocks,
					      count);
	}
	if (!good)
		pv_source_fail(&c->source, "damaged: a block brighter or darker than there is");
}

static void absorb(struct pv_coefs *c)
{
	const struct jpeg_decompress_struct *in = &c->source.in;
	bool as_it_comes = !c->photo && !jpeg_has_multiple_scans(&c->source.in);
	unsigned checked = 0;

	while (pv_source_step(&c->source)) {
		if (as_it_comes && in->input_iMCU_row > checked)
			check_rows(c, checked, in->input_iMCU_row);
		checked = in->input_iMCU_row;
	}
	/* Arithmetic codes have no limit, and libjpeg could write what nobody can read. */
	if (c->photo && in->arith_code)
		check_rows(c, 0, in->total_iMCU_rows);
	if (c->photo)
		return;
	check_baseline(c);
	check_rows(c, as_it_comes ? checked : 0, in->total_iMCU_rows);
}

/*
 * libjpeg's buffered-image mode keeps the coefficients of all scans, decodes pixels from them, and
 * lends them to who asks as if it had never decoded any.
 */
static void begin_picture(struct pv_coefs *c, const uint8_t *data, size_t size, int shrink, struct pv_frame *shape)
{
	struct jpeg_decompress_struct *in = &c->source.in;

	pv_source_open(&c->source, data, size, c->heed != PV_HEED_NOTHING, shape);
	if (!c->photo)
		check_baseline(c);
	in->buffered_image = TRUE;
	in->do_block_smoothing = FALSE;
	in->out_color_space = in->jpeg_color_space;
	in->raw_data_out = TRUE;
	in->scale_num = 1;
	in->scale_denom = (unsigned)shrink;
	jpeg_start_decompress(in);
	c->arrays = jpeg_read_coefficients(in);
}

static void read_picture(struct pv_coefs *c, const uint8_t *data, size_t size, int shrink,
			 struct pv_frame *f)
{
	struct jpeg_decompress_struct *in = &c->source.in;
	struct pv_frame shape = { .width = 0 };

	begin_picture(c, data, size, shrink, &shape);
	size_t n = c->photo ? 0 : pv_scan_find(&c->scan, in, in->src->next_input_byte, in->src->bytes_in_buffer);
	if (n) {	/* libjpeg lends its arrays, and is told that the scan is empty */
		pv_source_skip(&c->source, n);
		c->scanned = pv_scan_read(&c->scan, in, c->arrays);
		if (!c->scanned)
			begin_picture(c, data, size, shrink, &shape);
	}
	if (!c->scanned)
		absorb(c);
	if (pv_frame_shape(f, (int)in->output_width, (int)in->output_height, 0, 0, true))
		pv_source_fail(&c->source, "not enough memory");
	decode_luma(c, f);
	for (int i = 0; i < in->num_components; i++) {
		const jpeg_component_info *info = &in->comp_info[i];
		if (memcmp(info->quant_table->quantval, in->quant_tbl_ptrs[info->quant_tbl_no]->quantval,
			   sizeof(info->quant_table->quantval)))
			pv_source_fail(&c->source, "a quantisation table that changes within the picture");
	}
	f->width = shape.width;
	f->height = shape.height;
	f->full_range = true;
	f->block_x = shape.block_x;
	f->block_y = shape.block_y;
	f->coefs = c;
	f->shrink = shrink;
	f->orientation = pv_metadata_orientation(in->marker_list);	/* none where nothing is heeded */
}

int pv_coefs_read(struct pv_coefs *c, const uint8_t *data, size_t size, int shrink,
		  struct pv_frame *f)
{
	pv_coefs_drop(c);
	if (setjmp(c->source.failed)) {
		pv_coefs_drop(c);
		return -1;
	}
	read_picture(c, data, size, shrink, f);
	return 0;
}

/* What a camera's picture says of itself beside its shape and tables could say anything. */
static void say_nothing(struct jpeg_compress_struct *out)
{
	out->JFIF_major_version = out->JFIF_minor_version = 1;
	out->density_unit = 0;
	out->X_density = out->Y_density = 1;
	for (int i = 0; i < out->num_components; i++)
		out->comp_info[i].component_id = i + 1;
}

/* Of a picture that was read here, all bytes are as libjpeg's would be. */
static void write_scanned(struct pv_coefs *c)
{
	struct pv_target *t = &c->target;
	struct pv_bit_writer w = { .at = t->to, .end = t->to + t->room };

	pv_header_write(&w, &t->out);
	if (pv_scan_write(&c->scan, &c->source.in, c->arrays, &t->out, &w))
		pv_source_fail(&c->source, "a coefficient that no baseline picture has");
	pv_bits_raw(&w, "\xff\xd9", 2);
	if (w.full)
		pv_target_overflow(t);
	t->size = (size_t)(w.at - t->to);
}

static void write_picture(struct pv_coefs *c)
{
	struct jpeg_decompress_struct *in = &c->source.in;
	struct jpeg_compress_struct *out = &c->target.out;

	jpeg_copy_critical_parameters(in, out);
	out->restart_interval = in->restart_interval;
	if (c->photo) {
		out->arith_code = in->arith_code;
		out->optimize_coding = !in->arith_code;	/* which has no tables */
		out->write_JFIF_header = in->saw_JFIF_marker;
		out->write_Adobe_marker = in->saw_Adobe_marker;
		if (in->progressive_mode)
			jpeg_simple_progression(out);
	} else {
		say_nothing(out);
	}
	/* No marker is to be written: where nothing is heeded, there is none. */
	if (c->scanned && pv_scan_is_alike(in, out) && c->heed != PV_HEED_ALL &&
	    pv_metadata_orientation(in->marker_list) < 2) {
		write_scanned(c);
		return;
	}
	jpeg_write_coefficients(out, c->arrays);
	if (c->heed == PV_HEED_TURN)
		pv_metadata_write_orientation(out, in->marker_list);
	else if (c->heed == PV_HEED_ALL)
		pv_metadata_write(out, in->marker_list);
	jpeg_finish_compress(out);
}

int pv_coefs_write(struct pv_coefs *c, uint8_t *to, size_t room, size_t *size)
{
	if (setjmp(c->source.failed)) {
		pv_target_close(&c->target);
		return -1;
	}
	if (!c->arrays)
		pv_source_fail(&c->source, "there is no picture");
	pv_target_open(&c->target, &c->source, to, room);
	write_picture(c);
	*size = c->target.size;
	pv_target_close(&c->target);
	return 0;
}

int pv_coefs_count(const struct pv_coefs *c)
{
	return c->arrays ? c->source.in.num_components : 0;
}

void pv_coefs_blocks(const struct pv_coefs *c, int i, struct pv_blocks *out)
{
	const jpeg_component_info *info = &c->source.in.comp_info[i];

	out->columns = (int)info->width_in_blocks;
	out->rows = (int)info->height_in_blocks;
	out->width = 8 * c->source.in.max_h_samp_factor / info->h_samp_factor;
	out->height = 8 * c->source.in.max_v_samp_factor / info->v_samp_factor;
	out->steps = info->quant_table->quantval;
}

const int16_t *pv_coefs_row(struct pv_coefs *c, int i, int row)
{
	struct jpeg_decompress_struct *in = &c->source.in;

	/* All of an array is in memory: this only points into it. */
	JBLOCKARRAY rows = in->mem->access_virt_barray((j_common_ptr)in, c->arrays[i],
						       (JDIMENSION)row, 1, TRUE);
	return rows[0][0];
}

int16_t *pv_coefs_change(struct pv_coefs *c, int i, int row, int from, int to)
{
	if (c->scanned)
		pv_scan_change(&c->scan, &c->source.in.comp_info[i], (unsigned)row, (unsigned)from, (unsigned)to);
	return (int16_t *)pv_coefs_row(c, i, row) + from * 64;
}
