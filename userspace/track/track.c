// SPDX-License-Identifier: GPL-2.0-or-later
#include "track.h"

#include <math.h>
#include <string.h>

#define GROWTH 0.25f	/* of its size, each side: what an unseen plate's veil grows until hold ends */
#define INERTIA 0.5f	/* how much of the old velocity a new sighting leaves */

float pv_tracker_floor(double minimum_score)
{
	return (float)minimum_score / 2;
}

void pv_tracker_reset(struct pv_tracker *t)
{
	t->count = 0;
}

static struct pv_detection moved(const struct pv_track *k, float seconds, int hold_ms)
{
	struct pv_detection b = k->box;
	float grown = GROWTH * (hold_ms > 0 ? fminf(seconds * 1000 / (float)hold_ms, 1) : 0);
	float gx = grown * (b.x1 - b.x0), gy = grown * (b.y1 - b.y0);
	b.x0 += k->vx * seconds - gx;
	b.x1 += k->vx * seconds + gx;
	b.y0 += k->vy * seconds - gy;
	b.y1 += k->vy * seconds + gy;
	return b;
}

/* How well b continues a: 0 not at all, 1 the same place and size. Boxes are taken half as large
 * again, so that small plates of fast cars still meet. */
static float affinity(const struct pv_detection *a, const struct pv_detection *b)
{
	float aw = (a->x1 - a->x0), ah = (a->y1 - a->y0), bw = (b->x1 - b->x0), bh = (b->y1 - b->y0);
	float w = fminf(a->x1 + aw / 4, b->x1 + bw / 4) - fmaxf(a->x0 - aw / 4, b->x0 - bw / 4);
	float h = fminf(a->y1 + ah / 2, b->y1 + bh / 2) - fmaxf(a->y0 - ah / 2, b->y0 - bh / 2);
	if (w <= 0 || h <= 0)
		return 0;
	float both = w * h, all = 3 * (aw * ah + bw * bh) - both;
	return all > 0 ? both / all : 0;
}

static void sight(struct pv_track *k, const struct pv_detection *d, float seconds, uint64_t now)
{
	if (seconds > 0.001f) {
		float vx = (d->x0 + d->x1 - k->box.x0 - k->box.x1) / 2 / seconds;
		float vy = (d->y0 + d->y1 - k->box.y0 - k->box.y1) / 2 / seconds;
		k->vx = INERTIA * k->vx + (1 - INERTIA) * vx;
		k->vy = INERTIA * k->vy + (1 - INERTIA) * vy;
	}
	k->box = *d;
	k->seen_ns = now;
	k->sure = true;
}

static float since(const struct pv_track *k, uint64_t now)
{
	return now > k->seen_ns ? (float)(now - k->seen_ns) / 1e9f : 0;
}

/* The track this detection continues, or NULL. */
static struct pv_track *match(struct pv_tracker *t, const struct pv_detection *d, uint64_t now,
			      int hold_ms)
{
	struct pv_track *best = NULL;
	float most = 0.08f;
	for (int i = 0; i < t->count; i++) {
		struct pv_track *k = &t->tracks[i];
		if (k->sure)
			continue;
		struct pv_detection there = moved(k, since(k, now), hold_ms);
		float a = fmaxf(affinity(&k->box, d), affinity(&there, d));
		if (a > most) {
			most = a;
			best = k;
		}
	}
	return best;
}

int pv_tracker_update(struct pv_tracker *t, const struct pv_detection *found, int n,
		      uint64_t now_ns, double minimum_score, int hold_ms,
		      struct pv_detection out[2 * PV_MAX_TRACKS])
{
	int alive = 0, count = 0;

	for (int i = 0; i < t->count; i++) {
		t->tracks[i].sure = false;
		if (since(&t->tracks[i], now_ns) * 1000 <= (float)hold_ms)
			t->tracks[alive++] = t->tracks[i];
	}
	t->count = alive;
	/* Detections come best first: the surest choose their track first. */
	for (int i = 0; i < n; i++) {
		struct pv_track *k = match(t, &found[i], now_ns, hold_ms);
		if (k) {
			sight(k, &found[i], since(k, now_ns), now_ns);
			continue;
		}
		if ((double)found[i].score < minimum_score)
			continue;
		if (t->count == PV_MAX_TRACKS)
			return -1;
		t->tracks[t->count++] = (struct pv_track){ .box = found[i], .seen_ns = now_ns,
							   .sure = true };
	}
	for (int i = 0; i < t->count; i++) {
		const struct pv_track *k = &t->tracks[i];
		out[count++] = k->box;
		if (!k->sure)
			out[count++] = moved(k, since(k, now_ns), hold_ms);
	}
	return count;
}
