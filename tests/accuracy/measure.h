// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Figures from pictures and what was found in them.
 *
 * A plate is covered when at least 90% of it lies under found boxes, each grown by 10% a side (the
 * default margin); it is hit when some box has IoU >= .5 with it. A found box is false when its IoU
 * with every labelled plate is under .1 and it does not lie, by two fifths or more, on an ignored place.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "detect/detect.h"
#include "photos.h"

#define FLOOR 0.02f	/* what finds score at least */

/* A photo, or a frame that holds one, as it was searched. */
struct picture {
	const struct photo *photo;
	struct box *boxes;	/* the photo's, in this picture's pixels */
	int count;
	struct pv_detection *found;
	int found_count;
	int set;		/* caller's: which table it belongs to */
};

struct picture *picture_new(const struct photo *photo, int set);
void picture_search(struct picture *p, struct pv_detector *d, const uint8_t *luma, int width);
extern struct picture *pictures;
extern int picture_count;

bool plate_hit(const struct picture *p, const struct box *plate, float least);
bool plate_covered(const struct picture *p, const struct box *plate, float least);
bool find_false(const struct picture *p, const struct pv_detection *d);

/* False finds a picture of a set at a minimum score; on_empty: in pictures without plates alone. */
double false_rate(int set, float least, bool on_empty);

/* The least score at which there are at most `rate` false finds a picture in a set. */
float score_at(int set, double rate);

#endif
