// SPDX-License-Identifier: GPL-2.0-or-later
#include "search.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "cover.h"
#include "doubt.h"
#include "jobs.h"
#include "level.h"
#include "lost.h"
#include "merge.h"
#include "scale.h"
#include "second.h"

#define LEVELS 5
#define LARGE 400		/* searched along more than this: search at half too */
#define SMALL 48		/* no half of the picture is of use that is smaller */
#define RUN 3000		/* what a run of the network costs besides, in pixels */
#define STAGED (1000 * 500)	/* pixels of the finest level from which it is searched in part */
/* What a cell of the next level must score for that, and how far round it (frame pixels) the finest is then
 * searched. What is taller there than so many of its pixels needs no finer look; but beside it may be what does. */
#define PROPOSE 0.015f
#define PROPOSE_TALL 0.05f
#define TALL 20
#define REACH 16
/* Parts are at most this share of a level: where only proposals are searched, and where what changed is. */
#define PROPOSED 0.25f
#define CHANGED 0.6f
/* Pixels of context: plates that only the finest levels of a large frame see are small. */
#define NEAR 32
#define AROUND 64
#define DOUBLED 0.07f		/* of a level of which only proposals are searched: parts that two threads may want */
#define TWICE 1.25f		/* halves may cost this much more than the whole, where two threads search them */
#define SURE 0.25f		/* a score of what is to be veiled, if there are more finds than fit */
#define RESTS 4			/* frames, of which the coarsest level is searched in one, while nothing changes */
/* Pieces of a frame that are searched again in turn, PV_REFRESH in all. */
#define ACROSS 12
#define ALONG 10

struct pv_search {
	int width, height;
	int levels;
	bool enlarges;		/* the first level is larger than the picture */
	bool staged;		/* the first is searched where the next proposes */
	float cut;		/* the least score of a list that was full; 0: it was not */
	struct pv_level level[LEVELS];		/* each half the one before */
	/* The frame at hand as large as each level, and halved further for the second look. */
	int halves;
	struct pv_plane half[PV_MAX_HALVES];
	uint8_t *memory[PV_MAX_HALVES];		/* NULL: the frame itself */
	struct pv_scale *scale;			/* to the first level, or NULL */
	struct pv_change *change;
	struct pv_cover cover;
	struct pv_area areas[LEVELS][PV_MAX_AREAS];	/* of each level, to search */
	struct pv_jobs jobs;
	struct pv_pair *pair;			/* or NULL */
	float floor;				/* what finds kept score at least */
	int turn, pieces;			/* piece to search again next; so many in a frame */
	int still;				/* frames in which nothing has changed */
	bool rests;				/* the coarsest level, in this one */
	long run_over, all;			/* pixels searched of the last frame; of a whole one */
	struct pv_lost lost;			/* of a video */
	struct pv_detection *candidates;	/* room for every find of every level */
	struct pv_second second;
	bool doubts;		/* looks again for what is doubtful, with this: */
	struct pv_doubt doubt;
};

static bool make_levels(struct pv_search *d, int side, enum pv_footage footage, char *error, size_t size)
{
	double by = (double)side / (d->width > d->height ? d->width : d->height);
	int w = (int)fmax(lround(d->width * by), 1), h = (int)fmax(lround(d->height * by), 1);
	float kx = (float)d->width / (float)w, ky = (float)d->height / (float)h;

	d->enlarges = by > 1;
	if (by < 1) {
		d->scale = pv_scale_new(d->width, d->height, w, h);
		if (!d->scale) {
			snprintf(error, size, "detector: not enough memory");
			return false;
		}
	}
	side = w > h ? w : h;
	for (bool last = false; !last; w = (w + 1) / 2, h = (h + 1) / 2, side /= 2, kx *= 2, ky *= 2) {
		int i = d->levels++;
		last = side <= LARGE || d->levels == LEVELS;
		if (!i)
			d->staged = side > 2 * LARGE + 1 && w * h > STAGED;
		bool proposed = !i && d->staged;
		if (pv_level_init(&d->level[i], w, h, kx, ky, last ? 0 : proposed ? PROPOSED : CHANGED,
				  i < 2 && d->staged ? NEAR : AROUND, footage == PV_VIDEO, error, size))
			return false;
		d->level[i].frame_width = (float)d->width;
		d->level[i].frame_height = (float)d->height;
	}
	return true;
}

