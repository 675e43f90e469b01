// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct pv_pair {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;		/* work came, or came to an end */
	bool begun, quit;
	bool taken;			/* the work at hand, by the thread */
	void (*work)(void *data, int who);	/* NULL: nothing to do */
	void *data;
};

static void *run(void *argument)
{
	struct pv_pair *p = argument;

	pthread_mutex_lock(&p->lock);
	p->begun = true;
	pthread_cond_broadcast(&p->moved);
	for (;;) {
		while (!p->work && !p->quit)
			pthread_cond_wait(&p->moved, &p->lock);
		if (p->quit)
			break;
		p->taken = true;
		pthread_mutex_unlock(&p->lock);
		p->work(p->data, 1);
		pthread_mutex_lock(&p->lock);
		p->work = NULL;
		pthread_cond_broadcast(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool alone(void)
{
	cpu_set_t set;

	return !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) == 1;
}

static void destroy(struct pv_pair *p)
{
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct pv_pair *pv_pair_new(void)
{
	struct pv_pair *p = alone() ? NULL : calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	if (pthread_create(&p->thread, NULL, run, p)) {
		destroy(p);
		return NULL;
	}
	pthread_mutex_lock(&p->lock);
	while (!p->begun)
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return p;
}

void pv_pair_free(struct pv_pair *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	destroy(p);
}

void pv_pair_run(struct pv_pair *p, void (*work)(void *data, int who), void *data)
{
	if (!p) {
		work(data, 0);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->data = data;
	p->work = work;
	p->taken = false;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
	work(data, 0);
	pthread_mutex_lock(&p->lock);
	/* On a busy machine the thread may not have come to it, and would find nothing to do. */
	if (!p->taken)
		p->work = NULL;
	while (p->work)
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/* Things to do, and how it went. */
struct each {
	bool (*one)(void *data, int i, int who);
	void *data;
	int n;
	atomic_int next;
	atomic_bool failed;
};

static void do_next(void *data, int who)
{
	struct each *e = data;

	for (int i; (i = atomic_fetch_add(&e->next, 1)) < e->n;)
		if (!e->one(e->data, i, who))
			atomic_store(&e->failed, true);
}

bool pv_pair_each(struct pv_pair *p, bool (*one)(void *data, int i, int who), void *data, int n)
{
	struct each e = { .one = one, .data = data, .n = n };

	pv_pair_run(n > 1 ? p : NULL, do_next, &e);
	return !e.failed;
}
