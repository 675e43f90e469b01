// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How well plates are found in annotated photos: `make accuracy [DATA=FOLDER]`.
 *
 * FOLDER has images/ and labels.csv (source,file,width,height,x,y,w,h in pixels; an empty box: no
 * plate in that photo). Photos are brought to 640 wide, plates are counted by their height there.
 *
 * A plate is covered when at least 90% of it lies under found boxes, each grown by 10% a side (the
 * default margin); it is hit when some box has IoU >= .5 with it. A found box is false when its
 * IoU with every labelled plate of the photo is under .1.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/jpeg.h"
#include "detect/detect.h"
#include "rules/rules.h"

#define WIDTH 640
#define FLOOR 0.02f
#define MIN_HEIGHT 12

struct plate {
	int photo;
	float x0, y0, x1, y1;	/* at 640 wide */
};

struct photo {
	char source[32], file[128];
	int first, plates;	/* in the list of plates */
	int found;
	struct pv_detection *boxes;
};

static struct photo *photos;
static struct plate *plates;
static int photo_count, plate_count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "accuracy: %s: %s\n", what, why);
	exit(1);
}

static void *more(void *list, int count, size_t each)
{
	if (count & (count - 1))
		return list;
	list = realloc(list, (size_t)(count ? 2 * count : 1) * each);
	if (!list)
		die("labels", "not enough memory");
	return list;
}

/* Rows of one photo stand together. */
static void read_labels(const char *folder)
{
	char path[1024], line[1024], source[32], file[128];
	float w, h, x, y, bw, bh;

	snprintf(path, sizeof(path), "%s/labels.csv", folder);
	FILE *f = fopen(path, "r");
	if (!f)
		die(path, "cannot be read; name a folder of annotated photos: "
			  "make accuracy DATA=FOLDER (the README says what is in it)");
	if (!fgets(line, sizeof(line), f))
		die(path, "is empty");
	for (int n = 2; fgets(line, sizeof(line), f); n++) {
		int got = sscanf(line, "%31[^,],%127[^,],%f,%f,%f,%f,%f,%f", source, file, &w, &h, &x, &y,
				 &bw, &bh);
		if (got != 8 && got != 4) {
			fprintf(stderr, "accuracy: %s:%d: not source,file,width,height,x,y,w,h\n", path, n);
			exit(1);
		}
		struct photo *p = photo_count ? &photos[photo_count - 1] : NULL;
		if (!p || strcmp(p->file, file)) {
			photos = more(photos, photo_count, sizeof(*photos));
			p = &photos[photo_count++];
			memset(p, 0, sizeof(*p));
			snprintf(p->source, sizeof(p->source), "%s", source);
			snprintf(p->file, sizeof(p->file), "%s", file);
			p->first = plate_count;
		}
		if (got == 8) {
			float k = WIDTH / w;
			plates = more(plates, plate_count, sizeof(*plates));
			plates[plate_count++] = (struct plate){ photo_count - 1, x * k, y * k,
								(x + bw) * k, (y + bh) * k };
			p->plates++;
		}
	}
	fclose(f);
}

/* --- searching ----------------------------------------------------------- */

/* The photo's luma enlarged or shrunk to 640 wide: mean of an area, or bilinear. */
static void resample(const struct pv_frame *f, uint8_t *to, int height)
{
	float kx = (float)f->width / WIDTH, ky = (float)f->height / (float)height;

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < WIDTH; x++) {
			float cx = ((float)x + 0.5f) * kx, cy = ((float)y + 0.5f) * ky;
			float rx = fmaxf(kx, 1) / 2, ry = fmaxf(ky, 1) / 2, sum = 0, all = 0;
			for (int v = (int)floorf(cy - ry); v <= (int)floorf(cy + ry); v++) {
				for (int u = (int)floorf(cx - rx); u <= (int)floorf(cx + rx); u++) {
					int cu = u < 0 ? 0 : u >= f->width ? f->width - 1 : u;
					int cv = v < 0 ? 0 : v >= f->height ? f->height - 1 : v;
					float wx = fminf((float)u + 1, cx + rx) - fmaxf((float)u, cx - rx);
					float wy = fminf((float)v + 1, cy + ry) - fmaxf((float)v, cy - ry);
					if (wx <= 0 || wy <= 0)
						continue;
					sum += wx * wy * f->plane[0][cv * f->stride[0] + cu];
					all += wx * wy;
				}
			}
			to[y * WIDTH + x] = (uint8_t)(sum / all + 0.5f);
		}
	}
}

