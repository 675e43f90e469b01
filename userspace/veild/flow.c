// SPDX-License-Identifier: GPL-2.0-or-later
#include "flow.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "detect/pair.h"

struct pv_flow {
	pthread_mutex_t lock;		/* of what the threads share, down to `stats` */
	pthread_cond_t moved;		/* something was offered, taken, or came to an end */
	bool quit, discard;
	bool searching, veiling;
	int begun;			/* threads that run */
	bool offered_there, ready_there;
	struct pv_frame offered;	/* waits to be searched */
	struct pv_held ready;		/* waits to be veiled */
	uint64_t ready_ns;		/* since then */
	struct pv_rules rules;
	struct pv_detection seen[2 * PV_MAX_TRACKS];
	int seen_count;
	uint64_t seen_ns;
	struct pv_flow_stats stats;
	/* Each thread's own. */
	struct pv_frame reading, searched;
	struct pv_held found, veiled;
	uint64_t veiled_ns;		/* since when the latter has waited */
	struct pv_rules veil_rules;
	struct pv_pipeline pipeline;	/* a half each */
	pv_seal *seal;
	void *context;
	int started;
	pthread_t threads[2];
};

static void swap_frames(struct pv_frame *a, struct pv_frame *b)
{
	struct pv_frame c = *a;

	*a = *b;
	*b = c;
}

/* Moves what `from` holds; its frame gets the other's memory. */
static void move_held(struct pv_held *to, struct pv_held *from)
{
	struct pv_frame spare = to->frame;

	*to = *from;
	from->frame = spare;
}

static void note(struct pv_flow *f, const char *text)
{
	snprintf(f->stats.note, sizeof(f->stats.note), "%s", text);
}

/* Longer than this from one stage to the next, and the picture is not of now. */
static bool is_stale(const struct pv_rules *rules, uint64_t since_ns)
{
	return pv_boot_ns() - since_ns > (uint64_t)(rules->lease + rules->deadline) * 1000000u;
}

/* A thread's first steps in the C library are over. */
static void begin(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	f->begun++;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
}

/* --- the second thread: search ------------------------------------------- */

static bool wait_for_offer(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->offered_there && !f->quit)
		pthread_cond_wait(&f->moved, &f->lock);
	if (!f->quit) {
		swap_frames(&f->searched, &f->offered);
		f->offered_there = false;
		f->searching = true;
		f->pipeline.rules = f->rules;
		pthread_cond_broadcast(&f->moved);
	}
	pthread_mutex_unlock(&f->lock);
	return f->searching;
}

static void count_search(struct pv_flow *f, bool failed)
{
	struct pv_pipeline *p = &f->pipeline;

	f->stats.late = p->stats.late;
	f->stats.searched = p->stats.searched;
	f->stats.search_ns = p->stats.total_ns;
	f->stats.slowest_ns = p->stats.slowest_ns;
	f->stats.search = p->search;
	f->stats.step = p->pace.step;
	if (failed)
		note(f, p->error);
	else if (p->search < p->full)
		snprintf(f->stats.note, sizeof(f->stats.note), "this machine is too slow to search at "
			 "%d pixels; it searches at %d", p->full, p->search);
	else
		note(f, "");
}

static void *search_frames(void *context)
{
	struct pv_flow *f = context;

	begin(f);
	while (wait_for_offer(f)) {
		uint64_t taken = f->searched.taken_ns, slept = f->searched.slept_ns;
		bool due = pv_pipeline_search(&f->pipeline, &f->searched, &f->found);
		bool stale = is_stale(&f->pipeline.rules, taken) || pv_slept_since(slept);
		pthread_mutex_lock(&f->lock);
		count_search(f, due && f->found.count < 0);
		if (stale) {	/* nor is what waited for it of now */
			note(f, "frames come too late");
			f->stats.dropped += (uint64_t)f->pipeline.waiting;
			f->pipeline.waiting = 0;
		}
		if (due && !stale && !f->discard) {
			f->stats.dropped += f->ready_there;
			move_held(&f->ready, &f->found);
			f->ready_there = true;
			f->ready_ns = pv_boot_ns();
		} else {
			f->stats.dropped += due;
		}
		f->searching = false;
		pthread_cond_broadcast(&f->moved);
		pthread_mutex_unlock(&f->lock);
	}
	return NULL;
}

/* --- the third: veil and seal --------------------------------------------- */

static bool wait_for_ready(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->ready_there && !f->quit)
		pthread_cond_wait(&f->moved, &f->lock);
	if (!f->quit) {
		move_held(&f->veiled, &f->ready);
		f->ready_there = false;
		f->veiling = true;
		f->veiled_ns = f->ready_ns;
		f->veil_rules = f->rules;
	}
	pthread_mutex_unlock(&f->lock);
	return f->veiling;
}

static void count_sealed(struct pv_flow *f, uint64_t begun, uint64_t drawn)
{
	const struct pv_held *h = &f->veiled;

	f->stats.sealed++;
	f->stats.seal_ns += pv_now_ns() - drawn;
	f->stats.veil_ns += drawn - begun;
	f->stats.latency_ns += pv_boot_ns() - h->frame.taken_ns;
	f->seen_ns = h->frame.time_ns;
	f->seen_count = h->count < 0 ? 0 : h->count;
	memcpy(f->seen, h->boxes, sizeof(*f->seen) * (size_t)f->seen_count);
}

