// SPDX-License-Identifier: GPL-2.0-or-later
/* The bits of a JPEG's scan, the first one highest, read and written many at a time. */
#ifndef PV_BITS_H
#define PV_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of bytes without stuffing, behind which at least 8 more must lie. */
struct pv_bit_reader {
	const uint8_t *at;	/* the first byte that is not in `hold` whole */
	uint64_t hold;		/* the next bits; whatever is behind `left` of them is what comes then */
	int left;
};

static inline uint64_t pv_bits_at(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return be64toh(v);
}

/* Afterwards at least 56 are held. */
static inline void pv_bits_fill(struct pv_bit_reader *r)
{
	r->hold |= pv_bits_at(r->at) >> r->left;
	r->at += (63 - r->left) >> 3;
	r->left |= 56;
}

static inline void pv_bits_skip(struct pv_bit_reader *r, int n)
{
	r->hold <<= n;
	r->left -= n;
}

/* How many bits behind `from` the next one is. */
static inline size_t pv_bits_tell(const struct pv_bit_reader *r, const uint8_t *from)
{
	return (size_t)(r->at - from) * 8 - (size_t)r->left;
}

/* Into a buffer, with stuffing. */
struct pv_bit_writer {
	uint8_t *at, *end;	/* the same once something did not fit */
	uint64_t hold;		/* the last `held` bits that were put; lowest is the latest */
	int held;		/* fewer than 32 between calls */
	bool full;		/* so it is */
};

static inline bool pv_bits_fit(struct pv_bit_writer *w, size_t n)
{
	if ((size_t)(w->end - w->at) >= n)
		return true;
	w->end = w->at;
	w->full = true;
	return false;
}

static inline void pv_bits_byte(struct pv_bit_writer *w, uint8_t byte)
{
	if (!pv_bits_fit(w, 2))
		return;
	*w->at++ = byte;
	if (byte == 0xff)
		*w->at++ = 0;
}

/* At most 32 of them; above them `bits` is 0. */
static inline void pv_bits_put(struct pv_bit_writer *w, uint32_t bits, int n)
{
	w->hold = w->hold << n | bits;
	w->held += n;
	if (w->held < 32)
		return;
	w->held -= 32;
	uint32_t four = (uint32_t)(w->hold >> w->held);
	if (w->end - w->at >= 4 && !((~four - 0x01010101) & four & 0x80808080)) {	/* no byte of ones */
		four = htobe32(four);
		memcpy(w->at, &four, 4);
		w->at += 4;
		return;
	}
	for (int shift = 24; shift >= 0; shift -= 8)
		pv_bits_byte(w, (uint8_t)(four >> shift));
}

/* Those from bit `from` up to `to` of bytes without stuffing, behind which 8 more lie. */
static inline void pv_bits_copy(struct pv_bit_writer *w, const uint8_t *bytes, size_t from, size_t to)
{
	for (; from + 32 <= to; from += 32)
		pv_bits_put(w, (uint32_t)(pv_bits_at(bytes + from / 8) << from % 8 >> 32), 32);
	if (from < to)
		pv_bits_put(w, (uint32_t)(pv_bits_at(bytes + from / 8) << from % 8 >> (64 - (to - from))),
			    (int)(to - from));
}

/* Fills the last byte with ones, as a scan's end and a restart marker need it. */
static inline void pv_bits_align(struct pv_bit_writer *w)
{
	int n = -w->held & 7;

	pv_bits_put(w, (1u << n) - 1, n);
	for (; w->held; w->held -= 8)
		pv_bits_byte(w, (uint8_t)(w->hold >> (w->held - 8)));
}

/* Bytes as they are, between what is aligned. */
static inline void pv_bits_raw(struct pv_bit_writer *w, const void *bytes, size_t n)
{
	if (!pv_bits_fit(w, n))
		return;
	memcpy(w->at, bytes, n);
	w->at += n;
}

#endif
