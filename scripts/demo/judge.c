// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an application recorded from the view, held against what the camera showed:
 *   judge WIDTHxHEIGHT FRAMES RECORDING.yuyv OUT
 *
 * FRAMES has the camera's JPEGs and, for a scene of ours, plates.csv. Each recorded frame is a card, a
 * frame veiled whole, or is matched with the camera's frame that it resembles most. OUT gets
 * live.yuyv (the matched frames), before.txt (an ffmpeg concat list of the camera's frames for
 * them) and best.txt (the number of the live frame with most to see). On stdout: the counts, and for
 * each readable plate whether it was covered. Status 3 when one was not, or nothing live was seen.
 *
 * A plate is covered when no visible slice of it, about a character wide, looks like the original there
 * (normalised correlation of what strokes are made of, luma against that to the left and right,
 * under 0.5; a smooth surface has none of that).
 */
#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#define MAX_FRAMES 2000
#define THUMB 48		/* sides of the grey thumbnails that are matched */
#define SLICES 6
#define ALIKE 0.5
#define PRICE 400			/* of a picture all veiled, in pixels of plates' height */

struct source {
	char path[600];
	uint8_t *luma;
	float thumb[THUMB * THUMB];
};

struct plate {
	int frame, id;
	double corner[8], height;
	int readable;
	char shown[SLICES + 1];	/* a digit a slice: 1 when nothing stands before it */
};

static struct source sources[MAX_FRAMES];
static struct plate plates[MAX_FRAMES * 8];
static int width, height, source_count, plate_count;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "judge: %s: %s\n", what, why);
	exit(1);
}

static void shrink(const uint8_t *luma, int step, float *thumb)
{
	for (int i = 0; i < THUMB * THUMB; i++) {
		int x0 = i % THUMB * width / THUMB, y0 = i / THUMB * height / THUMB;
		int x1 = (i % THUMB + 1) * width / THUMB, y1 = (i / THUMB + 1) * height / THUMB;
		float sum = 0;
		for (int y = y0; y < y1; y++)
			for (int x = x0; x < x1; x++)
				sum += luma[((size_t)y * (size_t)width + (size_t)x) * (size_t)step];
		thumb[i] = sum / (float)((x1 - x0) * (y1 - y0));
	}
}

static int only_jpeg(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 4 && !strcmp(d->d_name + n - 4, ".jpg");
}

static void load_sources(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, only_jpeg, alphasort), w, h;
	tjhandle tj = tjInitDecompress();
	static uint8_t data[8 << 20];

	for (int i = 0; i < n && i < MAX_FRAMES; i++) {
		struct source *s = &sources[source_count++];
		snprintf(s->path, sizeof(s->path), "%s/%s", dir, names[i]->d_name);
		FILE *f = fopen(s->path, "rb");
		size_t size = f ? fread(data, 1, sizeof(data), f) : 0;
		s->luma = malloc((size_t)width * (size_t)height);
		if (f)
			fclose(f);
		if (tjDecompressHeader(tj, data, size, &w, &h) || w != width || h != height || !s->luma ||
		    tjDecompress2(tj, data, size, s->luma, width, width, height, TJPF_GRAY, 0))
			die(s->path, "not a frame of this size");
		shrink(s->luma, 1, s->thumb);
	}
	tjDestroy(tj);
	if (!source_count)
		die(dir, "no frames");
}

static void load_plates(const char *dir)
{
	char path[600], line[512], country[32], text[96];
	int lines;

	snprintf(path, sizeof(path), "%s/plates.csv", dir);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f) && plate_count < MAX_FRAMES * 8) {
		struct plate *p = &plates[plate_count];
		double *c = p->corner;
		if (sscanf(line, "%d,%d,%31[^,],%95[^,],%d,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%d,%6s", &p->frame,
			   &p->id, country, text, &lines, c, c + 1, c + 2, c + 3, c + 4, c + 5, c + 6, c + 7,
			   &p->height, &p->readable, p->shown) == 16)
			plate_count++;
	}
	if (f)
		fclose(f);
}

static int best_source(const uint8_t *frame)
{
	float thumb[THUMB * THUMB];
	double least = 1e30;
	int best = 0;

	shrink(frame, 2, thumb);
	for (int i = 0; i < source_count; i++) {
		double sum = 0;
		for (int k = 0; k < THUMB * THUMB; k++)
			/* A veil differs a lot in few places: count them no further. */
			sum += fmin(fabs(thumb[k] - sources[i].thumb[k]), 8);
		if (sum < least) {
			least = sum;
			best = i;
		}
	}
	return best;
}

/* A sample of luma against those d to the left and right of it. */
static double stroke(const uint8_t *luma, int step, double x, double y, int d)
{
	int px = (int)x, py = (int)y;
	int left = px - d < 0 ? 0 : px - d, right = px + d >= width ? width - 1 : px + d;
	const uint8_t *row = luma + (size_t)py * (size_t)width * (size_t)step;

	return row[px * step] - (row[left * step] + row[right * step]) / 2.0;
}

