// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How well plates are found in annotated photos: `make accuracy [DATA=FOLDER]`.
 *
 *   accuracy [-c CORRECTIONS.csv] [-f] [-m] [-v] [-w WIDTH] FOLDER
 *   accuracy -l [-w WIDTH] FOLDER
 *     -c  mends the labels (photos.h says how); without it they are taken as they are
 *     -f  also 1080p frames: each photo shrunk until a plate is 32, 24, 16, 12 and 8 pixels high, in
 *         front of a photo without plates that fills the frame
 *     -m  also what was missed and what was false, for looking at
 *     -v  searches photos as a large video's frames are, once; without it as `plateveil redact` does, enlarged, too
 *     -w  brings photos to another width than 640
 *     -l  instead: lists what the first stage alone holds for plates, for the second look's
 *         training: WIDTH,FILE,X0,Y0,X1,Y1,SCORE, boxes in pixels at that width
 *
 * Photos are brought to 640 wide, plates are counted by their height there. measure.h says what
 * counts as covered, hit and false.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "rules/rules.h"

#define MIN_HEIGHT 12
#define CANDIDATES 0.01f	/* what they score at least, when listed */
#define SEARCH_MOST 4096	/* as the rules have it */
#define FRAME_W 1920
#define FRAME_H 1080

enum { PHOTOS, FRAMES };	/* sets of pictures; FRAMES + i: those of heights[i] */
static const int heights[] = { 32, 24, 16, 12, 8 };
#define HEIGHTS 5
static int photo_width = 640;
static bool as_a_video;

static struct pv_detector *detector(int width, int height, bool once)
{
	char why[200];
	int most = !once ? SEARCH_MOST : width > height ? width : height;
	struct pv_detector *d = pv_detector_new(width, height, most, PV_PHOTOS, why, sizeof(why));

	if (!d)
		die("detector", why);
	return d;
}

/* The photo's boxes where it lies in a picture: scaled, then moved; cropped to width x height. */
static void place(struct picture *p, float k, float dx, float dy, float width, float height)
{
	for (int i = 0; i < p->photo->count; i++) {
		struct box b = p->photo->boxes[i];
		b.x0 = fmaxf(b.x0 * k + dx, 0);
		b.y0 = fmaxf(b.y0 * k + dy, 0);
		b.x1 = fminf(b.x1 * k + dx, width);
		b.y1 = fminf(b.y1 * k + dy, height);
		if (b.x1 > b.x0 && b.y1 > b.y0)
			p->boxes[p->count++] = b;
	}
}

static void progress(int i, int n, const char *of)
{
	if (!isatty(2))
		return;
	if (i < n)
		fprintf(stderr, "\r%d of %d %s", i, n, of);
	else
		fprintf(stderr, "\r%40s\r", "");
}

static void judge(const struct photo *p, struct pv_detector *d, const uint8_t *luma)
{
	struct picture *in = picture_new(p, PHOTOS);

	place(in, (float)photo_width / (float)p->width, 0, 0, 1e9f, 1e9f);
	picture_search(in, d, luma, photo_width);
}

static void list(const struct photo *p, struct pv_detector *d, const uint8_t *luma)
{
	struct pv_detection found[PV_MAX_DETECTIONS];
	int n = pv_detector_first(d, luma, (size_t)photo_width, CANDIDATES, found, PV_MAX_DETECTIONS);

	if (n < 0)
		die(p->file, "detection failed");
	for (int i = 0; i < n; i++)
		printf("%d,%s,%.2f,%.2f,%.2f,%.2f,%.5f\n", photo_width, p->file, (double)found[i].x0,
		       (double)found[i].y0, (double)found[i].x1, (double)found[i].y1,
		       (double)found[i].score);
}

