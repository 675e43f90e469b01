// SPDX-License-Identifier: GPL-2.0-or-later
#include "ioctl.h"

#include <string.h>

uint32_t fuzz_random(struct fuzz *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return (uint32_t)(f->random >> 16);
}

uint32_t fuzz_below(struct fuzz *f, uint32_t n)
{
	return fuzz_random(f) % n;
}

/* Once in so many times. */
bool fuzz_chance(struct fuzz *f, uint32_t in)
{
	return !fuzz_below(f, in);
}

/* Numbers at which code goes wrong. */
uint32_t fuzz_odd(struct fuzz *f)
{
	static const uint32_t edges[] = { 0, 1, 2, 15, 16, 17, 31, 32, 33, 64, 255, 256, 257, 4095, 4096,
					  4097, 0x7fff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };

	return fuzz_chance(f, 3) ? fuzz_random(f) : edges[fuzz_below(f, sizeof(edges) / sizeof(*edges))];
}

/* Some bytes, or a word, of what was right until now. */
void fuzz_spoil(struct fuzz *f, void *data, size_t size)
{
	uint8_t *bytes = data;
	uint32_t word = fuzz_odd(f);

	if (size >= sizeof(word) && fuzz_chance(f, 2)) {
		memcpy(bytes + fuzz_below(f, (uint32_t)(size / 4)) * 4, &word, sizeof(word));
		return;
	}
	for (uint32_t n = 1 + fuzz_below(f, 4); n && size; n--)
		bytes[fuzz_below(f, (uint32_t)size)] = (uint8_t)fuzz_random(f);
}

/* A pointer after it may have been spoiled: the kernel must not be asked to write over what is ours. */
uint64_t fuzz_nowhere(struct fuzz *f, uint64_t was, uint64_t is)
{
	static const uint64_t nowhere[] = { 0, 8, 4095, 1ull << 47, 1ull << 63, 0xffff888000000000, ~0ull - 4095 };

	return is == was ? is : nowhere[fuzz_below(f, sizeof(nowhere) / sizeof(*nowhere))];
}