static bool make_halves(struct pv_search *d, char *error, size_t size)
{
	int w = d->level[0].width, h = d->level[0].height;

	for (bool last = false; !last; w = (w + 1) / 2, h = (h + 1) / 2) {
		int i = d->halves++;
		last = (w <= SMALL && h <= SMALL) || d->halves == PV_MAX_HALVES;
		d->half[i] = (struct pv_plane){ .stride = (size_t)w, .width = w, .height = h };
		bool own = i || d->scale || d->enlarges;
		d->memory[i] = own ? malloc((size_t)w * (size_t)h) : NULL;
		if (own && !d->memory[i]) {
			snprintf(error, size, "detector: not enough memory for %dx%d", w, h);
			return false;
		}
		d->half[i].luma = d->memory[i];
	}
	return true;
}

struct pv_search *pv_search_new(int width, int height, int side, bool doubts, enum pv_footage footage, char *error,
				size_t size)
{
	struct pv_search *d = calloc(1, sizeof(*d));

	if (!d) {
		snprintf(error, size, "detector: not enough memory");
		return NULL;
	}
	d->width = width;
	d->height = height;
	d->pieces = 1;
	d->doubts = doubts;
	pv_jobs_init(&d->jobs);
	if (!make_levels(d, side, footage, error, size) || !make_halves(d, error, size) ||
	    pv_second_init(&d->second, error, size) || (doubts && pv_doubt_init(&d->doubt, error, size))) {
		pv_search_free(d);
		return NULL;
	}
	size_t room = 1;	/* and never none */
	struct pv_area everything = { 0, 0, width, height };
	for (int i = 0; i < d->levels; i++) {
		room += d->level[i].room;
		d->all += pv_level_cost(&d->level[i], &everything);
	}
	d->candidates = calloc(room, sizeof(*d->candidates));
	d->change = pv_change_new(width, height);
	if (!d->candidates || !d->change) {
		snprintf(error, size, "detector: not enough memory");
		pv_search_free(d);
		return NULL;
	}
	return d;
}

int pv_search_share(struct pv_search *d, struct pv_pair *pair, char *error, size_t size)
{
	bool good = !pair || (!pv_second_double(&d->second, error, size) &&
			      (!d->doubts || !pv_doubt_double(&d->doubt, error, size)));

	for (int i = 0; pair && good && i < d->levels; i++)
		good = !pv_level_double(&d->level[i], !i && d->staged ? DOUBLED : CHANGED, error, size);
	/* What there was memory for is of no use alone. */
	for (int i = 0; !good && i < d->levels; i++)
		pv_level_single(&d->level[i]);
	if (!good) {
		pv_second_single(&d->second);
		pv_doubt_single(&d->doubt);
	}
	d->pair = good ? pair : NULL;
	return good ? 0 : -1;
}

void pv_search_free(struct pv_search *d)
{
	if (!d)
		return;
	for (int i = 0; i < d->levels; i++)
		pv_level_free(&d->level[i]);
	for (int i = 0; i < d->halves; i++)
		free(d->memory[i]);
	pv_second_free(&d->second);
	pv_doubt_free(&d->doubt);
	pv_jobs_destroy(&d->jobs);
	pv_scale_free(d->scale);
	pv_change_free(d->change);
	free(d->candidates);
	free(d);
}

long pv_search_done(const struct pv_search *d)
{
	return d->run_over;
}

long pv_search_all(const struct pv_search *d)
{
	return d->all;
}

/* --- answers ---------------------------------------------------------------- */

