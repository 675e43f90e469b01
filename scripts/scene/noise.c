// SPDX-License-Identifier: GPL-2.0-or-later
/* noise.c - own random numbers (the same picture on every C library), value
 * noise. */
#include "scene.h"

#include <stdlib.h>

uint32_t rng_next(Rng *r)
{
	uint32_t x = r->s += 0x9e3779b9u;

	x = (x ^ (x >> 16)) * 0x21f0aaadu;
	x = (x ^ (x >> 15)) * 0x735a2d97u;
	return x ^ (x >> 15);
}

float rng_unit(Rng *r)
{
	return (float)(rng_next(r) >> 8) / 16777216.0f;
}

float rng_range(Rng *r, float lo, float hi)
{
	return lo + (hi - lo) * rng_unit(r);
}

float noise_hash(int x, int y, uint32_t salt)
{
	uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^
		     salt * 0xcb1ab31fu;

	h = (h ^ (h >> 15)) * 0x2c1b3c6du;
	h = (h ^ (h >> 12)) * 0x297a2d39u;
	return (float)((h ^ (h >> 15)) >> 8) / 16777216.0f;
}

float noise2(float x, float y, uint32_t salt)
{
	/* floorf() is a slow call on older targets. */
	int ix = (int)x - (x < 0), iy = (int)y - (y < 0);
	float tx = x - (float)ix, ty = y - (float)iy;
	float a, b;

	tx = tx * tx * (3 - 2 * tx);
	ty = ty * ty * (3 - 2 * ty);
	a = mixf(noise_hash(ix, iy, salt), noise_hash(ix + 1, iy, salt), tx);
	b = mixf(noise_hash(ix, iy + 1, salt),
		 noise_hash(ix + 1, iy + 1, salt), tx);
	return mixf(a, b, ty);
}

/* Sum of octaves, mean about one half. */
float fbm2(float x, float y, int octaves, uint32_t salt)
{
	float sum = 0, amp = 0.5f, norm = 0;

	for (int i = 0; i < octaves; i++) {
		sum += amp * noise2(x, y, salt + (uint32_t)i);
		norm += amp;
		amp *= 0.5f;
		x = x * 2.03f + 11.7f;
		y = y * 2.03f + 5.3f;
	}
	return sum / norm;
}

/* There is nothing sensible to do without memory in a renderer. */
void *must_alloc(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p) {
		fprintf(stderr, "scene: out of memory\n");
		exit(1);
	}
	return p;
}
