// SPDX-License-Identifier: GPL-2.0-or-later
/* A view's buffers: every kind of memory and of waiting, order, priority. */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool is_card(const uint8_t *p)
{
	return p[0] == 105 && p[1] == 128;	/* its edge, without colour */
}

static void user_memory(const struct veil *v)
{
	struct stream s = view_open(v, 0, 0, 0);
	struct v4l2_buffer b;

	need(!stream_buffers(&s, V4L2_MEMORY_USERPTR, 3), "user memory");
	stream_fill(&s);
	check(!stream_on(&s) && !stream_take(&s, &b, 3000) &&
	      b.m.userptr == (uintptr_t)s.start[b.index] && is_card(s.start[b.index]),
	      "frames into an application's own memory");
	b = (struct v4l2_buffer){ .index = b.index, .type = s.type, .memory = s.memory,
				  .m.userptr = (uintptr_t)s.start[b.index], .length = 4096 };
	refused(ioctl(s.fd, VIDIOC_QBUF, &b), EINVAL, "memory that is too small");
	stream_end(&s);
}

/* One view's memory is exported and another's frames go into it. */
static void shared_memory(const struct veil *v)
{
	struct veil w = veil_make("exporter");
	struct stream from = view_open(&w, 0, 0, 0), to = view_open(v, 0, 0, 0);
	struct v4l2_exportbuffer e = { .type = from.type, .flags = O_RDONLY };
	struct v4l2_buffer b;

	need(!stream_buffers(&from, V4L2_MEMORY_MMAP, 1), "a buffer");
	need(!ioctl(from.fd, VIDIOC_EXPBUF, &e), "exporting it");
	uint8_t *p = mmap(NULL, from.length[0], PROT_READ, MAP_SHARED, e.fd, 0);
	check(p != MAP_FAILED && p[0] == 0 && !memcmp(p, p + 1, from.length[0] - 1),
	      "an exported buffer, zero at first");
	need(!stream_buffers(&to, V4L2_MEMORY_DMABUF, 1), "buffers to import");
	to.dmabuf[0] = e.fd;
	check(!stream_queue(&to, 0, 0) && !stream_on(&to) && !stream_take(&to, &b, 3000) && is_card(p),
	      "frames into another device's memory");
	to.dmabuf[0] = STDOUT_FILENO;
	refused(stream_queue(&to, 0, 0), EINVAL, "a descriptor that is no such memory");
	munmap(p, from.length[0]);
	close(e.fd);
	stream_end(&to);
	stream_end(&from);
	veil_remove(&w);
}

static void made_later(const struct veil *v)
{
	struct stream s = view_open(v, 0, 0, 0);
	struct v4l2_create_buffers c = { .count = 1, .memory = V4L2_MEMORY_MMAP, .format = s.format };
	struct v4l2_buffer b = { .type = s.type, .memory = V4L2_MEMORY_MMAP };
	uint32_t size = s.format.fmt.pix.sizeimage;

	need(!stream_buffers(&s, V4L2_MEMORY_MMAP, 2), "two buffers");
	check(!ioctl(s.fd, VIDIOC_CREATE_BUFS, &c) && c.index == 2 && c.count == 1, "a third one later");
	c.format.fmt.pix.sizeimage = size - 1;
	refused(ioctl(s.fd, VIDIOC_CREATE_BUFS, &c), EINVAL, "a buffer that is too small");
	c.format.fmt.pix.sizeimage = size * 4 + (4 << 20);
	refused(ioctl(s.fd, VIDIOC_CREATE_BUFS, &c), EINVAL, "one that is far too large");
	c.format.fmt.pix.sizeimage = size;
	c.count = 32;
	check(!ioctl(s.fd, VIDIOC_CREATE_BUFS, &c) && c.count == 5, "eight in all");
	refused(ioctl(s.fd, VIDIOC_CREATE_BUFS, &c), ENOBUFS, "a ninth");
	b.index = 2;
	check(!ioctl(s.fd, VIDIOC_PREPARE_BUF, &b) && b.flags & V4L2_BUF_FLAG_PREPARED,
	      "a buffer is prepared");
	check(!ioctl(s.fd, VIDIOC_QBUF, &b) && !stream_on(&s) && !stream_take(&s, &b, 3000) &&
	      b.index == 2 && b.bytesused == size, "and then filled");
	stream_end(&s);
	s.fd = open_node(v->feed);
	c.count = 1;
	c.format.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	need(!ioctl(s.fd, VIDIOC_G_FMT, &c.format), "the feed's format");
	c.format.fmt.pix.sizeimage = size * 4 + (4 << 20);
	refused(ioctl(s.fd, VIDIOC_CREATE_BUFS, &c), EINVAL, "one of the feed that is far too large");
	close(s.fd);
}