/* What the levels hold for plates, best first: one find a plate. */
static int gather(struct pv_search *d, float min_score, struct pv_detection *out, int max)
{
	int n = 0;

	for (int i = 0; i < d->levels; i++)
		for (int k = 0; k < d->level[i].find_count; k++)
			if (d->level[i].finds[k].d.score >= min_score)
				d->candidates[n++] = d->level[i].finds[k].d;
	return pv_merge(d->candidates, n, out, max);
}

/* Of n finds that now score otherwise those that score enough, one a plate; returns how many. */
static int one_each(struct pv_search *d, float min_score, struct pv_detection *found, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (found[i].score >= min_score)
			d->candidates[kept++] = found[i];
	return pv_merge(d->candidates, kept, found, PV_MAX_DETECTIONS);
}

static int answer(struct pv_search *d, float min_score, struct pv_detection *out, int max)
{
	struct pv_detection found[PV_MAX_DETECTIONS];
	float kx = d->level[0].kx, ky = d->level[0].ky;
	bool video = d->level[0].ahead;
	int n = gather(d, fminf(min_score, fminf(PV_LOOK_LEAST, PV_DOUBT_LEAST)), found, PV_MAX_DETECTIONS);

	/* What did not fit scores no more than this. */
	d->cut = n == PV_MAX_DETECTIONS ? found[n - 1].score : 0;
	if (pv_second_judge(&d->second, d->half, d->halves, kx, ky, video ? PV_MAX_LOOKS : n, found, n,
			    d->pair))
		return -1;
	if (d->doubts) {
		int most = video ? PV_MAX_DOUBTS : n;
		n = one_each(d, fminf(min_score, PV_DOUBT_LEAST), found, n);
		if (pv_doubt_ask(&d->doubt, &d->second, d->half, d->halves, kx, ky, most, found, n, d->pair))
			return -1;
	}
	n = one_each(d, min_score, found, n);
	return pv_merge_inner(found, n, out, max);
}

bool pv_search_crowded(const struct pv_search *d, float crowd)
{
	return d->cut > 0 && d->cut >= fminf(SURE, crowd);
}

/* --- searching ------------------------------------------------------------- */

static float sensible(float min_score)
{
	return min_score > 0.001f ? fminf(min_score, 0.999f) : 0.001f;
}

/* The frame at each level's size, and smaller. */
static void shrink(struct pv_search *d, const uint8_t *luma, size_t stride)
{
	if (d->scale)
		pv_scale_run(d->scale, luma, stride, d->memory[0], d->half[0].stride);
	else if (d->enlarges)
		pv_scale_enlarge(luma, stride, d->width, d->height, d->memory[0], d->half[0].stride,
				 d->half[0].width, d->half[0].height);
	else
		d->half[0] = (struct pv_plane){ luma, stride, d->width, d->height };
	for (int i = 1; i < d->halves; i++) {
		const struct pv_plane *from = &d->half[i - 1];
		pv_scale_half(from->luma, from->stride, from->width, from->height, d->memory[i],
			      d->half[i].stride);
	}
}

/* An area of the frame in a level's pixels. */
static struct pv_area at_level(const struct pv_level *l, const struct pv_area *a)
{
	struct pv_area s = { (int)floorf((float)a->x0 / l->kx), (int)floorf((float)a->y0 / l->ky),
			     (int)ceilf((float)a->x1 / l->kx), (int)ceilf((float)a->y1 / l->ky) };
	s.x1 = s.x1 < l->width ? s.x1 : l->width;
	s.y1 = s.y1 < l->height ? s.y1 : l->height;
	return s;
}

/* Levels that are searched together: from one, up to before another. */
struct span {
	const struct pv_search *d;
	int from, to;
};

static long cost(const void *data, const struct pv_area *a)
{
	const struct span *s = data;
	long sum = 0;

	for (int i = s->from; i < s->to; i++) {
		const struct pv_level *l = &s->d->level[i];
		struct pv_area at = at_level(l, a);
		if (l->part_count > 1)	/* else it is searched whole in any case */
			sum += pv_level_cost(l, &at) + RUN;
	}
	return sum;
}

