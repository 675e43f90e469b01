// SPDX-License-Identifier: GPL-2.0-or-later
#include "huffman.h"

#include <string.h>

/* Of so many bits, as the standard codes it (F.1.2.1): negative ones have a 0 before them. */
static int value_of(uint32_t bits, int n)
{
	return n && bits < 1u << (n - 1) ? (int)bits - (1 << n) + 1 : (int)bits;
}

/* The symbol, whose code has so many bits, and the value behind it. */
static struct pv_code decode(const struct pv_codes *c, uint64_t hold, int symbol, int length)
{
	bool first = c->most == 11;
	int size = first ? symbol : symbol & 15, run = first ? 0 : symbol >> 4;

	if (!first && !symbol)
		return (struct pv_code){ 0, PV_CODE_END, (uint8_t)length };
	if (size > c->most || (!first && !size && run != 15))
		return (struct pv_code){ 0, PV_CODE_BAD, (uint8_t)length };
	uint32_t bits = size ? (uint32_t)(hold << length >> (64 - size)) : 0;
	return (struct pv_code){ (int16_t)value_of(bits, size), (uint8_t)run, (uint8_t)(length + size) };
}

struct pv_code pv_codes_long(const struct pv_codes *c, uint64_t hold)
{
	int32_t next = (int32_t)(hold >> 48);
	int n = 1;

	while (n <= 16 && next >= c->past[n])
		n++;
	if (n > 16)
		return (struct pv_code){ 0, PV_CODE_BAD, 16 };
	return decode(c, hold, c->table.huffval[(next >> (16 - n)) - c->first[n]], n);
}

bool pv_huffman_equal(const JHUFF_TBL *a, const JHUFF_TBL *b)
{
	int n = 0;

	for (int i = 1; i <= 16; i++)
		n += a->bits[i];
	return !memcmp(a->bits + 1, b->bits + 1, 16) && n <= 256 && !memcmp(a->huffval, b->huffval, (size_t)n);
}

static void look_up(const struct pv_codes *c, uint64_t hold, struct pv_code *two)
{
	two[0] = pv_codes_long(c, hold);
	two[1] = (struct pv_code){ 0, 0, two[0].bits };
	if (two[0].bits > PV_CODE_LOOK) {
		two[0] = (struct pv_code){ 0, PV_CODE_LONG, 0 };
	} else if (two[0].skip < 16) {
		struct pv_code then = pv_codes_long(c, hold << two[0].bits);
		then.bits += two[0].bits;
		if (then.bits <= PV_CODE_LOOK && then.skip <= PV_CODE_END)
			two[1] = then;
	}
}

bool pv_codes_read(struct pv_codes *c, const JHUFF_TBL *table, bool first)
{
	int32_t code = 0, place = 0;

	if (c->most == (first ? 11 : 10) && pv_huffman_equal(&c->table, table))
		return true;
	c->most = 0;
	for (int n = 1; n <= 16; n++) {
		c->first[n] = code - place;
		code += table->bits[n];
		place += table->bits[n];
		if (code > 1 << n || place > 256)
			return false;
		c->past[n] = code << (16 - n);
		code <<= 1;
	}
	c->table = *table;
	c->most = first ? 11 : 10;
	for (uint32_t i = 0; i < 1u << PV_CODE_LOOK; i++)
		look_up(c, (uint64_t)i << (64 - PV_CODE_LOOK), c->look[i]);
	return true;
}

void pv_symbols_make(struct pv_symbols *s, const JHUFF_TBL *table)
{
	unsigned code = 0;
	int place = 0;

	memset(s, 0, sizeof(*s));
	for (int n = 1; n <= 16; n++, code <<= 1) {
		for (int k = 0; k < table->bits[n] && place < 256; k++, place++) {
			s->code[table->huffval[place]] = (uint16_t)code++;
			s->bits[table->huffval[place]] = (uint8_t)n;
		}
	}
}
