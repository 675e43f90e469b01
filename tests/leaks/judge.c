// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACROSS 24		/* places of a plate that are looked at */
#define DOWN 8
#define DIM 6			/* grey levels of contrast below which letters are not read */
#define GRAIN 4			/* pixels a side of the squares in which what is veiled is counted */
#define BANDS 7
#define MAX_PLATES 128		/* in a clip */
#define MAX_REGIONS 512
#define MAX_SQUARES (1920 / GRAIN * 1088 / GRAIN)	/* of a frame */

/* By height in the frame; the first is below the goal, the last are those cut or half hidden. */
static const float band_from[BANDS] = { 0, LEAST_HEIGHT, 16, 24, 32, 48, 0 };
static const char *const band_names[BANDS] = { "under 12", "12 to 16",	  "16 to 24", "24 to 32",
					       "32 to 48", "48 and more", "half hidden, or dim" };
enum { SMALL = 0, CUT = BANDS - 1 };

/* Why a plate was to be seen. */
enum reason { NEVER, LATE, LOST, SHORT, REASONS };
static const char *const reason_names[REASONS] = { "never found", "found late", "lost", "veil too small" };

struct count {
	long frames, leaks, tracks, leaky;
};

struct sum {
	struct count all, band[BANDS];
	long reason[REASONS];
	double seconds, area, beyond;	/* of frames, in pixels */
	long false_veils;
};

/* A plate of the clip at hand. */
struct track {
	const struct pane *pane;
	const struct box *box;
	float contrast;		/* of its letters in the frame, grey levels */
	struct {
		long frames[BANDS], leaks[BANDS], reason[REASONS];
		bool found;	/* veiled once */
		int first, last;	/* frames that leak */
	} mode[MODES];
};

static struct sum sums[MODES][KINDS];
static const struct clip *clip;
static struct track tracks[MAX_PLATES];
static int track_count;
static struct pv_box before[MODES][MAX_REGIONS];	/* veils of the frame before */
static int before_count[MODES];

static int by_value(const void *a, const void *b)
{
	const float *p = a, *q = b;
	return (*p > *q) - (*p < *q);
}

/* Deviation of luma between two columns of a plate, given as shares of its width, half way up. */
static float deviation(const struct pane *p, const struct box *b, float from, float to)
{
	float width = (b->x1 - b->x0) * p->k, height = (b->y1 - b->y0) * p->k;
	int x0 = (int)(b->x0 * p->k + from * width), x1 = (int)(b->x0 * p->k + to * width);
	int y0 = (int)(b->y0 * p->k + 0.2f * height), y1 = (int)(b->y0 * p->k + 0.8f * height);
	float n = 0, sum = 0, square = 0;

	for (int y = y0 > 0 ? y0 : 0; y < y1 && y < p->height; y++) {
		for (int x = x0 > 0 ? x0 : 0; x <= x1 && x < p->width; x++) {
			float v = p->luma[0][y * p->width + x];
			n++;
			sum += v;
			square += v * v;
		}
	}
	return n > 0 ? sqrtf(fmaxf(square / n - sum / n * (sum / n), 0)) : 0;
}

/* Of the letters: in the middle one of eight pieces, as a lamp or a frame may lie in the others. */
static float contrast(const struct clip *c, const struct pane *p, const struct box *b)
{
	float pieces[8];

	for (int i = 0; i < 8; i++)
		pieces[i] = deviation(p, b, 0.05f + 0.9f * (float)i / 8, 0.05f + 0.9f * (float)(i + 1) / 8);
	qsort(pieces, 8, sizeof(*pieces), by_value);
	return c->light * (pieces[3] + pieces[4]) / 2;
}

