/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzzer of the module's nodes: what its files share. */
#ifndef FUZZ_IOCTL_H
#define FUZZ_IOCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_MAPS 8	/* mappings of one thread */

/* One thread: its own stream of numbers, so that a seed says what it does. */
struct fuzz {
	uint64_t random;
	uint64_t calls, accepted, jpegs;	/* JPEGs: of the calls accepted, seals in MJPG */
	struct fuzz_map {
		uint8_t *at;
		size_t size;
	} maps[FUZZ_MAPS];
};

/* random.c: numbers that look random and come again with the seed */
uint32_t fuzz_random(struct fuzz *f);
uint32_t fuzz_below(struct fuzz *f, uint32_t n);
bool fuzz_chance(struct fuzz *f, uint32_t in);
void fuzz_spoil(struct fuzz *f, void *data, size_t size);
uint32_t fuzz_odd(struct fuzz *f);
uint64_t fuzz_nowhere(struct fuzz *f, uint64_t was, uint64_t is);

/* ioctl.c: calls, counted; the descriptor may be closed by another thread meanwhile */
int fuzz_call(struct fuzz *f, int fd, unsigned long request, void *data);

/* control.c: /dev/plateveil */
bool fuzz_control_open(void);
int fuzz_control_fd(void);
void fuzz_control(struct fuzz *f);
int fuzz_node_number(struct fuzz *f, bool *feed);

/* gates.c: the same, of gates */
void fuzz_gates(struct fuzz *f);

/* node.c: the views and the feeds */
void fuzz_node(struct fuzz *f);
void fuzz_node_end(struct fuzz *f);

#endif
