// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One scale of the search: a picture of one size, the network built for parts of it, and what
 * was found there last.
 *
 * A search of an area runs the network over the smallest part it was built for that holds the
 * area and a border of context, and replaces what is known of the area; the
 * rest of the picture keeps what it was found to hold. A plate wider than twice the border may
 * be cut at the part's edge: it is found at a coarser scale, where it is small.
 * What the network sees of a part has been given contrast where it had little (contrast.h).
 *
 * Memory. A network of 1920x1088 takes 40 MB, half of it XNNPACK's tables of where each pixel's neighbours
 * are, half of it what it computes in between, and networks cannot share either (the XNNPACK of
 * Debian 12). All sizes of a 1080p detector together are some 180 MB, and 120 more for a second thread.
 */
#ifndef PV_LEVEL_H
#define PV_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/contrast.h"
#include "detect/detect.h"
#include "detect/network.h"

#define PV_PARTS 196		/* sizes of part the network is built for, at most: of 14 by 14 sides */

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
	int count;		/* of networks that there may be: 1 or 2 */
	struct pv_network *networks[2];	/* NULL: not made yet */
	bool busy[2];
};

struct pv_level {
	int width, height;	/* pixels */
	float kx, ky;		/* frame pixels to one of the level's */
	float frame_width, frame_height;	/* in which finds lie; the caller's to set */
	int border;		/* pixels of context round an area, where the picture has them */
	struct pv_part parts[PV_PARTS];	/* smallest first; the last holds all of the level */
	int part_count;
	bool ahead;		/* all networks are made before they are needed */
	uint8_t *fits;		/* the cheapest of them for what is so many 32 pixels across and along */
	struct pv_find *finds;
	int find_count;
	struct pv_contrast *contrast;	/* of the largest part's blocks, for each of two threads */
	size_t blocks;
	size_t room;		/* for finds: every cell of the network on all of the level */
};

/* 0, or -1 with the reason in error. For parts of at most this share (0..1) of the picture, and for all of it; 0: it
 * is searched whole and never in part. Networks are made now (ahead), or each when it is first run. */
int pv_level_init(struct pv_level *l, int width, int height, float kx, float ky, float share,
		  int border, bool ahead, char *error, size_t size);
void pv_level_free(struct pv_level *l);

/* Lets all networks go of a level whose are not made ahead. */
void pv_level_empty(struct pv_level *l);

/* Pixels the network would run over to search an area. */
long pv_level_cost(const struct pv_level *l, const struct pv_area *a);

/* A second network for parts of at most this share of the picture, so that two threads can search such at
 * once. 0, or -1 with the reason in error. */
int pv_level_double(struct pv_level *l, float share, char *error, size_t size);
/* And lets them go. */
void pv_level_single(struct pv_level *l);

/* A part that somebody runs. */
struct pv_take {
	struct pv_part *part;
	int which;		/* of its networks */
	int x, y;		/* its corner in the level */
	struct pv_area area;	/* that is wanted, but for what is in those before */
	const struct pv_area *before;
	int before_count;
};

/* A search in three steps. First it takes the cheapest part that holds areas[i]; false: it is not free now. Areas
 * may overlap: what is in several belongs to the first, whichever is searched last. */
bool pv_level_take(struct pv_level *l, const struct pv_area *areas, int i, struct pv_take *t);
/* Runs the network over luma, a picture of the level's size; stride in bytes, who (0 or 1) says which thread
 * does it. Two may at once. 0, or -1 if the network failed or, not made ahead, could not be made. No other
 * allocation. */
int pv_level_run(struct pv_level *l, const struct pv_take *t, const uint8_t *luma, size_t stride, int who);
/* Keeps the cells that are its own and score at least min_score, and gives the part back. */
void pv_level_put(struct pv_level *l, const struct pv_take *t, float min_score);

#endif