static void *veil_frames(void *context)
{
	struct pv_flow *f = context;
	struct pv_held *h = &f->veiled;

	begin(f);
	while (wait_for_ready(f)) {
		uint64_t begun = pv_now_ns();
		pv_pipeline_veil(&f->pipeline, &f->veil_rules, h);
		uint64_t drawn = pv_now_ns();
		/* One that waited for later ones (lookahead) may be from before a sleep, and they not. */
		bool stale = is_stale(&f->veil_rules, f->veiled_ns) || pv_slept_since(h->frame.slept_ns);
		pthread_mutex_lock(&f->lock);
		bool good = !f->discard && !stale;
		pthread_mutex_unlock(&f->lock);
		good = good && f->seal(f->context, &h->frame) > 0;
		pthread_mutex_lock(&f->lock);
		f->stats.frames = f->pipeline.stats.frames;
		f->stats.whole = f->pipeline.stats.whole;
		f->stats.regions = f->pipeline.stats.regions;
		if (good)
			count_sealed(f, begun, drawn);
		else
			f->stats.dropped++;
		/* Coefficients are large, and the next to need any brings its own. */
		if (h->frame.coefs)
			pv_coefs_drop(h->frame.coefs);
		f->veiling = false;
		pthread_cond_broadcast(&f->moved);
		pthread_mutex_unlock(&f->lock);
	}
	return NULL;
}

/* --- the first: the camera's ---------------------------------------------- */

struct pv_flow *pv_flow_new(const struct pv_rules *rules, pv_seal *seal, void *context)
{
	static void *(*const work[2])(void *) = { search_frames, veil_frames };
	struct pv_flow *f = calloc(1, sizeof(*f));
	sigset_t all, before;

	if (!f)
		return NULL;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->moved, NULL);
	f->rules = f->pipeline.rules = *rules;
	f->seal = seal;
	f->context = context;
	/* Signals are the first thread's, but who makes a forbidden call hears of it. */
	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	f->pipeline.pair = pv_pair_new();
	while (f->started < 2 && !pthread_create(&f->threads[f->started], NULL, work[f->started], f))
		f->started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_mutex_lock(&f->lock);
	while (f->begun < f->started)
		pthread_cond_wait(&f->moved, &f->lock);
	pthread_mutex_unlock(&f->lock);
	if (f->started == 2)
		return f;
	pv_flow_free(f);
	return NULL;
}

static void free_frame(struct pv_frame *f)
{
	pv_coefs_forget(f);
	pv_frame_free(f);
}

static void each_frame(struct pv_flow *f, void (*act)(struct pv_frame *frame))
{
	struct pv_frame *frames[] = { &f->offered, &f->ready.frame, &f->reading, &f->searched, &f->found.frame,
				      &f->veiled.frame };

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		act(frames[i]);
}

void pv_flow_free(struct pv_flow *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->quit = true;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
	for (int i = 0; i < f->started; i++)
		pthread_join(f->threads[i], NULL);
	each_frame(f, free_frame);
	pv_pipeline_free(&f->pipeline);
	pv_pair_free(f->pipeline.pair);
	pthread_cond_destroy(&f->moved);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

struct pv_frame *pv_flow_frame(struct pv_flow *f)
{
	return &f->reading;
}

void pv_flow_offer(struct pv_flow *f, uint64_t boot_ns, uint64_t now_ns)
{
	f->reading.taken_ns = boot_ns;
	f->reading.slept_ns = boot_ns - now_ns;
	pthread_mutex_lock(&f->lock);
	f->stats.dropped += f->offered_there;
	swap_frames(&f->offered, &f->reading);
	f->offered_there = true;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
}

void pv_flow_await(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	while (f->offered_there)
		pthread_cond_wait(&f->moved, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static void wait_for_rest(struct pv_flow *f)
{
	while (f->offered_there || f->searching || f->ready_there || f->veiling)
		pthread_cond_wait(&f->moved, &f->lock);
}

void pv_flow_drain(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	wait_for_rest(f);
	pthread_mutex_unlock(&f->lock);
}

void pv_flow_flush(struct pv_flow *f)
{
	pthread_mutex_lock(&f->lock);
	f->discard = true;
	f->offered_there = f->ready_there = false;
	wait_for_rest(f);
	f->discard = false;
	each_frame(f, pv_coefs_forget);
	pv_pipeline_flush(&f->pipeline);
	note(f, "");	/* it was of frames that are gone */
	pthread_mutex_unlock(&f->lock);
}

void pv_flow_rule(struct pv_flow *f, const struct pv_rules *rules)
{
	pthread_mutex_lock(&f->lock);
	f->rules = *rules;
	pthread_mutex_unlock(&f->lock);
}

int pv_flow_prepare(struct pv_flow *f, int width, int height, int shrink)
{
	f->pipeline.rules = f->rules;
	if (!pv_pipeline_prepare(&f->pipeline, (width + shrink - 1) / shrink,
				 (height + shrink - 1) / shrink))
		return 0;
	pthread_mutex_lock(&f->lock);
	note(f, f->pipeline.error);
	pthread_mutex_unlock(&f->lock);
	return -1;
}

void pv_flow_stats(struct pv_flow *f, struct pv_flow_stats *out)
{
	pthread_mutex_lock(&f->lock);
	*out = f->stats;
	pthread_mutex_unlock(&f->lock);
}

int pv_flow_seen(struct pv_flow *f, struct pv_detection *out, int max, uint64_t *time_ns)
{
	pthread_mutex_lock(&f->lock);
	int n = f->seen_count < max ? f->seen_count : max;
	memcpy(out, f->seen, sizeof(*out) * (size_t)n);
	*time_ns = f->seen_ns;
	pthread_mutex_unlock(&f->lock);
	return n;
}
