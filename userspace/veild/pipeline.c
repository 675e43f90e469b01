// SPDX-License-Identifier: GPL-2.0-or-later
#include "pipeline.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sieve.h"
#include "upright.h"

#define USUAL_NS 33333333	/* from frame to frame, when a piece of each is searched again */
#define MOST_PIECES (PV_REFRESH / 8)
#define TOO_MANY "more plates than can be followed; raise minimum-score if it is low"
#define NAP_NS 100000000	/* two clocks read one after the other may be so far apart, awake */

static uint64_t read_clock(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t pv_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t pv_boot_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

bool pv_slept_since(uint64_t slept_ns)
{
	uint64_t now = pv_now_ns();	/* first: what lies between the two calls counts as sleep */

	return (int64_t)(pv_boot_ns() - now - slept_ns) > NAP_NS;
}

int pv_pipeline_shrink(const struct pv_rules *rules, int width, int height)
{
	int side = width > height ? width : height, shrink = 1;

	while (shrink < PV_MAX_SHRINK && side / (2 * shrink) >= rules->search)
		shrink *= 2;
	return shrink;
}

/* The longer side to search of pictures of this size, at this pace: p->full at best. */
static int choose_side(struct pv_pipeline *p, int width, int height)
{
	int full = pv_detector_side(width, height, p->rules.search, p->photos ? PV_PHOTOS : PV_VIDEO);
	int larger = width > height ? width : height;

	/* What was too much of pictures of another size says nothing of these. */
	if (p->full != full || p->width != width || p->height != height)
		p->pace = (struct pv_pace){ 0 };
	p->full = full;
	int side = pv_pace_search(&p->pace, full);
	/* The first step is not to enlarge it. */
	return side > larger && side < full ? larger : side;
}

int pv_pipeline_prepare(struct pv_pipeline *p, int width, int height)
{
	int side = choose_side(p, width, height);

	if (p->detector && p->width == width && p->height == height && p->search == side)
		return 0;
	if (p->width != width || p->height != height) {
		pv_motion_free(p->motion);
		p->motion = pv_motion_new(width, height);
	}
	pv_detector_free(p->detector);
	/* Some hundred megabytes, which the C library would keep in pieces too small for the next one. */
	malloc_trim(0);
	p->width = width;
	p->height = height;
	p->search = side;
	p->detector = pv_detector_new(width, height, p->search, p->photos ? PV_PHOTOS : PV_VIDEO, p->error,
				      sizeof(p->error));
	/* Where there is no memory for two threads' networks, one does more, or all, and slower. */
	if (p->detector)
		pv_detector_share(p->detector, p->pair, p->error, sizeof(p->error));
	return p->detector ? 0 : -1;
}

void pv_pipeline_free(struct pv_pipeline *p)
{
	pv_detector_free(p->detector);
	p->detector = NULL;
	pv_motion_free(p->motion);
	p->motion = NULL;
	pv_redactor_free(&p->redactor);
	pv_frame_free(&p->upright);
	pv_pipeline_flush(p);
	for (int i = 0; i <= PV_MAX_LOOKAHEAD; i++)
		pv_frame_free(&p->held[i].frame);
	pv_frame_free(&p->due.frame);
}

static void enlarge(struct pv_detection *d, float times)
{
	d->x0 *= times;
	d->y0 *= times;
	d->x1 *= times;
	d->y1 *= times;
}

/* How long this search has taken, and with it whether it is in time. */
static bool in_time(struct pv_pipeline *p, const struct pv_frame *f, uint64_t begun, bool prepared)
{
	uint64_t deadline = (uint64_t)p->rules.deadline * 1000000u, took = pv_now_ns() - begun;

	p->stats.detect_ns = took;
	p->stats.searched++;
	p->stats.total_ns += took;
	if (took > p->stats.slowest_ns)
		p->stats.slowest_ns = took;
	if (p->photos)
		return true;
	if (f->taken_ns)
		took = pv_boot_ns() - f->taken_ns;
	/* What a new detector cost says nothing of what the search costs. */
	if (prepared)
		pv_pace_note(&p->pace, took, deadline);
	if (took <= deadline)
		return true;
	p->stats.late++;
	snprintf(p->error, sizeof(p->error), "detection took %.0f ms, deadline %d ms",
		 (double)took / 1e6, p->rules.deadline);
	return false;
}

/* What of f is searched; NULL with p->error. */
static const struct pv_frame *shown(struct pv_pipeline *p, const struct pv_frame *f)
{
	if (f->orientation < 2)
		return f;
	if (!pv_upright_luma(f, &p->upright))
		return &p->upright;
	snprintf(p->error, sizeof(p->error), "not enough memory");
	return NULL;
}

/* What was missed in a picture that stands still is missed until its piece is searched again: a camera of few frames
 * gets more of them done in each, and the first one after a pause, of which nobody knows how long it was, all. */
static void refresh(struct pv_pipeline *p, const struct pv_frame *f)
{
	uint64_t now = f->time_ns ? f->time_ns : pv_now_ns();
	uint64_t pieces = now > p->last_ns ? (now - p->last_ns) / USUAL_NS : 1;

	pv_detector_refresh(p->detector, !p->last_ns ? PV_REFRESH : pieces < MOST_PIECES ? (int)pieces : MOST_PIECES);
	p->last_ns = now;
}

/* Plates in what is shown of f that the rules want veiled, at its full size: their number, or -1 with p->error when
 * that is not known; *good is false, and p->error says why, when it is known too late. *shows is what was searched,
 * NULL where nothing could be. */
static int find(struct pv_pipeline *p, const struct pv_frame *f, const struct pv_frame **shows,
		struct pv_detection found[PV_MAX_DETECTIONS], bool *good)
{
	const struct pv_frame *seen = shown(p, f);
	float least = p->photos ? (float)p->rules.minimum_score
				: pv_tracker_floor(p->rules.minimum_score);
	int shrink = f->shrink ? f->shrink : 1, was = p->detector ? p->search : 0;

	*good = false;
	*shows = NULL;
	if (!seen || pv_pipeline_prepare(p, (seen->width + shrink - 1) / shrink,
					 (seen->height + shrink - 1) / shrink))
		return -1;
	*shows = seen;
	refresh(p, f);
	uint64_t begun = pv_now_ns();
	/* Of a photo all is searched, of a video what changed. */
	int n = (p->photos ? pv_detector_run : pv_detector_follow)(
		p->detector, seen->plane[0], (size_t)seen->stride[0], least, found, PV_MAX_DETECTIONS);
	*good = in_time(p, f, begun, was == p->search);
	if (n < 0)
		snprintf(p->error, sizeof(p->error), "detection failed");
	for (int i = 0; i < n && shrink > 1; i++)
		enlarge(&found[i], (float)shrink);
	/* With the list full there may be more, and none is let go. */
	if (n >= 0 && n < PV_MAX_DETECTIONS)
		n = pv_sieve(&p->rules, seen->width, seen->height, found, n);
	return n;
}

/* What to veil in f: the number of boxes, or -1 with p->error when that is not known. */
static int search(struct pv_pipeline *p, const struct pv_frame *f,
		  struct pv_detection veiled[2 * PV_MAX_TRACKS])
{
	struct pv_detection found[PV_MAX_DETECTIONS];
	struct pv_move move = pv_move_none;
	const struct pv_frame *seen;
	bool good;
	int n = find(p, f, &seen, found, &good), shrink = f->shrink ? f->shrink : 1;

	if (p->photos && n < PV_MAX_DETECTIONS) {
		memcpy(veiled, found, sizeof(*found) * (size_t)(n > 0 ? n : 0));
		return n;
	}
	if (p->motion && seen)
		move = pv_motion_look(p->motion, seen->plane[0], (size_t)seen->stride[0]);
	/* It was seen at the luma's size, and plates are followed at the frame's. */
	move.dx *= (float)shrink;
	move.dy *= (float)shrink;
	/* Places in a picture of another size or another way up mean nothing; another search does not move them. */
	if (seen && (p->tracker.width != seen->width || p->tracker.height != seen->height ||
		     p->orientation != f->orientation)) {
		pv_tracker_reset(&p->tracker, seen->width, seen->height);
		p->orientation = f->orientation;
	}
	/* The tracks move on in a frame of which nothing is known, too, and go on with what is known too late. */
	bool known = n >= 0 && n < PV_MAX_DETECTIONS;
	int count = pv_tracker_update(&p->tracker, found, known ? n : -1, &move,
				      f->time_ns ? f->time_ns : pv_now_ns(), p->rules.minimum_score,
				      p->rules.hold, veiled);
	if (n < 0 || !good)
		return -1;
	if (known && count >= 0)
		return count;
	snprintf(p->error, sizeof(p->error), TOO_MANY);
	return -1;
}

/* Draws the veils over n boxes of what is shown of f, or over all of it when n is -1. */
static int veil(struct pv_pipeline *p, const struct pv_rules *rules, struct pv_frame *f,
		const struct pv_detection *boxes, int n)
{
	struct pv_detection stored[2 * PV_MAX_TRACKS];

	p->stats.frames++;
	if (n < 0) {
		p->stats.whole++;
		pv_redact_whole(f);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		stored[i] = boxes[i];
		pv_upright_back(f, &stored[i]);
	}
	n = pv_regions(f, rules, stored, n, p->regions);
	p->stats.regions += (uint64_t)n;
	/* No memory: then all of it is veiled. */
	if (pv_redact(&p->redactor, f, rules, p->regions, n)) {
		p->stats.whole++;
		return -1;
	}
	return n;
}

int pv_pipeline_run(struct pv_pipeline *p, struct pv_frame *f)
{
	struct pv_detection boxes[2 * PV_MAX_TRACKS];
	int n = search(p, f, boxes), drawn = veil(p, &p->rules, f, boxes, n);

	if (n >= 0 && drawn < 0)
		snprintf(p->error, sizeof(p->error), "not enough memory");
	return drawn;
}

static struct pv_held *held_at(struct pv_pipeline *p, int i)
{
	return &p->held[(p->oldest + i) % (PV_MAX_LOOKAHEAD + 1)];
}

/* The oldest of those that wait, into *due, whose frame's memory waits instead. */
static void take_oldest(struct pv_pipeline *p, struct pv_held *due)
{
	struct pv_held *h = held_at(p, 0);
	struct pv_frame spare = due->frame;

	*due = *h;
	h->frame = spare;
	p->oldest = (p->oldest + 1) % (PV_MAX_LOOKAHEAD + 1);
	p->waiting--;
}

bool pv_pipeline_search(struct pv_pipeline *p, struct pv_frame *f, struct pv_held *due)
{
	if (p->waiting && (held_at(p, 0)->frame.width != f->width || held_at(p, 0)->frame.height != f->height ||
			   held_at(p, 0)->frame.orientation != f->orientation))
		p->waiting = 0;
	/* The rules may ask for less than waits by now: the oldest are dropped, not shown. */
	while (p->waiting > p->rules.lookahead) {
		p->oldest = (p->oldest + 1) % (PV_MAX_LOOKAHEAD + 1);
		p->waiting--;
	}
	struct pv_held *h = held_at(p, p->waiting);
	struct pv_frame spare = h->frame;
	h->frame = *f;
	*f = spare;
	h->count = search(p, &h->frame, h->boxes);
	for (int k = 0; k < p->waiting; k++) {
		struct pv_held *was = held_at(p, k);
		int count = pv_tracker_before(&p->tracker, p->waiting - k, was->boxes, was->count);
		if (count < 0 && was->count >= 0)
			snprintf(p->error, sizeof(p->error), TOO_MANY);
		was->count = count;
	}
	if (p->waiting++ < p->rules.lookahead)
		return false;
	take_oldest(p, due);
	return true;
}

int pv_pipeline_veil(struct pv_pipeline *p, const struct pv_rules *rules, struct pv_held *due)
{
	return veil(p, rules, &due->frame, due->boxes, due->count);
}

struct pv_frame *pv_pipeline_push(struct pv_pipeline *p, struct pv_frame *f)
{
	if (!pv_pipeline_search(p, f, &p->due))
		return NULL;
	pv_pipeline_veil(p, &p->rules, &p->due);
	return &p->due.frame;
}

struct pv_frame *pv_pipeline_drain(struct pv_pipeline *p)
{
	if (!p->waiting)
		return NULL;
	take_oldest(p, &p->due);
	pv_pipeline_veil(p, &p->rules, &p->due);
	return &p->due.frame;
}

void pv_pipeline_flush(struct pv_pipeline *p)
{
	pv_tracker_reset(&p->tracker, p->tracker.width, p->tracker.height);
	if (p->motion)
		pv_motion_reset(p->motion);
	p->waiting = 0;
	p->last_ns = 0;
	for (int i = 0; i <= PV_MAX_LOOKAHEAD; i++)
		pv_coefs_forget(&p->held[i].frame);
	pv_coefs_forget(&p->due.frame);
}
