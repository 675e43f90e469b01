// SPDX-License-Identifier: GPL-2.0-or-later
#include "doubt.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "merge.h"
#include "overlap.h"
#include "scale.h"

#define TALL 32		/* pixels, at most, of the half of the picture that a find is high there; */
#define WIDE 120	/* or wide */
#define SMALL 22	/* pixels of height, at most, of what is asked for that the second look was not to see */
#define FLOOR 0.03f	/* score of a patch's cells that is of use */
#define HARDLY 0.02f	/* score of what need not be asked for */
#define AGE 3		/* frames, at most, in which a find that moves or changes a little is not asked for anew, */
#define ALIKE 0.5f	/* by the IoU from frame to frame */
#define NEAREST 3	/* finds of a patch that may be the one that was asked for */

#define MOST 320	/* pixels across a patch */
static const float times[PV_OPINIONS] = { 1.41f, 2 };	/* as large as in that half */

/* Shapes of patch, smallest first: what a find may fill of one, and the rest is context. */
static const struct {
	int width, height, across, along;
} shapes[PV_PATCHES] = { { 128, 96, 48, 24 }, { 192, 128, 96, 48 }, { MOST, 192, MOST, 192 } };

static bool make(struct pv_looker *l, char *error, size_t size)
{
	const int last = PV_PATCHES - 1;
	size_t room = 1;	/* and never none */

	*l = (struct pv_looker){ .patch = malloc((size_t)shapes[last].width * (size_t)shapes[last].height) };
	for (int i = 0; i < PV_PATCHES; i++) {
		if (pv_level_init(&l->level[i], shapes[i].width, shapes[i].height, 1, 1, 0, 0, true, error, size))
			return false;
		room = l->level[i].room > room ? l->level[i].room : room;
	}
	l->found = calloc(room, sizeof(*l->found));
	if (!l->found || !l->patch)
		snprintf(error, size, "detector: not enough memory");
	return l->found && l->patch;
}

static void unmake(struct pv_looker *l)
{
	for (int i = 0; i < PV_PATCHES; i++)
		pv_level_free(&l->level[i]);
	free(l->found);
	free(l->patch);
	*l = (struct pv_looker){ .patch = NULL };
}

int pv_doubt_init(struct pv_doubt *q, char *error, size_t size)
{
	*q = (struct pv_doubt){ .count = 0 };
	return make(&q->lookers[0], error, size) ? 0 : -1;
}

int pv_doubt_double(struct pv_doubt *q, char *error, size_t size)
{
	if (q->lookers[1].patch || make(&q->lookers[1], error, size))
		return 0;
	unmake(&q->lookers[1]);
	return -1;
}

void pv_doubt_single(struct pv_doubt *q)
{
	unmake(&q->lookers[1]);
}

void pv_doubt_free(struct pv_doubt *q)
{
	unmake(&q->lookers[0]);
	pv_doubt_single(q);
}

/* --- a patch ----------------------------------------------------------------- */

/* Where a patch lies: its corner, in pixels of a half of the picture, and its size, in its own. */
struct place {
	int half, shape;
	float times;	/* pixels to one of the half's */
	float x, y;
	int width, height;
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* One side of a patch round a middle: within the picture as far as there is one. */
static void lay(float middle, int side, float larger, int most, float *start, int *length)
{
	*length = least(most, (int)ceilf((float)side * larger));
	float all = (float)*length / larger;
	*start = fmaxf(fminf(middle - all / 2, (float)side - all), 0);
}

/* For a find in pixels of the first half. */
static struct place choose(const struct pv_plane *halves, int count, const struct pv_detection *d, float larger)
{
	struct place p = { .times = larger };
	float w = d->x1 - d->x0, h = d->y1 - d->y0, k = 1;

