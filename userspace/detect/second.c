// SPDX-License-Identifier: GPL-2.0-or-later
#include "second.h"

#include <math.h>
#include <stdbool.h>

#include "network.h"
#include "overlap.h"

/* The first stage's boxes are loose, this network's now and then too small: so far from those to these, and by so
 * much of its size a side larger, a box covers as many plates as both do together, and is much closer to them. */
#define SHARE 0.4f
#define RIM 0.04f

static struct pv_network *make(char *error, size_t size)
{
	return pv_network_new(pv_second_weights, pv_second_weights_size, 1, PV_VIEW_WIDTH, 2 * PV_VIEW_HEIGHT,
			      error, size);
}

int pv_second_init(struct pv_second *s, char *error, size_t size)
{
	*s = (struct pv_second){ .networks = { make(error, size) } };
	return s->networks[0] ? 0 : -1;
}

int pv_second_double(struct pv_second *s, char *error, size_t size)
{
	if (!s->networks[1])
		s->networks[1] = make(error, size);
	return s->networks[1] ? 0 : -1;
}

void pv_second_single(struct pv_second *s)
{
	pv_network_free(s->networks[1]);
	s->networks[1] = NULL;
}

void pv_second_free(struct pv_second *s)
{
	for (int k = 0; k < 2; k++) {
		pv_network_free(s->networks[k]);
		s->networks[k] = NULL;
	}
}

/* --- what was judged before -------------------------------------------------- */

/* Has anything changed in a candidate's tight view? */
static bool changed(const struct pv_change *c, const struct pv_detection *d)
{
	float step = pv_view_step(d), x = (d->x0 + d->x1) / 2, y = (d->y0 + d->y1) / 2;
	float w = step * PV_VIEW_WIDTH / 2, h = step * PV_VIEW_HEIGHT / 2;
	struct pv_area a = pv_change_under(c, x - w, y - h, x + w, y + h);

	for (int v = a.y0; v < a.y1; v++)
		for (int u = a.x0; u < a.x1; u++)
			if (c->cells[v * c->columns + u] != PV_CELL_SAME)
				return true;
	return false;
}

void pv_second_forget(struct pv_second *s, const struct pv_change *c)
{
	struct pv_verdict *v = s->verdicts[s->turn];
	int n = 0;

	for (int i = 0; c && i < s->count; i++)
		if (!changed(c, &v[i].candidate))
			v[n++] = v[i];
	s->count = n;
}

static const struct pv_verdict *known(const struct pv_second *s, const struct pv_detection *d)
{
	for (int i = 0; i < s->count; i++)
		if (pv_overlap_same(&s->verdicts[s->turn][i].candidate, d))
			return &s->verdicts[s->turn][i];
	return NULL;
}

/* --- looking ----------------------------------------------------------------- */

/* Candidates to look at, by one thread or by two. */
struct looking {
	struct pv_second *second;
	const struct pv_plane *halves;
	int count;
	struct pv_detection *list[PV_MAX_DETECTIONS];	/* in pixels of halves[0] */
	int n;
};

/* Moves edges (left, top, right, bottom) by a share of the way to where the network puts them, then all a little
 * outwards. */
static void mend(struct pv_detection *d, const float off[4], float width, float height)
{
	float x0 = d->x0 + SHARE * off[0], y0 = d->y0 + SHARE * off[1];
	float x1 = d->x1 + SHARE * off[2], y1 = d->y1 + SHARE * off[3];
	float w = RIM * fmaxf(x1 - x0, 0), h = RIM * fmaxf(y1 - y0, 0);
	struct pv_detection b = { fmaxf(x0 - w, 0), fmaxf(y0 - h, 0), fminf(x1 + w, width), fminf(y1 + h, height),
				  d->score };

	/* Edges that cross say nothing, and must not leave the plate bare. */
	*d = b.x0 < b.x1 && b.y0 < b.y1 ? b : *d;
}

int pv_second_look(struct pv_second *s, int who, const struct pv_plane *halves, int count, struct pv_detection *d)
{
	struct pv_network *n = s->networks[who];
	const struct pv_network_output *o = pv_network_output(n, 0);
	float unit = pv_view_step(d) * PV_LOOK_UNIT * o->box_scale, move[4];

	pv_view_cut(halves, count, d, pv_network_input(n));
	if (pv_network_run(n))
		return -1;
	for (int i = 0; i < 4; i++)
		move[i] = (float)(o->box[i] - o->box_zero) * unit;
	float score = fminf(d->score, 0.9999f), first = logf(score / (1 - score));
	float logit = (float)(o->score[0] - o->score_zero) * o->score_scale + o->earlier * first;
	mend(d, move, (float)halves[0].width, (float)halves[0].height);
	d->score = 1 / (1 + expf(-logit));
	return 0;
}

static bool look_at(void *data, int i, int who)
{
	struct looking *l = data;

	return !pv_second_look(l->second, who, l->halves, l->count, l->list[i]);
}

int pv_second_judge(struct pv_second *s, const struct pv_plane *halves, int count, float kx, float ky,
		    int most, struct pv_detection *d, int n, struct pv_pair *pair)
{
	struct pv_verdict *now = s->verdicts[!s->turn];
	struct looking l = { .second = s, .halves = halves, .count = count };
	int of[PV_MAX_DETECTIONS], judged = 0;

	for (int i = 0; i < n && d[i].score >= PV_LOOK_LEAST; i++) {
		const struct pv_verdict *v = known(s, &d[i]);
		if (!v && l.n == most)
			continue;
		now[judged].candidate = d[i];
		of[judged++] = i;
		if (v) {
			d[i] = v->answer;
		} else {
			pv_overlap_resize(&d[i], 1 / kx, 1 / ky);
			l.list[l.n++] = &d[i];
		}
	}
	if (!pv_pair_each(s->networks[1] ? pair : NULL, look_at, &l, l.n))
		return -1;
	for (int i = 0; i < l.n; i++)
		pv_overlap_resize(l.list[i], kx, ky);
	for (int i = 0; i < judged; i++)
		now[i].answer = d[of[i]];
	s->looks = l.n;
	s->turn = !s->turn;
	s->count = judged;
	return 0;
}
