// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second look: judges what the first stage holds for a plate, and mends its box.
 *
 * The first stage sees a place with what its cells see round it and has to be cheap on every
 * pixel; what it takes for plates are mostly signs and lettering. The second network sees the
 * place enlarged, and what it is on (views.h), and runs on candidates that score at least PV_LOOK_LEAST: what
 * scores much less could not be raised to any usual minimum. Of a video's frame it is the best PV_MAX_LOOKS of those
 * that it does not know; others keep the first stage's score until the next.
 *
 * Its score is a logit that is added to a share of the first stage's. It can take away much and give
 * little (its 8 bits end there): a place that looks like a plate says less than one that does not,
 * for whatever is in the middle of a car's back does. Its four numbers are how far the left, top,
 * right and bottom edge are off, in units of PV_LOOK_UNIT pixels of the tight view; 0.4 of the
 * way there they are moved, and a little outwards.
 *
 * What was judged is remembered: the same candidate, where nothing has changed, is not looked at
 * twice.
 */
#ifndef PV_SECOND_H
#define PV_SECOND_H

#include <stddef.h>

#include "detect/change.h"
#include "detect/detect.h"
#include "detect/pair.h"
#include "detect/views.h"

#define PV_MAX_LOOKS 32	/* of a video's frame */
#define PV_LOOK_LEAST 0.1f
#define PV_LOOK_UNIT 16

struct pv_verdict {
	struct pv_detection candidate, answer;
};

struct pv_second {
	struct pv_network *networks[2];	/* a thread's each; the second may be NULL */
	struct pv_verdict verdicts[2][PV_MAX_DETECTIONS];	/* of this frame and the one before, in turn */
	int count, turn;
	int looks;		/* candidates that the network judged last time */
};

/* 0, or -1 with the reason in error. */
int pv_second_init(struct pv_second *s, char *error, size_t size);
/* Builds the network of a second thread. */
int pv_second_double(struct pv_second *s, char *error, size_t size);
void pv_second_single(struct pv_second *s);
void pv_second_free(struct pv_second *s);

/* Forgets what was judged where cells are not the same; c NULL: all. */
void pv_second_forget(struct pv_second *s, const struct pv_change *c);

/* Judges one, in pixels of halves[0], in place, by the network of one thread (0 or 1). 0, or -1 if it failed. */
int pv_second_look(struct pv_second *s, int who, const struct pv_plane *halves, int count, struct pv_detection *d);

/* Judges n candidates, PV_MAX_DETECTIONS at most, best first, in place: all that are known, and so many more. Boxes in
 * frame pixels, kx by ky of them to one of halves[0]. pair: of two threads if there are two networks, or NULL. 0, or -1
 * if the network failed. No allocation. */
int pv_second_judge(struct pv_second *s, const struct pv_plane *halves, int count, float kx, float ky,
		    int most, struct pv_detection *d, int n, struct pv_pair *pair);

#endif
