// SPDX-License-Identifier: GPL-2.0-or-later
/* Veils come and go, many at once, and the machine sleeps. */
#include "gate.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 30	/* of the storm */
#define VIEWERS 4

static int create(struct plateveil_create *c)
{
	snprintf(c->name, sizeof(c->name), "life");
	return ioctl(control_fd(), PLATEVEIL_IOC_CREATE, c);
}

static int count_veils(void)
{
	struct plateveil_info info = { .id = 0 };
	int n = 0;

	for (; !ioctl(control_fd(), PLATEVEIL_IOC_GET_VEIL, &info); n++) {
		uint32_t id = info.id + 1;
		memset(&info, 0, sizeof(info));
		info.id = id;
	}
	return n;
}

static void numbers(void)
{
	const uint32_t both = PLATEVEIL_CREATE_VIEW | PLATEVEIL_CREATE_FEED;
	struct plateveil_create c = { .flags = both, .view = 40, .feed = 41 }, d = c;

	check(!create(&c) && c.view == 40 && c.feed == 41 && !access("/dev/video40", F_OK),
	      "a veil with chosen numbers");
	refused(create(&d), EBUSY, "the same numbers again");
	d = (struct plateveil_create){ .flags = PLATEVEIL_CREATE_VIEW, .view = 41 };
	refused(create(&d), EBUSY, "another's feed as a view");
	d = (struct plateveil_create){ .flags = PLATEVEIL_CREATE_VIEW, .view = 256 };
	refused(create(&d), EINVAL, "a number that cannot be");
	d = (struct plateveil_create){ .flags = 1u << 31 };
	refused(create(&d), EINVAL, "another flag");
	check(count_veils() == 1, "what failed left nothing");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &c.id), "removing it");
	d = (struct plateveil_create){ .flags = both, .view = 41, .feed = 40 };
	check(!create(&d) && d.view == 41 && d.feed == 40, "the numbers are free again");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &d.id), "removing it");
	/* Of any numbers the feed gets the first that is free. */
	d = (struct plateveil_create){ .flags = 0 };
	need(!create(&d) && !ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &d.id), "any numbers");
	c = (struct plateveil_create){ .flags = PLATEVEIL_CREATE_VIEW, .view = d.feed };
	check(!create(&c) && c.view == d.feed && c.feed != c.view, "it is not in the way of a view's that was chosen");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &c.id), "removing it");
	c = (struct plateveil_create){ .flags = PLATEVEIL_CREATE_VIEW, .view = PLATEVEIL_MAX_NODE };
	check(!create(&c) && c.view == PLATEVEIL_MAX_NODE && c.feed == d.feed, "nor of the last there is");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &c.id), "removing it");
}

static void many(void)
{
	struct veil v[PLATEVEIL_MAX_VEILS];
	struct stream s[PLATEVEIL_MAX_VEILS];
	struct plateveil_create more = { .flags = 0 };
	struct v4l2_buffer b;
	int cards = 0;

	for (int i = 0; i < PLATEVEIL_MAX_VEILS; i++) {
		v[i] = veil_make("one of many");
		s[i] = view_start(&v[i], 0, 0, 0);
	}
	refused(create(&more), ENOSPC, "one veil too many");
	for (int i = 0; i < PLATEVEIL_MAX_VEILS; i++)
		cards += !stream_take(&s[i], &b, 5000);
	check(cards == PLATEVEIL_MAX_VEILS, "sixteen veils stream at once");
	for (int i = 0; i < PLATEVEIL_MAX_VEILS; i++) {
		veil_remove(&v[i]);
		stream_end(&s[i]);
	}
	check(count_veils() == 0, "and go");
}

