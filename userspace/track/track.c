// SPDX-License-Identifier: GPL-2.0-or-later
#include "track.h"

#include <math.h>
#include <string.h>

#include "detect/overlap.h"

#define LOW 0.4f	/* of the minimum score, to go on with a track, or to begin one of a cut plate */
#define SURER 1.4f	/* times the minimum: what a track scored at least once that others go on with */
#define ALIKE 0.3f	/* affinity from which a find goes on with a track */
#define PART 0.6f	/* of a find that lies in a track's veil, for a part of that plate */
#define GAIN 0.5f	/* how far a sighting moves what is known of a velocity, at least */
#define SAME_WAY 0.15f	/* of a plate's size: edges that went ways as alike as this went together */
#define SHRINK 0.35f	/* seconds in which a veil goes two thirds of the way to smaller finds */
#define SAME_SHAPE 0.8f	/* a plate that loses more of its width, or of its height, alone is hidden there */
#define REAPPEAR 0.5f	/* SHRINK of that side */
#define JUMP 0.25f	/* of its size, from where it was expected, that a plate goes at most */
#define RIM 0.20f	/* of its size, each side, that a veil is larger: finds are not exact */
#define NEW 0.25f	/* and this, divided by how often it was seen: first ones are the worst */
#define GROWTH 0.15f	/* and what it grows by till the end of hold, unseen */
#define DRIFT 0.3f	/* of the way that it is thought to have gone, by which it grows too */
#define FARTHEST 0.5f	/* of its size, each side: that way is no longer than this */
#define UNKNOWN 0.3f	/* and what it is larger where it has a past but no velocity yet */
#define LARGE 1500.0f	/* pixels of a frame of 1920x1080, or of a smaller one: a plate that large is seen in frame */
#define PIECE 12000.0f	/* and of those one that is cut by the frame's edge, and larger than this, is found surely */
#define SELDOM 2	/* after frame. What was seen so often and then no more was hardly one, and is veiled for */
#define BRIEFLY 3	/* so many frames more, and */
#define AT_LEAST 0.1f	/* so many seconds, not for `hold` */
#define BRIDGED 2.0f	/* seconds: a frame that comes no later is the next one, and one miss there is bridged however
			 * short `hold` is */
#define LIKE_SIZE 1.4f	/* times as high, at most, as what it may have been a frame before; no farther away than */
#define LEAP 3.0f	/* so many of its widths */
#define SHORTEST 0.01f	/* seconds from sighting to sighting, for its velocity */
#define CAMERA 0.3f	/* of the picture: what moves in less of it may be no camera but a car at night */

enum { SLOTS = PV_MAX_LOOKAHEAD + 1 };	/* of the rings of moves and times */

float pv_tracker_floor(double minimum_score)
{
	return (float)minimum_score * LOW;
}

void pv_tracker_reset(struct pv_tracker *t, int width, int height)
{
	*t = (struct pv_tracker){ .width = width, .height = height };
	for (int i = 0; i < SLOTS; i++)
		t->moves[i] = pv_move_none;
}

static float seconds_between(uint64_t then, uint64_t now)
{
	return now > then ? (float)(now - then) / 1e9f : 0;
}

/* --- boxes ----------------------------------------------------------------- */

static struct pv_detection grown(const struct pv_detection *b, float x, float y)
{
	return (struct pv_detection){ b->x0 - x, b->y0 - y, b->x1 + x, b->y1 + y, b->score };
}

static struct pv_detection grown_by(const struct pv_detection *b, float part)
{
	return grown(b, part * (b->x1 - b->x0), part * (b->y1 - b->y0));
}

static struct pv_detection shifted(const struct pv_detection *b, float x, float y)
{
	return (struct pv_detection){ b->x0 + x, b->y0 + y, b->x1 + x, b->y1 + y, b->score };
}

static void join(struct pv_detection *a, const struct pv_detection *b)
{
	a->x0 = fminf(a->x0, b->x0);
	a->y0 = fminf(a->y0, b->y0);
	a->x1 = fmaxf(a->x1, b->x1);
	a->y1 = fmaxf(a->y1, b->y1);
}