static void search_photos(const char *folder, void (*each)(const struct photo *p, struct pv_detector *d,
							   const uint8_t *luma))
{
	struct pv_detector *d = NULL;
	int height = 0;

	for (int i = 0; i < photo_count; i++) {
		const struct photo *p = &photos[i];
		int last = height;
		height = (int)lroundf((float)p->height * (float)photo_width / (float)p->width);
		uint8_t *full = photo_luma(folder, p), *luma = malloc((size_t)photo_width * (size_t)height);
		if (!luma)
			die(p->file, "not enough memory");
		resample(full, p->width, p->height, luma, photo_width, height);
		if (height != last) {	/* one takes as long to make as some photos to search */
			pv_detector_free(d);
			d = detector(photo_width, height, as_a_video);
		}
		each(p, d, luma);
		free(full);
		free(luma);
		progress(i + 1, photo_count, "photos");
	}
	pv_detector_free(d);
}

/* --- 1080p frames ---------------------------------------------------------- */

/* The photo's plate that is to be `height` pixels high: the largest, if it is large enough. */
static const struct box *chosen(const struct photo *p, int height)
{
	const struct box *best = NULL;

	for (int i = 0; i < p->count; i++) {
		const struct box *b = &p->boxes[i];
		if (!b->ignored && (!best || b->y1 - b->y0 > best->y1 - best->y0))
			best = b;
	}
	return best && best->y1 - best->y0 >= (float)height ? best : NULL;
}

/* As much of a photo's middle as has the frame's shape. Frees the photo. */
static void fill(const struct photo *p, uint8_t *luma, uint8_t *frame)
{
	int w = p->width, h = p->height;

	if (w * FRAME_H > h * FRAME_W)
		w = h * FRAME_W / FRAME_H;
	else
		h = w * FRAME_H / FRAME_W;
	const uint8_t *from = luma + (size_t)(p->height - h) / 2 * (size_t)p->width + (p->width - w) / 2;
	for (int y = 0; y < h; y++)
		memmove(luma + (size_t)y * (size_t)w, from + (size_t)y * (size_t)p->width, (size_t)w);
	resample(luma, w, h, frame, FRAME_W, FRAME_H);
	free(luma);
}

static void background(const char *folder, int turn, uint8_t *frame)
{
	static int last = -1;
	static uint8_t *kept;
	int empty = 0, i = 0;

	for (int k = 0; k < photo_count; k++)
		empty += !photos[k].count;
	if (!empty) {
		memset(frame, 128, (size_t)FRAME_W * FRAME_H);
		return;
	}
	for (int n = turn % empty; photos[i].count || n--; i++)
		;
	if (i != last) {
		free(kept);
		kept = malloc((size_t)FRAME_W * FRAME_H);
		if (!kept)
			die("frame", "not enough memory");
		fill(&photos[i], photo_luma(folder, &photos[i]), kept);
		last = i;
	}
	memcpy(frame, kept, (size_t)FRAME_W * FRAME_H);
}

/* The photo at scale k in the frame: anywhere, but with the plate well inside. */
static void put(struct picture *in, const uint8_t *luma, const struct box *plate, float k, int turn,
		uint8_t *frame)
{
	const struct photo *p = in->photo;
	int w = (int)lroundf((float)p->width * k), h = (int)lroundf((float)p->height * k);
	uint8_t *small = malloc((size_t)w * (size_t)h);

	if (!small)
		die(p->file, "not enough memory");
	resample(luma, p->width, p->height, small, w, h);
	int room_x = FRAME_W - w, room_y = FRAME_H - h;
	int dx = room_x > 0 ? turn * 389 % room_x : FRAME_W / 2 - (int)((plate->x0 + plate->x1) / 2 * k);
	int dy = room_y > 0 ? turn * 271 % room_y : FRAME_H / 2 - (int)((plate->y0 + plate->y1) / 2 * k);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			if (y + dy >= 0 && y + dy < FRAME_H && x + dx >= 0 && x + dx < FRAME_W)
				frame[(y + dy) * FRAME_W + x + dx] = small[(size_t)y * (size_t)w + (size_t)x];
	place(in, k, (float)dx, (float)dy, FRAME_W, FRAME_H);
	free(small);
}

