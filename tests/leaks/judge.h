// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a clip's plates was to be seen though it was veiled.
 *
 * A plate-frame is a plate that the labels call readable, in one frame, at least half of it in the
 * picture and nothing before that; it leaks when less than 90% of what is to be seen of it is under
 * regions. Counted apart are plates that nobody could read: less than half to be seen; letters without
 * contrast, by night or dusk (in half of eight pieces luma deviates by less than 6 grey levels, or less than the
 * camera's noise; of the dev photos' plates those are two nearly black ones and a blank one); lower
 * than 12 pixels; narrower than 24, seen so much from the side that a letter has three or four. A track is
 * all of a plate's frames in a clip; it leaks if one of them does. A region is
 * a false veil when it touches no plate and no place that the labels ignore; one that stays where it
 * is (touches itself in the frame before) is one, however long.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "clip.h"
#include "frame/frame.h"

#define LEAST_HEIGHT 12		/* pixels in the frame, of plates that the goal is about */
#define LEAST_WIDTH 24
#define MODES 2			/* ways that a clip is veiled, each judged for itself */

/* The clip that comes next. */
void judge_clip(const struct clip *c);

/* What was veiled in one of its frames, in this mode; returns plates that leak for the first time. */
int judge_frame(int mode, int frame, const struct pv_box *regions, int n);

/* All of its frames were judged. Says which tracks leaked, if `say`. */
void judge_end(bool say);

/* Tables of all clips; names of the modes. */
void judge_report(const char *const names[MODES]);

/* The outline of a plate in a frame: calls `line` for its sides. */
void judge_outlines(const struct clip *c, int frame,
		    void (*line)(void *to, const float a[2], const float b[2]), void *to);

#endif
