// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The helper's own work, timed on a webcam's JPEG frames: bench FOLDER.
 *
 * First the codec alone, alternating frame by frame with ffmpeg's decoding and encoding: reading
 * coefficients with the luma that is searched, three veils, writing. Then the whole way of a frame,
 * JPEG to JPEG, as the veiler goes it, on one core and on two, as fast as it can; and at 30 frames a
 * second for the latency. Processor time hangs less than the clock on what else the machine does,
 * so both are told.
 */
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "codec/coefs.h"
#include "ffmpeg.h"
#include "frames.h"
#include "veild/flow.h"

#define ROUNDS 200		/* of the codec's comparison */
#define SECONDS 10
#define ROOM (4u << 20)
#define FRAME_NS 33333333u

static struct bench_frame frames[MAX_FRAMES];
static int frame_count;
static struct pv_rules rules;

static double now_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), bench_rising);
	return v[n / 2];
}

static void fail(const char *why)
{
	fprintf(stderr, "bench: %s\n", why);
	exit(1);
}

/* To and fro, so that there is no jump. */
static const struct bench_frame *frame_at(int i)
{
	int round = frame_count > 1 ? 2 * frame_count - 2 : 1, k = i % round;

	return &frames[k < frame_count ? k : round - k];
}

/* --- the codec ----------------------------------------------------------- */

static void compare_codecs(void)
{
	static double ours[ROUNDS], theirs[ROUNDS], read_ms[ROUNDS], veil_ms[ROUNDS];
	const struct pv_detection plates[3] = { { 300, 400, 480, 440, 1 }, { 900, 700, 1100, 750, 1 },
						{ 1500, 500, 1560, 516, 1 } };
	struct pv_coefs *c = pv_coefs_new();
	struct pv_redactor redactor = { .surface = { .cells = NULL } };
	struct pv_box regions[PV_MAX_REGIONS];
	struct pv_frame f = { .width = 0 };
	uint8_t *out = malloc(ROOM);
	double bytes[3] = { 0 };
	size_t made;

	if (!c || !out)
		fail("not enough memory");
	bench_ffmpeg(frames[0].data, frames[0].size);
	for (int i = 0; i < ROUNDS; i++) {
		const struct bench_frame *b = frame_at(i);
		double begun = now_ms(CLOCK_THREAD_CPUTIME_ID);
		if (pv_coefs_read(c, b->data, b->size, 1, &f))
			fail(pv_coefs_error(c));
		read_ms[i] = now_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
		int n = pv_regions(&f, &rules, plates, 3, regions);
		pv_redact(&redactor, &f, &rules, regions, n);
		veil_ms[i] = now_ms(CLOCK_THREAD_CPUTIME_ID) - begun - read_ms[i];
		if (pv_coefs_write(c, out, ROOM, &made))
			fail(pv_coefs_error(c));
		pv_coefs_drop(c);
		double between = now_ms(CLOCK_THREAD_CPUTIME_ID);
		ours[i] = between - begun;
		bytes[2] += (double)bench_ffmpeg(b->data, b->size) / ROUNDS;
		theirs[i] = now_ms(CLOCK_THREAD_CPUTIME_ID) - between;
		bytes[0] += (double)b->size / ROUNDS;
		bytes[1] += (double)made / ROUNDS;
	}
	double o = median(ours, ROUNDS), t = median(theirs, ROUNDS);
	printf("%dx%d, frames of %.0f KB; medians of processor time\n", f.width, f.height, bytes[0] / 1e3);
	printf("  coefficients %6.2f ms (read and luma %.2f, three veils %.2f), %.0f KB come out\n", o,
	       median(read_ms, ROUNDS), median(veil_ms, ROUNDS), bytes[1] / 1e3);
	printf("  ffmpeg       %6.2f ms, %.0f KB\n  ratio        %6.2f (goal 0.40)\n", t, bytes[2] / 1e3,
	       o / t);
	pv_coefs_free(c);
	pv_redactor_free(&redactor);
	pv_frame_free(&f);
	free(out);
}

/* --- the whole way -------------------------------------------------------- */

