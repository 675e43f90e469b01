// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct picture *pictures;
int picture_count;

struct picture *picture_new(const struct photo *photo, int set)
{
	if (!(picture_count & (picture_count - 1))) {
		size_t n = (size_t)(picture_count ? 2 * picture_count : 1);
		pictures = realloc(pictures, n * sizeof(*pictures));
	}
	struct box *boxes = malloc((size_t)(photo->count + 1) * sizeof(*boxes));
	if (!pictures || !boxes)
		die(photo->file, "not enough memory");
	pictures[picture_count] = (struct picture){ .photo = photo, .boxes = boxes, .set = set };
	return &pictures[picture_count++];
}

void picture_search(struct picture *p, struct pv_detector *d, const uint8_t *luma, int width)
{
	struct pv_detection found[PV_MAX_DETECTIONS];

	p->found_count = pv_detector_run(d, luma, (size_t)width, FLOOR, found, PV_MAX_DETECTIONS);
	if (p->found_count < 0)
		die(p->photo->file, "detection failed");
	size_t size = sizeof(*found) * (size_t)p->found_count;
	p->found = malloc(size + 1);
	if (!p->found)
		die(p->photo->file, "not enough memory");
	memcpy(p->found, found, size);
}

static float common(const struct box *p, const struct pv_detection *b)
{
	float w = fminf(p->x1, b->x1) - fmaxf(p->x0, b->x0);
	float h = fminf(p->y1, b->y1) - fmaxf(p->y0, b->y0);
	return w <= 0 || h <= 0 ? 0 : w * h;
}

static float area(const struct pv_detection *b)
{
	return (b->x1 - b->x0) * (b->y1 - b->y0);
}

static float iou(const struct box *p, const struct pv_detection *b)
{
	float both = common(p, b);
	return both / ((p->x1 - p->x0) * (p->y1 - p->y0) + area(b) - both);
}

bool plate_hit(const struct picture *p, const struct box *plate, float least)
{
	for (int i = 0; i < p->found_count; i++)
		if (p->found[i].score >= least && iou(plate, &p->found[i]) >= 0.5f)
			return true;
	return false;
}

bool plate_covered(const struct picture *p, const struct box *plate, float least)
{
	enum { ACROSS = 60, DOWN = 30 };
	int under = 0;

	for (int k = 0; k < ACROSS * DOWN; k++) {
		float x = plate->x0 + ((float)(k % ACROSS) + 0.5f) / ACROSS * (plate->x1 - plate->x0);
		float y = plate->y0 + ((float)(k / ACROSS) + 0.5f) / DOWN * (plate->y1 - plate->y0);
		for (int i = 0; i < p->found_count; i++) {
			const struct pv_detection *b = &p->found[i];
			float mx = 0.1f * (b->x1 - b->x0), my = 0.1f * (b->y1 - b->y0);
			if (b->score >= least && x > b->x0 - mx && x < b->x1 + mx && y > b->y0 - my &&
			    y < b->y1 + my) {
				under++;
				break;
			}
		}
	}
	return under >= 0.9 * ACROSS * DOWN;
}

bool find_false(const struct picture *p, const struct pv_detection *d)
{
	for (int i = 0; i < p->count; i++)
		if (iou(&p->boxes[i], d) >= 0.1f ||
		    (p->boxes[i].ignored && common(&p->boxes[i], d) >= 0.4f * area(d)))
			return false;
	return true;
}

double false_rate(int set, float least, bool on_empty)
{
	int n = 0, wrong = 0;

	for (int i = 0; i < picture_count; i++) {
		const struct picture *p = &pictures[i];
		if (p->set != set || (on_empty && p->count))
			continue;
		n++;
		for (int k = 0; k < p->found_count; k++)
			wrong += p->found[k].score >= least && find_false(p, &p->found[k]);
	}
	return n ? (double)wrong / n : 0;
}

float score_at(int set, double rate)
{
	float low = FLOOR, high = 1;

	if (false_rate(set, low, false) <= rate)
		return low;
	for (int i = 0; i < 24; i++) {
		float middle = (low + high) / 2;
		if (false_rate(set, middle, false) <= rate)
			high = middle;
		else
			low = middle;
	}
	return high;
}