/* All of a level: of a large picture for two threads in halves, where that costs little more. Returns how many. */
static int divide(const struct pv_search *d, const struct pv_level *l, struct pv_area *areas)
{
	int middle = l->width / 2 / PV_CELL * PV_CELL;
	struct pv_area whole = { 0, 0, l->width, l->height };

	areas[0] = areas[1] = whole;
	areas[0].x1 = areas[1].x0 = middle;
	if (d->pair && d->staged && middle && (float)(pv_level_cost(l, &areas[0]) + pv_level_cost(l, &areas[1])) <=
						      TWICE * (float)pv_level_cost(l, &whole))
		return 2;
	areas[0] = whole;
	return 1;
}

static long cost_of(const struct pv_level *l, const struct pv_area *areas, int n)
{
	long sum = 0;

	for (int k = 0; k < n; k++)
		sum += pv_level_cost(l, &areas[k]);
	return sum;
}

/* Is nothing but a piece to be searched, which the coarsest level, that is searched whole for it, can wait for? */
static bool rests(struct pv_search *d)
{
	const struct pv_change *c = d->change;
	struct pv_area all = { 0, 0, c->columns, c->rows };

	d->still = pv_change_touches(c, &all) ? 0 : d->still + 1;
	return d->still % RESTS && d->pieces == 1;
}

/* Searches the changed cells on some levels: in areas, or whole where that is no dearer. */
static int search_changed(struct pv_search *d, int from, int to)
{
	struct span span = { d, from, to };

	pv_cover_make(&d->cover, d->change, cost, &span);
	for (int i = from; i < to; i++) {
		struct pv_level *l = &d->level[i];
		struct pv_area *areas = d->areas[i], whole = { 0, 0, l->width, l->height };
		int n = d->rests && l->part_count == 1 ? 0 : d->cover.count;
		for (int k = 0; k < n; k++)
			areas[k] = at_level(l, &d->cover.areas[k]);
		if (cost_of(l, areas, n) >= pv_level_cost(l, &whole))
			n = divide(d, l, areas);
		d->run_over += cost_of(l, areas, n);
		pv_jobs_add(&d->jobs, l, &d->half[i], areas, n);
	}
	return pv_jobs_run(&d->jobs, d->pair, d->floor);
}

/* --- cells ----------------------------------------------------------------- */

void pv_search_refresh(struct pv_search *d, int pieces)
{
	d->pieces = pieces < 1 ? 1 : pieces < PV_REFRESH ? pieces : PV_REFRESH;
}

/* The piece whose turn it is to be searched though nothing changed there. */
static void mark_piece(struct pv_search *d)
{
	int x = d->turn % ACROSS, y = d->turn / ACROSS;
	float w = (float)d->width / (float)ACROSS, h = (float)d->height / (float)ALONG;
	struct pv_area a = pv_change_under(d->change, (float)x * w, (float)y * h, (float)(x + 1) * w,
				       (float)(y + 1) * h);

	_Static_assert(ACROSS * ALONG == PV_REFRESH, "pieces make up the frame");
	d->turn = (d->turn + 1) % PV_REFRESH;
	pv_change_mark(d->change, &a);
}

/* Forgets on the first so many levels what was found in cells that count as flat. */
static void forget_flat(struct pv_search *d, int levels)
{
	const struct pv_change *c = d->change;

	for (int i = 0; i < levels; i++) {
		struct pv_level *l = &d->level[i];
		int n = 0;
		for (int k = 0; k < l->find_count; k++) {
			int x = (int)((float)l->finds[k].x * l->kx) / PV_CELL;
			int y = (int)((float)l->finds[k].y * l->ky) / PV_CELL;
			/* Cells of the network at the frame's edge may lie beyond it. */
			x = x < c->columns ? x : c->columns - 1;
			y = y < c->rows ? y : c->rows - 1;
			if (c->cells[y * c->columns + x] != PV_CELL_FLAT)
				l->finds[n++] = l->finds[k];
		}
		l->find_count = n;
	}
}

