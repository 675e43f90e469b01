// SPDX-License-Identifier: GPL-2.0-or-later
#include "header.h"

#include "scan.h"

/* Two bytes, the higher first, as all lengths are. */
#define TWO(n) (uint8_t)((n) >> 8), (uint8_t)(n)

#define RAW(w, ...) pv_bits_raw(w, (uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }))

static void write_steps(struct pv_bit_writer *w, const struct jpeg_compress_struct *out, int n)
{
	RAW(w, 0xff, 0xdb, TWO(2 + 1 + 64), (uint8_t)n);
	for (int i = 0; i < 64; i++)
		RAW(w, (uint8_t)out->quant_tbl_ptrs[n]->quantval[pv_scan_order[i]]);
}

static void write_codes(struct pv_bit_writer *w, const JHUFF_TBL *t, int which)
{
	int n = 0;

	for (int i = 1; i <= 16; i++)
		n += t->bits[i];
	RAW(w, 0xff, 0xc4, TWO(2 + 1 + 16 + n), (uint8_t)which);
	pv_bits_raw(w, t->bits + 1, 16);
	pv_bits_raw(w, t->huffval, (size_t)n);
}

void pv_header_write(struct pv_bit_writer *w, const struct jpeg_compress_struct *out)
{
	const jpeg_component_info *c = out->comp_info;
	int n = out->num_components;
	unsigned seen = 0;

	RAW(w, 0xff, 0xd8, 0xff, 0xe0, TWO(16), 'J', 'F', 'I', 'F', 0, 1, 1, 0, TWO(1), TWO(1), 0, 0);
	for (int i = 0; i < n; i++) {
		if (!(seen & 1u << c[i].quant_tbl_no))
			write_steps(w, out, c[i].quant_tbl_no);
		seen |= 1u << c[i].quant_tbl_no;
	}
	RAW(w, 0xff, 0xc0, TWO(8 + 3 * n), 8, TWO(out->image_height), TWO(out->image_width), (uint8_t)n);
	for (int i = 0; i < n; i++)
		RAW(w, (uint8_t)c[i].component_id, (uint8_t)(c[i].h_samp_factor << 4 | c[i].v_samp_factor),
		    (uint8_t)c[i].quant_tbl_no);
	for (int i = 0; i < n && i < 2; i++) {	/* the third has the second's */
		write_codes(w, out->dc_huff_tbl_ptrs[i], i);
		write_codes(w, out->ac_huff_tbl_ptrs[i], 0x10 | i);
	}
	if (out->restart_interval)
		RAW(w, 0xff, 0xdd, TWO(4), TWO(out->restart_interval));
	RAW(w, 0xff, 0xda, TWO(6 + 2 * n), (uint8_t)n);
	for (int i = 0; i < n; i++)
		RAW(w, (uint8_t)c[i].component_id, (uint8_t)(c[i].dc_tbl_no << 4 | c[i].ac_tbl_no));
	RAW(w, 0, 63, 0);
}
