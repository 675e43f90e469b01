// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From each frame's detections to what is veiled: one frame's miss is harmless.
 *
 * A find that reaches the minimum score begins a track; at the frame's edge, where a plate is cut,
 * six tenths of it will do. A find of half the minimum score goes on with a track that is there
 * (ByteTrack's idea: Zhang et al., ECCV 2022). All finds in a track's veil are parts of that plate.
 *
 * Motion. Boxes go where the camera's own move takes them (motion.h), and with the velocity the
 * plate has besides: constant, moved by each sighting in shares of 1, 1/2, and 1/2 from then on, as a
 * Kalman filter's gain would fall. Of two edges that went different ways the one that did as was
 * expected counts: the other is hidden, or the frame's.
 *
 * Size. A veil takes in a larger find at once and follows smaller ones with a time constant of 0.2 s,
 * so that a plate half hidden stays veiled whole. A plate not seen stays veiled for `hold`, where
 * it was in the scene and where it is heading, growing with time and with the way it went.
 *
 * Lookahead. A plate found is veiled, too, in those of the waiting frames before that do not have it:
 * camera and plate are run backwards from there, out of the frame if that is where it came from.
 *
 * The trade. `make leaks`, 72 clips of the dev photos, 261 plates of 12 pixels of height and more: percent
 * of tracks that leak in a frame or more, percent of the picture veiled beyond need and false veils a
 * minute (each without lookahead, then with three frames). These clips also chose the constants.
 *
 *                                        leak       beyond need    false veils
 *   as usual (minimum score 0.35)      16.9   7.3    12.4  14.6     137   139
 *   minimum score 0.25                 13.8   3.8    22.0  25.9     248   240
 *   minimum score 0.5                  24.1  14.6     7.7   9.0      75    83
 *   margin 20 instead of 10            16.5   6.5    16.3  18.9     123   126
 *   boxes as found, held, no camera    32.3  17.1     6.6  12.7     154   166   (263 plates)
 *
 * Two thirds of what leaks is found late: it scores too little for some frames after it comes into
 * the picture, which no tracker mends. Doubtful finds that add up were tried: they veil as much more
 * for each leak as a lower minimum score does.
 */
#ifndef PV_TRACK_H
#define PV_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detect.h"
#include "rules/rules.h"
#include "track/motion.h"

#define PV_MAX_TRACKS PV_MAX_DETECTIONS

/* Its boxes are where the plate is thought to be in the last frame. */
struct pv_track {
	struct pv_detection now;	/* what was found of it in that frame */
	struct pv_detection last;	/* as it was last found */
	struct pv_detection box;	/* its veil */
	struct pv_detection rest;	/* its veil, if it stands still since it was last seen */
	float vx, vy;			/* pixels a second, besides what the camera does */
	uint64_t seen_ns;
	int unseen, gap;		/* frames since it was last seen; between then and the time before */
	int sightings;
	bool sure;			/* seen in that frame */
};

struct pv_tracker {
	struct pv_track tracks[PV_MAX_TRACKS];
	int count;
	int width, height;		/* of frames */
	/* Of the last frames, a ring; `turn` is the last one's. */
	struct pv_move moves[PV_MAX_LOOKAHEAD + 1];
	uint64_t times[PV_MAX_LOOKAHEAD + 1];
	int turn;
};

/* The least score detections need to be of use to the tracker. */
float pv_tracker_floor(double minimum_score);

/* Follows nothing, in frames of width x height. */
void pv_tracker_reset(struct pv_tracker *t, int width, int height);

/* Takes the finds of the frame of time now_ns, best first, and how the camera moved since the frame
 * before (times must not go back; if they do, tracks are kept as if no time had passed). Every frame
 * counts: for one that was not searched, n is 0. Fills `out` with boxes to veil and returns how
 * many, at most 2 * PV_MAX_TRACKS; -1 if there are more plates than it can follow: veil everything. */
int pv_tracker_update(struct pv_tracker *t, const struct pv_detection *found, int n,
		      const struct pv_move *move, uint64_t now_ns, double minimum_score, int hold_ms,
		      struct pv_detection out[2 * PV_MAX_TRACKS]);

/* Adds to the `count` boxes of the frame so many before the last, 1 to PV_MAX_LOOKAHEAD, what the
 * last one says of it; returns the new count, or -1 if there is no room for them: veil everything. */
int pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection boxes[2 * PV_MAX_TRACKS],
		      int count);

#endif
