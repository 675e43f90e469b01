// SPDX-License-Identifier: GPL-2.0-only
/* JPEG, as much of it as the card and the check of a seal need (ITU-T T.81). */

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jpeg.h"

#define QUANTUM		8	/* of every coefficient; 8 makes a flat block's DC its grey */
#define EOB		0x00	/* no more coefficients in the block */
#define ZRL		0xf0	/* sixteen zeros */

/* Coefficients in the order in which they are written. */
static const u8 zigzag[64] = {
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48,
	41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15,
	23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

/* Annex K's luminance tables: how many codes of 1 to 16 bits, then the symbols. */
static const u8 dc_table[16 + 12] = {
	0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
};

static const u8 ac_table[16 + 162] = {
	0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125,
	0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06,
	0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08,
	0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72,
	0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
	0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45,
	0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
	0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75,
	0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
	0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3,
	0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
	0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9,
	0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
	0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4,
	0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
};

/* --- writing ------------------------------------------------------------- */

struct codes {
	u16 code[256];
	u8 length[256];
};

struct writer {
	u8 *at, *end;
	bool full;
	u32 bits;		/* the lowest @waiting are not written yet */
	unsigned int waiting;
	int last_dc;
	struct codes dc, ac;
};

static void put_bytes(struct writer *w, const u8 *bytes, unsigned int n)
{
	if (n > w->end - w->at) {
		w->full = true;
		return;
	}
	memcpy(w->at, bytes, n);
	w->at += n;
}

/* Entropy-coded bits; a byte of ones is followed by one of zeros. */
static void put_bits(struct writer *w, u32 bits, unsigned int n)
{
	w->bits = w->bits << n | (bits & (BIT(n) - 1));
	for (w->waiting += n; w->waiting >= 8; w->waiting -= 8) {
		u8 byte[2] = { w->bits >> (w->waiting - 8), 0 };

		put_bytes(w, byte, byte[0] == 0xff ? 2 : 1);
	}
}

static void put_symbol(struct writer *w, const struct codes *c, u8 symbol)
{
	put_bits(w, c->code[symbol], c->length[symbol]);
}

/* @value in as few bits as it takes, after a symbol that says how many. */
static void put_value(struct writer *w, const struct codes *c, unsigned int zeros, int value)
{
	unsigned int n = fls(abs(value));

	put_symbol(w, c, zeros << 4 | n);
	put_bits(w, value < 0 ? value - 1 : value, n);
}

/* A table's codes grow by one, and get a zero more at each next length. */
static void make_codes(struct codes *c, const u8 *table)
{
	const u8 *symbol = table + 16;
	unsigned int length, i;
	u16 code = 0;

	for (length = 1; length <= 16; length++, code <<= 1)
		for (i = 0; i < table[length - 1]; i++, symbol++) {
			c->code[*symbol] = code++;
			c->length[*symbol] = length;
		}
}

static void put_table(struct writer *w, u8 class, const u8 *table, unsigned int n)
{
	const u8 head[5] = { 0xff, 0xc4, 0, 3 + n, class };

	put_bytes(w, head, sizeof(head));
	put_bytes(w, table, n);
}

static void put_headers(struct writer *w, u32 width, u32 height)
{
	static const u8 start[] = {
		0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
		0xff, 0xdb, 0, 67, 0,
	};
	/* Three components; the first has two blocks beside each other for one of the others. */
	const u8 frame[] = {
		0xff, 0xc0, 0, 17, 8, height >> 8, height, width >> 8, width, 3,
		1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0,
	};
	static const u8 scan[] = { 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0 };
	u8 quanta[64];

	memset(quanta, QUANTUM, sizeof(quanta));
	put_bytes(w, start, sizeof(start));
	put_bytes(w, quanta, sizeof(quanta));
	put_bytes(w, frame, sizeof(frame));
	put_table(w, 0x00, dc_table, sizeof(dc_table));
	put_table(w, 0x10, ac_table, sizeof(ac_table));
	put_bytes(w, scan, sizeof(scan));
}

/* 8192 times what sample @x of eight gives to coefficient @u. */
static int basis(unsigned int u, unsigned int x)
{
	/* 4096 cos(k pi / 16) */
	static const s16 cosine[9] = { 4096, 4017, 3784, 3406, 2896, 2276, 1567, 799, 0 };
	unsigned int k = (2 * x + 1) * u % 32;

	if (!u)
		return cosine[4];
	k = k > 16 ? 32 - k : k;
	return k > 8 ? -cosine[16 - k] : cosine[k];
}

/* Rows, then columns, of samples around zero; quantised in the second pass. */
static void transform(const int samples[64], int out[64])
{
	int half[64], sum;
	unsigned int i, u, x;

	for (i = 0; i < 64; i++) {
		for (sum = 0, u = i % 8, x = 0; x < 8; x++)
			sum += basis(u, x) * samples[i / 8 * 8 + x];
		half[i] = (sum + 128) >> 8;
	}
	for (i = 0; i < 64; i++) {
		for (sum = 0, u = i / 8, x = 0; x < 8; x++)
			sum += basis(u, x) * half[x * 8 + i % 8];
		/* 26 bits of the two bases, less 8, and the quantum's 3. */
		out[i] = (sum + (1 << 20)) >> 21;
	}
}

static void put_block(struct writer *w, const int coefficients[64], unsigned int count)
{
	unsigned int i, zeros = 0;

	put_value(w, &w->dc, 0, coefficients[0] - w->last_dc);
	w->last_dc = coefficients[0];
	for (i = 1; i < count; i++) {
		int value = coefficients[zigzag[i]];

		if (!value) {
			zeros++;
			continue;
		}
		for (; zeros > 15; zeros -= 16)
			put_symbol(w, &w->ac, ZRL);
		put_value(w, &w->ac, zeros, value);
		zeros = 0;
	}
	if (zeros || count < 64)
		put_symbol(w, &w->ac, EOB);
}

/* Beyond its edges the picture goes on as it is there. */
static void put_luma(struct writer *w, const u8 *luma, u32 width, u32 height, u32 left, u32 top)
{
	int samples[64], out[64];
	bool flat = true;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		u32 x = min(left + i % 8, width - 1), y = min(top + i / 8, height - 1);

		samples[i] = luma[y * width + x] - 128;
		flat &= samples[i] == samples[0];
	}
	if (flat) {
		put_block(w, samples, 1);
		return;
	}
	transform(samples, out);
	put_block(w, out, 64);
}

