// SPDX-License-Identifier: GPL-2.0-or-later
/* The helper's end of a feed: bind to the mode in force, seal frames. */
#ifndef PV_FEED_H
#define PV_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "frame/frame.h"
#include "mirror.h"
#include "uapi/plateveil.h"

#define PV_FEED_BUFFERS 4

struct pv_feed {
	int fd;
	int width, height;
	uint32_t pixelformat, numerator, denominator;
	struct pv_mirror mirror;
	int buffers;
	unsigned free;			/* bit i: buffer i is ours */
	bool streaming;
	struct {
		void *start;
		size_t size;
	} memory[PV_FEED_BUFFERS];
};

/* fd is the feed node, O_NONBLOCK; subscribes to its state and controls. All: 0, or -1 with errno. */
int pv_feed_open(struct pv_feed *f, int fd);

/* Takes in what came from the module. The newest state, if it changed since the last call: 1, else 0; -1 with errno. */
int pv_feed_state(struct pv_feed *f, struct plateveil_state *state);

/* Lets buffers go and binds to the mode in force (width .. denominator tell it). */
int pv_feed_bind(struct pv_feed *f);
void pv_feed_unbind(struct pv_feed *f);

/* Seals a frame of the bound size, of pixels for a raw format, of coefficients for MJPG. 1 sealed; 0 no buffer is
 * free, the frame is dropped; -1 with errno: ESTALE when the mode changed, then bind anew. */
int pv_feed_seal(struct pv_feed *f, struct pv_frame *frame);

#endif
