// SPDX-License-Identifier: GPL-2.0-or-later
#include "jpeg.h"

#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "target.h"

#define MOST_ROWS 32		/* of samples in a row of MCUs: 8 * a sampling factor of 4 */

struct pv_jpeg {
	struct pv_source source;
	struct pv_target target;
};

struct pv_jpeg *pv_jpeg_new(void)
{
	return calloc(1, sizeof(struct pv_jpeg));
}

void pv_jpeg_free(struct pv_jpeg *j)
{
	if (!j)
		return;
	pv_source_close(&j->source);
	pv_target_close(&j->target);
	free(j);
}

void pv_jpeg_tolerate(struct pv_jpeg *j)
{
	j->source.tolerant = true;
}

void pv_jpeg_expect(struct pv_jpeg *j, int width, int height)
{
	j->source.width = width;
	j->source.height = height;
}

const char *pv_jpeg_error(const struct pv_jpeg *j)
{
	return j->source.error;
}

/*
 * One row of MCUs of plane i, as libjpeg wants it. Rows are as long as whole blocks, which the
 * strides have room for; what lies below the plane goes to `spare`.
 */
static void point_rows(const struct pv_frame *f, int i, int first, int n, uint8_t *spare,
		       JSAMPROW rows[MOST_ROWS])
{
	for (int y = 0; y < n; y++)
		rows[y] = first + y < pv_frame_plane_height(f, i) ?
				  f->plane[i] + (size_t)(first + y) * (size_t)f->stride[i] : spare;
}

static void read_planes(struct pv_source *s, const struct pv_frame *f, uint8_t *spare)
{
	struct jpeg_decompress_struct *in = &s->in;
	JSAMPROW rows[3][MOST_ROWS];
	JSAMPARRAY planes[3] = { rows[0], rows[1], rows[2] };

	while (in->output_scanline < in->output_height) {
		int mcu = (int)in->output_scanline / (8 * in->max_v_samp_factor);
		for (int i = 0; i < in->num_components; i++) {
			int n = 8 * in->comp_info[i].v_samp_factor;
			point_rows(f, i, mcu * n, n, spare, rows[i]);
		}
		jpeg_read_raw_data(in, planes, (JDIMENSION)(8 * in->max_v_samp_factor));
	}
}

static void decode(struct pv_source *s, const uint8_t *data, size_t size, struct pv_frame *f)
{
	static const int most = PV_MAX_SIDE + 64;
	struct jpeg_decompress_struct *in = &s->in;
	struct pv_frame n = { .width = 0 };

	pv_source_open(s, data, size, false, &n);
	if (pv_frame_shape(f, n.width, n.height, n.shift_x, n.shift_y, n.grey))
		pv_source_fail(s, "too large, or not enough memory");
	f->full_range = true;
	f->block_x = n.block_x;
	f->block_y = n.block_y;
	in->raw_data_out = TRUE;
	in->out_color_space = in->jpeg_color_space;
	in->do_block_smoothing = FALSE;
	in->buffered_image = jpeg_has_multiple_scans(in);
	jpeg_start_decompress(in);
	if (in->buffered_image) {
		while (pv_source_step(s))
			;
		jpeg_start_output(in, in->input_scan_number);
	}
	uint8_t *spare = in->mem->alloc_large((j_common_ptr)in, JPOOL_IMAGE, (size_t)most);
	read_planes(s, f, spare);
	if (in->buffered_image)
		jpeg_finish_output(in);
	/* Reads on to the end marker: what is amiss there is found too. */
	jpeg_finish_decompress(in);
}

int pv_jpeg_decode(struct pv_jpeg *j, const uint8_t *data, size_t size, struct pv_frame *f)
{
	if (setjmp(j->source.failed)) {
		pv_source_close(&j->source);
		return -1;
	}
	decode(&j->source, data, size, f);
	pv_source_close(&j->source);
	return 0;
}

/*
 * The encoder takes whole blocks. What lies beyond the picture there is what was decoded or left
 * there, pixels that no veil covers: the last ones of the picture stand in.
 */
static void extend(const struct pv_frame *f, int i, int width)
{
	int w = pv_frame_plane_width(f, i);

	for (int y = 0; y < pv_frame_plane_height(f, i) && width > w; y++) {
		uint8_t *row = f->plane[i] + (size_t)y * (size_t)f->stride[i];
		memset(row + w, row[w - 1], (size_t)(width - w));
	}
}

static void write_planes(struct jpeg_compress_struct *out, const struct pv_frame *f)
{
	JSAMPROW rows[3][MOST_ROWS];
	JSAMPARRAY planes[3] = { rows[0], rows[1], rows[2] };

	for (int i = 0; i < out->num_components; i++)
		extend(f, i, (int)out->comp_info[i].width_in_blocks * 8);
	while (out->next_scanline < out->image_height) {
		int mcu = (int)out->next_scanline / (8 * out->max_v_samp_factor);
		for (int i = 0; i < out->num_components; i++) {
			int n = 8 * out->comp_info[i].v_samp_factor;
			int last = pv_frame_plane_height(f, i) - 1;
			point_rows(f, i, mcu * n, n,
				   f->plane[i] + (size_t)last * (size_t)f->stride[i], rows[i]);
		}
		jpeg_write_raw_data(out, planes, (JDIMENSION)(8 * out->max_v_samp_factor));
	}
}

static void encode(struct pv_jpeg *j, const struct pv_frame *f, int quality)
{
	struct jpeg_compress_struct *out = &j->target.out;

	out->image_width = (JDIMENSION)f->width;
	out->image_height = (JDIMENSION)f->height;
	out->input_components = f->grey ? 1 : 3;
	out->in_color_space = f->grey ? JCS_GRAYSCALE : JCS_YCbCr;
	jpeg_set_defaults(out);
	jpeg_set_quality(out, quality, TRUE);
	out->raw_data_in = TRUE;
	out->comp_info[0].h_samp_factor = f->grey ? 1 : 1 << f->shift_x;
	out->comp_info[0].v_samp_factor = f->grey ? 1 : 1 << f->shift_y;
	jpeg_start_compress(out, TRUE);
	write_planes(out, f);
	jpeg_finish_compress(out);
}

int pv_jpeg_encode(struct pv_jpeg *j, const struct pv_frame *f, int quality, uint8_t **to,
		   size_t *size)
{
	/* More than a picture takes: two bytes a sample of whole MCUs. */
	size_t room = 6 * (size_t)(f->width + 32) * (size_t)(f->height + 32) + 65536;

	*to = malloc(room);
	if (setjmp(j->source.failed)) {
		pv_target_close(&j->target);
		free(*to);
		*to = NULL;
		return -1;
	}
	if (!*to)
		pv_source_fail(&j->source, "not enough memory");
	pv_target_open(&j->target, &j->source, *to, room);
	encode(j, f, quality);
	*size = j->target.size;
	pv_target_close(&j->target);
	return 0;
}

void pv_jpeg_release(uint8_t *out)
{
	free(out);
}