/* Correlation of source and recording over part [u0, u1] of the plate's width. */
static double alike(const struct plate *p, const uint8_t *source, const uint8_t *frame, double u0,
		    double u1)
{
	double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
	const double *c = p->corner;
	int d = p->height > 24 ? (int)(p->height / 8) : 3;

	for (double v = 0.08; v < 0.93; v += 0.5 / p->height) {
		for (double u = u0; u < u1; u += (u1 - u0) / fmax(p->height, 8)) {
			double x = (1 - v) * ((1 - u) * c[0] + u * c[2]) + v * ((1 - u) * c[6] + u * c[4]);
			double y = (1 - v) * ((1 - u) * c[1] + u * c[3]) + v * ((1 - u) * c[7] + u * c[5]);
			if (x < 0 || y < 0 || x >= width || y >= height)
				continue;
			double s = stroke(source, 1, x, y, d), f = stroke(frame, 2, x, y, d);
			n++;
			a += s;
			b += f;
			aa += s * s;
			bb += f * f;
			ab += s * f;
		}
	}
	double va = aa - a * a / n, vb = bb - b * b / n;
	/* A slice without detail, in either, tells nothing. */
	if (n < 12 || va / n < 16 || vb / n < 4)
		return 0;
	return (ab - a * b / n) / sqrt(va * vb);
}

static bool is_covered(const struct plate *p, const uint8_t *source, const uint8_t *frame)
{
	const double rim = 0.05, slice = (1 - 2 * rim) / SLICES;	/* letters are within the rim */

	for (int i = 0; i < SLICES; i++)
		if (p->shown[i] == '1' &&
		    alike(p, source, frame, rim + i * slice, rim + (i + 1) * slice) > ALIKE)
			return false;
	return true;
}

/* Judges the plates of source s in a live frame; returns how many readable ones are covered. */
static int judge_plates(int s, int live, const uint8_t *frame, int *readable)
{
	int covered = 0;

	*readable = 0;
	for (int i = 0; i < plate_count; i++) {
		const struct plate *p = &plates[i];
		if (p->frame != s + 1 || !p->readable)
			continue;
		++*readable;
		if (is_covered(p, sources[s].luma, frame))
			covered++;
		else
			printf("uncovered: live frame %d, camera frame %d, plate %d, %.0f px high\n", live,
			       s + 1, p->id, p->height);
	}
	return covered;
}

/* Share of the picture that is another in the recording than in the source. */
static double other(const uint8_t *source, const uint8_t *frame)
{
	size_t size = (size_t)width * (size_t)height, n = 0;

	for (size_t i = 0; i < size; i++)
		n += abs(source[i] - frame[2 * i]) > 12;
	return (double)n / (double)size;
}

enum kind { LIVE, CARD, WHOLE };

/* The card is grey, as a camera's picture may be at night, but its edge is of one shade. */
static enum kind kind_of(const uint8_t *frame, size_t size)
{
	bool flat = true, edged = true;

	for (size_t i = 0; i < size; i += 2) {
		if (frame[i + 1] != 128)
			return LIVE;
		flat &= frame[i] == 128;
		edged &= i >= 2 * (size_t)width || frame[i] == frame[0];
	}
	return flat ? WHOLE : edged ? CARD : LIVE;
}

static FILE *create(const char *dir, const char *name)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (!f)
		die(path, "cannot be written");
	return f;
}

int main(int argc, char **argv)
{
	int counts[3] = { 0 }, all = 0, good = 0, best = 0, most = INT_MIN, readable;

	if (argc != 5 || sscanf(argv[1], "%dx%d", &width, &height) != 2)
		return 2;
	load_sources(argv[2]);
	load_plates(argv[2]);
	size_t size = (size_t)width * (size_t)height * 2;
	uint8_t *frame = malloc(size);
	FILE *in = fopen(argv[3], "rb");
	if (!in || !frame)
		die(argv[3], "cannot be read");
	FILE *live = create(argv[4], "live.yuyv"), *before = create(argv[4], "before.txt");
	while (fread(frame, 1, size, in) == size) {
		enum kind kind = kind_of(frame, size);
		counts[kind]++;
		if (kind != LIVE)
			continue;
		int s = best_source(frame);
		fwrite(frame, 1, size, live);
		fprintf(before, "file '%s'\nduration 1\n", sources[s].path);
		int covered = judge_plates(s, counts[LIVE], frame, &readable);
		all += readable;
		good += covered;
		/* The picture to show: many plates, and large ones, and little else that is veiled. */
		int score = -(int)(PRICE * other(sources[s].luma, frame));
		for (int i = 0; i < plate_count; i++)
			if (plates[i].frame == s + 1 && plates[i].readable)
				score += 40 + (int)plates[i].height;
		if (score > most) {
			most = score;
			best = counts[LIVE] - 1;
		}
	}
	FILE *f = create(argv[4], "best.txt");
	fprintf(f, "%d\n", plate_count ? best : counts[LIVE] / 2);
	if (fclose(live) || fclose(before) || fclose(f))
		die(argv[4], "cannot be written (disk full?)");
	printf("live=%d card=%d whole=%d readable=%d covered=%d\n", counts[LIVE], counts[CARD],
	       counts[WHOLE], all, good);
	return counts[LIVE] && good == all ? 0 : 3;
}
