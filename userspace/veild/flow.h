// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames on their way, several at once: while one is read from the camera, the one before it is
 * searched in a second thread, which a fourth helps (detect/pair.h), and the one before that veiled and sealed in
 * a third.
 *
 * Between two of them one frame waits, and a newer one takes its place: who is slow drops frames
 * rather than lag behind. No frame gets to the seal but through search and veil; one whose search
 * missed the deadline is veiled whole, and one that waited longer than its lease and deadline, or
 * over the machine's sleep, is dropped.
 *
 * All functions are for one thread, the camera's.
 */
#ifndef PV_FLOW_H
#define PV_FLOW_H

#include "pipeline.h"

struct pv_flow;

/* Seals a veiled frame, in the third thread: 1 done, 0 or -1 not (the frame is dropped). */
typedef int pv_seal(void *context, struct pv_frame *f);

struct pv_flow_stats {
	uint64_t frames, whole, regions;	/* veiled; of them whole; regions drawn */
	uint64_t sealed, dropped, late;		/* late: missed the deadline */
	uint64_t searched, search_ns, slowest_ns;	/* frames, all their time, the slowest's */
	uint64_t veil_ns, seal_ns;	/* of `frames`; of `sealed` */
	uint64_t latency_ns;		/* of `sealed`, from the camera's giving it to its seal */
	int search;			/* pixels along the longer side that are searched */
	int step;			/* of pace.h: 0 is as the rules say */
	char note[160];			/* what is wrong, or empty */
};

/* Starts the threads, which run when it returns. NULL: not enough memory, or no threads. */
struct pv_flow *pv_flow_new(const struct pv_rules *rules, pv_seal *seal, void *context);
void pv_flow_free(struct pv_flow *f);

/* The frame to read the next picture into, with what memory it has from before. */
struct pv_frame *pv_flow_frame(struct pv_flow *f);

/* It has been read, and was given at boot_ns (CLOCK_BOOTTIME), which was now_ns (CLOCK_MONOTONIC). */
void pv_flow_offer(struct pv_flow *f, uint64_t boot_ns, uint64_t now_ns);

/* Waits until nothing waits to be searched, so that an offer drops nothing. */
void pv_flow_await(struct pv_flow *f);

/* Waits until nothing is under way. Frames that wait for later ones (lookahead) are kept. */
void pv_flow_drain(struct pv_flow *f);

/* Drops all that is under way and forgets tracks: the stream begins anew. Waits until that is
 * done; afterwards nothing is sealed any more. */
void pv_flow_flush(struct pv_flow *f);

/* The rules from the next frame on. */
void pv_flow_rule(struct pv_flow *f, const struct pv_rules *rules);

/* Makes the detector for pictures of this size, read at 1/shrink; after a flush only. */
int pv_flow_prepare(struct pv_flow *f, int width, int height, int shrink);

void pv_flow_stats(struct pv_flow *f, struct pv_flow_stats *out);

/* What the frame sealed last was veiled for, zones aside: at most max plates and the frame's time.
 * Returns how many; 0 also for one veiled whole. */
int pv_flow_seen(struct pv_flow *f, struct pv_detection *out, int max, uint64_t *time_ns);

#endif
