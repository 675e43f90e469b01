/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One plate, one find: of finds that overlap by a third (IoU) the best-scored stands for the plate, widened to
 * what others that are nearly as sure say of its edges.
 */
#ifndef PV_DETECT_MERGE_H
#define PV_DETECT_MERGE_H

#include "detect.h"

/* Merges n finds, in any order, into `out`, best first; returns how many, at most max: the best. `finds` is
 * sorted, and begins with what stands for the plates, not widened, in the same order. The answer does not hang on
 * the order they came in. */
int pv_merge(struct pv_detection *finds, int n, struct pv_detection *out, int max);

#endif
