// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pictures that are stored turned or mirrored, as phones keep them, and shown upright. Orientations
 * are Exif's ("Exchangeable image file format", CIPA DC-008, 4.6.4): 1 as stored, 2 mirrored, 3 turned
 * by half, 4 mirrored and turned by half, 5 to 8 on their side, 6 to be turned clockwise.
 */
#ifndef PV_UPRIGHT_H
#define PV_UPRIGHT_H

#include "detect/detect.h"
#include "frame/frame.h"

/* The luma of f as it is shown, to `to`, which pv_frame_free() frees. 0, or -1: not enough memory. */
int pv_upright_luma(const struct pv_frame *f, struct pv_frame *to);

/* What was found there, to where it is in f. */
void pv_upright_back(const struct pv_frame *f, struct pv_detection *d);

#endif