	for (; p.half < count - 1 && (h * k > TALL || w * k > WIDE); p.half++)
		k /= 2;
	while (p.shape < PV_PATCHES - 1 && (w * k * larger > (float)shapes[p.shape].across ||
					    h * k * larger > (float)shapes[p.shape].along))
		p.shape++;
	const struct pv_plane *from = &halves[p.half];
	lay((d->x0 + d->x1) / 2 * k, from->width, larger, shapes[p.shape].width, &p.x, &p.width);
	lay((d->y0 + d->y1) / 2 * k, from->height, larger, shapes[p.shape].height, &p.y, &p.height);
	return p;
}

/* Pixel that one of a patch's lies behind, and how far, in 256ths, towards the next. */
static int between(float start, float larger, int i, int side, int *part)
{
	int at = (int)((start + ((float)i + 0.5f) / larger - 0.5f) * 256);

	at = at < 0 ? 0 : at;
	*part = at & 255;
	return least(at >> 8, side - 1);
}

static void cut(const struct pv_plane *from, const struct place *p, uint8_t *to)
{
	int left[MOST], part[MOST];

	for (int x = 0; x < p->width; x++)
		left[x] = between(p->x, p->times, x, from->width, &part[x]);
	for (int y = 0; y < p->height; y++, to += p->width) {
		int low, top = between(p->y, p->times, y, from->height, &low);
		const uint8_t *a = from->luma + (size_t)top * from->stride;
		pv_scale_between(a, top + 1 < from->height ? a + from->stride : a, from->width, low, left, part, p->width,
				 to);
	}
}

/* Runs the first stage over a patch. Finds are in pixels of the first half; returns how many, or -1. */
static int search(struct pv_looker *l, const struct pv_plane *halves, const struct place *p,
		  struct pv_detection *out, int max)
{
	struct pv_level *level = &l->level[p->shape];
	float k = (float)(1 << p->half);
	struct pv_take whole = { .part = level->parts, .area = { 0, 0, p->width, p->height } };
	int n = 0;

	cut(&halves[p->half], p, l->patch);
	level->width = p->width;
	level->height = p->height;
	level->kx = level->ky = k / p->times;
	level->frame_width = (float)p->width * level->kx;
	level->frame_height = (float)p->height * level->ky;
	level->find_count = 0;
	if (pv_level_run(level, &whole, l->patch, (size_t)p->width, 0))
		return -1;
	pv_level_put(level, &whole, FLOOR);
	for (; n < level->find_count; n++) {
		struct pv_detection *d = &l->found[n];
		*d = level->finds[n].d;
		d->x0 += p->x * k;
		d->x1 += p->x * k;
		d->y0 += p->y * k;
		d->y1 += p->y * k;
	}
	return pv_merge(l->found, n, out, max);
}

/* --- asking ------------------------------------------------------------------ */

/* Finds to ask for, by one thread or by two. */
struct asking {
	struct pv_doubt *doubt;
	struct pv_second *second;
	const struct pv_plane *halves;
	int count;
	float kx, ky;
	struct pv_opinion *list[PV_MAX_DETECTIONS];
	int n;
};

static struct pv_detection in_first_half(const struct asking *a, struct pv_detection d)
{
	pv_overlap_resize(&d, 1 / a->kx, 1 / a->ky);
	return d;
}

/* The surest that both networks find where d is, so many times as large; its score is 0 if there is none. -1 if a
 * network failed. */
static int look(struct asking *a, int who, const struct pv_detection *d, float larger, struct pv_detection *best)
{
	struct pv_detection it = in_first_half(a, *d);
	struct place p = choose(a->halves, a->count, &it, larger);
	struct pv_detection found[PV_MAX_DETECTIONS];
	int n = search(&a->doubt->lookers[who], a->halves, &p, found, PV_MAX_DETECTIONS);

	best->score = 0;
	for (int i = 0, near = 0; i < n && near < NEAREST; i++) {
		struct pv_detection *f = &found[i];
		if (pv_overlap_iou(f, &it) <= PV_SAME_PLATE)
			continue;
		near++;
		if (f->score >= PV_LOOK_LEAST && pv_second_look(a->second, who, a->halves, a->count, f))
			return -1;
		if (f->score > best->score && pv_overlap_iou(f, &it) > PV_SAME_PLATE)
			*best = *f;
	}
	pv_overlap_resize(best, a->kx, a->ky);
	return n < 0 ? -1 : 0;
}

/* Is the second look, where it was not to look so far, sure that it is none? */
static int is_none(struct asking *a, int who, const struct pv_detection *d)
{
	struct pv_detection it = in_first_half(a, *d);

	if (d->score >= PV_LOOK_LEAST)
		return 0;
	return pv_second_look(a->second, who, a->halves, a->count, &it) ? -1 : it.score < HARDLY;
}

/* Asks at one size after the other. False if a network failed. */
static bool ask(void *data, int i, int who)
{
	struct asking *a = data;
	struct pv_opinion *o = a->list[i];
	int none = is_none(a, who, &o->of);

	o->count = none ? 0 : PV_OPINIONS;
	for (int k = 0; k < o->count; k++)
		if (look(a, who, &o->of, times[k], &o->found[k]))
			return false;
	return none >= 0;
}

/* What the find scores and where it lies, by what was found when it was asked for. */
static struct pv_detection heed(const struct pv_opinion *o, const struct pv_detection *d)
{
	struct pv_detection moved[PV_OPINIONS];
	const struct pv_detection *all[1 + PV_OPINIONS] = { d };
	float x = (d->x0 + d->x1 - o->of.x0 - o->of.x1) / 2, y = (d->y0 + d->y1 - o->of.y0 - o->of.y1) / 2;

