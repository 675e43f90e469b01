// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The helper's own pipeline, timed on JPEG frames: bench DIR [--dump FILE [LOOKAHEAD]].
 *
 * Each frame goes the veiler's way (JPEG -> luma -> detect -> track -> redact -> the view's format)
 * on one core, several rounds; medians are printed. --dump writes the veiled frames, YUYV, of one
 * round whose clock moves 1/6 s a frame.
 */
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/jpeg.h"
#include "frames.h"
#include "veild/pipeline.h"

#define SECONDS 12
#define STEP_NS (1000000000u / 6)
#define WANTED_FPS 15.0

enum { DECODE, VEIL, PACK, ALL, STEPS };

static struct bench_frame frames[MAX_FRAMES];
static int frame_count, width, height;

static double quantile(double *v, int n, double q)
{
	qsort(v, (size_t)n, sizeof(*v), bench_rising);
	return v[(int)(q * (n - 1))];
}

static double ms_since(uint64_t then)
{
	return (double)(pv_now_ns() - then) / 1e6;
}

/* One frame; its times go to t[], its veiled picture to packed. */
static void run_one(struct pv_pipeline *p, struct pv_jpeg *j, struct pv_frame *f, int i, uint64_t when,
		    uint8_t **packed, double t[STEPS])
{
	uint64_t begun = pv_now_ns(), mark = begun;
	if (pv_jpeg_decode(j, frames[i].data, frames[i].size, f)) {
		fprintf(stderr, "bench: frame %d: %s\n", i, pv_jpeg_error(j));
		exit(1);
	}
	t[DECODE] = ms_since(mark);
	if (!*packed)
		*packed = malloc(pv_frame_packed_size(V4L2_PIX_FMT_YUYV, f->width, f->height));
	f->time_ns = when;
	width = f->width;
	height = f->height;
	mark = pv_now_ns();
	struct pv_frame *due = pv_pipeline_push(p, f);
	t[VEIL] = ms_since(mark);
	mark = pv_now_ns();
	if (due)
		pv_frame_pack(due, V4L2_PIX_FMT_YUYV, *packed);
	t[PACK] = ms_since(mark);
	t[ALL] = ms_since(begun);
}

int main(int argc, char **argv)
{
	static const char *const names[STEPS] = { "decode", "detect and veil", "to YUYV", "in all" };
	static double times[STEPS][100000];
	struct pv_pipeline p = { .photos = false };
	struct pv_frame f = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();
	uint8_t *packed = NULL;
	double t[STEPS];
	int n = 0;

	if (argc < 2)
		return 2;
	frame_count = bench_load(argv[1], frames);
	pv_rules_default(&p.rules);
	if (argc >= 4 && !strcmp(argv[2], "--dump")) {
		p.rules.lookahead = argc > 4 ? atoi(argv[4]) : 0;
		FILE *out = fopen(argv[3], "wb");
		for (int i = 0; i < frame_count && out; i++) {
			run_one(&p, j, &f, i, 1 + (uint64_t)i * STEP_NS, &packed, t);
			if (i >= p.rules.lookahead)
				fwrite(packed, 1, pv_frame_packed_size(V4L2_PIX_FMT_YUYV, width, height), out);
		}
		return out && !fclose(out) ? 0 : 1;
	}
	run_one(&p, j, &f, 0, 0, &packed, t);	/* memory and network are made here */
	uint64_t begun = pv_now_ns();
	for (int i = 0; ms_since(begun) < SECONDS * 1000 && n < 100000; i++, n++) {
		run_one(&p, j, &f, i % frame_count, 0, &packed, t);
		for (int k = 0; k < STEPS; k++)
			times[k][n] = t[k];
	}
	printf("%dx%d MJPEG to YUYV, search %d, one core, %d frames\n", width, height, p.rules.search,
	       n);
	for (int k = 0; k < STEPS; k++)
		printf("  %-16s median %7.2f ms   95%% %7.2f ms\n", names[k], quantile(times[k], n, 0.5),
		       quantile(times[k], n, 0.95));
	double fps = 1000 / quantile(times[ALL], n, 0.5);
	printf("  %.1f frames a second: %s %g\n", fps, fps >= WANTED_FPS ? "keeps up with" : "BEHIND",
	       WANTED_FPS);
	pv_pipeline_free(&p);
	pv_frame_free(&f);
	pv_jpeg_free(j);
	free(packed);
	return fps >= WANTED_FPS ? 0 : 1;
}
