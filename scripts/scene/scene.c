// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scene.c - renders a short clip of a street, as a fixed camera would see it,
 * with a list of where the number plates are.
 *
 * The first half of the clip is day, the second half dusk.  Each shows the
 * beginning of four seconds of traffic, as much as the clip's length takes.
 */
#define _POSIX_C_SOURCE 200809L
#include "scene.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SLICES 6 /* of a plate, each visible or not */

struct options {
	int w, h, frames, seconds, quality, only;
	uint32_t seed;
	const char *dir;
};

struct act {
	Light light;
	Vehicle v[MAX_VEHICLES];
	int n, first_id;
	float *rgb, *z; /* the street without the moving vehicles */
};

static const char help_text[] =
"Usage: scene [--size WxH] [--frames N] [--only N] [--quality Q] [--seed S] OUTDIR\n"
"Render a street with cars as OUTDIR/0001.jpg ... and OUTDIR/plates.csv.\n"
"\n"
"  --size WxH    size of the picture, 320x180 to 3840x2160 (1280x720)\n"
"  --frames N    number of frames, 1 to 9999 (96)\n"
"  --seconds N   which are N seconds, 2 to 8, half of them day (8)\n"
"  --only N      make only the first N of them\n"
"  --quality Q   JPEG quality, 1 to 100 (88)\n"
"  --seed S      seed of everything random (1)\n"
"  --help        this text\n"
"\n"
"plates.csv has one row for every plate of which something is visible:\n"
"frame,id,country,text,lines,x0,y0,x1,y1,x2,y2,x3,y3,height,readable,shown\n"
"with the corners in pixels, clockwise from the top left of the plate, and\n"
"height the mean of its two upright edges.  Corners may lie outside of the\n"
"picture.  readable is 1 when at least 3 of the plate's large characters are\n"
"wholly visible (in the picture and not covered), they are at least 6 pixels\n"
"high and 2.5 pixels wide, and the movement during the exposure smears them\n"
"by no more than 0.35 of their width.  shown has a digit for each sixth of the\n"
"plate from left to right: 1 when all of it is visible.\n";

static int parse_int(const char *s, const char *what, long lo, long hi,
		     int *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (errno || end == s || *end || v < lo || v > hi) {
		fprintf(stderr, "scene: bad %s '%s': must be %ld to %ld\n",
			what, s, lo, hi);
		return -1;
	}
	*out = (int)v;
	return 0;
}

static int parse_size(const char *s, struct options *o)
{
	char extra;

	if (sscanf(s, "%dx%d%c", &o->w, &o->h, &extra) != 2 || o->w < 320 ||
	    o->w > 3840 || o->h < 180 || o->h > 2160 || o->w % 2 || o->h % 2) {
		fprintf(stderr, "scene: bad size '%s': want WIDTHxHEIGHT, "
			"even, 320x180 to 3840x2160\n", s);
		return -1;
	}
	return 0;
}

/* 0: go on; 1: help was shown; -1: error. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "size", 1, NULL, 's' }, { "frames", 1, NULL, 'n' },
		{ "seconds", 1, NULL, 't' },
		{ "only", 1, NULL, 'o' },
		{ "quality", 1, NULL, 'q' }, { "seed", 1, NULL, 'e' },
		{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int c, bad = 0, seed = 1;

	*o = (struct options){ 1280, 720, 96, 8, 88, 9999, 1, NULL };
	while (!bad && (c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 's')
			bad = parse_size(optarg, o);
		else if (c == 'n')
			bad = parse_int(optarg, "number of frames", 1, 9999,
					&o->frames);
		else if (c == 't')
			bad = parse_int(optarg, "number of seconds", 2, 8,
					&o->seconds);
		else if (c == 'o')
			bad = parse_int(optarg, "number of frames", 1, 9999,
					&o->only);
		else if (c == 'q')
			bad = parse_int(optarg, "quality", 1, 100, &o->quality);
		else if (c == 'e')
			bad = parse_int(optarg, "seed", 0, 1000000000, &seed);
		else if (c == 'h')
			return fputs(help_text, stdout) < 0 ? -1 : 1;
		else
			bad = -1;
	}
	if (!bad && optind + 1 != argc) {
		fprintf(stderr, "scene: exactly one output directory wanted\n");
		bad = -1;
	}
	if (bad) {
		fprintf(stderr, "Try 'scene --help'.\n");
		return -1;
	}
	o->seed = (uint32_t)seed;
	o->dir = argv[optind];
	return 0;
}

static void jitter(View *v, int k, int n)
{
	/* Points of a rank-one lattice cover the pixel evenly. */
	float a = ((float)k + 0.5f) / (float)n;
	float b = fmodf((float)k * 0.618034f + 0.5f, 1);

	v->jx = a - 0.5f;
	v->jy = b - 0.5f;
}

