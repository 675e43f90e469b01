// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan.h"

#include <stdlib.h>

#define MARKER 0xff
#define RESTART 0xd0
#define END 0xd9
/* More than a block's longest code: 27 bits, and 63 times 26. */
#define BEYOND 256
#define AHEAD (4 * 64)		/* coefficients of whose memory there is need soon */

const uint8_t pv_scan_order[64] = {
	0,  1,	8,  16, 9,  2,	3,  10, 17, 24, 32, 25, 18, 11, 4,  5,	12, 19, 26, 33, 40, 48,
	41, 34, 27, 20, 13, 6,	7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
	30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

void pv_scan_free(struct pv_scan *s)
{
	free(s->bytes);
	free(s->ends);
	free(s->pieces);
	free(s->changed);
	*s = (struct pv_scan){ .bytes = NULL };
}

static bool grow(void *memory, size_t *room, size_t n, size_t size)
{
	void *old, *new;

	if (n <= *room)
		return true;
	memcpy(&old, memory, sizeof(old));
	new = realloc(old, n * size);
	if (!new)
		return false;
	memcpy(memory, &new, sizeof(new));
	*room = n;
	return true;
}

static bool make_room(struct pv_scan *s, const struct jpeg_decompress_struct *in, size_t size)
{
	unsigned mcus = in->MCUs_per_row * in->MCU_rows_in_scan;

	s->rows = in->MCU_rows_in_scan;
	s->columns = (in->MCUs_per_row + PV_PIECE - 1) / PV_PIECE;
	s->every = in->restart_interval ? in->restart_interval : mcus;
	s->end_count = (mcus + s->every - 1) / s->every;
	size_t cells = (size_t)s->rows * s->columns;
	return grow(&s->bytes, &s->room, size + BEYOND + sizeof(uint64_t), 1) &&
	       grow(&s->ends, &s->end_room, s->end_count, sizeof(*s->ends)) &&
	       grow(&s->pieces, &s->piece_room, cells + s->end_count, sizeof(*s->pieces)) &&
	       grow(&s->changed, &s->changed_room, cells, sizeof(*s->changed));
}

static bool is_plain(const struct jpeg_decompress_struct *in, size_t size)
{
	if (in->progressive_mode || in->arith_code || in->comps_in_scan != in->num_components ||
	    in->comps_in_scan > PV_SCAN_COMPONENTS || size > SIZE_MAX / 16)
		return false;
	for (int i = 0; i < in->comps_in_scan; i++)
		if (in->cur_comp_info[i]->component_index != i)
			return false;
	return true;
}

/* Without stuffing; returns how many bytes come before the next marker, all of them if there is none. */
static size_t unstuff(const uint8_t *data, size_t size, uint8_t *to, size_t *made)
{
	size_t at = 0;

	for (;;) {
		const uint8_t *marker = memchr(data + at, MARKER, size - at);
		size_t n = marker ? (size_t)(marker - data) - at : size - at;
		memcpy(to + *made, data + at, n);
		*made += n;
		at += n;
		if (!marker || at + 1 == size || data[at + 1])
			return at;
		to[(*made)++] = MARKER;
		at += 2;
	}
}

size_t pv_scan_find(struct pv_scan *s, const struct jpeg_decompress_struct *in, const uint8_t *data, size_t size)
{
	size_t at = 0, made = 0;

	if (!is_plain(in, size) || !make_room(s, in, size))
		return 0;
	for (unsigned i = 0; i < s->end_count; i++) {
		if (i && (size - at < 2 || data[at + 1] != RESTART + ((i - 1) & 7)))
			return 0;
		at += i ? 2 : 0;
		at += unstuff(data + at, size - at, s->bytes, &made);
		s->ends[i] = made;
	}
	memset(s->bytes + made, 0, BEYOND + sizeof(uint64_t));
	return at == size || (size - at >= 2 && data[at + 1] == END) ? at : 0;
}

/* --- reading -------------------------------------------------------------- */

/* A block of an MCU. */
struct slot {
	unsigned i;			/* component */
	unsigned across, down;		/* its place in the MCU */
	unsigned wide, high;		/* blocks that the component has of an MCU */
	const jpeg_component_info *info;
	const struct pv_codes *first, *others;	/* to read it */
};

/* What reading the scan, or writing it, needs at hand. */
struct walk {
	struct jpeg_decompress_struct *in;
	jvirt_barray_ptr *arrays;
	struct slot slots[D_MAX_BLOCKS_IN_MCU];
	int slot_count;
	JBLOCKARRAY blocks[PV_SCAN_COMPONENTS];	/* of the row of MCUs */
	int16_t last[PV_SCAN_COMPONENTS];	/* the first coefficients of the blocks before */
	uint8_t place[64];			/* of a coefficient in a block, the other way than pv_scan_order */
};

static void begin(struct walk *k, struct jpeg_decompress_struct *in, jvirt_barray_ptr *arrays)
{
	*k = (struct walk){ .in = in, .arrays = arrays };
	for (uint8_t i = 0; i < 64; i++)
		k->place[pv_scan_order[i]] = i;
	for (unsigned i = 0; i < (unsigned)in->comps_in_scan; i++) {
		const jpeg_component_info *info = in->cur_comp_info[i];
		unsigned wide = (unsigned)info->MCU_width, high = (unsigned)info->MCU_height;
		for (unsigned n = 0; n < wide * high; n++)
			k->slots[k->slot_count++] = (struct slot){ i, n % wide, n / wide, wide, high, info, NULL, NULL };
	}
}

static void enter_row(struct walk *k, unsigned row)
{
	for (int i = 0; i < k->in->comps_in_scan; i++) {
		const jpeg_component_info *info = k->in->cur_comp_info[i];
		unsigned high = (unsigned)info->MCU_height;
		k->blocks[i] = k->in->mem->access_virt_barray((j_common_ptr)k->in, k->arrays[info->component_index],
							      row * high, high, TRUE);
	}
}

/* The block in the MCU that is at x in its row. */
static inline int16_t *block_at(const struct walk *k, const struct slot *b, unsigned x)
{
	return k->blocks[b->i][b->down][x * b->wide + b->across];
}

/* Of an MCU at the picture's right or lower edge some blocks may show nothing. */
static bool is_shown(const struct slot *b, unsigned x, unsigned row)
{
	return x * b->wide + b->across < b->info->width_in_blocks &&
	       row * b->high + b->down < b->info->height_in_blocks;
}

/* What was coded as it would not have been here is no longer `plain`. */
static inline bool read_block(struct pv_bit_reader *from, const struct pv_codes *first,
			      const struct pv_codes *others, int16_t *block, int16_t *last, bool *plain)
{
	struct pv_bit_reader r = *from;
	bool ended = false;
	int k = 1;

	pv_bits_fill(&r);
	struct pv_code code = first->look[r.hold >> (64 - PV_CODE_LOOK)][0];
	if (code.skip == PV_CODE_LONG)
		code = pv_codes_long(first, r.hold);
	if (code.skip)
		return false;
	pv_bits_skip(&r, code.bits);
	*last = (int16_t)(*last + code.value);
	memset(block, 0, 64 * sizeof(*block));
	block[0] = *last;
	while (k < 64) {
		if (r.left < 32)
			pv_bits_fill(&r);
		const struct pv_code *two = others->look[r.hold >> (64 - PV_CODE_LOOK)];
		code = two[0];
		if (k + code.skip < 63) {
			k += code.skip;
			block[pv_scan_order[k++]] = code.value;
			code = two[1];
		} else if (code.skip == PV_CODE_LONG) {
			code = pv_codes_long(others, r.hold);
		}
		pv_bits_skip(&r, code.bits);
		if (k + code.skip > 63) {
			ended = code.skip == PV_CODE_END;
			break;
		}
		k += code.skip;
		block[pv_scan_order[k]] = code.value;
		k += code.skip || code.value;
	}
	/* Zeros before the end need no code. */
	*plain &= k == 1 || block[pv_scan_order[k - 1]];
	*from = r;
	return (ended || k == 64) && *last >= -1024 && *last < 1024;
}

/* Which coefficients behind the first are not 0, in the order they are coded in. */
static uint64_t present(const int16_t *block, const uint8_t *place)
{
	const uint64_t top = 0x8000800080008000;
	uint64_t mask = 0;

	for (int i = 0; i < 64; i += 4) {
		uint64_t four;
		memcpy(&four, block + i, sizeof(four));
		four = htole64(four);
		/* The highest bit of each that is not 0. */
		for (four = (((four & ~top) + ~top) | four) & top; four; four &= four - 1)
			mask |= 1ull << place[i + (__builtin_ctzll(four) >> 4)];
	}
	return mask & ~1ull;
}

static inline bool read_mcu(struct pv_scan *s, struct walk *k, struct pv_bit_reader *r, unsigned x, unsigned row,
			    bool *plain)
{
	const uint8_t *limit = s->bytes + s->ends[s->end_count - 1] + sizeof(uint64_t);
	bool inside = x + 1 < k->in->MCUs_per_row && row + 1 < s->rows;

	for (const struct slot *b = k->slots; b < k->slots + k->slot_count; b++) {
		int16_t before = k->last[b->i];
		int16_t *block = block_at(k, b, x);
		__builtin_prefetch(block + AHEAD, 1);
		__builtin_prefetch(block + AHEAD + 32, 1);
		if (!read_block(r, b->first, b->others, block, &k->last[b->i], plain) || r->at > limit)
			return false;
		if (!inside && !is_shown(b, x, row))
			*plain &= k->last[b->i] == before && !present(block, k->place);
	}
	return true;
}

/* Up to the end of the row of MCUs, or of what is coded up to a restart marker or the end: of `ends`, number `end`. */
static bool read_piece(struct pv_scan *s, struct walk *k, struct pv_bit_reader *r, struct pv_piece *p, unsigned *end)
{
	unsigned across = k->in->MCUs_per_row, row = p->first / across, x = p->first % across;
	unsigned left = s->every - p->first % s->every, most = PV_PIECE - x % PV_PIECE;

	p->count = most < across - x ? most : across - x;
	if (p->count > left)
		p->count = left;
	p->restarts = p->first && left == s->every;
	if (p->restarts) {
		memset(k->last, 0, sizeof(k->last));
		*r = (struct pv_bit_reader){ .at = s->bytes + s->ends[*end - 1] };
	}
	p->from = pv_bits_tell(r, s->bytes);
	p->plain = true;
	memcpy(p->before, k->last, sizeof(p->before));
	for (unsigned n = 0; n < p->count; n++)
		if (!read_mcu(s, k, r, x + n, row, &p->plain))
			return false;
	memcpy(p->after, k->last, sizeof(p->after));
	p->to = pv_bits_tell(r, s->bytes);
	if (p->count < left && p->first + p->count < across * s->rows)
		return true;
	return (p->to + 7) / 8 <= s->ends[(*end)++];	/* phones, and some cameras, write more than that */
}

bool pv_scan_read(struct pv_scan *s, struct jpeg_decompress_struct *in, jvirt_barray_ptr *arrays)
{
	struct pv_bit_reader r = { .at = s->bytes };
	unsigned mcus = in->MCUs_per_row * s->rows, end = 0;
	struct pv_piece *p = s->pieces;
	struct walk k;

	begin(&k, in, arrays);
	for (struct slot *b = k.slots; b < k.slots + k.slot_count; b++) {
		int dc = b->info->dc_tbl_no, ac = b->info->ac_tbl_no;
		if (!pv_codes_read(&s->first[dc], in->dc_huff_tbl_ptrs[dc], true) ||
		    !pv_codes_read(&s->others[ac], in->ac_huff_tbl_ptrs[ac], false))
			return false;
		b->first = &s->first[dc];
		b->others = &s->others[ac];
	}
	for (unsigned at = 0; at < mcus; at += p++->count) {
		if (at % in->MCUs_per_row == 0)
			enter_row(&k, at / in->MCUs_per_row);
		p->first = at;
		if (!read_piece(s, &k, &r, p, &end))
			return false;
	}
	s->piece_count = (size_t)(p - s->pieces);
	memset(s->changed, 0, (size_t)s->rows * s->columns * sizeof(*s->changed));
	return true;
}

void pv_scan_change(struct pv_scan *s, const jpeg_component_info *info, unsigned row, unsigned from, unsigned to)
{
	unsigned wide = (unsigned)info->MCU_width * PV_PIECE;

	for (unsigned x = from / wide; x * wide < to; x++)
		s->changed[row / (unsigned)info->MCU_height * s->columns + x] = true;
}

/* --- writing -------------------------------------------------------------- */

/* What codes a component's blocks. */
struct tables {
	struct pv_symbols first, others;
};

static inline int size_of(int value)
{
	return value ? 32 - __builtin_clz((unsigned)abs(value)) : 0;
}

/* A symbol, and the value whose size it tells. */
static inline bool put(struct pv_bit_writer *w, const struct pv_symbols *s, int symbol, int size, int value)
{
	unsigned bits = (unsigned)(value < 0 ? value - 1 : value) & ((1u << size) - 1);

	pv_bits_put(w, (uint32_t)s->code[symbol] << size | bits, s->bits[symbol] + size);
	return s->bits[symbol];
}

static bool write_block(struct pv_bit_writer *w, const struct tables *t, const int16_t *block, int difference,
			uint64_t mask)
{
	int size = size_of(difference), last = 0;
	bool good = size <= 11 && put(w, &t->first, size, size, difference);

	for (; good && mask; mask &= mask - 1) {
		int k = __builtin_ctzll(mask), run = k - last - 1, value = block[pv_scan_order[k]];
		size = size_of(value);
		for (; run > 15; run -= 16)
			good &= put(w, &t->others, 0xf0, 0, 0);
		good = good && size <= 10 && put(w, &t->others, run << 4 | size, size, value);
		last = k;
	}
	return good && (last == 63 || put(w, &t->others, 0, 0, 0));
}

static bool write_mcu(struct pv_bit_writer *w, struct walk *k, const struct tables *tables, unsigned x, unsigned row)
{
	for (const struct slot *b = k->slots; b < k->slots + k->slot_count; b++) {
		const int16_t *block = block_at(k, b, x);
		bool shown = is_shown(b, x, row);
		int16_t *last = &k->last[b->i], now = shown ? block[0] : *last;
		if (!write_block(w, &tables[b->i], block, now - *last, shown ? present(block, k->place) : 0))
			return false;
		*last = now;
	}
	return true;
}

bool pv_scan_is_alike(const struct jpeg_decompress_struct *in, const struct jpeg_compress_struct *out)
{
	for (int i = 0; i < in->num_components; i++) {
		const jpeg_component_info *from = &in->comp_info[i], *to = &out->comp_info[i];
		if (!pv_huffman_equal(in->dc_huff_tbl_ptrs[from->dc_tbl_no], out->dc_huff_tbl_ptrs[to->dc_tbl_no]) ||
		    !pv_huffman_equal(in->ac_huff_tbl_ptrs[from->ac_tbl_no], out->ac_huff_tbl_ptrs[to->ac_tbl_no]))
			return false;
	}
	return true;
}

static void make_tables(struct tables *t, const struct jpeg_compress_struct *out)
{
	for (int i = 0; i < out->num_components; i++) {
		pv_symbols_make(&t[i].first, out->dc_huff_tbl_ptrs[out->comp_info[i].dc_tbl_no]);
		pv_symbols_make(&t[i].others, out->ac_huff_tbl_ptrs[out->comp_info[i].ac_tbl_no]);
	}
}

int pv_scan_write(struct pv_scan *s, struct jpeg_decompress_struct *in, jvirt_barray_ptr *arrays,
		  const struct jpeg_compress_struct *out, struct pv_bit_writer *w)
{
	struct tables tables[PV_SCAN_COMPONENTS];
	unsigned restarts = 0;
	struct walk k;

	make_tables(tables, out);
	begin(&k, in, arrays);
	s->copied = 0;
	for (const struct pv_piece *p = s->pieces; p < s->pieces + s->piece_count; p++) {
		unsigned row = p->first / in->MCUs_per_row, x = p->first % in->MCUs_per_row;
		bool changed = s->changed[row * s->columns + x / PV_PIECE];
		if (p->restarts) {
			pv_bits_align(w);
			pv_bits_raw(w, (uint8_t[]){ MARKER, (uint8_t)(RESTART + (restarts++ & 7)) }, 2);
			memset(k.last, 0, sizeof(k.last));
		}
		if (p->plain && !changed && !memcmp(k.last, p->before, sizeof(k.last))) {
			s->copied++;
			pv_bits_copy(w, s->bytes, p->from, p->to);
			memcpy(k.last, p->after, sizeof(k.last));
			continue;
		}
		enter_row(&k, row);
		for (unsigned n = 0; n < p->count; n++)
			if (!write_mcu(w, &k, tables, x + n, row))
				return -1;
	}
	pv_bits_align(w);
	return 0;
}
