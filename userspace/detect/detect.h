// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds licence plates in a luma plane. Plates are found, never read.
 *
 * Scales. The plane is searched as it is, or shrunk to `search` pixels along its longer side, where plates from 8
 * pixels of height on are found; then at half that, and half again down to some 400 pixels, where larger ones are.
 * Finds that overlap are merged into one a plate: merge.h. Photos, for which there is time, are searched again at 1.41
 * and at 2 times their size, small videos, which take no longer so than large ones, at 1.41. All together find more,
 * and less that is none, than any of them: of scores the mean counts, as logits, and of boxes (MODEL.md).
 *
 * Second look. Candidates are then judged, from a low score on, by another network that sees each of them enlarged, and
 * what it is on, and mends its box: second.h. Where all is searched at one size, as larger videos are, what is still in
 * doubt is looked for again at two others, there alone: doubt.h. Of a video's frame that is done for the best
 * 32 and 16 of those that are new: what stands still is known.
 *
 * Stages. Of a large frame the finest scale, which is most of the work, is searched only where
 * the next holds a plate for possible at all, at a score far below any that is veiled: there a
 * plate is half as large, too small to be sure of but not to be noticed.
 *
 * Time. A photo is searched whole (pv_detector_run). Of a video's frames (pv_detector_follow)
 * only what changed since it was last searched is searched again, in the frame in which it
 * changed: change.h says what counts as change, level.h how a part of a frame is searched. What
 * stands still keeps its finds. The coarsest scale is always searched whole (or in one frame of four, while nothing
 * changes at all), and so is everything when parts would cost as much; besides, each frame a further piece is searched
 * whether it changed or not, or more of them (pv_detector_refresh), so that no answer is older than PV_REFRESH
 * frames. The time a frame takes thus goes with what moves in it and has a bound, that of searching it whole.
 *
 * Two threads. With pv_detector_share() a search is shared by two threads, each of which runs networks of its
 * own over areas of its own (jobs.h), in little more than half the time. It answers the same but for where it
 * halves what one thread searches whole.
 *
 * Several detectors may live at once, each used by one thread at a time. Nothing is shared between them, and
 * nothing is allocated once one is made for a video. One for photos makes a network when it is first to run: a
 * photo wants few of those that parts of any size do.
 */
#ifndef PV_DETECT_H
#define PV_DETECT_H

#include <stddef.h>
#include <stdint.h>

#define PV_MAX_DETECTIONS 128		/* in one frame, after merging */
#define PV_SEARCH_DEFAULT 1920		/* pixels along the longer side */
#define PV_REFRESH 120			/* pieces of a frame: one a frame is searched again */

struct pv_detection {
	float x0, y0, x1, y1;		/* frame pixels, within the frame */
	float score;			/* 0..1: how likely it is a plate (see MODEL.md) */
};

enum pv_footage { PV_PHOTOS, PV_VIDEO };

struct pv_detector;
struct pv_pair;

/* The longer side of the largest size at which such pictures are searched: no more than `most` pixels. */
int pv_detector_side(int width, int height, int most, enum pv_footage footage);

/* For frames of width x height, which are shrunk to `search` pixels along their longer side, or searched as they are
 * and again at those of the sizes said above that are no larger. NULL on failure, with the reason in error. */
struct pv_detector *pv_detector_new(int width, int height, int search, enum pv_footage footage, char *error,
				    size_t size);
void pv_detector_free(struct pv_detector *d);

/* From now on the pair's other thread helps (pair NULL: does not); the pair must outlive the detector. 0, or -1
 * with the reason in error, and it helps with less, or nothing. */
int pv_detector_share(struct pv_detector *d, struct pv_pair *pair, char *error, size_t size);

/* Finds at most `max` plates scoring at least min_score, best first. Returns how many (`max`: there may be more,
 * which are not known), or -1 if the network failed. stride in bytes. The answer depends on this frame alone. */
int pv_detector_run(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max);

/* The same for the next frame of a video. */
int pv_detector_follow(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		       struct pv_detection *out, int max);

/* From the next frame of a video on so many pieces, 1 (as it begins) to PV_REFRESH, are searched again in each. */
void pv_detector_refresh(struct pv_detector *d, int pieces);

/* As pv_detector_run, without the second look and not enlarged: what that learns from. */
int pv_detector_first(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		      struct pv_detection *out, int max);

/* Candidates that the last search had to look at a second time. */
int pv_detector_looks(const struct pv_detector *d);

/* Share of the frame that the last search ran over, 0..1: the mean over scales, by area. */
float pv_detector_effort(const struct pv_detector *d);

#endif