/* Street and parked cars, smoothed, once for each half of the clip. */
static void act_stage(struct act *a, const Street *s, View *v)
{
	const int passes = 9;
	size_t n = (size_t)v->w * (size_t)v->h;

	a->rgb = must_alloc(n * 3, sizeof(float));
	a->z = must_alloc(n, sizeof(float));
	v->light = &a->light;
	for (int k = 0; k <= passes; k++) {
		/* The last pass is unshifted and only gives the depth. */
		jitter(v, k, passes);
		if (k == passes)
			v->jx = v->jy = 0;
		view_clear(v);
		street_draw(s, v);
		vehicles_draw(a->v, a->n, v, 0, 0);
		for (size_t i = 0; k < passes && i < n * 3; i++)
			/* Clip lamps so that their edges stay smooth. */
			a->rgb[i] += fminf(v->rgb[i], 6) / (float)passes;
	}
	memcpy(a->z, v->z, n * sizeof(float));
}

static void act_frame(const struct act *a, View *v, float t, float *sum)
{
	size_t n = (size_t)v->w * (size_t)v->h;

	v->light = &a->light;
	memset(sum, 0, n * 3 * sizeof(float));
	for (int k = 0; k < SUBFRAMES; k++) {
		float at = ((float)k / (SUBFRAMES - 1) - 0.5f) *
			   a->light.shutter;

		jitter(v, k, SUBFRAMES);
		memcpy(v->rgb, a->rgb, n * 3 * sizeof(float));
		memcpy(v->z, a->z, n * sizeof(float));
		vehicles_draw(a->v, a->n, v, t + at, 1);
		for (size_t i = 0; i < n * 3; i++)
			sum[i] += fminf(v->rgb[i], 6) / SUBFRAMES;
	}
}

/* Is the point of the plate in the picture with nothing before it? */
static int visible(const View *v, Vec p)
{
	float x, y;

	if (!project(v, p, &x, &y) || x < 0 || y < 0 || x >= (float)v->w ||
	    y >= (float)v->h)
		return 0;
	return v->z[(size_t)y * (size_t)v->w + (size_t)x] > p.z - 0.06f;
}

static Vec on_plate(const Vec c[4], float u, float w)
{
	return vmix(vmix(c[0], c[1], u), vmix(c[3], c[2], u), w);
}

/* Visible share of a box on the plate. */
static float visible_share(const View *v, const Vec c[4], const Box *b)
{
	int seen = 0;

	for (int i = 0; i < 25; i++)
		seen += visible(v, on_plate(c,
			mixf(b->u0, b->u1, 0.1f + 0.2f * (float)(i % 5)),
			mixf(b->v0, b->v1, 0.1f + 0.2f * (float)(i / 5))));
	return (float)seen / 25;
}

/* Pixels the plate moves while the shutter is open. */
static float smear_px(const Vehicle *car, const View *v, float t)
{
	float x[2], y[2];

	for (int i = 0; i < 2; i++) {
		Vec c[4];

		vehicle_plate_corners(car, t + (float)i * v->light->shutter, c);
		if (!project(v, on_plate(c, 0.5f, 0.5f), &x[i], &y[i]))
			return 1e9f;
	}
	return hypotf(x[1] - x[0], y[1] - y[0]);
}

/* Enough whole characters, large enough and sharp enough? */
static int readable(const Vehicle *car, const View *v, const Vec c[4],
		    float width, float height, float t)
{
	const Plate *p = &car->plate;
	/* On two lines the last characters are the ones that matter. */
	const Box *b = &p->box[p->chars > 0 ? p->chars - 1 : 0];
	float cw = (b->u1 - b->u0) * width, ch = (b->v1 - b->v0) * height;
	int whole = 0;

	for (int i = 0; i < p->chars; i++)
		whole += visible_share(v, c, &p->box[i]) > 0.95f;
	return whole >= READABLE_CHARS && ch >= READABLE_PX &&
	       cw >= READABLE_WIDTH_PX &&
	       smear_px(car, v, t) <= READABLE_SMEAR * cw;
}