u32 pv_jpeg_write(const u8 *luma, const u8 chroma[2], u32 width, u32 height, u8 *to, u32 room)
{
	static const u8 end[2] = { 0xff, 0xd9 };
	struct writer *w;
	u32 x, y, i, size;

	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return 0;
	w->at = to;
	w->end = to + room;
	make_codes(&w->dc, dc_table);
	make_codes(&w->ac, ac_table);
	put_headers(w, width, height);
	for (y = 0; y < height; y += 8) {
		for (x = 0; x < width; x += 16) {
			put_luma(w, luma, width, height, x, y);
			put_luma(w, luma, width, height, x + 8, y);
			/* After the first, blocks of nothing but "as before" and "no more". */
			for (i = 0; i < 2; i++) {
				put_value(w, &w->dc, 0, x || y ? 0 : chroma[i] - 128);
				put_symbol(w, &w->ac, EOB);
			}
		}
		cond_resched();
	}
	put_bits(w, 0x7f, 7);
	w->waiting = 0;
	put_bytes(w, end, sizeof(end));
	size = w->full ? 0 : w->at - to;
	kfree(w);
	return size;
}

/* --- checking ------------------------------------------------------------ */

static u32 be16(const u8 *p)
{
	return READ_ONCE(p[0]) << 8 | READ_ONCE(p[1]);
}

/*
 * The helper may write here meanwhile, so every byte is read once and believed
 * for no more than where to look next.
 */
bool pv_jpeg_check(const u8 *data, u32 size, u32 width, u32 height)
{
	u32 at = 2;

	if (size < 4 || be16(data) != 0xffd8 ||
	    be16(data + size - 2) != 0xffd9)
		return false;
	while (size - at > 9 && data[at] == 0xff) {
		u8 marker = READ_ONCE(data[at + 1]);
		u32 length = be16(data + at + 2);

		if (marker == 0xc0)
			return data[at + 4] == 8 && be16(data + at + 5) == height &&
			       be16(data + at + 7) == width;
		/* Tables, what applications keep, comments; no other kind of frame. */
		if (marker != 0xdb && marker != 0xc4 && marker != 0xdd && marker != 0xfe &&
		    (marker & 0xf0) != 0xe0)
			return false;
		if (length < 2 || length > size - at - 2)
			return false;
		at += 2 + length;
	}
	return false;
}
