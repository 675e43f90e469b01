// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long the search takes, on one core: `make bench-detect`.
 *
 *   bench-detect FOLDER     frames (JPEG) of a street, 1920x1080, in the order of their names
 *   bench-detect --serve    reads "WIDTH HEIGHT" lines and answers each with the milliseconds one
 *                           run of the network took, for alternating with another engine
 *
 * Milliseconds are of processor time, which hangs less on what else the machine is doing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/jpeg.h"
#include "detect/detect.h"
#include "detect/network.h"
#include "frames.h"

#define RUNS 49
#define W 1920
#define H 1080

static uint8_t *frames[MAX_FRAMES];
static int frame_count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-detect: %s: %s\n", what, why);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- the network alone ------------------------------------------------------ */

static double run_network(struct pv_network *n)
{
	double begun = now_ms();

	if (pv_network_run(n))
		die("network", "failed");
	return now_ms() - begun;
}

static struct pv_network *network(int width, int height)
{
	char why[200];
	struct pv_network *n = pv_network_new(pv_network_weights, pv_network_weights_size,
					      PV_NETWORK_OUTPUTS, width, height, why, sizeof(why));
	if (!n)
		die("network", why);
	for (int i = 0; i < width * height; i++)
		pv_network_input(n)[i] = (int8_t)(i * 37 % 251 - 125);
	return n;
}

static void serve(void)
{
	struct pv_network *n = NULL;
	int w, h, last_w = 0, last_h = 0;

	while (scanf("%d %d", &w, &h) == 2) {
		if (w != last_w || h != last_h) {
			pv_network_free(n);
			n = network(w, h);
			run_network(n);
		}
		last_w = w;
		last_h = h;
		printf("%.4f\n", run_network(n));
		fflush(stdout);
	}
	pv_network_free(n);
}

/* --- the detector ---------------------------------------------------------- */

static void load(const char *folder)
{
	static struct bench_frame files[MAX_FRAMES];
	struct pv_jpeg *jpeg = pv_jpeg_new();
	struct pv_frame f = { .width = 0 };
	char name[32];

	frame_count = bench_load(folder, files);
	if (frame_count < 2)
		die(folder, "fewer than two frames in it");
	for (int i = 0; i < frame_count; i++) {
		snprintf(name, sizeof(name), "frame %d", i + 1);
		if (pv_jpeg_decode(jpeg, files[i].data, files[i].size, &f))
			die(name, pv_jpeg_error(jpeg));
		if (f.width != W || f.height != H)
			die(name, "is not 1920x1080");
		uint8_t *luma = malloc((size_t)W * H);
		if (!luma)
			die(name, "not enough memory");
		for (int y = 0; y < H; y++)
			memcpy(luma + (size_t)y * W, f.plane[0] + (size_t)y * (size_t)f.stride[0], W);
		frames[i] = luma;
		free(files[i].data);
	}
	pv_frame_free(&f);
	pv_jpeg_free(jpeg);
}

enum { PICTURE, STILL, MOVING, ALL };

/* The frames to and fro, so that there is no jump. */
static const uint8_t *frame_at(int i, int kind)
{
	int round = 2 * frame_count - 2, k = i % round;

	if (kind == STILL)
		return frames[0];
	return frames[k < frame_count ? k : round - k];
}

/* Median and worst ms, the share searched and what was looked at twice, of a detector over frames of one kind. */
static void detect(const char *name, int width, int height, int kind)
{
	struct pv_detection found[PV_MAX_DETECTIONS];
	double ms[RUNS], effort = 0, looks = 0;
	char why[200];
	struct pv_detector *d = pv_detector_new(width, height, kind == PICTURE || width > W ? width : W, PV_VIDEO,
						why, sizeof(why));
	size_t size = (size_t)width * (size_t)height;
	uint8_t *luma = calloc(size, 1);
	int n = 0;

	if (!d || !luma)
		die(name, d ? "not enough memory" : why);
	for (int i = -4; i < RUNS; i++) {
		const uint8_t *f = frame_at(i + 4, kind);
		/* All changed: the picture moves sideways by a tenth of its width. */
		int shift = kind == ALL ? (i + 4) % 2 * W / 10 : 0;
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				luma[(size_t)y * (size_t)width + (size_t)x] =
					f[(size_t)(y * H / height) * W + (size_t)((x * W / width + shift) % W)];
		double begun = now_ms();
		n = kind == PICTURE ? pv_detector_run(d, luma, (size_t)width, 0.2f, found, PV_MAX_DETECTIONS)
				  : pv_detector_follow(d, luma, (size_t)width, 0.2f, found, PV_MAX_DETECTIONS);
		if (n < 0)
			die(name, "failed");
		if (i < 0)
			continue;
		ms[i] = now_ms() - begun;
		effort += (double)pv_detector_effort(d) / RUNS;
		looks += (double)pv_detector_looks(d) / RUNS;
	}
	qsort(ms, RUNS, sizeof(*ms), bench_rising);
	printf("%-34s %4dx%-4d  %7.1f  %7.1f     %3.0f %%  %5.1f\n", name, width, height, ms[RUNS / 2],
	       ms[RUNS * 9 / 10], 100 * effort, looks);
	free(luma);
	pv_detector_free(d);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage", "bench-detect FOLDER | --serve");
	if (!strcmp(argv[1], "--serve")) {
		serve();
		return 0;
	}
	load(argv[1]);
	printf("%-34s %9s  %7s  %7s  %8s  %5s\n", "", "", "median", "9 in 10", "searched", "looks");
	printf("%-34s %9s  %7s  %7s\n", "one core", "frame", "ms", "ms");
	detect("all of a picture", 640, 384, PICTURE);
	detect("all of a picture", 1280, 720, PICTURE);
	detect("all of a picture", W, H, PICTURE);
	detect("all of a picture", 3840, 2160, PICTURE);
	detect("video, nothing moves", 640, 360, STILL);	/* at two sizes */
	detect("video, a street with traffic", 640, 360, MOVING);
	detect("video, everything changes", 640, 360, ALL);
	detect("video, nothing moves", W, H, STILL);
	detect("video, a street with traffic", W, H, MOVING);
	detect("video, everything changes", W, H, ALL);
	detect("video, a street with traffic", 3840, 2160, MOVING);
	for (int i = 0; i < frame_count; i++)
		free(frames[i]);
	return 0;
}