static float aspect(const struct pv_detection *b)
{
	return (b->x1 - b->x0) / fmaxf(b->y1 - b->y0, 1e-3f);
}

/* Where a box is after the camera moved: upright again, of the new size. */
static struct pv_detection carried(const struct pv_detection *b, const struct pv_move *m)
{
	float x = (b->x0 + b->x1) / 2, y = (b->y0 + b->y1) / 2, zoom = hypotf(m->a, m->b);
	float w = (b->x1 - b->x0) / 2 * zoom, h = (b->y1 - b->y0) / 2 * zoom;
	float to_x = m->a * x - m->b * y + m->dx, to_y = m->b * x + m->a * y + m->dy;

	return (struct pv_detection){ to_x - w, to_y - h, to_x + w, to_y + h, b->score };
}

static struct pv_move inverse(const struct pv_move *m)
{
	float square = m->a * m->a + m->b * m->b, a = m->a / square, b = -m->b / square;

	return (struct pv_move){ a, b, b * m->dy - a * m->dx, -b * m->dx - a * m->dy, m->agree, m->stood };
}

/* Was it surely the camera that moved, where this box is? */
static bool is_camera(const struct pv_tracker *t, const struct pv_move *m, const struct pv_detection *b)
{
	return m->agree >= CAMERA &&
	       !pv_move_stood(m, (b->x0 + b->x1) / 2, (b->y0 + b->y1) / 2, t->width, t->height);
}

/* --- which find is which plate ---------------------------------------------- */

/* How well b continues a: 0 not at all, 1 the same place and size. Boxes are taken half as wide
 * again and twice as high, so that small plates of fast cars still meet. */
static float affinity(const struct pv_detection *a, const struct pv_detection *b)
{
	struct pv_detection p = grown(a, (a->x1 - a->x0) / 4, (a->y1 - a->y0) / 2);
	struct pv_detection q = grown(b, (b->x1 - b->x0) / 4, (b->y1 - b->y0) / 2);

	return pv_overlap_iou(&p, &q);
}

/* The track this find goes on with, or is a part of; or NULL. */
static struct pv_track *match(struct pv_tracker *t, const struct pv_detection *d)
{
	struct pv_track *best = NULL;
	float most = 0;

	for (int i = 0; i < t->count; i++) {
		struct pv_track *k = &t->tracks[i];
		const struct pv_detection *veil = k->sightings ? &k->box : &k->now;
		float a = k->sure ? 0 : fmaxf(affinity(&k->rest, d), affinity(&k->box, d));
		if (a < ALIKE)
			a = pv_overlap(veil, d) > PART * pv_overlap_area(d) ? ALIKE : 0;
		if (a > most) {
			most = a;
			best = k;
		}
	}
	return best;
}

/* Of a plate cut by the frame's edge the find may end where a letter does: one that ends near the
 * edge reaches it. True if it is cut. */
static bool reach_edge(const struct pv_tracker *t, struct pv_detection *d)
{
	float w = (float)t->width, h = (float)t->height, near = PV_AT_HAND * (d->y1 - d->y0);
	bool cut = d->x0 < near || d->y0 < near || d->x1 > w - near || d->y1 > h - near;

	d->x0 = d->x0 < near ? 0 : d->x0;
	d->y0 = d->y0 < near ? 0 : d->y0;
	d->x1 = d->x1 > w - near ? w : d->x1;
	d->y1 = d->y1 > h - near ? h : d->y1;
	return cut;
}

static bool is_outside(const struct pv_tracker *t, const struct pv_detection *b)
{
	return b->x1 <= 0 || b->y1 <= 0 || b->x0 >= (float)t->width || b->y0 >= (float)t->height;
}

/* Room for one more plate: at need that of the one that went out of the frame longest ago; or NULL. */
static struct pv_track *room_for_one(struct pv_tracker *t)
{
	struct pv_track *gone = NULL;

