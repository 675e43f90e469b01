// SPDX-License-Identifier: GPL-2.0-or-later
#include "contrast.h"

#include <math.h>
#include <string.h>

#include "frame/vectors.h"

#define CELLS (PV_CONTRAST_BLOCK / 2)	/* a block's sides, in the input's cells of 2x2 pixels */
#define PIXELS (4 * CELLS)		/* of a row of cells, in a block */
#define ROUND 2				/* blocks each way that count for one */
#define ONE 32				/* a gain of 1: 255 levels times the most are 16 bits */

static int least(int a, int b)
{
	return a < b ? a : b;
}

static inline void add(struct pv_contrast *b, const int8_t *from, int n)
{
	int sum = 0, squares = 0;

	for (int i = 0; i < n; i++) {
		int16_t v = (int16_t)from[i];
		sum += v;
		squares += v * v;
	}
	b->sum += sum;
	b->squares += (uint32_t)squares;
	b->count += n;
}

PV_VECTORS static void measure(const int8_t *input, int width, int across, int along, int cells, int rows,
		    struct pv_contrast *blocks)
{
	memset(blocks, 0, (size_t)across * (size_t)along * sizeof(*blocks));
	for (int y = 0; y < rows; y++) {
		const int8_t *from = input + 2 * (size_t)width * (size_t)y;
		struct pv_contrast *b = blocks + (size_t)(y / CELLS) * (size_t)across;
		for (int x = 0; x < cells; x += CELLS, b++) {
			if (cells - x >= CELLS)
				add(b, from + 4 * x, PIXELS);
			else
				add(b, from + 4 * x, 4 * (cells - x));
		}
	}
}

/* The mean of a block and those round it, and the gain their deviation asks for. */
static void judge(struct pv_contrast *blocks, int across, int along, int column, int row)
{
	struct pv_contrast *b = &blocks[row * across + column], all = { .count = 0 };

	for (int y = row > ROUND ? row - ROUND : 0; y <= least(row + ROUND, along - 1); y++) {
		for (int x = column > ROUND ? column - ROUND : 0; x <= least(column + ROUND, across - 1); x++) {
			all.sum += blocks[y * across + x].sum;
			all.squares += blocks[y * across + x].squares;
			all.count += blocks[y * across + x].count;
		}
	}
	if (!all.count)
		all.count = 1;
	float mean = (float)all.sum / (float)all.count;
	float variance = (float)all.squares / (float)all.count - mean * mean;
	float gain = PV_CONTRAST_LEAST / sqrtf(fmaxf(variance, 0) + 1);
	b->mean = (int32_t)lrintf(mean);
	b->gain = (int32_t)lrintf(ONE * fminf(fmaxf(gain, 1), PV_CONTRAST_MOST));
}

/* What is made of pixels between the middles of two blocks, of which they are way[] sixteenths from the first. */
struct stretch {
	int16_t mean[2], gain[2];
};

#define W(i) 2 * (i) + 1, 2 * (i) + 1, 2 * (i) + 1, 2 * (i) + 1
static const int16_t way[PIXELS] = { W(0), W(1), W(2), W(3), W(4), W(5), W(6), W(7) };

/* 16 bits hold all of it: eight at a time on any processor with vectors. */
static inline void raise(int8_t *to, int from, int n, const struct stretch *s)
{
	for (int i = 0; i < n; i++) {
		int16_t w = way[from + i], v = (int16_t)(16 - w);
		int16_t mean = (int16_t)((int16_t)(s->mean[0] * v + s->mean[1] * w) >> 4);
		int16_t gain = (int16_t)((int16_t)(s->gain[0] * v + s->gain[1] * w) >> 4);
		int16_t p = (int16_t)(mean + ((int16_t)((int16_t)(to[i] - mean) * gain) >> 5));
		p = p < -128 ? -128 : p;
		to[i] = (int8_t)(p > 127 ? 127 : p);
	}
}

/* A row of cells between two rows of blocks, `at` sixteenths from the upper one. */
PV_VECTORS static void raise_row(int8_t *to, int across, int cells, const struct pv_contrast *above,
		      const struct pv_contrast *below, int at)
{
	for (int k = -1; k < across; k++) {
		struct stretch s;
		for (int side = 0; side < 2; side++) {
			int x = k + side < 0 ? 0 : least(k + side, across - 1);
			s.mean[side] = (int16_t)((above[x].mean * (16 - at) + below[x].mean * at) / 16);
			s.gain[side] = (int16_t)((above[x].gain * (16 - at) + below[x].gain * at) / 16);
		}
		int x = k * CELLS + CELLS / 2, from = x < 0 ? -4 * x : 0, n = 4 * least(CELLS, cells - x) - from;
		if (n <= 0 || (s.gain[0] == ONE && s.gain[1] == ONE))
			continue;
		if (n == PIXELS)
			raise(to + 4 * x, 0, PIXELS, &s);
		else
			raise(to + 4 * x + from, from, n, &s);
	}
}

void pv_contrast_raise(int8_t *input, int width, int inside, int rows, struct pv_contrast *blocks)
{
	int cells = inside / 2, lines = rows / 2;
	int across = (inside + PV_CONTRAST_BLOCK - 1) / PV_CONTRAST_BLOCK;
	int along = (rows + PV_CONTRAST_BLOCK - 1) / PV_CONTRAST_BLOCK;

	measure(input, width, across, along, cells, lines, blocks);
	for (int y = 0; y < along; y++)
		for (int x = 0; x < across; x++)
			judge(blocks, across, along, x, y);
	for (int y = 0; y < lines; y++) {
		int upper = (y - CELLS / 2 + CELLS) / CELLS - 1, at = 2 * (y - CELLS / 2 - upper * CELLS) + 1;
		int lower = least(upper + 1, along - 1);
		upper = upper < 0 ? 0 : upper;
		raise_row(input + 2 * (size_t)width * (size_t)y, across, cells, blocks + (size_t)upper * (size_t)across,
			  blocks + (size_t)lower * (size_t)across, at);
	}
}
