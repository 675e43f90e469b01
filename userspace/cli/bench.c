// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil bench: what a frame costs on this machine, from JPEG to JPEG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "codec/coefs.h"
#include "codec/jpeg.h"
#include "veild/pipeline.h"

#define FRAMES 30
#define QUALITY 80
#define ROOM (8u << 20)	/* bytes of a JPEG */

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

struct bench {
	struct pv_pipeline pipeline;
	struct pv_frame street, frame;
	struct pv_jpeg *camera;
	struct pv_coefs *coefs;
	uint8_t *out;
	double read, veil, write;	/* ms, sums */
};

static double since_ms(uint64_t *begun)
{
	uint64_t now = pv_now_ns(), from = *begun;

	*begun = now;
	return (double)(now - from) / 1e6;
}

/* As a camera's frame goes whose view is JPEG, too. NULL, or what went wrong. */
static const char *run_frame(struct bench *b, int step)
{
	struct pv_frame *f = &b->frame;
	uint8_t *jpeg;
	size_t size, made;

	paint(&b->street, step);
	if (pv_jpeg_encode(b->camera, &b->street, QUALITY, &jpeg, &size))
		return "not enough memory";
	uint64_t clock = pv_now_ns();
	int shrink = pv_pipeline_shrink(&b->pipeline.rules, b->street.width, b->street.height);
	int err = pv_coefs_read(b->coefs, jpeg, size, shrink, f);
	pv_jpeg_release(jpeg);
	if (err)
		return pv_coefs_error(b->coefs);
	b->read += since_ms(&clock);
	f->time_ns = (uint64_t)(step + 1) * 33333333u;
	if (pv_pipeline_run(&b->pipeline, f) < 0)
		return b->pipeline.error;
	b->veil += since_ms(&clock);
	if (pv_coefs_write(b->coefs, b->out, ROOM, &made))
		return pv_coefs_error(b->coefs);
	b->write += since_ms(&clock);
	return NULL;
}

static int run_size(int width, int height)
{
	struct bench b = { .camera = pv_jpeg_new(), .coefs = pv_coefs_new(), .out = malloc(ROOM) };
	bool made = b.camera && b.coefs && b.out && !pv_frame_shape(&b.street, width, height, 1, 1, false);
	const char *why = made ? NULL : "not enough memory";

	pv_rules_default(&b.pipeline.rules);
	b.pipeline.rules.deadline = 60000;
	b.street.full_range = true;
	for (int i = 0; i < FRAMES + 2 && !why; i++) {
		if (i == 2)	/* the first frames are searched whole */
			b.read = b.veil = b.write = 0;
		why = run_frame(&b, i);
	}
	double all = b.read + b.veil + b.write;
	int err = why ? pv_fail("%s", why) : PV_DONE;
	if (!err)
		printf("%4dx%-5d %7.1f %7.1f %7.1f %7.1f %9.0f\n", width, height, b.read / FRAMES, b.veil / FRAMES,
		       b.write / FRAMES, all / FRAMES, 1000 * FRAMES / all);
	b.frame.coefs = NULL;
	pv_pipeline_free(&b.pipeline);
	pv_frame_free(&b.frame);
	pv_frame_free(&b.street);
	pv_coefs_free(b.coefs);
	pv_jpeg_free(b.camera);
	free(b.out);
	return err;
}

int pv_cmd_bench(int argc, char **argv)
{
	static const int sizes[][2] = { { 640, 480 }, { 1280, 720 }, { 1920, 1080 } };
	int err = PV_DONE;

	(void)argv;
	if (argc > 1)
		return pv_usage("bench");
	puts("A camera's JPEG to a veiled one, on one core; ms a frame:\n\n"
	     "size          read    veil   write   whole  frames/s");
	for (int i = 0; i < 3 && !err; i++)
		err = run_size(sizes[i][0], sizes[i][1]);
	return err;
}