	if (t->count < PV_MAX_TRACKS)
		return &t->tracks[t->count++];
	for (int i = 0; i < t->count; i++) {
		struct pv_track *k = &t->tracks[i];
		if (!k->sure && k->missed > BRIEFLY && is_outside(t, &k->box) && (!gone || k->unseen > gone->unseen))
			gone = k;
	}
	return gone;
}

/* How many times as many pixels as 1920x1080 a frame has, or 1. */
static float times_as_many(const struct pv_tracker *t)
{
	return fmaxf((float)t->width * (float)t->height / (1920 * 1080), 1);
}

/* False when there is no room for one more plate. */
static bool take(struct pv_tracker *t, const struct pv_detection *found, float minimum)
{
	struct pv_detection mended = *found, *d = &mended;
	bool cut = reach_edge(t, d), weak = d->score < minimum;
	bool piece = cut && d->score >= LOW * minimum && pv_overlap_area(d) < PIECE * times_as_many(t);
	struct pv_track *k = match(t, d);

	if (k && k->sure) {
		join(&k->now, d);
	} else if (k) {
		if (weak && !cut && k->best < SURER * minimum)
			return true;
		k->now = *d;
		k->best = fmaxf(k->best, d->score);
		k->sure = true;
	} else if (!weak || piece) {
		k = room_for_one(t);
		if (!k)
			return false;
		*k = (struct pv_track){ .now = *d, .best = d->score, .sure = true };
	}
	return true;
}

/* --- motion ---------------------------------------------------------------- */

/* How much farther than expected a plate went along one axis, from two edges as expected and as
 * found. Where they disagree one is hidden, or is the frame's; the one that goes the expected way
 * is the plate's own. */
static float deviation(float e0, float e1, float f0, float f1)
{
	float low = f0 - e0, high = f1 - e1;

	if (fabsf(low - high) < SAME_WAY * (e1 - e0))
		return (low + high) / 2;
	return fabsf(low) < fabsf(high) ? low : high;
}

/* Of what goes away both sides get shorter; one that does alone is hidden in part. */
static void approach(struct pv_detection *b, const struct pv_detection *now, float seconds)
{
	float shape = aspect(now) / aspect(b);
	float x = 1 - expf(-seconds / (shape < SAME_SHAPE ? REAPPEAR : SHRINK));
	float y = 1 - expf(-seconds / (shape > 1 / SAME_SHAPE ? REAPPEAR : SHRINK));

	b->x0 += x * (now->x0 - b->x0);
	b->y0 += y * (now->y0 - b->y0);
	b->x1 += x * (now->x1 - b->x1);
	b->y1 += y * (now->y1 - b->y1);
}

/* That far in one step, though no farther than it is large: rather another piece of the plate than
 * the plate elsewhere. */
static bool another_piece(const struct pv_detection *expected, float dx, float dy)
{
	float x = fabsf(dx) / (expected->x1 - expected->x0), y = fabsf(dy) / (expected->y1 - expected->y0);

	return (x > JUMP || y > JUMP) && x < 1 && y < 1;
}

/* A plate may go farther in a frame than it is wide: one that is new and one that was new in the frame before may
 * be the same. Both stay tracks; if it was, the next sighting is where this velocity says. */
static void leap(const struct pv_tracker *t, struct pv_track *fresh)
{
	const struct pv_detection *d = &fresh->now;
	float s = seconds_between(t->times[(t->turn + SLOTS - 1) % SLOTS], t->times[t->turn]);
	float least = LEAP * (d->x1 - d->x0);

	for (int i = 0; i < t->count && s > 0.001f && s < 1; i++) {
		const struct pv_track *k = &t->tracks[i];
		float dx = (d->x0 + d->x1 - k->last.x0 - k->last.x1) / 2;
		float dy = (d->y0 + d->y1 - k->last.y0 - k->last.y1) / 2;
		float larger = (d->y1 - d->y0) / fmaxf(k->last.y1 - k->last.y0, 1e-3f);
		if (k->sure || k->sightings != 1 || k->unseen != 1 || larger > LIKE_SIZE || larger < 1 / LIKE_SIZE ||
		    hypotf(dx, dy) >= least)
			continue;
		least = hypotf(dx, dy);
		fresh->vx = dx / s;
		fresh->vy = dy / s;
	}
}