/* Many who each ask for as much as they may: at an end before the machine's memory. */
static void too_much(void)
{
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, 4096, 4096, 30);
	struct veil v = veil_make("too much");
	struct stream s[4];
	int got = 0, n = 0;

	need(!set_modes(&v, &m, 1, 0), "4096x4096");
	fflush(stdout);
	for (; n < 4; n++) {
		s[n] = view_open(&v, 0, 0, 0);
		pid_t child = fork();	/* within a process the first is the owner */
		if (!child) {
			struct v4l2_requestbuffers r = { .count = 8, .type = s[n].type,
							 .memory = V4L2_MEMORY_MMAP };
			_exit(ioctl(s[n].fd, VIDIOC_REQBUFS, &r) ? 100 : (int)r.count);
		}
		int status;
		waitpid(child, &status, 0);
		if (WEXITSTATUS(status) == 100)
			break;
		got += WEXITSTATUS(status);
	}
	check(got == 16 && n == 2, "a view's buffers: 512 MiB, not more (%d of 32)", got);
	for (int i = 0; i <= n && i < 4; i++)
		close(s[i].fd);
	struct stream again = view_open(&v, 0, 0, 0);
	check(!stream_buffers(&again, V4L2_MEMORY_MMAP, 4), "room again when they are gone");
	stream_end(&again);
	veil_remove(&v);
}

static void waits(const struct veil *v)
{
	struct stream s = view_start(v, 0, 0, 0);
	struct epoll_event want = { .events = EPOLLIN }, got;
	struct timeval patience = { .tv_sec = 3 };
	struct v4l2_buffer b = { .type = s.type, .memory = s.memory };
	int epoll = epoll_create1(0);
	fd_set set;

	FD_ZERO(&set);
	FD_SET(s.fd, &set);
	check(select(s.fd + 1, &set, NULL, NULL, &patience) == 1 && FD_ISSET(s.fd, &set), "select()");
	need(!epoll_ctl(epoll, EPOLL_CTL_ADD, s.fd, &want), "epoll");
	check(epoll_wait(epoll, &got, 1, 3000) == 1 && got.events == EPOLLIN, "epoll_wait()");
	close(epoll);
	while (!ioctl(s.fd, VIDIOC_DQBUF, &b))
		;
	check(errno == EAGAIN, "no frame, no wait: EAGAIN");
	need(!stream_off(&s), "a stop");
	stream_fill(&s);
	fcntl(s.fd, F_SETFL, 0);
	check(!stream_on(&s) && !ioctl(s.fd, VIDIOC_DQBUF, &b), "a blocking wait");
	stream_end(&s);
}