static int seal(void *context, struct pv_frame *f)
{
	size_t made;

	return f->coefs && !pv_coefs_write(f->coefs, context, ROOM, &made);
}

static double read_one(struct pv_flow *flow, int i)
{
	struct pv_frame *f = pv_flow_frame(flow);
	const struct bench_frame *b = frame_at(i);
	uint64_t boot = pv_boot_ns(), now = pv_now_ns();
	double begun = now_ms(CLOCK_THREAD_CPUTIME_ID);

	if (!f->coefs)
		f->coefs = pv_coefs_new();
	if (!f->coefs || pv_coefs_read(f->coefs, b->data, b->size,
				       pv_pipeline_shrink(&rules, 1920, 1080), f))
		fail(f->coefs ? pv_coefs_error(f->coefs) : "not enough memory");
	f->time_ns = pv_now_ns();
	double took = now_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
	pv_flow_await(flow);
	pv_flow_offer(flow, boot, now);
	return took;
}

static long resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void use_cores(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < n; i++)
		CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("there are fewer cores than that");
}

/* As fast as it can, or a frame every `pace_ns`. */
static void run_flow(int cores, uint64_t pace_ns, double goal)
{
	static uint8_t out[ROOM];
	struct pv_flow_stats s, first;
	double read_ms = 0;
	long before = 0;
	int i = 0, warm = 10;

	use_cores(cores);	/* threads begun from now on have it from this one */
	struct pv_flow *flow = pv_flow_new(&rules, seal, out);
	if (!flow)
		fail("no threads");
	for (; i < warm; i++)	/* memory and network are made here */
		read_one(flow, i);
	pv_flow_drain(flow);
	pv_flow_stats(flow, &first);
	double begun = now_ms(CLOCK_MONOTONIC), cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	for (; now_ms(CLOCK_MONOTONIC) - begun < SECONDS * 1000; i++) {
		double spare = begun + (double)(i - warm) * (double)pace_ns / 1e6 -
			       now_ms(CLOCK_MONOTONIC);
		if (pace_ns && spare > 0)
			usleep((useconds_t)(spare * 1000));
		read_ms += read_one(flow, i);
		if (i == warm + 30)
			before = resident_kb();
	}
	pv_flow_drain(flow);
	double wall = now_ms(CLOCK_MONOTONIC) - begun;
	cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	pv_flow_stats(flow, &s);
	double n = (double)(i - warm), sealed = (double)(s.sealed - first.sealed);
	printf("%s, %d core%s: %.1f frames a second by the clock", pace_ns ? "At 30 a second" : "JPEG to JPEG",
	       cores, cores > 1 ? "s" : "", sealed / wall * 1000);
	if (!pace_ns)
		printf(" (goal %.0f); %.1f by processor time", goal, cores * sealed / cpu * 1000);
	printf("\n  a frame: read %.2f ms (cpu), search %.2f, veil %.2f, write and seal %.2f (clock); "
	       "%.2f ms cpu in all\n", read_ms / n, (double)(s.search_ns - first.search_ns) / 1e6 / n,
	       (double)(s.veil_ns - first.veil_ns) / 1e6 / sealed,
	       (double)(s.seal_ns - first.seal_ns) / 1e6 / sealed, cpu / n);
	printf("  latency from the camera's giving it to its seal: mean %.1f ms%s; %llu dropped, %llu late, "
	       "%llu regions\n", (double)(s.latency_ns - first.latency_ns) / 1e6 / sealed,
	       pace_ns ? " (goal 16.7)" : ", with queues full",
	       (unsigned long long)(s.dropped - first.dropped), (unsigned long long)(s.late - first.late),
	       (unsigned long long)(s.regions - first.regions));
	printf("  memory %ld MB; grew by %ld KB over %.0f frames\n", resident_kb() / 1024,
	       resident_kb() - before, n - 30);
	pv_flow_free(flow);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: bench FOLDER\n", stderr);
		return 2;
	}
	frame_count = bench_load(argv[1], frames);
	pv_rules_default(&rules);
	compare_codecs();
	run_flow(1, 0, 40);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return 0;
	run_flow(2, 0, 75);
	run_flow(2, FRAME_NS, 30);
	return 0;
}
