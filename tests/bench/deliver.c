// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many frames a second get from one program to others, and whether they get there whole:
 *   deliver veil                    makes one for the others to use; prints its view and its feed
 *   deliver memcpy SECONDS
 *   deliver place|write OUTPUT CAPTURE mmap|read VIEWERS SECONDS
 * The picture is made once, where a producer would make it: for `place` in the feed's buffers, which
 * are then sealed again and again, for `write` in its own memory, which is given to write(). Frames
 * are 1920x1080 YUYV and every line begins with the frame's number. Prints "FRAMES PER SECOND, all
 * viewers together" and "TORN", frames with lines of another frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "uapi/plateveil.h"

#define WIDTH 1920
#define HEIGHT 1080
#define STRIDE (WIDTH * 2)
#define SIZE (STRIDE * HEIGHT)
#define BUFFERS 4
#define MOST_VIEWERS 16

/* What all processes see. */
static struct shared {
	atomic_int ready;
	atomic_bool begun, over;
	atomic_ulong frames, torn;
} *shared;

struct node {
	int fd;
	uint32_t type;
	uint8_t *buffers[BUFFERS];
};

static void fail(const char *what)
{
	fprintf(stderr, "deliver: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void number(uint8_t *frame, uint32_t n)
{
	for (size_t line = 0; line < HEIGHT; line++)
		memcpy(frame + line * STRIDE, &n, sizeof(n));
}

/* Looks twice, with a while between, as an application that works on a frame does. */
static bool torn(const uint8_t *frame)
{
	uint32_t first, n;

	memcpy(&first, frame, sizeof(first));
	for (int look = 0; look < 2; look++) {
		for (size_t line = 0; line < HEIGHT; line++) {
			memcpy(&n, frame + line * STRIDE, sizeof(n));
			if (n != first)
				return true;
		}
		if (!look)
			usleep(5000);
	}
	return false;
}

static struct node open_node(const char *path, uint32_t type)
{
	struct node n = { .fd = open(path, O_RDWR), .type = type };
	struct v4l2_format f = { .type = type };

	if (n.fd < 0)
		fail(path);
	f.fmt.pix.width = WIDTH;
	f.fmt.pix.height = HEIGHT;
	f.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	f.fmt.pix.sizeimage = SIZE;
	f.fmt.pix.field = V4L2_FIELD_NONE;
	if (ioctl(n.fd, VIDIOC_S_FMT, &f))
		fail(path);
	if (f.fmt.pix.width != WIDTH || f.fmt.pix.height != HEIGHT || f.fmt.pix.sizeimage < SIZE) {
		fprintf(stderr, "deliver: %s: not 1920x1080 YUYV\n", path);
		exit(1);
	}
	return n;
}

static void queue(struct node *n, uint32_t index)
{
	struct v4l2_buffer b = { .type = n->type, .memory = V4L2_MEMORY_MMAP, .index = index,
				 .bytesused = SIZE, .field = V4L2_FIELD_NONE };
	if (ioctl(n->fd, VIDIOC_QBUF, &b))
		fail("QBUF");
}

/* The index of a buffer, or -1 at the end. */
static int take(struct node *n)
{
	struct v4l2_buffer b = { .type = n->type, .memory = V4L2_MEMORY_MMAP };

	while (ioctl(n->fd, VIDIOC_DQBUF, &b)) {
		if (errno != EINTR)
			fail("DQBUF");
		if (shared->over)
			return -1;
	}
	return (int)b.index;
}

static void stream(struct node *n)
{
	struct v4l2_requestbuffers req = { .count = BUFFERS, .type = n->type, .memory = V4L2_MEMORY_MMAP };
	int type = (int)n->type;

	if (ioctl(n->fd, VIDIOC_REQBUFS, &req))
		fail("REQBUFS");
	for (uint32_t i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer b = { .type = n->type, .memory = V4L2_MEMORY_MMAP, .index = i };
		if (ioctl(n->fd, VIDIOC_QUERYBUF, &b))
			fail("QUERYBUF");
		n->buffers[i] = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, n->fd, b.m.offset);
		if (n->buffers[i] == MAP_FAILED)
			fail("mmap");
		if (n->type == V4L2_BUF_TYPE_VIDEO_CAPTURE)
			queue(n, i);
	}
	if (ioctl(n->fd, VIDIOC_STREAMON, &type))
		fail("STREAMON");
}

static void interrupted(int signal)
{
	(void)signal;
}

/* A viewer: a process of its own. Frames before the beginning do not count. */
static void view(const char *path, bool streams, bool judges)
{
	struct node n = open_node(path, V4L2_BUF_TYPE_VIDEO_CAPTURE);
	uint8_t *own = malloc(SIZE), *frame = own;
	struct sigaction act = { .sa_handler = interrupted };

	sigaction(SIGUSR1, &act, NULL);
	if (streams)
		stream(&n);
	shared->ready++;
	while (!shared->over) {
		int index = 0;
		if (streams) {
			index = take(&n);
			if (index < 0)
				break;
			frame = n.buffers[index];
		} else if (read(n.fd, own, SIZE) != SIZE) {
			if (errno == EINTR)
				continue;
			fail("read");
		}
		if (shared->begun && !shared->over) {
			shared->frames++;
			if (judges && torn(frame))
				shared->torn++;
		}
		if (streams)
			queue(&n, (uint32_t)index);
	}
	exit(0);
}

/* The producer: as fast as it can. */
static void produce(struct node *n, bool writes, double seconds)
{
	uint8_t *own = malloc(SIZE);
	double begin = 0;
	uint32_t frame = 0;

	memset(own, 0x60, SIZE);
	/* Some frames first: viewers that read() begin when there is something to read. */
	for (;; frame++) {
		if (!begin && frame > 2 * BUFFERS) {
			begin = now();
			shared->begun = true;
		}
		if (begin && now() - begin > seconds)
			break;
		if (writes) {
			number(own, frame);
			if (write(n->fd, own, SIZE) != SIZE)
				fail("write");
			continue;
		}
		uint32_t index = frame < BUFFERS ? frame : (uint32_t)take(n);
		if (frame < BUFFERS)
			memset(n->buffers[index], 0x60, SIZE);
		number(n->buffers[index], frame);
		queue(n, index);
	}
	shared->over = true;
	printf("%.2f %lu\n", (double)shared->frames / (now() - begin), (unsigned long)shared->torn);
}

/* Between as many buffers as the module would. */
static void copy(double seconds)
{
	uint8_t *a = malloc(SIZE * BUFFERS), *b = malloc(SIZE * BUFFERS);
	double begin = now(), end;
	unsigned long frames = 0;

	memset(a, 1, SIZE * BUFFERS);
	memset(b, 2, SIZE * BUFFERS);
	begin = now();
	do {
		memcpy(b + frames % BUFFERS * SIZE, a + frames % BUFFERS * SIZE, SIZE);
		atomic_signal_fence(memory_order_seq_cst);
		frames++;
		end = now();
	} while (end - begin < seconds);
	printf("%.2f %d\n", (double)frames / (end - begin), b[0] != 1);
}

static void make_veil(void)
{
	struct plateveil_create c = { .name = "bench" };
	struct plateveil_mode mode = { .pixelformat = V4L2_PIX_FMT_YUYV, .width = WIDTH, .height = HEIGHT,
				       .numerator = 1, .denominator = 30 };
	struct plateveil_modes m = { .count = 1, .modes = (uintptr_t)&mode };
	int control = open(PLATEVEIL_DEVICE, O_RDWR);

	if (control < 0 || ioctl(control, PLATEVEIL_IOC_CREATE, &c))
		fail(PLATEVEIL_DEVICE);
	m.id = c.id;
	if (ioctl(control, PLATEVEIL_IOC_SET_MODES, &m))
		fail("modes");
	printf("/dev/video%u /dev/video%u\n", c.view, c.feed);
}

int main(int argc, char **argv)
{
	pid_t viewers[MOST_VIEWERS];
	int count;

	if (argc == 2 && !strcmp(argv[1], "veil")) {
		make_veil();
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "memcpy")) {
		copy(atof(argv[2]));
		return 0;
	}
	count = argc == 7 ? atoi(argv[5]) : 0;
	if (count < 1 || count > MOST_VIEWERS) {
		fprintf(stderr, "usage: deliver memcpy SECONDS\n"
				"       deliver place|write OUTPUT CAPTURE mmap|read VIEWERS SECONDS\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct node out = open_node(argv[2], V4L2_BUF_TYPE_VIDEO_OUTPUT);
	bool writes = !strcmp(argv[1], "write");
	/* v4l2loopback has its format for viewers from the first frame on. */
	if (writes && write(out.fd, calloc(1, SIZE), SIZE) != SIZE)
		fail("write");
	for (int i = 0; i < count; i++) {
		viewers[i] = fork();
		if (!viewers[i])
			view(argv[3], !strcmp(argv[4], "mmap"), getenv("TEAR"));
	}
	if (!writes)
		stream(&out);
	for (int i = 0; shared->ready < count && i < 3000; i++)
		usleep(10000);
	produce(&out, writes, atof(argv[6]));
	for (int i = 0; i < count; i++) {
		/* It may wait for a frame that no longer comes. */
		while (!waitpid(viewers[i], NULL, WNOHANG)) {
			kill(viewers[i], SIGUSR1);
			usleep(10000);
		}
	}
	return 0;
}