/* epoll() asks but once what a file is woken by, here when another one had the buffers. */
static void waits_later(const struct veil *v)
{
	struct stream first = view_start(v, 0, 0, 0), second = view_open(v, 0, 0, 0);
	struct v4l2_create_buffers none = { .memory = V4L2_MEMORY_MMAP, .format = second.format };
	struct epoll_event want = { .events = EPOLLIN }, got;
	struct v4l2_buffer b = { .type = second.type, .memory = V4L2_MEMORY_MMAP };
	int epoll = epoll_create1(0);

	check(!ioctl(second.fd, VIDIOC_CREATE_BUFS, &none), "anyone may ask what buffers there could be");
	need(!epoll_ctl(epoll, EPOLL_CTL_ADD, second.fd, &want), "epoll");
	stream_end(&first);
	need(!stream_buffers(&second, V4L2_MEMORY_MMAP, 2), "buffers");
	stream_fill(&second);
	need(!stream_on(&second), "a stream");
	bool woken = true;
	for (int i = 0; i < 5 && woken; i++) {
		woken = epoll_wait(epoll, &got, 1, 3000) == 1 && got.events == EPOLLIN;
		while (woken && !ioctl(second.fd, VIDIOC_DQBUF, &b))
			stream_queue(&second, b.index, 0);
	}
	check(woken, "who was asked while another had the buffers wakes all the same");
	close(epoll);
	stream_end(&second);
}

static void reads(const struct veil *v)
{
	struct stream s = view_open(v, 0, 0, 0);
	size_t size = s.format.fmt.pix.sizeimage;
	uint8_t *p = calloc(1, size);

	need(p != NULL, "memory");
	fcntl(s.fd, F_SETFL, 0);
	check(read(s.fd, p, size) == (ssize_t)size && is_card(p), "read() gives a frame");
	check(read(s.fd, p, 100) == 100 && is_card(p), "or a part of one");
	refused(stream_buffers(&s, V4L2_MEMORY_MMAP, 2), EBUSY, "buffers beside read()");
	close(s.fd);
	free(p);
}

static uint64_t time_of(const struct v4l2_buffer *b)
{
	return (uint64_t)b->timestamp.tv_sec * 1000000u + (uint64_t)b->timestamp.tv_usec;
}

