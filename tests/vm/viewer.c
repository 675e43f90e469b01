// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An application that watches a view and says what it saw: viewer [-n FRAMES] [-w] [-t SECONDS]
 * [-s WIDTHxHEIGHT] [-e] [-j] DEVICE (-w: counts FRAMES from the first that is no card; -j: as JPEG,
 * not YUYV), or what others recorded there in YUYV 640x480: viewer -f FILE. Every change (with
 * -e: every frame) is a line "SECONDS card|veiled|whole|LEAK" (the clock is CLOCK_MONOTONIC), the last
 * line is the counts. Status 0; 3 after a leak; 4 when the device went
 * away; 1 for any other trouble.
 */
#include "pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <turbojpeg.h>
#include <unistd.h>

#define LEAK_LEVELS 5
#define CARD_LEVELS 40	/* no text of the card reaches this */

enum kind { CARD, VEILED, WHOLE, LEAK, KINDS };
static const char *const names[KINDS] = { "card", "veiled", "whole", "LEAK" };

static struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
static void *memory[4];
static unsigned counts[KINDS], gaps;

static bool every, from_picture;

static volatile sig_atomic_t told_to_end;

static void end_soon(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint8_t luma(const uint8_t *frame, int x, int y)
{
	return frame[((size_t)y * format.fmt.pix.width + (size_t)x) * 2];
}

/* A JPEG as if it were YUYV; colour is all that is kept of its colours. NULL: it is none. */
static const uint8_t *as_yuyv(const uint8_t *jpeg, size_t size)
{
	static uint8_t *rgb, *yuyv;
	static tjhandle in;
	size_t n = (size_t)format.fmt.pix.width * format.fmt.pix.height;

	if (!in) {
		in = tjInitDecompress();
		rgb = malloc(3 * n);
		yuyv = malloc(2 * n);
	}
	if (!in || !rgb || !yuyv ||
	    tjDecompress2(in, jpeg, size, rgb, (int)format.fmt.pix.width, 0,
			  (int)format.fmt.pix.height, TJPF_RGB, 0))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *c = rgb + 3 * i;
		yuyv[2 * i] = c[1];
		yuyv[2 * i + 1] = c[0] == c[1] && c[1] == c[2] ? 128 : 0;
	}
	return yuyv;
}

static double square_mean(const uint8_t *frame, int x, int y)
{
	double sum = 0;
	for (int k = 0; k < CODE_SQUARE * CODE_SQUARE; k++)
		sum += luma(frame, x + k % CODE_SQUARE, y + k / CODE_SQUARE);
	return sum / (CODE_SQUARE * CODE_SQUARE);
}

/*
 * How strongly the code shows, in grey levels: by how much its white squares are lighter than the
 * black ones beside them. 235 as it is; near 0 for anything else, a slope of light included.
 */
static double contrast(const uint8_t *frame)
{
	double sum = 0;
	int pairs = 0;

	for (int y = CODE_Y; y < CODE_Y + CODE_H; y += CODE_SQUARE) {
		for (int x = CODE_X; x + CODE_SQUARE < CODE_X + CODE_W; x += CODE_SQUARE) {
			int step = pattern_cell(x + CODE_SQUARE, y) - pattern_cell(x, y);
			if (!step)
				continue;
			sum += step * (square_mean(frame, x + CODE_SQUARE, y) - square_mean(frame, x, y));
			pairs++;
		}
	}
	return sum / pairs;
}

static enum kind judge(const uint8_t *frame)
{
	const struct v4l2_pix_format *p = &format.fmt.pix;
	bool colour = false, flat = true, coded = false;

	if (p->width == PATTERN_WIDTH && p->height == PATTERN_HEIGHT)
		coded = fabs(contrast(frame)) > LEAK_LEVELS;
	/* Mid grey of JPEG's range is 126 of YUYV's. */
	for (size_t i = 0; i < (size_t)p->width * p->height * 2 && !(colour && !flat); i += 2) {
		colour |= frame[i + 1] != 128;
		flat &= frame[i] == frame[0] && frame[i] >= 126 && frame[i] <= 128;
	}
	/* The camera's picture is full of colour; the card has none, and a text that may look like code. */
	if (coded && (colour || fabs(contrast(frame)) > CARD_LEVELS))
		return LEAK;
	return colour ? VEILED : flat ? WHOLE : CARD;
}