void judge_clip(const struct clip *c)
{
	clip = c;
	track_count = 0;
	memset(before_count, 0, sizeof(before_count));
	for (int i = 0; i < c->pane_count; i++) {
		const struct photo *p = c->panes[i].photo;
		for (int k = 0; k < p->count && track_count < MAX_PLATES; k++)
			if (!p->boxes[k].ignored)
				tracks[track_count++] = (struct track){
					.pane = &c->panes[i],
					.box = &p->boxes[k],
					.contrast = contrast(c, &c->panes[i], &p->boxes[k]),
				};
	}
}

/* --- plates ---------------------------------------------------------------- */

static bool inside(const struct pv_box *b, const float at[2])
{
	return at[0] >= (float)b->x0 && at[0] < (float)b->x1 && at[1] >= (float)b->y0 &&
	       at[1] < (float)b->y1;
}

/* How much of a plate is to be seen, and how much of that is covered: shares of all of it. */
static float look_at(const struct track *t, int frame, const struct pv_box *regions, int n, float *covered)
{
	int seen = 0, under = 0;
	float at[2];

	for (int k = 0; k < ACROSS * DOWN; k++) {
		float u = ((float)(k % ACROSS) + 0.5f) / ACROSS, v = ((float)(k / ACROSS) + 0.5f) / DOWN;
		if (!clip_place(clip, frame, t->pane, t->box->x0 + u * (t->box->x1 - t->box->x0),
				t->box->y0 + v * (t->box->y1 - t->box->y0), at))
			continue;
		seen++;
		for (int i = 0; i < n; i++) {
			if (inside(&regions[i], at)) {
				under++;
				break;
			}
		}
	}
	*covered = (float)under / (ACROSS * DOWN);
	return (float)seen / (ACROSS * DOWN);
}

static int band_of(float width, float height, float seen, float letters)
{
	int band = SMALL;

	while (band + 1 < CUT && height >= band_from[band + 1] && width >= LEAST_WIDTH)
		band++;
	return (seen < 0.5f || letters < fmaxf(DIM, clip->noise)) && band != SMALL ? CUT : band;
}

static bool in_goal(int band)
{
	return band != SMALL && band != CUT;
}

/* Judges a plate of a frame; true if it leaks for the first time. Adds its area to *need. */
static bool judge_plate(struct track *t, int mode, int frame, const struct pv_box *regions, int n,
			double *need)
{
	float scale = clip_scale(clip, frame, t->pane), covered;
	float height = (t->box->y1 - t->box->y0) * scale, width = (t->box->x1 - t->box->x0) * scale;
	float seen = look_at(t, frame, regions, n, &covered);

	if (seen <= 0)
		return false;
	*need += (double)(covered * width * height);
	int band = band_of(width, height, seen, t->contrast);
	bool leaks = covered < 0.9f * seen, first = true;
	t->mode[mode].frames[band]++;
	t->mode[mode].leaks[band] += leaks;
	enum reason why = covered > 0.3f * seen ? SHORT : t->mode[mode].found ? LOST : LATE;
	t->mode[mode].found |= covered > 0.3f * seen;
	if (!leaks || !in_goal(band))
		return false;
	t->mode[mode].reason[why]++;
	for (int i = 0; i < BANDS; i++)
		first &= !in_goal(i) || t->mode[mode].leaks[i] <= (i == band);
	if (first)
		t->mode[mode].first = frame;
	t->mode[mode].last = frame;
	return first;
}

/* --- false veils ----------------------------------------------------------- */

