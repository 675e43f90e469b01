// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds licence plates in a luma plane. Plates are found, never read.
 *
 * The plane is shrunk, not enlarged, to at most `search` pixels along its longer side and given
 * to the network; where that is more than 400, it is searched again at half that scale, which is
 * where large plates are found. Finds that overlap by a third (IoU) are one plate: the
 * best-scored stands for it, widened to what others that are nearly as sure say of its edges.
 */
#ifndef PV_DETECT_H
#define PV_DETECT_H

#include <stddef.h>
#include <stdint.h>

#define PV_MAX_DETECTIONS 128		/* in one frame, after merging */
#define PV_SEARCH_DEFAULT 1280		/* pixels along the longer side */

struct pv_detection {
	float x0, y0, x1, y1;		/* frame pixels, within the frame */
	float score;			/* 0..1 */
};

struct pv_detector;

/* For frames of width x height. NULL on failure, with the reason in error. Several may live at
 * once, each used by one thread at a time; nothing is allocated after this. */
struct pv_detector *pv_detector_new(int width, int height, int search, char *error, size_t size);
void pv_detector_free(struct pv_detector *d);

/* Finds at most `max` plates scoring at least min_score, best first. Returns how many, or -1 if
 * the network failed. stride in bytes. */
int pv_detector_run(struct pv_detector *d, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max);

#endif
