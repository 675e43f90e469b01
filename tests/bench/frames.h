// SPDX-License-Identifier: GPL-2.0-or-later
/* The frames that benchmarks run on: JPEG files of a folder, in the order of their names. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define MAX_FRAMES 200

struct bench_frame {
	uint8_t *data;
	size_t size;		/* bytes */
};

/* Reads them and returns how many, at least one; else says what is wrong and ends the program. */
int bench_load(const char *folder, struct bench_frame frames[MAX_FRAMES]);

/* For qsort() of doubles, the least first. */
int bench_rising(const void *a, const void *b);

#endif
