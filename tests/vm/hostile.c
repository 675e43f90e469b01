// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes plateveild's veilers hostile, by standing before pv_feed_seal(): each, after ten frames,
 * tries one way out of its sandbox, or to keep plateveild busy, the next one after it the next; when all
 * were tried, no more.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "veild/feed.h"
#include "veild/link.h"
#include "veild/veiler.h"

#define FRAMES 10

int __real_pv_feed_seal(struct pv_feed *f, const struct pv_frame *frame);
int __wrap_pv_feed_seal(struct pv_feed *f, const struct pv_frame *frame);

int __real_pv_veiler_run(int feed, int socket, const struct pv_rules *rules);
int __wrap_pv_veiler_run(int feed, int socket, const struct pv_rules *rules);

static int to_plateveild;
static atomic_int *tried;	/* shared by all veilers */

__attribute__((constructor)) static void share(void)
{
	tried = mmap(NULL, sizeof(*tried), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void flood(int word)
{
	struct pv_message m = { .word = word };

	for (;;)
		pv_link_send(to_plateveild, &m, -1);
}

static void try_next(const struct pv_feed *f)
{
	struct pv_message m = { .word = PV_REPORT };
	char *none[] = { NULL };

	switch (atomic_fetch_add(tried, 1)) {
	case 0:
		open("/etc/passwd", O_RDONLY);
		break;
	case 1:
		socket(AF_INET, SOCK_STREAM, 0);
		break;
	case 2:
		execve("/bin/sh", none, none);
		break;
	case 3:	/* the feed, to whoever wants it */
		pv_link_send(f->fd, &m, f->fd);
		break;
	case 4:
		flood(PV_BREACH);
		break;
	case 5:
		flood(PV_WANT_CAMERA);
		break;
	default:
		break;
	}
}

int __wrap_pv_veiler_run(int feed, int socket, const struct pv_rules *rules)
{
	to_plateveild = socket;
	return __real_pv_veiler_run(feed, socket, rules);
}

int __wrap_pv_feed_seal(struct pv_feed *f, const struct pv_frame *frame)
{
	static int frames;

	if (++frames == FRAMES)
		try_next(f);
	return __real_pv_feed_seal(f, frame);
}