static void search_frames(const char *folder)
{
	struct pv_detector *d = detector(FRAME_W, FRAME_H, true);
	uint8_t *frame = malloc((size_t)FRAME_W * FRAME_H);

	if (!frame)
		die("frame", "not enough memory");
	for (int i = 0; i < photo_count; i++) {
		uint8_t *luma = photo_luma(folder, &photos[i]);
		for (int s = 0; s < HEIGHTS; s++) {
			const struct box *plate = chosen(&photos[i], heights[s]);
			if (!plate)
				continue;
			background(folder, i, frame);
			struct picture *in = picture_new(&photos[i], FRAMES + s);
			put(in, luma, plate, (float)heights[s] / (plate->y1 - plate->y0), i, frame);
			picture_search(in, d, frame, FRAME_W);
		}
		free(luma);
		progress(i + 1, photo_count, "photos in frames");
	}
	free(frame);
	pv_detector_free(d);
}

/* --- tables ---------------------------------------------------------------- */

/* One row: plates of a set, of this height and source (NULL: any). */
static void row(const char *name, int set, const char *source, float from, float to, const float *least)
{
	int n = 0, hits = 0, cover[4] = { 0 };

	for (int i = 0; i < picture_count; i++) {
		const struct picture *p = &pictures[i];
		if (p->set != set || (source && strcmp(p->photo->source, source)))
			continue;
		for (int k = 0; k < p->count; k++) {
			float height = p->boxes[k].y1 - p->boxes[k].y0;
			if (p->boxes[k].ignored || height < from || height >= to)
				continue;
			n++;
			hits += plate_hit(p, &p->boxes[k], least[2]);
			for (int c = 0; c < 4; c++)
				cover[c] += plate_covered(p, &p->boxes[k], least[c]);
		}
	}
	if (n)
		printf("%-22s %6d   %6.1f   %6.1f %6.1f %6.1f   %6.1f\n", name, n, 100.0 * hits / n,
		       100.0 * cover[0] / n, 100.0 * cover[1] / n, 100.0 * cover[2] / n,
		       100.0 * cover[3] / n);
}

static void header(const char *what)
{
	printf("%-22s %6s   %6s   %20s   %6s\n", "", "", "IoU.5", "covered at false each", "");
	printf("%-22s %6s   %6s   %6s %6s %6s   %6s\n", what, "plates", "at 1", "0.1", "0.2", "1",
	       "usual");
}

static void scores(int set, float *least)
{
	struct pv_rules rules;

	pv_rules_default(&rules);
	least[0] = score_at(set, 0.1);
	least[1] = score_at(set, 0.2);
	least[2] = score_at(set, 1);
	least[3] = (float)rules.minimum_score;
}

static void report_photos(void)
{
	static const float from[] = { 0, 8, 12, 16, 24, 32, 48, 1e9f };
	float least[4];
	char name[64];
	int plates = 0, empty = 0;

	for (int i = 0; i < photo_count; i++) {
		plates += photos[i].plates;
		empty += !photos[i].count;
	}
	scores(PHOTOS, least);
	printf("%d photos, %d plates; heights in pixels at %d wide; percent\n", photo_count, plates,
	       photo_width);
	header("height");
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), i < 6 ? "%g to %g" : "%g and more", (double)from[i],
			 (double)from[i + 1]);
		row(name, PHOTOS, NULL, from[i], from[i + 1], least);
	}
	snprintf(name, sizeof(name), "%d and more", MIN_HEIGHT);
	row(name, PHOTOS, NULL, MIN_HEIGHT, 1e9f, least);
	for (int i = 0; i < photo_count; i++) {
		bool first = true;
		for (int k = 0; k < i && first; k++)
			first = strcmp(photos[k].source, photos[i].source);
		if (first)
			row(photos[i].source, PHOTOS, photos[i].source, MIN_HEIGHT, 1e9f, least);
	}
	printf("minimum score there: %.3f %.3f %.3f; usual: %.3f, with %.3f false/photo\n"
	       "false on the %d photos without plates: %.3f, at the first %.3f\n",
	       (double)least[0], (double)least[1], (double)least[2], (double)least[3],
	       false_rate(PHOTOS, least[3], false), empty, false_rate(PHOTOS, least[3], true),
	       false_rate(PHOTOS, least[0], true));
}