	for (int k = 0; k < o->count; k++) {
		const struct pv_detection *f = &o->found[k];
		moved[k] = (struct pv_detection){ f->x0 + x, f->y0 + y, f->x1 + x, f->y1 + y, f->score };
		all[1 + k] = f->score > 0 ? &moved[k] : NULL;
	}
	/* That it is none was told at once. */
	return o->count ? pv_merge_mean(all, 1 + o->count) :
			  (struct pv_detection){ d->x0, d->y0, d->x1, d->y1, HARDLY };
}

/* What was found when it was last asked for, if that was this very find; or not long ago one much alike, and spoke for
 * it: what has changed is not to be doubted for what was there before. Or NULL. */
static const struct pv_opinion *known(const struct pv_doubt *q, const struct pv_detection *d)
{
	const struct pv_opinion *o = q->opinions[q->turn];

	for (int i = 0; i < q->count; i++)
		if (pv_overlap_same(&o[i].last, d) ||
		    (o[i].age < AGE && pv_overlap_iou(&o[i].last, d) > ALIKE && heed(&o[i], d).score >= d->score))
			return &o[i];
	return NULL;
}

void pv_doubt_forget(struct pv_doubt *q)
{
	q->count = 0;
}

int pv_doubt_ask(struct pv_doubt *q, struct pv_second *second, const struct pv_plane *halves, int count, float kx,
		 float ky, int most, struct pv_detection *d, int n, struct pv_pair *pair)
{
	struct asking a = { .doubt = q, .second = second, .halves = halves, .count = count, .kx = kx, .ky = ky };
	struct pv_opinion *now = q->opinions[!q->turn];
	int of[PV_MAX_DETECTIONS], all = 0;

	for (int i = 0; i < n && d[i].score >= PV_DOUBT_LEAST; i++) {
		if (d[i].score > PV_DOUBT_MOST ||
		    (d[i].score < PV_LOOK_LEAST && d[i].y1 - d[i].y0 > SMALL * ky))
			continue;
		const struct pv_opinion *o = known(q, &d[i]);
		if (!o && a.n == most)
			continue;
		now[all] = o ? *o : (struct pv_opinion){ .of = d[i], .last = d[i] };
		if (!o)
			a.list[a.n++] = &now[all];
		else if (!pv_overlap_same(&o->last, &d[i]))
			now[all].age++;
		now[all].last = d[i];
		of[all++] = i;
	}
	if (!pv_pair_each(q->lookers[1].patch && second->networks[1] ? pair : NULL, ask, &a, a.n))
		return -1;
	for (int i = 0; i < all; i++)
		d[of[i]] = heed(&now[i], &d[of[i]]);
	q->turn = !q->turn;
	q->count = all;
	return 0;
}