static bool proposes(const struct pv_level *l, const struct pv_detection *d)
{
	return d->score >= (d->y1 - d->y0 > TALL * l->ky ? PROPOSE_TALL : PROPOSE);
}

/* Of the changed cells, those remain that are at or beside one which the level below holds for
 * possible; the first level has nothing in the others. */
static void propose(struct pv_search *d)
{
	struct pv_change *c = d->change;
	const struct pv_level *l = &d->level[1];

	for (int i = 0; i < c->columns * c->rows; i++)
		c->cells[i] = c->cells[i] == PV_CELL_CHANGED ? PV_CELL_FLAT : PV_CELL_SAME;
	for (int k = 0; k < l->find_count; k++) {
		if (!proposes(l, &l->finds[k].d))
			continue;
		/* Cells of the network at the frame's edge may lie beyond it. */
		float x = fminf((float)l->finds[k].x * l->kx, (float)(c->columns * PV_CELL - 1));
		float y = fminf((float)l->finds[k].y * l->ky, (float)(c->rows * PV_CELL - 1));
		struct pv_area a = pv_change_under(c, x - REACH, y - REACH, x + REACH, y + REACH);
		for (int v = a.y0; v < a.y1; v++)
			for (int u = a.x0; u < a.x1; u++)
				if (c->cells[v * c->columns + u] == PV_CELL_FLAT)
					c->cells[v * c->columns + u] = PV_CELL_CHANGED;
	}
	forget_flat(d, 1);
}

/* --- a frame ---------------------------------------------------------------- */

static int search(struct pv_search *d, float min_score)
{
	struct pv_change *c = d->change;

	d->run_over = 0;
	d->rests = false;
	if (!c->searched) {
		pv_doubt_forget(&d->doubt);
		d->floor = fminf(min_score, PROPOSE);
		for (int i = 0; i < d->levels; i++)
			d->level[i].find_count = 0;
	} else {
		pv_lost_mark(&d->lost, c);
		d->rests = rests(d);
		for (int i = 0; i < d->pieces; i++)
			mark_piece(d);
		forget_flat(d, d->levels);
	}
	pv_second_forget(&d->second, c->searched ? c : NULL);
	pv_change_searched(c);
	if (search_changed(d, d->staged ? 1 : 0, d->levels))
		return -1;
	if (!d->staged)
		return 0;
	propose(d);
	return search_changed(d, 0, 1);
}

/* Brings what is known of the levels up to this frame. */
static int update(struct pv_search *d, const uint8_t *luma, size_t stride, float min_score)
{
	if (min_score < d->floor)
		d->change->searched = false;
	shrink(d, luma, stride);
	pv_change_look(d->change, luma, stride);
	int status = search(d, min_score);
	if (status)
		d->change->searched = false;
	return status;
}

int pv_search_follow(struct pv_search *d, const uint8_t *luma, size_t stride, float min_score,
		     struct pv_detection *out, int max)
{
	min_score = sensible(min_score);
	int n = update(d, luma, stride, min_score) ? -1 : answer(d, min_score, out, max);
	if (n >= 0)
		pv_lost_next(&d->lost, out, n);
	return n;
}

int pv_search_run(struct pv_search *d, const uint8_t *luma, size_t stride, float min_score, struct pv_detection *out,
		  int max)
{
	min_score = sensible(min_score);
	d->change->searched = false;
	/* The next photo's parts are others, and all of them together many. */
	if (d->staged && !d->level[0].ahead)
		pv_level_empty(&d->level[0]);
	if (update(d, luma, stride, min_score))
		return -1;
	return answer(d, min_score, out, max);
}

int pv_search_first(struct pv_search *d, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max)
{
	min_score = sensible(min_score);
	d->change->searched = false;
	if (update(d, luma, stride, min_score))
		return -1;
	return gather(d, min_score, out, max);
}

int pv_search_looks(const struct pv_search *d)
{
	return d->second.looks;
}
