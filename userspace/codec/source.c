// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include <jerror.h>
#include <string.h>

#define MOST_MARKERS 2000	/* of segments: extended XMP and profiles come in pieces of 64 KB */
#define MAX_SCANS 100		/* of a progressive picture: a small file could ask for thousands */
#define CAMERA_SCANS 16		/* and no camera asks for more than these */

static void leave(j_common_ptr c)
{
	struct pv_source *s = c->client_data;
	char text[JMSG_LENGTH_MAX];

	c->err->format_message(c, text);
	pv_source_fail(s, text);
}

/* A warning says that the picture was not all there. But bytes between the end of a scan and the
 * next marker, which phones write, too, or a missing end marker, which cheap cameras send, cost no block. */
static void warn(j_common_ptr c, int level)
{
	struct pv_source *s = c->client_data;
	int code = c->err->msg_code;

	/* A version of JFIF that nobody knows yet is in none of the blocks either, nor one of Adobe's colours, which
	 * all take for Y'CbCr. */
	if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM && code != JWRN_EXTRANEOUS_DATA &&
	    !(s->tolerant && code == JWRN_JPEG_EOF) && !s->skips)
		leave(c);
}

struct jpeg_error_mgr *pv_source_manager(struct pv_source *s)
{
	jpeg_std_error(&s->manager);
	s->manager.error_exit = leave;
	s->manager.emit_message = warn;
	return &s->manager;
}

void pv_source_fail(struct pv_source *s, const char *why)
{
	if (why != s->error)
		snprintf(s->error, sizeof(s->error), "%s", why);
	longjmp(s->failed, 1);
}

/* log2 of how many luma samples go on a chroma sample along one side, or -1. */
static int shift_of(int luma, int chroma)
{
	for (int shift = 0; shift <= 2; shift++)
		if (luma == chroma << shift)
			return shift;
	return -1;
}

static bool read_sampling(const struct jpeg_decompress_struct *in, struct pv_frame *f)
{
	const jpeg_component_info *c = in->comp_info;

	f->grey = in->num_components == 1;
	f->shift_x = f->shift_y = 0;
	if (f->grey)
		return in->jpeg_color_space == JCS_GRAYSCALE;
	if (in->jpeg_color_space != JCS_YCbCr)	/* which has three */
		return false;
	/* It may have been coded a component a scan, and is written with all in one, which has so much room. */
	if (c[0].h_samp_factor * c[0].v_samp_factor + c[1].h_samp_factor * c[1].v_samp_factor +
	    c[2].h_samp_factor * c[2].v_samp_factor > C_MAX_BLOCKS_IN_MCU)
		return false;
	if (c[1].h_samp_factor != c[2].h_samp_factor || c[1].v_samp_factor != c[2].v_samp_factor)
		return false;
	f->shift_x = shift_of(c[0].h_samp_factor, c[1].h_samp_factor);
	f->shift_y = shift_of(c[0].v_samp_factor, c[1].v_samp_factor);
	return f->shift_x >= 0 && f->shift_y >= 0 && f->shift_x + f->shift_y <= 2;
}

/* The library's list of them takes longer with each. */
static bool is_flood(const uint8_t *d, size_t n)
{
	int count = 0;

	for (size_t at = 2; n - at >= 4 && at < n && count <= MOST_MARKERS;) {
		const uint8_t *next = memchr(d + at, 0xff, n - at);
		if (!next || next + 4 > d + n || next[1] == 0xd9)
			break;
		at = (size_t)(next - d);
		if (next[1] == 0xff)
			at++;
		else if (next[1] < 0xc0 || (next[1] >= 0xd0 && next[1] <= 0xd8))
			at += 2;	/* no marker, or one alone */
		else if (count++ <= MOST_MARKERS)
			at += 2 + ((size_t)next[2] << 8 | next[3]);
	}
	return count > MOST_MARKERS;
}

/* Those of a photo that metadata.h may keep. */
static void save_markers(struct pv_source *s, const uint8_t *data, size_t size)
{
	static const int kept[] = { JPEG_APP0 + 1, JPEG_APP0 + 2, JPEG_APP0 + 13, JPEG_COM };

	if (is_flood(data, size))
		pv_source_fail(s, "more comments and other segments than any sensible picture has");
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		jpeg_save_markers(&s->in, kept[i], 0xffff);
}

void pv_source_open(struct pv_source *s, const uint8_t *data, size_t size, bool markers,
		    struct pv_frame *f)
{
	pv_source_close(s);
	if (size < 4 || data[0] != 0xff || data[1] != 0xd8)
		pv_source_fail(s, "not a JPEG picture");
	s->in.err = pv_source_manager(s);
	s->in.client_data = s;
	jpeg_create_decompress(&s->in);
	jpeg_mem_src(&s->in, data, size);
	if (markers)
		save_markers(s, data, size);
	jpeg_read_header(&s->in, TRUE);
	if (!read_sampling(&s->in, f))
		pv_source_fail(s, "a colour space or subsampling that is not handled (CMYK or RGB "
				  "JPEG); convert it first, for example with ImageMagick");
	if (s->in.image_width > PV_MAX_SIDE || s->in.image_height > PV_MAX_SIDE ||
	    s->in.image_width * s->in.image_height > PV_MAX_PIXELS)
		pv_source_fail(s, "too large: 16384 pixels a side at most, and 200 million in all");
	if (s->width && (s->in.image_width != (JDIMENSION)s->width || s->in.image_height != (JDIMENSION)s->height))
		pv_source_fail(s, "of another size than was set");
	f->width = (int)s->in.image_width;
	f->height = (int)s->in.image_height;
	f->full_range = true;
	f->block_x = 8 << f->shift_x;
	f->block_y = 8 << f->shift_y;
}

bool pv_source_step(struct pv_source *s)
{
	if (jpeg_consume_input(&s->in) != JPEG_REACHED_EOI) {
		if (s->in.input_scan_number > (s->tolerant ? CAMERA_SCANS : MAX_SCANS))
			pv_source_fail(s, "more scans than any sensible picture has");
		return true;
	}
	/* A component that was in no scan has no table either. */
	for (int i = 0; i < s->in.num_components; i++)
		if (!s->in.comp_info[i].quant_table)
			pv_source_fail(s, "damaged: brightness or colour is missing");
	return false;
}

void pv_source_skip(struct pv_source *s, size_t size)
{
	s->in.src->next_input_byte += size;
	s->in.src->bytes_in_buffer -= size;
	s->skips = true;
	while (pv_source_step(s))
		;
	s->skips = false;
}

void pv_source_close(struct pv_source *s)
{
	jpeg_destroy((j_common_ptr)&s->in);
	memset(&s->in, 0, sizeof(s->in));
	s->skips = false;
}
