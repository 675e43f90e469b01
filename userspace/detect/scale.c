// SPDX-License-Identifier: GPL-2.0-or-later
#include "scale.h"

#include <stdlib.h>
#include <string.h>

#include "frame/vectors.h"

#define ACROSS 512	/* pixels of a row that are made together */
#define ONE 1024	/* a whole weight, both ways: sums stay under 2^32 */

/* The span of source samples a target sample covers: the first and last in part. */
struct span {
	int first, count;
	uint32_t head, tail;	/* weights of the first and last sample, of ONE in all */
	uint32_t body;		/* weight of those between */
};

struct pv_scale {
	int from_width, from_height, to_width, to_height;
	struct span *columns, *rows;
	uint32_t *line;		/* one source row's width of weighted column sums */
};

static void plan(struct span *spans, int from, int to)
{
	for (int i = 0; i < to; i++) {
		/* In units of 1/to of a source sample: [i * from, (i + 1) * from) */
		int64_t a = (int64_t)i * from, b = a + from;
		struct span *s = &spans[i];
		s->first = (int)(a / to);
		int last = (int)((b - 1) / to);
		s->count = last - s->first + 1;
		s->body = (uint32_t)((int64_t)ONE * to / from);
		if (s->count == 1) {
			s->head = ONE;
			s->tail = 0;
			continue;
		}
		s->head = (uint32_t)(ONE * ((s->first + 1) * (int64_t)to - a) / from);
		/* The rest, so that weights always add to ONE. */
		s->tail = ONE - s->head - s->body * (uint32_t)(s->count - 2);
	}
}

struct pv_scale *pv_scale_new(int from_width, int from_height, int to_width, int to_height)
{
	if (to_width < 1 || to_height < 1 || to_width > from_width || to_height > from_height)
		return NULL;
	struct pv_scale *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->from_width = from_width;
	s->from_height = from_height;
	s->to_width = to_width;
	s->to_height = to_height;
	s->columns = calloc((size_t)to_width, sizeof(*s->columns));
	s->rows = calloc((size_t)to_height, sizeof(*s->rows));
	s->line = calloc((size_t)from_width, sizeof(*s->line));
	if (!s->columns || !s->rows || !s->line) {
		pv_scale_free(s);
		return NULL;
	}
	plan(s->columns, from_width, to_width);
	plan(s->rows, from_height, to_height);
	return s;
}

void pv_scale_free(struct pv_scale *s)
{
	if (!s)
		return;
	free(s->columns);
	free(s->rows);
	free(s->line);
	free(s);
}

PV_VECTORS static void add_row(uint32_t *restrict line, const uint8_t *restrict row, int n, uint32_t weight)
{
	for (int x = 0; x < n; x++)
		line[x] += weight * row[x];
}

void pv_scale_run(struct pv_scale *s, const uint8_t *from, size_t from_stride, uint8_t *to,
		  size_t to_stride)
{
	if (s->from_width == s->to_width && s->from_height == s->to_height) {
		for (int y = 0; y < s->to_height; y++)
			memcpy(to + (size_t)y * to_stride, from + (size_t)y * from_stride,
			       (size_t)s->to_width);
		return;
	}
	if (s->from_width == 2 * s->to_width && s->from_height == 2 * s->to_height) {
		pv_scale_half(from, from_stride, s->from_width, s->from_height, to, to_stride);
		return;
	}
	for (int y = 0; y < s->to_height; y++) {
		const struct span *r = &s->rows[y];
		memset(s->line, 0, (size_t)s->from_width * sizeof(*s->line));
		for (int k = 0; k < r->count; k++) {
			uint32_t weight = k == 0 ? r->head : k == r->count - 1 ? r->tail : r->body;
			add_row(s->line, from + (size_t)(r->first + k) * from_stride, s->from_width,
				weight);
		}
		for (int x = 0; x < s->to_width; x++) {
			const struct span *c = &s->columns[x];
			const uint32_t *l = s->line + c->first;
			uint32_t sum = c->head * l[0];
			for (int k = 1; k < c->count - 1; k++)
				sum += c->body * l[k];
			if (c->count > 1)
				sum += c->tail * l[c->count - 1];
			to[(size_t)y * to_stride + (size_t)x] =
				(uint8_t)((sum + ONE * ONE / 2) / (ONE * ONE));
		}
	}
}