static void search_all(const char *folder)
{
	struct pv_jpeg *jpeg = pv_jpeg_new();
	struct pv_frame f = { .width = 0 };
	struct pv_detection found[PV_MAX_DETECTIONS];
	static uint8_t data[32 << 20];
	char path[1200], why[200];

	for (int i = 0; i < photo_count; i++) {
		struct photo *p = &photos[i];
		snprintf(path, sizeof(path), "%s/images/%s", folder, p->file);
		FILE *in = fopen(path, "rb");
		if (!in)
			die(path, strerror(errno));
		size_t size = fread(data, 1, sizeof(data), in);
		fclose(in);
		if (pv_jpeg_decode(jpeg, data, size, &f))
			die(path, pv_jpeg_error(jpeg));
		int height = (int)lroundf((float)f.height * WIDTH / (float)f.width);
		uint8_t *luma = malloc((size_t)WIDTH * (size_t)height);
		struct pv_detector *d = pv_detector_new(WIDTH, height, height > WIDTH ? height : WIDTH,
							why, sizeof(why));
		if (!luma || !d)
			die(path, luma ? why : "not enough memory");
		resample(&f, luma, height);
		p->found = pv_detector_run(d, luma, WIDTH, FLOOR, found, PV_MAX_DETECTIONS);
		if (p->found < 0)
			die(path, "detection failed");
		p->boxes = malloc(sizeof(*found) * (size_t)(p->found + 1));
		memcpy(p->boxes, found, sizeof(*found) * (size_t)p->found);
		pv_detector_free(d);
		free(luma);
		if (i % 50 == 49)
			fprintf(stderr, "\r%d of %d photos", i + 1, photo_count);
	}
	fprintf(stderr, "\r%*s\r", 30, "");
	pv_frame_free(&f);
	pv_jpeg_free(jpeg);
}

/* --- judging ------------------------------------------------------------- */

static float iou(const struct plate *p, const struct pv_detection *b)
{
	float w = fminf(p->x1, b->x1) - fmaxf(p->x0, b->x0);
	float h = fminf(p->y1, b->y1) - fmaxf(p->y0, b->y0);
	if (w <= 0 || h <= 0)
		return 0;
	return w * h / ((p->x1 - p->x0) * (p->y1 - p->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - w * h);
}

static bool hit(const struct plate *p, float least)
{
	const struct photo *in = &photos[p->photo];
	for (int i = 0; i < in->found; i++)
		if (in->boxes[i].score >= least && iou(p, &in->boxes[i]) >= 0.5f)
			return true;
	return false;
}

static bool covered(const struct plate *p, float least)
{
	enum { ACROSS = 60, DOWN = 30 };
	const struct photo *in = &photos[p->photo];
	int under = 0;

	for (int k = 0; k < ACROSS * DOWN; k++) {
		float x = p->x0 + ((float)(k % ACROSS) + 0.5f) / ACROSS * (p->x1 - p->x0);
		float y = p->y0 + ((float)(k / ACROSS) + 0.5f) / DOWN * (p->y1 - p->y0);
		for (int i = 0; i < in->found; i++) {
			const struct pv_detection *b = &in->boxes[i];
			float mx = 0.1f * (b->x1 - b->x0), my = 0.1f * (b->y1 - b->y0);
			if (b->score >= least && x > b->x0 - mx && x < b->x1 + mx && y > b->y0 - my &&
			    y < b->y1 + my) {
				under++;
				break;
			}
		}
	}
	return under >= 0.9 * ACROSS * DOWN;
}

static bool is_false(const struct photo *in, const struct pv_detection *b)
{
	for (int i = in->first; i < in->first + in->plates; i++)
		if (iou(&plates[i], b) >= 0.1f)
			return false;
	return true;
}

static int falling(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x < y) - (x > y);
}

/* The least score that keeps false regions at or under `rate` a photo. */
static float score_at(const float *false_scores, int n, double rate)
{
	int allowed = (int)(rate * photo_count);
	return allowed < n ? nextafterf(false_scores[allowed], 2) : FLOOR;
}

/* One row: plates of this height and source (NULL: any). */
static void row(const char *name, const char *source, float from, float to, const float *least)
{
	int n = 0, hits = 0, cover[4] = { 0 };

	for (int i = 0; i < plate_count; i++) {
		const struct plate *p = &plates[i];
		float height = p->y1 - p->y0;
		if (height < from || height >= to ||
		    (source && strcmp(photos[p->photo].source, source)))
			continue;
		n++;
		hits += hit(p, least[2]);
		for (int k = 0; k < 4; k++)
			cover[k] += covered(p, least[k]);
	}
	if (!n)
		return;
	printf("%-22s %6d   %6.1f   %6.1f %6.1f %6.1f   %6.1f\n", name, n, 100.0 * hits / n,
	       100.0 * cover[0] / n, 100.0 * cover[1] / n, 100.0 * cover[2] / n, 100.0 * cover[3] / n);
}