static void list_plate(FILE *csv, int frame, int id, const Vehicle *car,
		       const View *v, float t)
{
	static const Box all = { 0, 0, 1, 1 };
	const Plate *p = &car->plate;
	float x[4], y[4], height, width;
	Vec c[4];

	vehicle_plate_corners(car, t, c);
	for (int i = 0; i < 4; i++)
		if (!project(v, c[i], &x[i], &y[i]))
			return;
	if (visible_share(v, c, &all) < 0.04f)
		return;
	height = (hypotf(x[3] - x[0], y[3] - y[0]) +
		  hypotf(x[2] - x[1], y[2] - y[1])) / 2;
	width = (hypotf(x[1] - x[0], y[1] - y[0]) +
		 hypotf(x[2] - x[3], y[2] - y[3])) / 2;
	fprintf(csv, "%d,%d,%s,%s,%d", frame, id, plate_country(p->style),
		p->text, p->lines);
	for (int i = 0; i < 4; i++)
		fprintf(csv, ",%.1f,%.1f", x[i], y[i]);
	fprintf(csv, ",%.1f,%d,", height,
		readable(car, v, c, width, height, t));
	for (int i = 0; i < SLICES; i++) {
		const Box slice = { .u0 = (float)i / SLICES, .v0 = 0.05f,
				    .u1 = (float)(i + 1) / SLICES, .v1 = 0.95f };

		fputc(visible_share(v, c, &slice) > 0.95f ? '1' : '0', csv);
	}
	fputc('\n', csv);
}

/* Depth of the middle of the exposure, unshifted, then the list. */
static void list_plates(FILE *csv, int frame, const struct act *a, View *v,
			float t)
{
	v->jx = v->jy = 0;
	memcpy(v->z, a->z, (size_t)v->w * (size_t)v->h * sizeof(float));
	vehicles_draw(a->v, a->n, v, t, 1);
	for (int i = 0; i < a->n; i++)
		list_plate(csv, frame, a->first_id + i, &a->v[i], v, t);
}

static int render(const struct options *o, struct act acts[2], View *v,
		  Post *p, FILE *csv)
{
	float *sum = must_alloc((size_t)o->w * (size_t)o->h * 3, sizeof(float));
	int bad = 0;

	for (int i = 0; i < o->frames && i < o->only && !bad; i++) {
		float t = (float)o->seconds * (float)i / (float)o->frames;
		float half = (float)o->seconds / 2;
		const struct act *a = &acts[t >= half];
		char path[4200];

		if (a == &acts[1])
			t -= half;
		act_frame(a, v, t, sum);
		post_develop(p, &a->light, sum,
			     o->seed * 7919u + (uint32_t)i * 104729u);
		list_plates(csv, i + 1, a, v, t);
		snprintf(path, sizeof(path), "%s/%04d.jpg", o->dir, i + 1);
		bad = post_write(p, path);
	}
	free(sum);
	return bad;
}

/* Makes the directory and those above it. */
static int make_dirs(const char *dir)
{
	char path[4100];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *c = path + 1; *c && path[0]; c++) {
		if (*c != '/')
			continue;
		*c = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			return -1;
		*c = '/';
	}
	return mkdir(path, 0777) && errno != EEXIST ? -1 : 0;
}

static FILE *open_list(const char *dir)
{
	char path[4200];
	FILE *f;

	if (!*dir || strlen(dir) > 4096) {
		fprintf(stderr, "scene: bad name of the output directory\n");
		return NULL;
	}
	if (make_dirs(dir)) {
		fprintf(stderr, "scene: %s: cannot create: %s\n", dir,
			strerror(errno));
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/plates.csv", dir);
	f = fopen(path, "w");
	if (!f)
		fprintf(stderr, "scene: %s: %s\n", path, strerror(errno));
	else
		fputs("frame,id,country,text,lines,x0,y0,x1,y1,x2,y2,x3,y3,"
		      "height,readable,shown\n", f);
	return f;
}

int main(int argc, char **argv)
{
	static struct act acts[2];
	struct options o;
	Street *street;
	View view;
	Post post;
	FILE *csv;
	int bad = parse_options(argc, argv, &o);

	if (bad)
		return bad < 0 ? 2 : 0;
	csv = open_list(o.dir);
	if (!csv)
		return 1;
	if (post_init(&post, o.w, o.h, o.quality))
		return 1;
	view_init(&view, o.w, o.h);
	street = street_new(o.seed);
	light_day(&acts[0].light);
	light_dusk(&acts[1].light);
	acts[0].n = cast_day(acts[0].v, o.seed);
	acts[1].n = cast_dusk(acts[1].v, o.seed + 1);
	acts[0].first_id = 1;
	acts[1].first_id = 1 + acts[0].n;
	for (int i = 0; i < 2; i++)
		act_stage(&acts[i], street, &view);
	bad = render(&o, acts, &view, &post, csv);
	if (ferror(csv) | fclose(csv)) {
		fprintf(stderr, "scene: %s/plates.csv: cannot write: %s\n",
			o.dir, strerror(errno));
		bad = -1;
	}
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < acts[i].n; k++)
			vehicle_free(&acts[i].v[k]);
		free(acts[i].rgb);
		free(acts[i].z);
	}
	street_free(street);
	post_free(&post);
	view_free(&view);
	return bad ? 1 : 0;
}