static void start(int fd, uint32_t pixelformat, int width, int height)
{
	struct v4l2_requestbuffers req = { .count = 4, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					   .memory = V4L2_MEMORY_MMAP };
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	format.fmt.pix.width = (uint32_t)width;
	format.fmt.pix.height = (uint32_t)height;
	format.fmt.pix.pixelformat = pixelformat;
	if (ioctl(fd, VIDIOC_S_FMT, &format))
		goto fail;
	errno = EINVAL;
	if (format.fmt.pix.pixelformat != pixelformat || ioctl(fd, VIDIOC_REQBUFS, &req))
		goto fail;
	for (uint32_t i = 0; i < req.count && i < 4; i++) {
		struct v4l2_buffer b = { .index = i, .type = type, .memory = V4L2_MEMORY_MMAP };
		if (ioctl(fd, VIDIOC_QUERYBUF, &b))
			goto fail;
		memory[i] = mmap(NULL, b.length, PROT_READ, MAP_SHARED, fd, b.m.offset);
		/* A fresh buffer holds nothing of anybody's. */
		for (size_t k = 0; memory[i] != MAP_FAILED && k < b.length; k++)
			if (((uint8_t *)memory[i])[k])
				counts[LEAK]++;
		if (memory[i] == MAP_FAILED || ioctl(fd, VIDIOC_QBUF, &b))
			goto fail;
	}
	if (!ioctl(fd, VIDIOC_STREAMON, &type))
		return;
fail:
	fprintf(stderr, "viewer: cannot stream: %s\n", strerror(errno));
	exit(errno == ENODEV ? 4 : 1);
}

/* Status of the program, or -1 to go on. */
static int take(int fd, enum kind *last)
{
	static uint32_t expected;
	struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	if (ioctl(fd, VIDIOC_DQBUF, &b)) {
		if (errno == EAGAIN)
			return -1;
		fprintf(stderr, "viewer: %s\n", strerror(errno));
		return errno == ENODEV || errno == EIO ? 4 : 1;
	}
	const uint8_t *frame = memory[b.index];
	if (format.fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG)
		frame = as_yuyv(frame, b.bytesused);
	if (!frame) {
		fprintf(stderr, "viewer: not a JPEG: %s\n", tjGetErrorStr());
		return 1;
	}
	enum kind k = judge(frame);
	if (k != *last || every)
		printf("%.3f %s\n", now(), names[k]);
	*last = k;
	counts[k]++;
	gaps += b.sequence - expected;
	expected = b.sequence + 1;
	ioctl(fd, VIDIOC_QBUF, &b);
	return -1;
}

/* What another application recorded. */
static int judge_file(const char *path)
{
	static uint8_t frame[PATTERN_WIDTH * PATTERN_HEIGHT * 2];
	FILE *f = fopen(path, "r");

	format.fmt.pix.width = PATTERN_WIDTH;
	format.fmt.pix.height = PATTERN_HEIGHT;
	format.fmt.pix.bytesperline = PATTERN_WIDTH * 2;
	format.fmt.pix.sizeimage = sizeof(frame);
	while (f && fread(frame, sizeof(frame), 1, f) == 1)
		counts[judge(frame)]++;
	printf("card=%u veiled=%u whole=%u LEAK=%u\n", counts[CARD], counts[VEILED], counts[WHOLE],
	       counts[LEAK]);
	if (!f || fclose(f) || !(counts[CARD] + counts[VEILED] + counts[WHOLE] + counts[LEAK]))
		return 1;
	return counts[LEAK] ? 3 : 0;
}

int main(int argc, char **argv)
{
	int opt, frames = 0, width = 640, height = 480, status = -1;
	double seconds = 1e9;
	unsigned first = 0;	/* cards that do not count */
	enum kind last = KINDS;
	uint32_t pixelformat = V4L2_PIX_FMT_YUYV;

	while ((opt = getopt(argc, argv, "n:wt:s:ejf:")) > 0) {
		if (opt == 'f')
			return judge_file(optarg);
		if (opt == 'e')
			every = true;
		else if (opt == 'n')
			frames = atoi(optarg);
		else if (opt == 'w')
			from_picture = true;
		else if (opt == 't')
			seconds = atof(optarg);
		else if (opt == 'j')
			pixelformat = V4L2_PIX_FMT_MJPEG;
		else if (opt != 's' || sscanf(optarg, "%dx%d", &width, &height) != 2)
			return 2;
	}
	int fd = open(argv[optind] ? argv[optind] : "", O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		fprintf(stderr, "viewer: %s\n", strerror(errno));
		return 1;
	}
	signal(SIGTERM, end_soon);
	setvbuf(stdout, NULL, _IOLBF, 0);
	start(fd, pixelformat, width, height);
	double end = now() + seconds;
	int n = 0;
	while (status < 0 && (!frames || n < frames) && now() < end && !told_to_end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, 200) > 0)
			status = p.revents & POLLHUP ? 4 : take(fd, &last);
		unsigned pictures = counts[VEILED] + counts[WHOLE] + counts[LEAK];
		if (from_picture && !pictures)
			first = counts[CARD];
		n = (int)(counts[CARD] + pictures - first);
	}
	printf("card=%u veiled=%u whole=%u LEAK=%u gaps=%u size=%ux%u\n", counts[CARD], counts[VEILED],
	       counts[WHOLE], counts[LEAK], gaps, format.fmt.pix.width, format.fmt.pix.height);
	if (status < 0 && n < frames && !told_to_end)
		status = 5;
	return counts[LEAK] ? 3 : status < 0 ? 0 : status;
}
