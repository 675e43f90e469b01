// SPDX-License-Identifier: GPL-2.0-or-later
#include "jobs.h"

void pv_jobs_init(struct pv_jobs *j)
{
	j->count = 0;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->freed, NULL);
}

void pv_jobs_destroy(struct pv_jobs *j)
{
	pthread_cond_destroy(&j->freed);
	pthread_mutex_destroy(&j->lock);
}

/* Dearest first: the last ones end at about the same time. */
static void insert(struct pv_jobs *j, const struct pv_job *job)
{
	int i = j->count++;

	for (; i > 0 && j->list[i - 1].cost < job->cost; i--)
		j->list[i] = j->list[i - 1];
	j->list[i] = *job;
}

void pv_jobs_add(struct pv_jobs *j, struct pv_level *l, const struct pv_plane *plane, const struct pv_area *areas,
		 int n)
{
	for (int i = 0; i < n; i++)
		insert(j, &(struct pv_job){ l, plane, areas, i, pv_level_cost(l, &areas[i]) });
}

/* Takes a job whose network is free; waits for one. False: none is left. */
static bool take(struct pv_jobs *j, struct pv_job *job, struct pv_take *t)
{
	while (j->count) {
		for (int i = 0; i < j->count; i++) {
			if (!pv_level_take(j->list[i].level, j->list[i].areas, j->list[i].i, t))
				continue;
			*job = j->list[i];
			j->count--;
			for (; i < j->count; i++)
				j->list[i] = j->list[i + 1];
			return true;
		}
		pthread_cond_wait(&j->freed, &j->lock);
	}
	return false;
}

static void work(void *data, int who)
{
	struct pv_jobs *j = data;
	struct pv_job job;
	struct pv_take t;

	pthread_mutex_lock(&j->lock);
	while (take(j, &job, &t)) {
		pthread_mutex_unlock(&j->lock);
		int status = pv_level_run(job.level, &t, job.plane->luma, job.plane->stride, who);
		pthread_mutex_lock(&j->lock);
		if (status)
			j->failed = true;
		pv_level_put(job.level, &t, j->min_score);
		pthread_cond_signal(&j->freed);
	}
	pthread_mutex_unlock(&j->lock);
}

int pv_jobs_run(struct pv_jobs *j, struct pv_pair *pair, float min_score)
{
	j->failed = false;
	j->min_score = min_score;
	pv_pair_run(j->count > 1 ? pair : NULL, work, j);
	return j->failed ? -1 : 0;
}
