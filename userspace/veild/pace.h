// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the search may cost on a machine that is too slow for it. A frame that is searched too late
 * is veiled whole; where that happens often, the picture is searched at a smaller scale, in steps,
 * which finds no small plates but lets the picture be seen. Where there is time to spare for long,
 * it goes back; and waits longer each time that was too early.
 */
#ifndef PV_PACE_H
#define PV_PACE_H

#include <stdint.h>

#define PV_PACE_STEPS 4
#define PV_PACE_LEAST 320	/* pixels: the rules allow no less */

/* All zero to begin with: at full scale. */
struct pv_pace {
	int step;		/* 0: as the rules say, up to PV_PACE_STEPS - 1 */
	uint32_t late;		/* of the last frames, which were late: a bit each */
	int easy;		/* frames in a row that left time to spare */
	int patience;		/* how many of those it takes to go back */
};

/* A frame was searched, took_ns after the camera gave it. */
void pv_pace_note(struct pv_pace *p, uint64_t took_ns, uint64_t deadline_ns);

/* Pixels along the longer side to search, where the rules want so many. */
int pv_pace_search(const struct pv_pace *p, int search);

#endif
