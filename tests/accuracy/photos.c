// SPDX-License-Identifier: GPL-2.0-or-later
#include "photos.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/jpeg.h"

struct photo *photos;
int photo_count;

void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
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

static void add(struct photo *p, float x, float y, float w, float h, bool ignored)
{
	p->boxes = more(p->boxes, p->count, sizeof(*p->boxes));
	p->boxes[p->count++] = (struct box){ x, y, x + w, y + h, ignored };
	p->plates += !ignored;
}

void photos_read(const char *folder)
{
	char path[1024], line[1024], source[32], file[128];
	float w, h, x, y, bw, bh;

	snprintf(path, sizeof(path), "%s/labels.csv", folder);
	FILE *f = fopen(path, "r");
	if (!f)
		die(path, "cannot be read; name a folder of annotated photos: "
			  "make accuracy DATA=FOLDER (images/, and labels.csv with lines of "
			  "source,file,width,height,x,y,w,h: pixels, x and after empty for no plate)");
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
			*p = (struct photo){ .width = (int)w, .height = (int)h };
			snprintf(p->source, sizeof(p->source), "%s", source);
			snprintf(p->file, sizeof(p->file), "%s", file);
		}
		if (got == 8)
			add(p, x, y, bw, bh, false);
	}
	fclose(f);
}

static bool drop(struct photo *p, float x, float y, float w, float h)
{
	for (int i = 0; i < p->count; i++) {
		struct box *b = &p->boxes[i];
		if (b->ignored || fabsf(b->x0 - x) > 0.2f || fabsf(b->y0 - y) > 0.2f ||
		    fabsf(b->x1 - x - w) > 0.2f || fabsf(b->y1 - y - h) > 0.2f)
			continue;
		*b = p->boxes[--p->count];
		p->plates--;
		return true;
	}
	return false;
}

int photos_correct(const char *path)
{
	char line[1024], file[128], action[16];
	float x, y, w, h;
	int used = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		die(path, strerror(errno));
	for (int n = 1; fgets(line, sizeof(line), f); n++) {
		if (n == 1)
			continue;
		struct photo *p = NULL;
		bool ok = sscanf(line, "%127[^,],%15[^,],%f,%f,%f,%f", file, action, &x, &y, &w, &h) == 6;
		if (ok && !strcmp(action, "not"))	/* what training should look at */
			continue;
		for (int i = 0; ok && i < photo_count && !p; i++)
			p = strcmp(photos[i].file, file) ? NULL : &photos[i];
		if (ok && !p)
			continue;
		if (ok && (!strcmp(action, "add") || !strcmp(action, "ignore")))
			add(p, x, y, w, h, action[0] == 'i');
		else if (!ok || strcmp(action, "drop") || !drop(p, x, y, w, h)) {
			fprintf(stderr, "accuracy: %s:%d: not file,action,x,y,w,h, or no such label\n",
				path, n);
			exit(1);
		}
		used++;
	}
	fclose(f);
	return used;
}

uint8_t *photo_luma(const char *folder, const struct photo *p)
{
	static uint8_t data[32 << 20];
	static struct pv_jpeg *jpeg;
	static struct pv_frame f;
	char path[1200];

	if (!jpeg)
		jpeg = pv_jpeg_new();
	snprintf(path, sizeof(path), "%s/images/%s", folder, p->file);
	FILE *in = fopen(path, "rb");
	if (!in)
		die(path, strerror(errno));
	size_t size = fread(data, 1, sizeof(data), in);
	fclose(in);
	if (!jpeg || pv_jpeg_decode(jpeg, data, size, &f))
		die(path, jpeg ? pv_jpeg_error(jpeg) : "not enough memory");
	if (f.width != p->width || f.height != p->height)
		die(path, "is not as large as labels.csv says");
	uint8_t *luma = malloc((size_t)f.width * (size_t)f.height);
	if (!luma)
		die(path, "not enough memory");
	for (int y = 0; y < f.height; y++)
		memcpy(luma + (size_t)y * (size_t)f.width, f.plane[0] + (size_t)y * (size_t)f.stride[0],
		       (size_t)f.width);
	return luma;
}

/* The samples a target sample stands for: the first, and the weight of each. */
struct taps {
	int first, count;
	float weight[64];
};

static void plan(struct taps *t, int i, int from, int to)
{
	float k = (float)from / (float)to, c = ((float)i + 0.5f) * k, r = fmaxf(k, 1) / 2, all = 0;
	int a = (int)floorf(c - r), b = (int)ceilf(c + r);

	t->first = a;
	t->count = b - a < 64 ? b - a : 64;
	for (int n = 0; n < t->count; n++) {
		float u = (float)(a + n);
		t->weight[n] = fmaxf(0, fminf(u + 1, c + r) - fmaxf(u, c - r));
		all += t->weight[n];
	}
	for (int n = 0; n < t->count; n++)
		t->weight[n] /= all;
}

static int within(int v, int side)
{
	return v < 0 ? 0 : v >= side ? side - 1 : v;
}

void resample(const uint8_t *from, int width, int height, uint8_t *to, int to_width, int to_height)
{
	struct taps *across = malloc((size_t)to_width * sizeof(*across)), along;
	float *row = malloc((size_t)width * sizeof(*row));

	if (!across || !row)
		die("photo", "not enough memory");
	for (int x = 0; x < to_width; x++)
		plan(&across[x], x, width, to_width);
	for (int y = 0; y < to_height; y++) {
		plan(&along, y, height, to_height);
		for (int x = 0; x < width; x++)
			row[x] = 0;
		for (int n = 0; n < along.count; n++) {
			const uint8_t *line = from + (size_t)within(along.first + n, height) * (size_t)width;
			for (int x = 0; x < width; x++)
				row[x] += along.weight[n] * line[x];
		}
		for (int x = 0; x < to_width; x++) {
			float sum = 0;
			for (int n = 0; n < across[x].count; n++)
				sum += across[x].weight[n] * row[within(across[x].first + n, width)];
			to[(size_t)y * (size_t)to_width + (size_t)x] = (uint8_t)(sum + 0.5f);
		}
	}
	free(across);
	free(row);
}