/* Streams until the veil goes; the exit status says whether it went as it should. */
static int watch(const struct veil *v)
{
	struct stream s = view_start(v, 0, 0, 0);
	struct v4l2_format f = { .type = s.type };
	struct pollfd p = { .fd = s.fd, .events = POLLIN };
	struct v4l2_buffer b;

	alarm(120);
	for (;;) {
		if (poll(&p, 1, -1) < 1)
			return 1;
		if (p.revents & POLLHUP)
			break;
		b = (struct v4l2_buffer){ .type = s.type, .memory = s.memory };
		if (ioctl(s.fd, VIDIOC_DQBUF, &b)) {
			/* Woken between the queue's end and the node's. */
			if (errno == EAGAIN || errno == EIO)
				continue;
			break;
		}
		if (ioctl(s.fd, VIDIOC_QBUF, &b) && errno != ENODEV)
			return 2;
	}
	if (!(p.revents & POLLHUP) && errno != ENODEV)
		return 3;
	return ioctl(s.fd, VIDIOC_G_FMT, &f) && errno == ENODEV ? 0 : 4;
}

static int storm_round(int round)
{
	struct veil v = veil_make("storm");
	struct stream feed = feed_start(&v);
	uint8_t *picture = make_picture(feed.format.fmt.pix.sizeimage, 8);
	pid_t pids[VIEWERS];
	int bad = 0, status;

	for (int i = 0; i < VIEWERS; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			close(feed.fd);
			_exit(watch(&v));
		}
	}
	while (veil_info(&v).viewers < VIEWERS)
		usleep(1000);
	for (int i = 0; i < round % 4; i++)
		seal(&feed, picture, feed.format.fmt.pix.sizeimage);
	veil_remove(&v);
	for (int i = 0; i < VIEWERS; i++) {
		if (waitpid(pids[i], &status, 0) == pids[i] && !status)
			continue;
		printf("# round %d: a viewer ended with %#x\n", round, status);
		bad++;
	}
	bad += !stream_queue(&feed, 0, feed.format.fmt.pix.sizeimage) || errno != ENODEV;
	stream_end(&feed);
	free(picture);
	return bad;
}

static void storm(void)
{
	int bad = 0;

	for (int round = 0; round < ROUNDS; round++)
		bad += storm_round(round);
	check(!bad, "%d veils went while %d viewers streamed: ENODEV and POLLHUP", ROUNDS, VIEWERS);
	check(count_veils() == 0, "and left nothing");
}

/* How many of the next frames are as sealed. */
static int sealed_ones(struct stream *view, const uint8_t *picture, size_t size, int frames)
{
	struct v4l2_buffer b;
	int n = 0;

	for (int i = 0; i < frames && !stream_take(view, &b, 3000); i++) {
		n += !memcmp(view->start[b.index], picture, size);
		stream_queue(view, b.index, 0);
	}
	return n;
}

/* The kernel's own rehearsal: everything freezes and goes on. */
static void sleeps(void)
{
	struct veil v = veil_make("sleep");
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30);
	struct v4l2_buffer b;

	need(!set_modes(&v, &m, 1, 60000), "a lease longer than the sleep");
	struct stream view = view_start(&v, 0, 0, 0), feed = feed_start(&v);
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 9);
	need(shows(&view, &feed, picture, size, &b) && veil_info(&v).live, "a live view");
	/* It would wait by counting, which takes an emulated processor too long. */
	write_text("/sys/module/suspend/parameters/pm_test_delay", "0");
	if (!write_text("/sys/power/pm_test", "freezer") || !write_text("/sys/power/state", "freeze")) {
		printf("skipped - this machine cannot sleep\n");
		goto end;
	}
	write_text("/sys/power/pm_test", "none");
	check(!veil_info(&v).live, "after a sleep nothing is live, whatever the lease");
	sealed_ones(&view, picture, size, (int)view.count);	/* sealed and dealt before */
	check(sealed_ones(&view, picture, size, 10) == 0, "and the card is dealt");
	check(shows(&view, &feed, picture, size, &b), "until the next seal");
end:
	stream_end(&feed);
	stream_end(&view);
	free(picture);
	veil_remove(&v);
}

void test_life(void)
{
	numbers();
	many();
	storm();
	sleeps();
}