static bool touch(const struct pv_box *a, const struct pv_box *b)
{
	return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* The upright box round a labelled place of a pane, as it is in the frame. */
static struct pv_box bounds(const struct pane *p, int frame, const struct box *b)
{
	struct pv_box r = { 1 << 20, 1 << 20, -(1 << 20), -(1 << 20) };

	for (int i = 0; i < 4; i++) {
		float at[2];
		clip_place(clip, frame, p, i & 1 ? b->x1 : b->x0, i & 2 ? b->y1 : b->y0, at);
		int x = (int)floorf(at[0]), y = (int)floorf(at[1]);
		r.x0 = x < r.x0 ? x : r.x0;
		r.x1 = x + 1 > r.x1 ? x + 1 : r.x1;
		r.y0 = y < r.y0 ? y : r.y0;
		r.y1 = y + 1 > r.y1 ? y + 1 : r.y1;
	}
	return r;
}

static bool is_false(const struct pv_box *region, int frame)
{
	for (int i = 0; i < clip->pane_count; i++) {
		const struct pane *p = &clip->panes[i];
		for (int k = 0; k < p->photo->count; k++) {
			struct pv_box b = bounds(p, frame, &p->photo->boxes[k]);
			if (touch(region, &b))
				return false;
		}
	}
	return true;
}

/* Where a veil was in the frame before, as of a plate that has gone, it is held and no new one. */
static int new_false(int mode, int frame, const struct pv_box *regions, int n)
{
	int fresh = 0;

	for (int i = 0; i < n; i++) {
		bool old = false;
		for (int k = 0; k < before_count[mode]; k++)
			old |= touch(&regions[i], &before[mode][k]);
		fresh += !old && is_false(&regions[i], frame);
	}
	before_count[mode] = n < MAX_REGIONS ? n : MAX_REGIONS;
	memcpy(before[mode], regions, sizeof(*regions) * (size_t)before_count[mode]);
	return fresh;
}

/* Pixels under regions, each counted once. */
static double union_area(const struct pv_box *regions, int n)
{
	static uint8_t map[MAX_SQUARES];
	int across = (clip->width + GRAIN - 1) / GRAIN, down = (clip->height + GRAIN - 1) / GRAIN;
	long under = 0;

	memset(map, 0, sizeof(map));
	for (int i = 0; i < n; i++)
		for (int y = regions[i].y0 / GRAIN; y < down && y * GRAIN < regions[i].y1; y++)
			for (int x = regions[i].x0 / GRAIN; x < across && x * GRAIN < regions[i].x1; x++)
				map[y * across + x] = 1;
	for (int i = 0; i < across * down; i++)
		under += map[i];
	return (double)under * GRAIN * GRAIN;
}

int judge_frame(int mode, int frame, const struct pv_box *regions, int n)
{
	struct sum *s = &sums[mode][clip->kind];
	double need = 0;
	int first = 0;

	for (int i = 0; i < track_count; i++)
		first += judge_plate(&tracks[i], mode, frame, regions, n, &need);
	s->false_veils += new_false(mode, frame, regions, n);
	s->seconds += 1.0 / clip->fps;
	s->area += (double)clip->width * clip->height;
	s->beyond += fmax(union_area(regions, n) - need, 0);
	return first;
}

/* --- a clip's end ---------------------------------------------------------- */

static void add(struct count *c, long frames, long leaks)
{
	c->frames += frames;
	c->leaks += leaks;
	c->tracks += frames > 0;
	c->leaky += leaks > 0;
}

static void end_track(const struct track *t, int mode, bool say)
{
	struct sum *s = &sums[mode][clip->kind];
	long frames = 0, leaks = 0;
	int why = LATE;

	for (int i = 0; i < BANDS; i++) {
		add(&s->band[i], t->mode[mode].frames[i], t->mode[mode].leaks[i]);
		frames += in_goal(i) ? t->mode[mode].frames[i] : 0;
		leaks += in_goal(i) ? t->mode[mode].leaks[i] : 0;
	}
	add(&s->all, frames, leaks);
	if (!leaks)
		return;
	for (int i = 0; i < REASONS; i++)
		if (t->mode[mode].reason[i] > t->mode[mode].reason[why])
			why = i;
	if (!t->mode[mode].found)
		why = NEVER;
	s->reason[why]++;
	if (say)
		printf("leak mode %d, %s, %dx%d, %s %.0f,%.0f %.0fx%.0f: %ld of %ld frames (%d to %d), contrast %.0f, %s\n", mode,
		       kind_names[clip->kind], clip->width, clip->height, t->pane->photo->file,
		       (double)t->box->x0, (double)t->box->y0, (double)(t->box->x1 - t->box->x0),
		       (double)(t->box->y1 - t->box->y0), leaks, frames, t->mode[mode].first,
		       t->mode[mode].last, (double)t->contrast, reason_names[why]);
}

void judge_end(bool say)
{
	for (int m = 0; m < MODES; m++)
		for (int i = 0; i < track_count; i++)
			end_track(&tracks[i], m, say);
}

/* --- tables ---------------------------------------------------------------- */

static double percent(double part, double of)
{
	return of > 0 ? 100 * part / of : 0;
}

static void row(const char *name, const struct sum *s)
{
	if (s->seconds > 0)
		printf("%-20s %8ld %7.2f   %6ld %7.2f   %7.2f %9.2f\n", name, s->all.frames,
		       percent((double)s->all.leaks, (double)s->all.frames), s->all.tracks,
		       percent((double)s->all.leaky, (double)s->all.tracks), percent(s->beyond, s->area),
		       (double)s->false_veils * 60 / s->seconds);
}

static void add_count(struct count *to, const struct count *c)
{
	to->frames += c->frames;
	to->leaks += c->leaks;
	to->tracks += c->tracks;
	to->leaky += c->leaky;
}

static struct sum whole(int mode)
{
	struct sum all = { .seconds = 0 };

	for (int k = 0; k < KINDS; k++) {
		const struct sum *s = &sums[mode][k];
		add_count(&all.all, &s->all);
		for (int i = 0; i < BANDS; i++)
			add_count(&all.band[i], &s->band[i]);
		for (int i = 0; i < REASONS; i++)
			all.reason[i] += s->reason[i];
		all.seconds += s->seconds;
		all.area += s->area;
		all.beyond += s->beyond;
		all.false_veils += s->false_veils;
	}
	return all;
}

void judge_report(const char *const names[MODES])
{
	for (int m = 0; m < MODES; m++) {
		struct sum all = whole(m);
		printf("\n%-20s %8s %7s   %6s %7s   %7s %9s\n", names[m], "plate-", "leak", "", "leak",
		       "beyond", "false");
		printf("%-20s %8s %7s   %6s %7s   %7s %9s\n", "motion", "frames", "%", "tracks", "%", "need, %",
		       "a minute");
		for (int k = 0; k < KINDS; k++)
			row(kind_names[k], &sums[m][k]);
		row("all", &all);
		printf("plate's height\n");
		for (int i = 0; i < BANDS; i++) {
			const struct count *c = &all.band[i];
			printf("%-20s %8ld %7.2f   %6ld %7.2f%s\n", band_names[i], c->frames,
			       percent((double)c->leaks, (double)c->frames), c->tracks,
			       percent((double)c->leaky, (double)c->tracks),
			       in_goal(i) ? "" : "   (not in all)");
		}
		printf("leaking tracks:");
		for (int i = 0; i < REASONS; i++)
			printf(" %ld %s%s", all.reason[i], reason_names[i], i < REASONS - 1 ? "," : "\n");
	}
}

void judge_outlines(const struct clip *c, int frame,
		    void (*line)(void *to, const float a[2], const float b[2]), void *to)
{
	for (int i = 0; i < c->pane_count; i++) {
		const struct photo *p = c->panes[i].photo;
		for (int k = 0; k < p->count; k++) {
			const struct box *b = &p->boxes[k];
			float at[4][2];
			if (b->ignored)
				continue;
			clip_place(c, frame, &c->panes[i], b->x0, b->y0, at[0]);
			clip_place(c, frame, &c->panes[i], b->x1, b->y0, at[1]);
			clip_place(c, frame, &c->panes[i], b->x1, b->y1, at[2]);
			clip_place(c, frame, &c->panes[i], b->x0, b->y1, at[3]);
			for (int s = 0; s < 4; s++)
				line(to, at[s], at[(s + 1) % 4]);
		}
	}
}
