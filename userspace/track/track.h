// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From each frame's detections to what is veiled: one frame's miss is harmless.
 *
 * A find that reaches the minimum score begins a track; one of four tenths of it goes on with a track that
 * is there (ByteTrack's idea: Zhang et al., ECCV 2022) and scored 1.4 times the minimum once, or begins one at the
 * frame's edge, where a plate is cut, unless it is larger than 12,000 pixels and would be found surely.
 * All finds in a track's veil are parts of that plate. One that ends near the frame's edge reaches it: of a cut
 * plate it may end where a letter does.
 *
 * Motion. Boxes go where the camera's own move takes them (motion.h), and with the velocity the
 * plate has besides: constant, moved by each sighting in shares of 1, 1/2, and 1/2 from then on, as a
 * Kalman filter's gain would fall. Of two edges that went different ways the one that did as was
 * expected counts: the other is hidden, or the frame's. Where both went far, though less than the plate is
 * large, it may be another piece of it that was found, and not the plate elsewhere: then both are veiled.
 *
 * Size. A veil takes in a larger find at once and follows smaller ones with a time constant of 0.35 s, of
 * 0.5 s along a side that alone gets shorter: what goes away keeps its shape, what is hidden does not. A
 * veil is larger than its finds by 20% each side, and by 25% more divided by how often the plate
 * was seen: first boxes are the worst. A plate not seen stays veiled for `hold`, where
 * it was in the scene (in the frame, where less than 0.3 of the picture tells how the camera moved, or the picture
 * there stood: it may be a car at night that does, or a lorry close by) and where it is heading, growing with time
 * and with the way it went, by half its size each side at most: of a camera of a frame every few seconds little is
 * known anyway. One miss is bridged however short `hold` is, if the next frame comes within two seconds. A find that
 * continues nothing may be what was first found in the frame before, gone farther than it is wide: it begins with that
 * velocity.
 * What is larger than 1,500 pixels (in frames beyond 1920x1080: as many times more) would be found in every frame;
 * seen but once or twice it was hardly a plate, and is veiled for three frames more, and a tenth of a second.
 *
 * Lookahead. What is known of a plate by now is veiled in the waiting frames, too: camera and plate
 * are run backwards from there, out of the frame if that is where it came from, and, where a car at night or a lorry
 * may have been taken for the camera, without that, too.
 *
 * The trade. `build/leaks` of the dev photos, clips of 640 and 960 pixels across. The constants were chosen by seeds 1,
 * 2, 3, 12 and 13 with -n 1 and 21 with -n 3 (88 clips, 283 plates that a person could read), the last ones also by 31
 * to 36 with -n 1 (66 clips, 215 plates: others of the same photos); 41 to 46 (218 plates) were looked at when all was
 * done. Percent of tracks that leak in a frame or more, percent of plate-frames that do, percent of the picture veiled
 * beyond need and false veils a minute (each without lookahead, then with three frames; a veil held where a plate was
 * is none). From the second part on parts of a frame were coarser (detect/level.h), from the third on it is of an
 * earlier second look, and from the fourth veils held count, too, and are near as many again.
 *
 *                                    tracks      frames      beyond need  false veils
 *   as usual (minimum score 0.25)   1.8  0.0   0.04 0.00    15.0  17.7   108   118
 *     on the other seeds            3.3  0.5   0.07 0.02    15.5  18.1   110   119
 *     on 41 to 46                   3.7  1.4   0.12 0.02    14.6  17.5   120   129
 *   where any track goes on with doubtful finds, and those of any size begin one at the edge
 *                                   2.1  0.4   0.06 0.01    18.7  22.1   101   112
 *     on the other seeds            2.8  0.5   0.07 0.02    18.9  22.1   103   111
 *     on 41 to 46                   4.6  0.9   0.14 0.01    17.8  21.2   116   125
 *   the same with an earlier second look
 *                                   2.5  0.0   0.06 0.00    14.9  17.6    84   102
 *     on the other seeds            3.7  1.4   0.18 0.07    16.0  18.6    87    99
 *     on 41 to 46                   5.5  1.4   0.47 0.34    14.3  17.0    88   103
 *   with nothing asked again (doubt.h)
 *                                   2.8  0.0   0.07 0.00    15.6  18.6   164   177
 *     on the other seeds            3.7  1.4   0.18 0.07    17.0  20.0   171   188
 *     on 41 to 46                   4.6  0.9   0.45 0.33    14.7  17.6   160   174
 *   those of 960 pixels at two sizes, too
 *                                   1.8  0.0   0.06 0.00    16.6  19.6   185   198
 *     on the other seeds            3.7  0.9   0.16 0.02    18.1  21.1   194   213
 *     on 41 to 46                   4.6  0.9   0.14 0.01    15.8  19.0   179   192
 *   all at one size
 *                                   3.9  0.0   0.09 0.00    12.7  15.2   144   153
 *     on the other seeds            5.1  1.9   0.25 0.08    13.1  15.7   150   166
 *     on 41 to 46                   6.4  1.4   0.91 0.74    12.8  15.2   135   149
 *   with an earlier detector and tracker (nine of the eleven kinds of clips)
 *                                   5.5  1.3   0.41 0.13    15.7  17.8   114   123
 *     on the other seeds           10.6  2.2   0.55 0.23    15.5  17.6   128   135
 *
 * A minimum score of 0.2 or 0.3 instead moves what is veiled by 6 to 10% either way, and hardly a track. If what one
 * size does not find counts as 0.05 instead of 0.1 (detect.c), of those at two sizes a sixth less is veiled beyond
 * need, and twice as many frames leak.
 *
 * Of plates under 12 pixels, dim or half hidden, which none of these counts, 430 of 915 leak without lookahead and 90
 * with it (with the earlier second look 459 and 83; 560 and 121 if all are searched at one size).
 *
 * What still leaks without lookahead mostly leaks for a frame or two as it comes into the picture; half of
 * it has a veil that is too small, a third is found late, which no tracker mends. Tried, and as much more is
 * veiled for each leak as at a lower minimum score: veils larger still at first, finds farther from the edge
 * that reach it, doubtful finds that add up; so was a shorter hold for what was seen once or twice and is small.
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
	float best;			/* score of all that was found of it */
	float vx, vy;			/* pixels a second, besides what the camera does */
	uint64_t seen_ns;
	int unseen, gap;		/* frames since it was last seen; between then and the time before */
	int missed;			/* frames since it was last seen that were searched */
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
 * counts: for one of which nothing is known, n is -1. Fills `out` with boxes to veil and returns how
 * many, at most 2 * PV_MAX_TRACKS; -1 if there are more plates than it can follow, but for those that went out of the
 * frame: veil everything. */
int pv_tracker_update(struct pv_tracker *t, const struct pv_detection *found, int n,
		      const struct pv_move *move, uint64_t now_ns, double minimum_score, int hold_ms,
		      struct pv_detection out[2 * PV_MAX_TRACKS]);

/* Adds to the `count` boxes of the frame so many before the last, 1 to PV_MAX_LOOKAHEAD, what the
 * last one says of it and they do not cover; returns the new count, or -1 if there is no room for them: veil
 * everything. */
int pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection boxes[2 * PV_MAX_TRACKS],
		      int count);

#endif