/* Takes in what was found of a plate in this frame. */
static void settle(struct pv_track *k, uint64_t now)
{
	if (k->sightings) {
		float s = seconds_between(k->seen_ns, now);
		float dx = deviation(k->last.x0, k->last.x1, k->now.x0, k->now.x1);
		float dy = deviation(k->last.y0, k->last.y1, k->now.y0, k->now.y1);
		if (s > 0.001f) {
			/* Of two frames close together each pixel that a find is wrong would be a great velocity. */
			float gain = fmaxf(1 / (float)k->sightings, GAIN), over = fmaxf(s, SHORTEST);
			k->vx += gain * dx / over;
			k->vy += gain * dy / over;
		}
		struct pv_detection b = shifted(&k->box, dx, dy);
		approach(&b, &k->now, s);
		if (another_piece(&k->last, dx, dy)) {
			approach(&k->box, &k->last, s);
			join(&b, &k->box);
		}
		join(&b, &k->now);
		b.score = k->now.score;
		k->box = b;
	} else {
		k->box = k->now;
	}
	k->last = k->now;
	k->rest = k->box;
	k->seen_ns = now;
	k->gap = k->unseen;
	k->unseen = k->missed = 0;
	k->sightings++;
}

/* Where all tracks are in a frame, before what was found there is looked at. */
static void carry(struct pv_tracker *t, const struct pv_move *move, uint64_t now)
{
	float s = t->times[t->turn] ? seconds_between(t->times[t->turn], now) : 0;

	for (int i = 0; i < t->count; i++) {
		struct pv_track *k = &t->tracks[i];
		if (is_camera(t, move, &k->rest))
			k->rest = carried(&k->rest, move);
		k->box = carried(&k->box, move);
		k->box = shifted(&k->box, k->vx * s, k->vy * s);
		k->last = carried(&k->last, move);
		k->last = shifted(&k->last, k->vx * s, k->vy * s);
	}
	t->turn = (t->turn + 1) % SLOTS;
	t->moves[t->turn] = *move;
	t->times[t->turn] = now;
}

/* --- a frame --------------------------------------------------------------- */

static bool hardly_a_plate(const struct pv_tracker *t, const struct pv_track *k, uint64_t now)
{
	return k->sightings <= SELDOM && k->missed > BRIEFLY && seconds_between(k->seen_ns, now) > AT_LEAST &&
	       pv_overlap_area(&k->last) > LARGE * times_as_many(t);
}

static bool is_held(const struct pv_tracker *t, const struct pv_track *k, uint64_t now, int hold_ms)
{
	float s = seconds_between(k->seen_ns, now);

	return (s * 1000 <= (float)hold_ms || (hold_ms && k->missed <= 1 && s <= BRIDGED)) &&
	       !hardly_a_plate(t, k, now);
}

/* A plate seen in the frame before may be seen again, however long ago that was. */
static void forget(struct pv_tracker *t, uint64_t now, int hold_ms, bool searched)
{
	int alive = 0;

	for (int i = 0; i < t->count; i++) {
		struct pv_track *k = &t->tracks[i];
		k->sure = false;
		k->unseen++;
		k->missed += searched;
		if (k->missed <= 1 || is_held(t, k, now, hold_ms))
			t->tracks[alive++] = *k;
	}
	t->count = alive;
}

/* The veil of a plate of which is known where it was so many seconds before or after. */
static struct pv_detection doubtful(const struct pv_track *k, float seconds, float part)
{
	float w = k->box.x1 - k->box.x0, h = k->box.y1 - k->box.y0;
	float x = DRIFT * fabsf(k->vx * seconds), y = DRIFT * fabsf(k->vy * seconds);

