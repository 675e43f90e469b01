// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas of levels to search, by one thread or by two that each take the dearest area left for which there is
 * a network free. What is found does not depend on who searches what, or when.
 */
#ifndef PV_JOBS_H
#define PV_JOBS_H

#include <pthread.h>
#include <stdbool.h>

#include "detect/level.h"
#include "detect/pair.h"
#include "detect/views.h"

#define PV_MAX_JOBS 384

struct pv_job {
	struct pv_level *level;
	const struct pv_plane *plane;	/* the picture at the level's size */
	const struct pv_area *areas;	/* of the level */
	int i;				/* of them, this job's */
	long cost;
};

struct pv_jobs {
	struct pv_job list[PV_MAX_JOBS];
	int count;
	float min_score;
	pthread_mutex_t lock;		/* of all of this, and of the levels' parts and finds */
	pthread_cond_t freed;		/* a network is free again */
	bool failed;			/* a network did */
};

void pv_jobs_init(struct pv_jobs *j);
void pv_jobs_destroy(struct pv_jobs *j);

/* Adds n areas of a level, which must stay until they are searched. */
void pv_jobs_add(struct pv_jobs *j, struct pv_level *l, const struct pv_plane *plane, const struct pv_area *areas,
		 int n);

/* Does them all; cells are kept that score at least min_score. 0, or -1 if a network failed. */
int pv_jobs_run(struct pv_jobs *j, struct pv_pair *pair, float min_score);

#endif