/* Leaves frames lie, and counts what is missing after. */
static void order(const struct veil *v)
{
	struct stream s = view_start(v, 0, 0, 0);
	struct timespec t;
	struct v4l2_buffer b;
	uint64_t last = 0;
	uint32_t next = 0;
	bool rising = true, right = true;
	struct plateveil_info before = veil_info(v);

	for (int i = 0; i < 8; i++) {
		need(!stream_take(&s, &b, 3000), "frames");
		clock_gettime(CLOCK_MONOTONIC, &t);
		uint64_t now = (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000;
		rising &= time_of(&b) > last && time_of(&b) <= now && now - time_of(&b) < 5000000;
		right &= (b.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC &&
			 !(b.flags & V4L2_BUF_FLAG_ERROR) && b.field == V4L2_FIELD_NONE;
		last = time_of(&b);
		next = b.sequence + 1;
		stream_queue(&s, b.index, 0);
	}
	check(rising && right, "timestamps are monotonic and rise");
	usleep(500000);
	uint32_t gap = 0;
	for (uint32_t i = 0; i <= s.count; i++) {
		need(!stream_take(&s, &b, 3000), "frames");
		gap += b.sequence - next;
		next = b.sequence + 1;
		stream_queue(&s, b.index, 0);
	}
	uint64_t dropped = veil_info(v).dropped - before.dropped;
	check(gap > 0 && dropped >= gap, "the sequence counts the %u that were dropped", gap);
	stream_end(&s);
}

/* Seals a frame of now and `later` seconds; the time that it, or the card before it, arrives with. */
static bool arrives(struct stream *view, struct stream *feed, int later, struct v4l2_buffer *got)
{
	struct v4l2_buffer b = { .type = feed->type, .memory = feed->memory, .field = V4L2_FIELD_NONE,
				 .bytesused = feed->format.fmt.pix.sizeimage };
	struct timespec t;
	bool found = false;

	clock_gettime(CLOCK_MONOTONIC, &t);
	b.timestamp.tv_sec = t.tv_sec + later;
	b.timestamp.tv_usec = t.tv_nsec / 1000;
	need(!ioctl(feed->fd, VIDIOC_QBUF, &b), "a seal with a time");
	for (int i = 0; i < 3 && !found && !stream_take(view, got, 3000); i++) {
		found = time_of(got) == time_of(&b);
		stream_queue(view, got->index, 0);
	}
	need(!stream_take(feed, &b, 3000), "the seal back");
	return found;
}

/* The helper's time is the viewers', unless it is yet to come: all later ones would be, too. */
static void copied_time(const struct veil *v)
{
	struct stream view = view_start(v, 0, 0, 0), feed = feed_start(v);
	struct v4l2_buffer got;
	bool found = false;

	need(!stream_take(&view, &got, 3000), "a card");
	stream_queue(&view, got.index, 0);
	check(!arrives(&view, &feed, 1000, &got), "a time that is yet to come does not");
	/* A card may have gone out since the clock was read, and times rise. */
	for (int i = 0; i < 5 && !found; i++)
		found = arrives(&view, &feed, 0, &got);
	check(found, "a seal's time arrives with it");
	stream_end(&feed);
	stream_end(&view);
}

static void priority(const struct veil *v)
{
	struct stream one = view_open(v, 0, 0, 0), two = view_open(v, 0, 0, 0);
	uint32_t p = 0, record = V4L2_PRIORITY_RECORD;
	int status;

	check(!ioctl(one.fd, VIDIOC_G_PRIORITY, &p) && p == V4L2_PRIORITY_INTERACTIVE, "priority");
	check(!ioctl(one.fd, VIDIOC_S_PRIORITY, &record) && !ioctl(two.fd, VIDIOC_G_PRIORITY, &p) &&
	      p == V4L2_PRIORITY_RECORD, "raised by root");
	refused(ioctl(two.fd, VIDIOC_S_FMT, &two.format), EBUSY, "the other's format then");
	p = V4L2_PRIORITY_INTERACTIVE;
	refused(ioctl(two.fd, VIDIOC_S_PRIORITY, &p), EBUSY, "and its priority");
	close(one.fd);
	check(!ioctl(two.fd, VIDIOC_S_FMT, &two.format), "and when it is gone");
	pid_t pid = fork();
	if (!pid)
		_exit(setuid(65534) || !ioctl(two.fd, VIDIOC_S_PRIORITY, &record) || errno != EPERM);
	check(waitpid(pid, &status, 0) == pid && !status, "an ordinary user cannot shut others out");
	pid = fork();
	if (!pid) {
		uint32_t low = V4L2_PRIORITY_BACKGROUND, none = 77;
		_exit(setuid(65534) || ioctl(two.fd, VIDIOC_S_PRIORITY, &low) ||
		      ioctl(two.fd, VIDIOC_G_PRIORITY, &p) || p != low ||
		      !ioctl(two.fd, VIDIOC_S_PRIORITY, &none));
	}
	check(waitpid(pid, &status, 0) == pid && !status, "but can step back");
	close(two.fd);
}

/* In one process one owner, as V4L2 has it; another process is another viewer. */
static void owners(const struct veil *v)
{
	struct stream one = view_start(v, 0, 0, 0), two = view_open(v, 0, 0, 0);
	int status;

	refused(stream_buffers(&two, V4L2_MEMORY_MMAP, 2), EBUSY, "a second owner in a process");
	pid_t pid = fork();
	if (!pid) {
		struct stream s = view_start(v, 0, 0, 0);
		struct v4l2_buffer b;
		_exit(stream_take(&s, &b, 3000) != 0);
	}
	check(waitpid(pid, &status, 0) == pid && !status, "another process streams beside");
	stream_end(&one);
	check(!stream_buffers(&two, V4L2_MEMORY_MMAP, 2), "the second may when the first is gone");
	stream_end(&two);
}

/* Becomes an ordinary user, who goes with the test. */
static bool become(uid_t uid)
{
	struct rlimit files = { 6000, 6000 };

	return !setrlimit(RLIMIT_NOFILE, &files) && !setuid(uid) && !prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* A byte from each process that has done what it could, which then keeps it: did it do all? */
static void tell(int to, bool good)
{
	char said = good;

	if (write(to, &said, 1) == 1 && good)
		pause();
	_exit(0);
}

static bool stream(const struct veil *v, struct stream *s)
{
	*s = view_open(v, 0, 0, 0);
	bool good = !stream_buffers(s, V4L2_MEMORY_MMAP, 2);

	for (uint32_t i = 0; good && i < 2; i++)
		good = !stream_queue(s, i, 0);
	return good && !ioctl(s->fd, VIDIOC_STREAMON, &s->type);
}

/* How many processes of a user may do this, each beside those before it: 1 stream, 2 hold 16 MiB. */
static int how_many(const struct veil *v, int what, uid_t uid, int to)
{
	char good = 1;
	int n = 0, told[2];

	if (pipe(told))
		return -1;
	for (; n < 70; n++) {
		pid_t pid = fork();
		if (!pid) {
			struct stream s;
			close(told[0]);
			if (!become(uid))
				tell(told[1], false);
			if (what == 1)
				tell(told[1], stream(v, &s));
			s = view_open(v, 0, 0, 0);
			struct v4l2_create_buffers c = { .count = 8, .memory = V4L2_MEMORY_MMAP };
			c.format.type = s.type;
			ioctl(s.fd, VIDIOC_G_FMT, &c.format);
			c.format.fmt.pix.sizeimage = 2 << 20;	/* what is more than a frame is allowed, too */
			tell(told[1], !ioctl(s.fd, VIDIOC_CREATE_BUFS, &c) && c.count == 8);
		}
		if (pid < 0 || read(told[0], &good, 1) != 1 || !good)
			break;
	}
	if (write(to, &n, sizeof(n)) == sizeof(n))
		pause();
	return n;
}

/* What one user may have, while another can still stream. */
static void share(const struct veil *v, int what, int most, const char *name)
{
	int said[2], n = -1, status = -1;
	struct v4l2_buffer b;
	struct stream s;

	need(!pipe(said), "a pipe");
	pid_t pid = fork(), other;
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(how_many(v, what, 65534, said[1]) < 0);
	}
	close(said[1]);
	need(read(said[0], &n, sizeof(n)) == sizeof(n), name);
	close(said[0]);
	check(n == most, "%s: %d", name, n);
	other = fork();
	if (!other)
		_exit(!become(65533) || !stream(v, &s) || stream_take(&s, &b, 5000));
	check(waitpid(other, &status, 0) == other && !status, "another user streams beside");
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (veil_info(v).viewers)	/* the rest of its processes */
		usleep(10000);
	usleep(200000);
}

/* No user can take the view from the others. */
static void shares(const struct veil *v)
{
	char path[32];
	int status = -1;

	snprintf(path, sizeof(path), "/dev/video%u", v->view);
	need(!chmod(path, 0666), path);
	pid_t pid = fork();
	if (!pid) {
		int n = 0;
		if (!become(65534))
			_exit(1);
		for (; open(path, O_RDWR) >= 0; n++)
			;
		_exit(n != 256 || errno != EBUSY);
	}
	check(waitpid(pid, &status, 0) == pid && !status, "a user opens it 256 times");
	share(v, 1, 16, "half of what may stream is one user's");
	share(v, 2, 16, "and half of the memory");
}

void test_buffers(void)
{
	struct veil v = veil_make("buffers");

	user_memory(&v);
	shared_memory(&v);
	made_later(&v);
	too_much();
	waits(&v);
	waits_later(&v);
	reads(&v);
	order(&v);
	copied_time(&v);
	priority(&v);
	owners(&v);
	shares(&v);
	veil_remove(&v);
}