static void by_source(const float *least)
{
	for (int i = 0; i < photo_count; i++) {
		bool first = photos[i].plates > 0;
		for (int k = 0; k < i && first; k++)
			first = strcmp(photos[k].source, photos[i].source) || !photos[k].plates;
		if (first)
			row(photos[i].source, photos[i].source, MIN_HEIGHT, 1e9f, least);
	}
}

static void report(const float *false_scores, int n)
{
	static const float heights[] = { 0, 8, 12, 16, 24, 32, 48, 1e9f };
	struct pv_rules rules;
	char name[64];
	int empty = 0, on_empty = 0, all = 0;

	pv_rules_default(&rules);
	float usual = (float)rules.minimum_score;
	float least[4] = { score_at(false_scores, n, 0.1), score_at(false_scores, n, 0.2),
			   score_at(false_scores, n, 1.0), usual };
	printf("%d photos, %d plates; heights in pixels at %d wide; percent\n", photo_count, plate_count,
	       WIDTH);
	printf("%-22s %6s   %6s   %20s   %6s\n", "", "", "IoU.5", "covered at false/photo", "");
	printf("%-22s %6s   %6s   %6s %6s %6s   %6s\n", "height", "plates", "at 1", "0.1", "0.2", "1",
	       "usual");
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), i < 6 ? "%g to %g" : "%g and more", (double)heights[i],
			 (double)heights[i + 1]);
		row(name, NULL, heights[i], heights[i + 1], least);
	}
	snprintf(name, sizeof(name), "%d and more", MIN_HEIGHT);
	row(name, NULL, MIN_HEIGHT, 1e9f, least);
	by_source(least);
	for (int i = 0; i < photo_count; i++) {
		empty += !photos[i].plates;
		for (int k = 0; k < photos[i].found; k++) {
			bool wrong = photos[i].boxes[k].score >= usual &&
				     is_false(&photos[i], &photos[i].boxes[k]);
			all += wrong;
			on_empty += wrong && !photos[i].plates;
		}
	}
	printf("minimum score there: %.3f %.3f %.3f; usual: %.3f with %.3f false/photo, "
	       "%.3f on the %d photos without plates\n",
	       (double)least[0], (double)least[1], (double)least[2], (double)usual,
	       (double)all / photo_count, empty ? (double)on_empty / empty : 0.0, empty);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage", "accuracy FOLDER [--misses]");
	read_labels(argv[1]);
	search_all(argv[1]);
	float *false_scores = NULL;
	int n = 0;
	for (int i = 0; i < photo_count; i++) {
		for (int k = 0; k < photos[i].found; k++) {
			if (!is_false(&photos[i], &photos[i].boxes[k]))
				continue;
			false_scores = more(false_scores, n, sizeof(float));
			false_scores[n++] = photos[i].boxes[k].score;
		}
	}
	if (n)
		qsort(false_scores, (size_t)n, sizeof(float), falling);
	report(false_scores, n);
	if (argc > 2 && !strcmp(argv[2], "--misses")) {
		float least = score_at(false_scores, n, 0.2);
		for (int i = 0; i < plate_count; i++)
			if (plates[i].y1 - plates[i].y0 >= MIN_HEIGHT && !covered(&plates[i], least))
				printf("miss %s %.0f %.0f %.0f %.0f%s\n", photos[plates[i].photo].file,
				       (double)plates[i].x0, (double)plates[i].y0, (double)plates[i].x1,
				       (double)plates[i].y1, hit(&plates[i], least) ? " (hit)" : "");
		for (int i = 0; i < photo_count; i++)
			for (int k = 0; k < photos[i].found; k++)
				if (photos[i].boxes[k].score >= least &&
				    is_false(&photos[i], &photos[i].boxes[k]))
					printf("false %s %.0f %.0f %.0f %.0f %.2f\n", photos[i].file,
					       (double)photos[i].boxes[k].x0, (double)photos[i].boxes[k].y0,
					       (double)photos[i].boxes[k].x1, (double)photos[i].boxes[k].y1,
					       (double)photos[i].boxes[k].score);
	}
	free(false_scores);
	return 0;
}