PV_VECTORS void pv_scale_half(const uint8_t *from, size_t from_stride, int width, int height, uint8_t *to,
		   size_t to_stride)
{
	for (int y = 0; y < height; y += 2, from += 2 * from_stride, to += to_stride) {
		const uint8_t *restrict a = from, *restrict b = y + 1 < height ? from + from_stride : from;
		uint8_t *restrict t = to;
		for (int x = 0; x < width / 2; x++)
			t[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) / 4);
		if (width & 1)
			t[width / 2] = (uint8_t)((a[width - 1] + b[width - 1] + 1) / 2);
	}
}

/* Where the samples of a larger side lie in a smaller one, one after another: in parts of 256, and what is left of
 * one. */
struct steps {
	int at, rest, step, step_rest, to, last;
};

static struct steps begin(int from, int to)
{
	return (struct steps){ 128 * from / to - 128, 128 * from % to, 256 * from / to, 256 * from % to, to,
			       256 * (from - 1) };
}

/* Before the sample after that, so many of 256 parts behind it. */
static int next(struct steps *s, int *part)
{
	int at = s->at < 0 ? 0 : s->at < s->last ? s->at : s->last;

	s->at += s->step;
	s->rest += s->step_rest;
	if (s->rest >= s->to) {
		s->rest -= s->to;
		s->at++;
	}
	*part = at & 255;
	return at >> 8;
}

/* Rows are mixed before their pixels are, so that most of it can be done by vectors. */
PV_VECTORS static void mix_rows(const uint8_t *restrict row, const uint8_t *restrict next, int n, int down,
				int32_t *restrict to)
{
	for (int x = 0; x < n; x++)
		to[x] = row[x] * (256 - down) + next[x] * down;
}

PV_VECTORS static void mix_pixels(const int32_t *restrict mixed, int first, const int *restrict left,
				  const int *restrict part, int n, uint8_t *restrict to)
{
	for (int i = 0; i < n; i++) {
		const int32_t *two = mixed + (left[i] - first);
		to[i] = (uint8_t)((two[0] * (256 - part[i]) + two[1] * part[i] + 32768) >> 16);
	}
}

void pv_scale_between(const uint8_t *row, const uint8_t *next, int width, int down, const int *left, const int *part,
		      int n, uint8_t *to)
{
	int32_t mixed[ACROSS + 1];

	for (int i = 0, k; i < n; i = k) {
		int first = left[i], end = first + ACROSS < width ? first + ACROSS : width;
		for (k = i; k < n && left[k] < first + ACROSS - 1; k++)
			;
		end = left[k - 1] + 2 < end ? left[k - 1] + 2 : end;
		mix_rows(row + first, next + first, end - first, down, mixed);
		mixed[end - first] = mixed[end - first - 1];	/* right of the last one */
		mix_pixels(mixed, first, left + i, part + i, k - i, to + i);
	}
}

void pv_scale_enlarge(const uint8_t *from, size_t from_stride, int from_width, int from_height, uint8_t *to,
		      size_t to_stride, int to_width, int to_height)
{
	struct steps columns = begin(from_width, to_width);
	int left[ACROSS], part[ACROSS];

	for (int x = 0, n; x < to_width; x += n) {
		struct steps rows = begin(from_height, to_height);
		n = to_width - x < ACROSS ? to_width - x : ACROSS;
		for (int i = 0; i < n; i++)
			left[i] = next(&columns, &part[i]);
		for (int y = 0; y < to_height; y++) {
			int down, row = next(&rows, &down);
			const uint8_t *a = from + (size_t)row * from_stride;
			pv_scale_between(a, row + 1 < from_height ? a + from_stride : a, from_width, down, left, part, n,
					 to + (size_t)y * to_stride + x);
		}
	}
}
