// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a viewer needs to tell how old a frame is: latency draw DIR | latency watch DEVICE SECONDS.
 *
 * draw: pictures for the emulated webcam, each with its number along the top, as eight fields, light
 * and dark: six of its bits, then a light one and a dark one to tell them by. watch: streams JPEG
 * from a camera or a view and writes a line a frame, its number and when it came (seconds of
 * CLOCK_MONOTONIC). The webcam's --log says when it began to send which.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <turbojpeg.h>
#include <unistd.h>

#define WIDTH 640
#define HEIGHT 480
#define BITS 6
#define FIELD (WIDTH / (BITS + 2))	/* pixels along a field's side */
#define BUFFERS 4

static uint8_t luma[HEIGHT][WIDTH];

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A field's place in the number; of the last two the first is light. */
static int bit(int number, int field)
{
	return field < BITS ? number >> field & 1 : field == BITS;
}

static void paint(int number)
{
	uint32_t state = 1;

	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			state = state * 1664525u + 1013904223u;
			luma[y][x] = (uint8_t)(y < FIELD ? bit(number, x / FIELD) ? 200 : 50 :
						(x + y) / 6 + (int)(state >> 27));
		}
	}
}

static int draw(const char *folder)
{
	tjhandle t = tjInitCompress();

	mkdir(folder, 0755);
	for (int i = 0; i < 1 << BITS; i++) {
		unsigned char *jpeg = NULL;
		unsigned long size = 0;
		char path[1024];
		paint(i);
		snprintf(path, sizeof(path), "%s/%03d.jpg", folder, i);
		need(!tjCompress2(t, luma[0], WIDTH, 0, HEIGHT, TJPF_GRAY, &jpeg, &size, TJSAMP_GRAY, 85, 0), path);
		FILE *f = fopen(path, "wb");
		need(f && fwrite(jpeg, 1, size, f) == size && !fclose(f), path);
		tjFree(jpeg);
	}
	tjDestroy(t);
	return 0;
}

/* The number in luma, or -1: the card, a frame veiled whole. */
static int read_number(void)
{
	int mean[BITS + 2], number = 0;

	for (int i = 0; i < BITS + 2; i++) {
		int sum = 0;
		for (int y = FIELD / 4; y < FIELD * 3 / 4; y++)
			for (int x = FIELD / 4; x < FIELD * 3 / 4; x++)
				sum += luma[y][i * FIELD + x];
		mean[i] = sum / (FIELD / 2 * (FIELD / 2));
	}
	int middle = (mean[BITS] + mean[BITS + 1]) / 2;
	for (int i = 0; i < BITS; i++)
		number |= (mean[i] > middle) << i;
	return mean[BITS] - mean[BITS + 1] > 100 ? number : -1;
}

static void start(int fd, void *memory[BUFFERS])
{
	struct v4l2_format f = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_requestbuffers req = { BUFFERS, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP };
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	f.fmt.pix.width = WIDTH;
	f.fmt.pix.height = HEIGHT;
	f.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
	need(!ioctl(fd, VIDIOC_S_FMT, &f), "format");
	need(!ioctl(fd, VIDIOC_REQBUFS, &req) && req.count == BUFFERS, "buffers");
	for (uint32_t i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer b = { .index = i, .type = req.type, .memory = V4L2_MEMORY_MMAP };
		need(!ioctl(fd, VIDIOC_QUERYBUF, &b), "buffer");
		memory[i] = mmap(NULL, b.length, PROT_READ, MAP_SHARED, fd, b.m.offset);
		need(memory[i] != MAP_FAILED && !ioctl(fd, VIDIOC_QBUF, &b), "buffer");
	}
	need(!ioctl(fd, VIDIOC_STREAMON, &type), "stream");
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int watch(const char *path, double seconds)
{
	tjhandle t = tjInitDecompress();
	int fd = open(path, O_RDWR);
	void *memory[BUFFERS];

	need(fd >= 0, path);
	start(fd, memory);
	for (double end = now() + seconds; now() < end;) {
		struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };
		need(!ioctl(fd, VIDIOC_DQBUF, &b), "frame");
		double came = now();
		bool ok = !tjDecompress2(t, memory[b.index], b.bytesused, luma[0], WIDTH, 0, HEIGHT, TJPF_GRAY, 0);
		if (ok && read_number() >= 0)
			printf("%d %.6f\n", read_number(), came);
		need(!ioctl(fd, VIDIOC_QBUF, &b), "buffer");
	}
	tjDestroy(t);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "draw"))
		return draw(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "watch"))
		return watch(argv[2], atof(argv[3]));
	fprintf(stderr, "usage: latency draw DIR | latency watch DEVICE SECONDS\n");
	return 2;
}
