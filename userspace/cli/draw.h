// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines and figures in a frame, for people to look at. */
#ifndef PV_DRAW_H
#define PV_DRAW_H

#include "frame/frame.h"

/* A line every tenth of the picture, with its percent. */
void pv_draw_grid(struct pv_frame *f);

/* An outline, and a score from 0 to 1 in percent above it. */
void pv_draw_box(struct pv_frame *f, const struct pv_box *b, double score);

/* As a JPEG; an exit status, with the reason told. */
int pv_draw_save(const struct pv_frame *f, const char *path);

#endif