static void report_frames(void)
{
	float least[4];
	char name[64];

	printf("\nin frames of %dx%d\n", FRAME_W, FRAME_H);
	header("height");
	for (int s = 0; s < HEIGHTS; s++) {
		float h = (float)heights[s];
		scores(FRAMES + s, least);
		snprintf(name, sizeof(name), "%d (usual: %.2f false)", heights[s],
			 false_rate(FRAMES + s, least[3], false));
		row(name, FRAMES + s, NULL, h - 0.01f, h + 0.01f, least);
	}
}

/* Of finds that score so much, how many are plates? */
static void report_calibration(void)
{
	printf("\nof finds that score   ");
	for (int bin = 0; bin < 10; bin++)
		printf("  .%d5", bin);
	printf("\nso many are plates, %% ");
	for (int bin = 0; bin < 10; bin++) {
		int n = 0, right = 0;
		for (int i = 0; i < picture_count; i++) {
			const struct picture *p = &pictures[i];
			for (int k = 0; p->set == PHOTOS && k < p->found_count; k++) {
				if ((int)(p->found[k].score * 10) != bin)
					continue;
				n++;
				right += !find_false(p, &p->found[k]);
			}
		}
		printf(n ? " %4.0f" : "    -", n ? 100.0 * right / n : 0);
	}
	printf("\n");
}

static void report_misses(void)
{
	float least = score_at(PHOTOS, 0.2);

	for (int i = 0; i < picture_count; i++) {
		const struct picture *p = &pictures[i];
		for (int k = 0; p->set == PHOTOS && k < p->count; k++) {
			const struct box *b = &p->boxes[k];
			if (!b->ignored && b->y1 - b->y0 >= MIN_HEIGHT && !plate_covered(p, b, least))
				printf("miss %s %.0f %.0f %.0f %.0f%s\n", p->photo->file, (double)b->x0,
				       (double)b->y0, (double)b->x1, (double)b->y1,
				       plate_hit(p, b, least) ? " (hit)" : "");
		}
		for (int k = 0; p->set == PHOTOS && k < p->found_count; k++) {
			const struct pv_detection *d = &p->found[k];
			if (d->score >= least && find_false(p, d))
				printf("false %s %.0f %.0f %.0f %.0f %.2f\n", p->photo->file, (double)d->x0,
				       (double)d->y0, (double)d->x1, (double)d->y1, (double)d->score);
		}
	}
}

int main(int argc, char **argv)
{
	const char *corrections = NULL;
	bool frames = false, misses = false, lists = false;
	int c;

	while ((c = getopt(argc, argv, "c:fmlvw:")) != -1) {
		corrections = c == 'c' ? optarg : corrections;
		frames = frames || c == 'f';
		misses = misses || c == 'm';
		lists = lists || c == 'l';
		photo_width = c == 'w' ? atoi(optarg) : photo_width;
		/* The second look learns what a video's frames have. */
		as_a_video = as_a_video || c == 'v' || c == 'l';
		if (c == '?')
			return 2;
	}
	if (optind != argc - 1)
		die("usage", "accuracy [-c CORRECTIONS.csv] [-f] [-m] [-l] [-v] [-w WIDTH] FOLDER");
	if (photo_width < 64 || photo_width > 8192)
		die("-w", "the width must be from 64 to 8192 pixels");
	photos_read(argv[optind]);
	if (lists) {
		search_photos(argv[optind], list);
		return 0;
	}
	if (corrections)
		printf("%d corrections of labels\n", photos_correct(corrections));
	search_photos(argv[optind], judge);
	report_photos();
	report_calibration();
	if (frames) {
		search_frames(argv[optind]);
		report_frames();
	}
	if (misses)
		report_misses();
	return 0;
}
