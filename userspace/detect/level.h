// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One scale of the search: a picture of one size, the network built for parts of it, and what
 * was found there last.
 *
 * A search of an area runs the network over the smallest part it was built for that holds the
 * area and a border of PV_HALO pixels of context, and replaces what is known of the area; the
 * rest of the picture keeps what it was found to hold. A plate wider than twice the border may
 * be cut at the part's edge: it is found at a coarser scale, where it is small.
 * What the network sees of a part has been given contrast where it had little (contrast.h).
 *
 * Memory. A network of 1920x1088 takes 40 MB, half of it XNNPACK's tables of where each pixel's neighbours
 * are, half of it what it computes in between, and networks cannot share either (the XNNPACK of
 * Debian 12). All sizes of a 1080p detector together are 340 MB of a street, 420 when every one has run.
 * Sizes of halves and quarters alone would be 160 MB, and a fifth more to compute for the same
 * street; without those of more than half a picture it is 260 MB and a ninth more.
 */
#ifndef PV_LEVEL_H
#define PV_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#include "detect/contrast.h"
#include "detect/detect.h"
#include "detect/network.h"

#define PV_HALO 64		/* pixels of context round an area, where the picture has them */
#define PV_PARTS 24		/* sizes of part the network is built for, at most */

struct pv_area {
	int x0, y0, x1, y1;	/* pixels; x1 and y1 are beyond it */
};

/* A cell of the network that may be a plate. */
struct pv_find {
	struct pv_detection d;	/* in frame pixels */
	int x, y;		/* the cell's centre, in the level's pixels */
};

struct pv_part {
	int width, height;	/* multiples of PV_NETWORK_MULTIPLE */
	struct pv_network *network;
};

struct pv_level {
	int width, height;	/* pixels */
	float kx, ky;		/* frame pixels to one of the level's */
	struct pv_part parts[PV_PARTS];	/* smallest first; the last holds all of the level */
	int part_count;
	struct pv_find *finds;
	int find_count;
	struct pv_contrast *contrast;	/* of the largest part's blocks */
	size_t room;		/* for finds: every cell of the network on all of the level */
};

/* 0, or -1 with the reason in error. Whole: built for the whole picture alone, never for parts. */
int pv_level_init(struct pv_level *l, int width, int height, float kx, float ky, int whole,
		  char *error, size_t size);
void pv_level_free(struct pv_level *l);

/* Pixels the network would run over to search an area. */
long pv_level_cost(const struct pv_level *l, const struct pv_area *a);

/* Searches an area of luma, a picture of the level's size; stride in bytes. Keeps cells that
 * score at least min_score. 0, or -1 if the network failed. No allocation. */
int pv_level_search(struct pv_level *l, const uint8_t *luma, size_t stride,
		    const struct pv_area *a, float min_score);

#endif
