// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls the module every way that system calls allow, from several threads over the same
 * descriptors: fuzz-ioctl [-s SEED] [-t SECONDS] [-j THREADS]. It judges nothing itself; the kernel
 * that it runs on does (make kasan). The seed, which it prints, says what each thread asks, though
 * not how the threads meet.
 */
#include "ioctl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 32

static atomic_bool ending;

int fuzz_call(struct fuzz *f, int fd, unsigned long request, void *data)
{
	int ret = ioctl(fd, request, data);

	f->calls++;
	f->accepted += ret >= 0;
	return ret;
}

static void *run(void *arg)
{
	struct fuzz *f = arg;

	while (!ending) {
		if (fuzz_chance(f, 12))
			fuzz_control(f);
		else if (fuzz_chance(f, 20))
			fuzz_gates(f);
		else
			fuzz_node(f);
	}
	fuzz_node_end(f);
	return NULL;
}

/* Only there to end a call that waits. */
static void nudged(int signal)
{
	(void)signal;
}

static bool options(int argc, char **argv, uint64_t *seed, int *seconds, int *threads)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:t:j:")) > 0) {
		if (opt == 's')
			*seed = strtoull(optarg, NULL, 0);
		else if (opt == 't')
			*seconds = atoi(optarg);
		else if (opt == 'j')
			*threads = atoi(optarg);
		else
			return false;
	}
	return optind == argc && *seconds > 0 && *threads > 0 && *threads <= MOST_THREADS;
}

int main(int argc, char **argv)
{
	static struct fuzz fuzz[MOST_THREADS];
	pthread_t thread[MOST_THREADS];
	uint64_t seed = 0, calls = 0, accepted = 0, jpegs = 0;
	int seconds = 60, threads = 4;
	struct sigaction nudge = { .sa_handler = nudged };
	const struct timespec pause = { .tv_nsec = 100000000 };

	if (getrandom(&seed, 4, 0) != 4 || !options(argc, argv, &seed, &seconds, &threads)) {
		fprintf(stderr, "usage: fuzz-ioctl [-s SEED] [-t SECONDS] [-j THREADS]\n");
		return 2;
	}
	printf("# fuzz-ioctl -s %llu -t %d -j %d\n", (unsigned long long)seed, seconds, threads);
	fflush(stdout);
	if (!fuzz_control_open()) {
		perror("/dev/plateveil");
		return 1;
	}
	sigaction(SIGUSR1, &nudge, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < threads; i++) {
		fuzz[i].random = (seed + 1) * 0x9e3779b97f4a7c15ull + (uint64_t)(i + 1) * 0xbf58476d1ce4e5b9ull;
		if (pthread_create(&thread[i], NULL, run, &fuzz[i])) {
			perror("thread");
			return 1;
		}
	}
	for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
		nanosleep(&pause, NULL);
		for (int i = 0; i < threads; i++)
			pthread_kill(thread[i], SIGUSR1);
	}
	ending = true;
	for (int i = 0; i < threads; i++) {
		/* One may still wait in a call. */
		struct timespec until;
		do {
			pthread_kill(thread[i], SIGUSR1);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec++;
		} while (pthread_timedjoin_np(thread[i], NULL, &until) == ETIMEDOUT);
		calls += fuzz[i].calls;
		accepted += fuzz[i].accepted;
		jpegs += fuzz[i].jpegs;
	}
	printf("# %llu calls, %llu of them accepted, %llu of these JPEGs\n", (unsigned long long)calls,
	       (unsigned long long)accepted, (unsigned long long)jpegs);
	return accepted && jpegs ? 0 : 1;
}
