// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil bench: what a frame costs on this machine, from JPEG to JPEG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "codec/jpeg.h"
#include "veild/pipeline.h"

#define FRAMES 30
#define QUALITY 80

/* A street without a street: soft ground, and a textured block that moves on. */
static void paint(struct pv_frame *f, int step)
{
	int block = f->height / 4;

	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			f->plane[0][(size_t)y * (size_t)f->stride[0] + (size_t)x] =
				(uint8_t)(60 + 120 * y / f->height + (x * 7 + y * 3) % 5);
	for (int y = 0; y < block; y++)
		for (int x = 0; x < 2 * block; x++)
			f->plane[0][(size_t)(y + block) * (size_t)f->stride[0] +
				    (size_t)((x + step * f->width / 100) % f->width)] =
				(uint8_t)((x / 4 ^ y / 6) * 29);
	for (int i = 1; i < 3; i++)
		memset(f->plane[i], 120 + 10 * i,
		       (size_t)f->stride[i] * (size_t)pv_frame_plane_height(f, i));
}

struct times {
	double decode, veil, encode;	/* ms, sums */
};

static double since_ms(uint64_t *begun)
{
	uint64_t now = pv_now_ns(), from = *begun;

	*begun = now;
	return (double)(now - from) / 1e6;
}

static int run_frame(struct pv_jpeg *j, struct pv_pipeline *p, struct pv_frame *f, int step,
		     struct times *t)
{
	uint8_t *camera, *made;
	size_t size, made_size;

	paint(f, step);
	if (pv_jpeg_encode(j, f, QUALITY, &camera, &size))
		return -1;
	uint64_t clock = pv_now_ns();
	int err = pv_jpeg_decode(j, camera, size, f);
	pv_jpeg_release(camera);
	if (err)
		return -1;
	t->decode += since_ms(&clock);
	f->time_ns = (uint64_t)(step + 1) * 33333333u;
	pv_pipeline_run(p, f);
	t->veil += since_ms(&clock);
	if (pv_jpeg_encode(j, f, QUALITY, &made, &made_size))
		return -1;
	t->encode += since_ms(&clock);
	pv_jpeg_release(made);
	return 0;
}

static int run_size(int width, int height)
{
	struct pv_pipeline p = { .photos = false };
	struct pv_frame f = { .width = 0 };
	struct pv_jpeg *j = pv_jpeg_new();
	struct times t = { 0, 0, 0 };
	int err = j ? pv_frame_shape(&f, width, height, 1, 1, false) : -1;

	pv_rules_default(&p.rules);
	p.rules.deadline = 60000;
	f.full_range = true;
	for (int i = 0; i < FRAMES + 2 && !err; i++) {
		if (i == 2)	/* the first frames are searched whole */
			memset(&t, 0, sizeof(t));
		err = run_frame(j, &p, &f, i, &t);
	}
	double all = t.decode + t.veil + t.encode;
	if (!err)
		printf("%4dx%-5d %7.1f %7.1f %7.1f %7.1f %9.0f\n", width, height, t.decode / FRAMES,
		       t.veil / FRAMES, t.encode / FRAMES, all / FRAMES, 1000 * FRAMES / all);
	pv_pipeline_free(&p);
	pv_frame_free(&f);
	pv_jpeg_free(j);
	return err ? pv_fail("not enough memory") : PV_DONE;
}

int pv_cmd_bench(int argc, char **argv)
{
	static const int sizes[][2] = { { 640, 480 }, { 1280, 720 }, { 1920, 1080 } };
	int err = PV_DONE;

	(void)argv;
	if (argc > 1)
		return pv_usage("bench");
	puts("A camera's JPEG to a veiled one, on one core; ms a frame:\n\n"
	     "size        decode    veil  encode   whole  frames/s");
	for (int i = 0; i < 3 && !err; i++)
		err = run_size(sizes[i][0], sizes[i][1]);
	return err;
}
