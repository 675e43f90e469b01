// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Doubtful finds, looked for again at other sizes. Of what scores between PV_DOUBT_LEAST and PV_DOUBT_MOST a patch
 * of the picture goes through both networks once more, 1.41 times and twice as large; the mean of all answers
 * counts (merge.h). What looks like a plate at one size alone mostly is none, and a small one of which the
 * search was not sure is seen there: MODEL.md has what it is worth. What scored too little for the second look is
 * asked for where it is small, and where that look is not sure that it is none. It costs as much as a 40th of a
 * 1080p frame, if small; PV_MAX_DOUBTS new ones are looked at in a video's frame, the surest first, and what was
 * asked in the frame before is remembered.
 */
#ifndef PV_DOUBT_H
#define PV_DOUBT_H

#include "detect/detect.h"
#include "detect/level.h"
#include "detect/pair.h"
#include "detect/second.h"
#include "detect/views.h"

#define PV_DOUBT_LEAST 0.07f
#define PV_DOUBT_MOST 0.9f
#define PV_MAX_DOUBTS 16	/* new ones in a video's frame */
#define PV_OPINIONS 2
#define PV_PATCHES 3		/* shapes of patch */

/* What a thread needs to look. */
struct pv_looker {
	struct pv_level level[PV_PATCHES];	/* for patches of each shape */
	struct pv_detection *found;
	uint8_t *patch;
};

/* What was found of one. */
struct pv_opinion {
	struct pv_detection of, last;	/* as it was when it was asked for, and in the last frame */
	struct pv_detection found[PV_OPINIONS];	/* the first `count` of them; score 0: nothing */
	int count;
	int age;			/* frames in which it has changed since it was asked for */
};

struct pv_doubt {
	struct pv_looker lookers[2];	/* a thread's each; the second may be empty */
	struct pv_opinion opinions[2][PV_MAX_DETECTIONS];	/* of this frame and the one before, in turn */
	int count, turn;
};

/* 0, or -1 with the reason in error. */
int pv_doubt_init(struct pv_doubt *q, char *error, size_t size);
/* Makes what a second thread needs. */
int pv_doubt_double(struct pv_doubt *q, char *error, size_t size);
void pv_doubt_single(struct pv_doubt *q);
void pv_doubt_free(struct pv_doubt *q);

/* The next finds are of another picture. */
void pv_doubt_forget(struct pv_doubt *q);

/* Looks again for the doubtful ones of n finds, PV_MAX_DETECTIONS at most, best first, and at most so many that are
 * new, in place: their order may change. Halves, kx and ky as in second.h, whose networks it uses, with the second
 * thread if both have it. 0, or -1 if a network failed. No allocation. */
int pv_doubt_ask(struct pv_doubt *q, struct pv_second *second, const struct pv_plane *halves, int count, float kx,
		 float ky, int most, struct pv_detection *d, int n, struct pv_pair *pair);

#endif
