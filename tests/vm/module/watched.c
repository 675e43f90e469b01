// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be watched: viewers by name, tracepoints, counters. */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

static int get_viewers(const struct veil *v, struct plateveil_viewer *out, uint32_t *count)
{
	struct plateveil_viewers p = { .id = v->id, .count = *count, .viewers = (uintptr_t)out };
	int err = ioctl(control_fd(), PLATEVEIL_IOC_GET_VIEWERS, &p);

	*count = p.count;
	return err;
}

/* As one who may do nothing. */
static bool anyone_can_ask(const struct veil *v)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct plateveil_viewer w[2];
		uint32_t n = 2;
		if (setuid(65534))
			_exit(2);
		_exit(get_viewers(v, w, &n) || n != 2 || w[0].pid != getppid());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void viewers(const struct veil *v)
{
	int idle = open_node(v->view);	/* first, and told of last */
	struct stream view = view_start(v, 0, 0, 0);
	struct plateveil_viewer w[2];
	struct plateveil_viewers bad = { .id = v->id, .reserved = { 0, 0, 0, 1 } };
	struct veil none = { .id = 15 };
	struct v4l2_buffer b;
	uint32_t n = 2;

	need(!stream_take(&view, &b, 3000) && !get_viewers(v, w, &n), "viewers");
	check(n == 2 && w[0].pid == getpid() && !strncmp(w[0].comm, "module-tests", 12),
	      "a viewer is named: %s (%d)", w[0].comm, w[0].pid);
	check(w[0].streaming && w[0].cards && !w[0].dealt, "it streams, and got cards");
	check(!w[1].streaming && !w[1].cards, "the other only has it open");
	n = 1;
	check(!get_viewers(v, w, &n) && n == 2 && w[0].streaming, "with room for one it is the one that streams");
	n = 0;
	check(!get_viewers(v, NULL, &n) && n == 2, "without room they are counted");
	n = 2;
	check(anyone_can_ask(v), "anyone can ask");
	refused(get_viewers(v, (void *)8, &n), EFAULT, "viewers to nowhere");
	refused(get_viewers(&none, w, &n), ENOENT, "viewers of a veil that is not");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_GET_VIEWERS, &bad), EINVAL, "a reserved field");
	close(idle);
	n = 2;
	check(!get_viewers(v, w, &n) && n == 1, "who closed is gone");
	stream_end(&view);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* Does the trace have a line of this event about this veil? */
static bool traced(const char *event, const struct veil *v)
{
	char line[1024], name[64], veil[32];
	bool found = false;
	FILE *f = fopen(TRACING "trace", "r");

	need(f != NULL, "the trace");
	snprintf(name, sizeof(name), " %s: ", event);
	snprintf(veil, sizeof(veil), "veil=%u ", v->id);
	while (fgets(line, sizeof(line), f))
		found |= strstr(line, name) && strstr(line, veil);
	fclose(f);
	return found;
}

static void tracepoints(const struct veil *v)
{
	static const char *const events[] = { "seal", "deal", "card", "refuse" };
	struct v4l2_buffer b;

	write_file(TRACING "events/plateveil/enable", "1");
	struct stream view = view_start(v, 0, 0, 0);
	need(!stream_take(&view, &b, 3000) && !stream_queue(&view, b.index, 0), "a card");
	struct stream feed = feed_start(v);
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 6);
	need(shows(&view, &feed, picture, size, &b), "a seal");
	need(seal(&feed, picture, size / 2) < 0, "a refusal");
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		check(traced(events[i], v), "the trace tells of a %s", events[i]);
	write_file(TRACING "events/plateveil/enable", "0");
	write_file(TRACING "trace", "");
	struct plateveil_info info = veil_info(v);
	check(info.sealed && info.dealt && info.cards && info.refused == 1 && info.live,
	      "and so do the counters");
	stream_end(&feed);
	stream_end(&view);
	free(picture);
}

void test_watched(void)
{
	struct veil v = veil_make("watched");
	struct plateveil_mode mode = mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30);

	need(!set_modes(&v, &mode, 1, 30000), "a mode");
	viewers(&v);
	tracepoints(&v);
	veil_remove(&v);
}
