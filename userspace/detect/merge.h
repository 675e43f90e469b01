/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One plate, one find: of finds that overlap by a third (IoU) the best-scored stands for the plate (greedy
 * non-maximum suppression).
 */
#ifndef PV_DETECT_MERGE_H
#define PV_DETECT_MERGE_H

#include "detect.h"

#define PV_SAME_PLATE 0.33f	/* IoU from which two finds are one plate */

#define PV_ABSENT 0.1f		/* score of what was not found, to what else says of it */

/* Merges n finds, in any order, into `out`, best first; returns how many, at most max: the best. Sorts `finds`. The
 * answer does not hang on the order they came in. */
int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max);

/* Of n such finds, best first, with their final scores, leaves out those in which a far surer one lies: that is the
 * plate, and the other it and what is round it. `out` may be `finds`. Returns how many are left, at most max: the
 * best. */
int pv_merge_inner(const struct pv_detection *finds, int n, struct pv_detection *out, int max);

/* Of a plate that was looked for at several sizes, what was found at each, or NULL; never so of the first. Of scores it
 * is the mean, as logits, all but the first counting as PV_ABSENT at least; of boxes too, of which the surer weigh
 * more. */
struct pv_detection pv_merge_mean(const struct pv_detection *const *found, int count);

#endif
