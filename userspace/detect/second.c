// SPDX-License-Identifier: GPL-2.0-or-later
#include "second.h"

#include <math.h>
#include <stdbool.h>

#include "network.h"

int pv_second_init(struct pv_second *s, char *error, size_t size)
{
	*s = (struct pv_second){ .network = NULL };
	s->network = pv_network_new(pv_second_weights, pv_second_weights_size, 1, PV_VIEW_WIDTH,
				    2 * PV_VIEW_HEIGHT, error, size);
	return s->network ? 0 : -1;
}

void pv_second_free(struct pv_second *s)
{
	pv_network_free(s->network);
	s->network = NULL;
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
	for (int i = 0; i < s->count; i++) {
		const struct pv_detection *c = &s->verdicts[s->turn][i].candidate;
		if (c->x0 == d->x0 && c->y0 == d->y0 && c->x1 == d->x1 && c->y1 == d->y1 &&
		    c->score == d->score)
			return &s->verdicts[s->turn][i];
	}
	return NULL;
}

/* --- looking ----------------------------------------------------------------- */

/* Mends the score and the box of a candidate in pixels of the picture whose halves these are. */
static int look(struct pv_second *s, const struct pv_plane *halves, int count, struct pv_detection *d)
{
	const struct pv_network_output *o = pv_network_output(s->network, 0);
	float unit = pv_view_step(d) * PV_LOOK_UNIT * o->box_scale, move[4];

	pv_view_cut(halves, count, d, pv_network_input(s->network));
	if (pv_network_run(s->network))
		return -1;
	s->looks++;
	for (int i = 0; i < 4; i++)
		move[i] = (float)(o->box[i] - o->box_zero) * unit;
	float score = fminf(d->score, 0.9999f), first = logf(score / (1 - score));
	float logit = (float)(o->score[0] - o->score_zero) * o->score_scale + o->earlier * first;
	/* Both boxes are covered: better too much than too little. */
	d->x0 = fmaxf(d->x0 + fminf(move[0], 0), 0);
	d->y0 = fmaxf(d->y0 + fminf(move[1], 0), 0);
	d->x1 = fminf(d->x1 + fmaxf(move[2], 0), (float)halves[0].width);
	d->y1 = fminf(d->y1 + fmaxf(move[3], 0), (float)halves[0].height);
	d->score = 1 / (1 + expf(-logit));
	return 0;
}

int pv_second_judge(struct pv_second *s, const struct pv_plane *halves, int count, float kx, float ky,
		    struct pv_detection *d, int n)
{
	struct pv_verdict *now = s->verdicts[!s->turn];
	int judged = 0;

	s->looks = 0;
	for (; judged < n && judged < PV_MAX_LOOKS && d[judged].score >= PV_LOOK_LEAST; judged++) {
		struct pv_detection *c = &d[judged], at;
		const struct pv_verdict *v = known(s, c);
		now[judged].candidate = *c;
		if (v) {
			*c = v->answer;
		} else {
			at = (struct pv_detection){ c->x0 / kx, c->y0 / ky, c->x1 / kx, c->y1 / ky, c->score };
			if (look(s, halves, count, &at))
				return -1;
			*c = (struct pv_detection){ at.x0 * kx, at.y0 * ky, at.x1 * kx, at.y1 * ky, at.score };
		}
		now[judged].answer = *c;
	}
	s->turn = !s->turn;
	s->count = judged;
	return 0;
}
