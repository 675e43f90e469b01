// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often a plate is to be seen in a clip that was veiled: `make leaks [DATA=FOLDER]
 * [CLIPS=N] [OUT=FOLDER]`.
 *
 *   leaks [-c CORRECTIONS.csv] [-k FILE] [-l] [-n CLIPS] [-o FOLDER] [-s SEED] PHOTOS
 *     -c  mends the labels (../accuracy/photos.h says how)
 *     -k  keeps in FILE what was found in each frame; if it is there, takes it from there and draws
 *         and searches nothing, for trying the tracker
 *     -l  lists the tracks that leak
 *     -n  clips of each kind at most; without it every photo hangs in a third of the kinds
 *     -o  pictures of the frames in which a track first leaks: plates green, veils red, finds blue
 *     -s  other clips of the same photos
 *
 * clip.h says what the clips are, judge.h what counts. The frames go the pipeline's way: JPEG,
 * search of what changed, tracks, regions with the usual rules, without lookahead and with it.
 * Regions are those of a raw picture; an MJPEG one's are larger, up to whole blocks.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/jpeg.h"
#include "judge.h"
#include "redact/redact.h"
#include "track/track.h"

#define LOOKAHEAD 3

static const int lookahead[MODES] = { 0, LOOKAHEAD };
static const char *const mode_names[MODES] = { "no lookahead", "lookahead 3" };

static struct pv_rules rules;
static struct pv_jpeg *jpeg;
static const char *out_folder;
static FILE *kept;
static bool from_kept, list;

/* What was found in the frames of a clip. */
struct finds {
	struct pv_move move;	/* of the camera, since the frame before */
	int count;
	struct pv_detection d[PV_MAX_DETECTIONS];
};

/* --- pictures -------------------------------------------------------------- */

struct canvas {
	struct pv_frame f;
	uint8_t y, cb, cr;
};

static void line(void *to, const float a[2], const float b[2])
{
	struct canvas *c = to;
	int n = (int)fmaxf(fabsf(b[0] - a[0]), fabsf(b[1] - a[1])) + 1;

	for (int i = 0; i <= n && n < 5000; i++) {
		int x = (int)(a[0] + (b[0] - a[0]) * (float)i / (float)n);
		int y = (int)(a[1] + (b[1] - a[1]) * (float)i / (float)n);
		if (x < 0 || y < 0 || x >= c->f.width || y >= c->f.height)
			continue;
		c->f.plane[0][y * c->f.stride[0] + x] = c->y;
		c->f.plane[1][y * c->f.stride[1] + x] = c->cb;
		c->f.plane[2][y * c->f.stride[2] + x] = c->cr;
	}
}

static void rectangle(struct canvas *c, float x0, float y0, float x1, float y1)
{
	const float at[4][2] = { { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 } };

	for (int i = 0; i < 4; i++)
		line(c, at[i], at[(i + 1) % 4]);
}

static void write_picture(struct clip *c, int clip, int mode, int frame, const struct pv_box *regions,
			  int n, const struct finds *found)
{
	static struct canvas v;
	char path[1200];
	uint8_t *data;
	size_t size;

	if (pv_frame_shape(&v.f, c->width, c->height, 0, 0, false))
		die("picture", "not enough memory");
	uint8_t *luma = malloc((size_t)c->width * (size_t)c->height);
	if (!luma)
		die("picture", "not enough memory");
	clip_draw(c, frame, luma);
	for (int y = 0; y < c->height; y++) {
		memcpy(v.f.plane[0] + y * v.f.stride[0], luma + y * c->width, (size_t)c->width);
		memset(v.f.plane[1] + y * v.f.stride[1], 128, (size_t)c->width);
		memset(v.f.plane[2] + y * v.f.stride[2], 128, (size_t)c->width);
	}
	free(luma);
	v.y = 110, v.cb = 230, v.cr = 110;
	for (int i = 0; i < found->count; i++)
		if (found->d[i].score >= 0.1f)
			rectangle(&v, found->d[i].x0, found->d[i].y0, found->d[i].x1, found->d[i].y1);
	v.y = 76, v.cb = 84, v.cr = 255;
	for (int i = 0; i < n; i++)
		rectangle(&v, (float)regions[i].x0, (float)regions[i].y0, (float)regions[i].x1 - 1,
			  (float)regions[i].y1 - 1);
	v.y = 150, v.cb = 44, v.cr = 21;
	judge_outlines(c, frame, line, &v);
	snprintf(path, sizeof(path), "%s/%03d-%s-%d-%03d.jpg", out_folder, clip, kind_names[c->kind],
		 lookahead[mode], frame);
	FILE *f = fopen(path, "wb");
	if (!f || pv_jpeg_encode(jpeg, &v.f, 90, &data, &size) || fwrite(data, 1, size, f) != size || fclose(f))
		die(path, "cannot be written");
	pv_jpeg_release(data);
}

/* --- a clip ---------------------------------------------------------------- */

/* As a camera gives it: through JPEG. */
static void through_jpeg(const struct clip *c, uint8_t *luma, struct pv_frame *f)
{
	uint8_t *data;
	size_t size;

	if (pv_frame_shape(f, c->width, c->height, 0, 0, true))
		die("frame", "not enough memory");
	for (int y = 0; y < c->height; y++)
		memcpy(f->plane[0] + y * f->stride[0], luma + y * c->width, (size_t)c->width);
	if (pv_jpeg_encode(jpeg, f, c->quality, &data, &size) || pv_jpeg_decode(jpeg, data, size, f))
		die("frame", pv_jpeg_error(jpeg));
	pv_jpeg_release(data);
}

/* What is found in each frame of a clip. */
static void search(struct clip *c, struct finds *finds)
{
	static struct pv_frame f;
	char why[200];
	struct pv_detector *d = pv_detector_new(c->width, c->height, rules.search, PV_VIDEO, why, sizeof(why));
	uint8_t *luma = malloc((size_t)c->width * (size_t)c->height);

	struct pv_motion *m = pv_motion_new(c->width, c->height);

	if (!d || !luma || !m)
		die("detector", d ? "not enough memory" : why);
	for (int i = 0; i < c->frames; i++) {
		clip_draw(c, i, luma);
		through_jpeg(c, luma, &f);
		finds[i].move = pv_motion_look(m, f.plane[0], (size_t)f.stride[0]);
		finds[i].count = pv_detector_follow(d, f.plane[0], (size_t)f.stride[0],
						    kept ? 0.02f : pv_tracker_floor(rules.minimum_score),
						    finds[i].d, PV_MAX_DETECTIONS - 1);
		if (finds[i].count < 0)
			die("frame", "detection failed");
	}
	free(luma);
	pv_detector_free(d);
	pv_motion_free(m);
}

static void keep(struct clip *c, struct finds *finds)
{
	bool ok = true;

	if (!from_kept)
		search(c, finds);
	for (int i = 0; i < c->frames && ok && kept; i++) {
		if (from_kept)
			ok = fread(&finds[i], offsetof(struct finds, d), 1, kept) == 1 && finds[i].count >= 0 &&
			     finds[i].count < PV_MAX_DETECTIONS;
		else
			fwrite(&finds[i], offsetof(struct finds, d), 1, kept);
		size_t n = ok ? (size_t)finds[i].count : 0;
		ok = ok && (from_kept ? fread(finds[i].d, sizeof(*finds[i].d), n, kept) :
					fwrite(finds[i].d, sizeof(*finds[i].d), n, kept)) == n;
	}
	if (!ok)
		die("-k", "the file is of other clips, or cannot be written");
}

/* A frame that waits for what later ones say of it. */
struct held {
	struct pv_detection boxes[2 * PV_MAX_TRACKS];
	int count;
};

static uint64_t moment_ns(const struct clip *c, int frame)
{
	return 1000000000u + (uint64_t)frame * 1000000000u / (uint64_t)c->fps;
}

/* As the pipeline does it, with what was found in each frame. */
static void follow(struct clip *c, int number, int mode, const struct finds *finds)
{
	static struct pv_tracker t;
	static struct held held[LOOKAHEAD + 1];
	static struct pv_box regions[PV_MAX_REGIONS];
	struct pv_frame f = { .width = c->width, .height = c->height, .shift_x = 1, .block_x = 1, .block_y = 1 };

	pv_tracker_reset(&t, c->width, c->height);
	for (int i = 0; i < c->frames; i++) {
		struct held *h = &held[i % (LOOKAHEAD + 1)];
		int n = 0, due = i - lookahead[mode];
		while (n < finds[i].count && finds[i].d[n].score >= pv_tracker_floor(rules.minimum_score))
			n++;
		h->count = pv_tracker_update(&t, finds[i].d, n, &finds[i].move, moment_ns(c, i),
					     rules.minimum_score, rules.hold, h->boxes);
		for (int k = due < 0 ? 0 : due; k < i; k++) {
			h = &held[k % (LOOKAHEAD + 1)];
			h->count = pv_tracker_before(&t, i - k, h->boxes, h->count);
		}
		if (due < 0 || due >= c->frames - LOOKAHEAD)
			continue;
		h = &held[due % (LOOKAHEAD + 1)];
		if (h->count < 0)
			die("tracker", "more plates than it can follow");
		n = pv_regions(&f, &rules, h->boxes, h->count, regions);
		if (judge_frame(mode, due, regions, n) && out_folder)
			write_picture(c, number, mode, due, regions, n, &finds[due]);
	}
}

static void run(struct clip *c, int number)
{
	static struct finds *finds;

	finds = realloc(finds, (size_t)c->frames * sizeof(*finds));
	if (!finds)
		die("clip", "not enough memory");
	keep(c, finds);
	judge_clip(c);
	for (int m = 0; m < MODES; m++)
		follow(c, number, m, finds);
	judge_end(list);
}

/* --- all of them ----------------------------------------------------------- */

/* Photos with plates, or without, in an order that the seed decides. */
static const struct photo **choose(bool with, uint32_t seed, int *n)
{
	const struct photo **of = malloc((size_t)photo_count * sizeof(struct photo *));

	if (!of)
		die("photos", "not enough memory");
	*n = 0;
	for (int i = 0; i < photo_count; i++)
		if (with ? photos[i].plates > 0 : !photos[i].count)
			of[(*n)++] = &photos[i];
	for (int i = *n - 1; i > 0; i--) {
		int k = (int)(chance(&seed) * (float)(i + 1));
		const struct photo *p = of[i];
		of[i] = of[k];
		of[k] = p;
	}
	return of;
}

static void run_all(const char *folder, int most, uint32_t seed)
{
	int n, m, number = 0, all = 0;
	const struct photo **with = choose(true, seed, &n), **without = choose(false, seed, &m);
	int each = (n + PANES * 3 - 1) / (PANES * 3);

	each = most && most < each ? most : each;
	all = each * KINDS;
	if (!n)
		die(folder, "there is no photo with a plate");
	for (int i = 0; i < each; i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			const struct photo *of[PANES];
			struct clip c;
			int count = 0;
			for (; count < PANES && (i * 3 + kind % 3) * PANES + count < n; count++)
				of[count] = with[(i * 3 + kind % 3) * PANES + count];
			clip_make(&c, (enum kind)kind, folder, of, count, m ? without[number % m] : NULL,
				  seed + (uint32_t)(i * KINDS + kind));
			run(&c, number++);
			clip_free(&c);
			if (isatty(2))
				fprintf(stderr, "\r%d of %d clips ", number, all);
		}
	}
	printf("%d clips of %d seconds, seed %u\n", number, CLIP_SECONDS, seed);
	free(with);
	free(without);
}

int main(int argc, char **argv)
{
	const char *corrections = NULL;
	int most = 0, c;
	uint32_t seed = 1;

	while ((c = getopt(argc, argv, "c:k:ln:o:s:")) != -1) {
		switch (c) {
		case 'c': corrections = optarg; break;
		case 'k':
			kept = fopen(optarg, "rb");
			from_kept = kept != NULL;
			kept = kept ? kept : fopen(optarg, "wb");
			if (!kept)
				die(optarg, "cannot be written");
			break;
		case 'l': list = true; break;
		case 'n': most = atoi(optarg); break;
		case 'o':
			out_folder = optarg;
			if (mkdir(out_folder, 0777) && errno != EEXIST)
				die(out_folder, strerror(errno));
			break;
		case 's': seed = (uint32_t)atoi(optarg); break;
		default: return 2;
		}
	}
	if (optind != argc - 1)
		die("usage", "leaks [-c CORRECTIONS.csv] [-k FILE] [-l] [-n CLIPS] [-o FOLDER] [-s SEED] PHOTOS");
	jpeg = pv_jpeg_new();
	if (!jpeg)
		die("leaks", "not enough memory");
	pv_rules_default(&rules);
	/* Photos that only those have who keep them beside the project. */
	if (access(argv[optind], F_OK)) {
		printf("skipped - leaks: no photos in %s (make leaks DATA=FOLDER, with images/ and labels.csv)\n",
		       argv[optind]);
		return 0;
	}
	photos_read(argv[optind]);
	if (corrections)
		printf("%d corrections of labels\n", photos_correct(corrections));
	run_all(argv[optind], most, seed);
	judge_report(mode_names);
	return 0;
}