	/* Of a camera that gives a frame every few seconds nothing is known after all. */
	return grown(&k->box, part * w + fminf(x, FARTHEST * w), part * h + fminf(y, FARTHEST * h));
}

int pv_tracker_update(struct pv_tracker *t, const struct pv_detection *found, int n,
		      const struct pv_move *move, uint64_t now_ns, double minimum_score, int hold_ms,
		      struct pv_detection out[2 * PV_MAX_TRACKS])
{
	bool room = true;
	int count = 0;

	forget(t, now_ns, hold_ms, n >= 0);
	carry(t, move, now_ns);
	/* Finds come best first: the surest choose their track first. */
	for (int i = 0; i < n; i++)
		room = take(t, &found[i], (float)minimum_score) && room;
	for (int i = 0; i < t->count; i++)
		if (t->tracks[i].sure && !t->tracks[i].sightings)
			leap(t, &t->tracks[i]);
	for (int i = 0; i < t->count; i++)
		if (t->tracks[i].sure)
			settle(&t->tracks[i], now_ns);
	for (int i = 0; i < t->count && room; i++) {
		const struct pv_track *k = &t->tracks[i];
		float s = seconds_between(k->seen_ns, now_ns);
		float rim = RIM + NEW / (float)k->sightings;
		if (!k->sure && !is_held(t, k, now_ns, hold_ms))
			continue;
		out[count++] = grown_by(&k->rest, rim);
		if (!k->sure)
			out[count++] = doubtful(k, s, rim + GROWTH * fminf(s * 1000 / fmaxf((float)hold_ms, 1), 1));
	}
	return room ? count : -1;
}

/* Where a box was so many frames ago, as the camera moved; not by moves that may be a car's alone, if asked. */
static struct pv_detection run_back(const struct pv_tracker *t, struct pv_detection b, int ago, bool sure_ones)
{
	for (int j = 0; j < ago; j++) {
		const struct pv_move *m = &t->moves[(t->turn + SLOTS - j) % SLOTS];
		struct pv_move back = inverse(m);
		if (!sure_ones || is_camera(t, m, &b))
			b = carried(&b, &back);
	}
	return b;
}

/* Is it veiled by one of the n boxes? */
static bool is_veiled(const struct pv_detection *d, const struct pv_detection *boxes, int n)
{
	for (int i = 0; i < n; i++)
		if (d->x0 >= boxes[i].x0 && d->y0 >= boxes[i].y0 && d->x1 <= boxes[i].x1 && d->y1 <= boxes[i].y1)
			return true;
	return false;
}

int pv_tracker_before(const struct pv_tracker *t, int ago, struct pv_detection boxes[2 * PV_MAX_TRACKS],
		      int count)
{
	float s = seconds_between(t->times[(t->turn + SLOTS - ago) % SLOTS], t->times[t->turn]);

	for (int i = 0; i < t->count && count >= 0; i++) {
		const struct pv_track *k = &t->tracks[i];
		bool had = k->sightings > 1 && ago > k->gap;
		if (!k->sure)
			continue;
		struct pv_detection b = had ? grown_by(&k->box, RIM) :
				doubtful(k, s, RIM + (k->sightings > 1 ? fminf(GROWTH * s, UNKNOWN) : UNKNOWN));
		struct pv_detection moved = shifted(&b, -k->vx * s, -k->vy * s), it[3];
		int n = 0;
		it[n++] = run_back(t, moved, ago, false);
		it[n] = run_back(t, moved, ago, true);
		n += it[n].x0 != it[0].x0 || it[n].y0 != it[0].y0;
		/* Seen once, its velocity is a guess. */
		if (k->sightings == 1 && (k->vx != 0 || k->vy != 0))
			it[n++] = run_back(t, b, ago, false);
		for (int j = 0; j < n && count >= 0; j++) {
			if (is_veiled(&it[j], boxes, count))
				continue;
			if (count < 2 * PV_MAX_TRACKS)
				boxes[count++] = it[j];
			else if (!had)
				count = -1;
		}
	}
	return count;
}
