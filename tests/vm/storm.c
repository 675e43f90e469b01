// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strangers who open cameras as fast as they can: storm [-p PROCESSES] [-n TRIES] LIMIT. Tries
 * /dev/video0 up to, not including, LIMIT until it has tried that often and been told to end
 * (SIGTERM). A try is an open of a node that is there. Prints how the tries ended; status 0 if not
 * one got a file that is not a view's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts {
	atomic_ulong tries, denied, diverted, gone, other, successes;
	atomic_bool end;
};

static struct counts *all;

static void end_soon(int signal)
{
	(void)signal;
	all->end = true;
}

static void try(int number)
{
	struct v4l2_capability cap = { .driver = "" };
	char path[32];

	snprintf(path, sizeof(path), "/dev/video%d", number);
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return;
	all->tries++;
	if (fd >= 0) {
		/* A file that is dead by now counts, too: it was had. */
		if (!ioctl(fd, VIDIOC_QUERYCAP, &cap) && !strcmp((char *)cap.driver, "plateveil"))
			all->diverted++;
		else
			all->successes++;
		close(fd);
	} else if (errno == EACCES) {
		all->denied++;
	} else if (errno == ENODEV || errno == ENXIO) {
		all->gone++;
	} else {
		all->other++;
	}
}

static void stranger(int limit, unsigned long wanted)
{
	while (!all->end || all->tries < wanted)
		for (int i = 0; i < limit; i++)
			try(i);
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long wanted = 100000;
	int opt, processes = 8;

	while ((opt = getopt(argc, argv, "p:n:")) > 0) {
		if (opt == 'p')
			processes = atoi(optarg);
		else if (opt == 'n')
			wanted = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	int limit = argv[optind] ? atoi(argv[optind]) : 0;
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (limit < 1 || processes < 1 || all == MAP_FAILED)
		return 2;
	signal(SIGTERM, end_soon);
	for (int i = 0; i < processes; i++)
		if (!fork())
			stranger(limit, wanted);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("%lu tries by %d processes: %lu denied, %lu diverted, %lu gone, %lu otherwise, %lu successes\n",
	       all->tries, processes, all->denied, all->diverted, all->gone, all->other, all->successes);
	return all->successes || all->other || all->tries < wanted ? 1 : 0;
}
