// SPDX-License-Identifier: GPL-2.0-or-later
/* Detections that the rules do not want veiled. */
#ifndef PV_SIEVE_H
#define PV_SIEVE_H

#include "detect/detect.h"
#include "rules/rules.h"

/* Leaves of n detections in a frame of this size those that the rules' heights let through and
 * whose centre is in no ignored zone; returns how many. What the frame's edge may cut is never too low. */
int pv_sieve(const struct pv_rules *rules, int width, int height, struct pv_detection *found, int n);

#endif
