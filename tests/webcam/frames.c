// SPDX-License-Identifier: GPL-2.0-or-later
#include "frames.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "picture.h"

static int no_memory(void)
{
	fprintf(stderr, "webcam: out of memory\n");
	return -1;
}

static int read_file(const char *path, struct frame *out)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	out->data = NULL;
	if (!file || fstat(fileno(file), &st))
		goto failed;
	out->size = (size_t)st.st_size;
	out->data = malloc(out->size + 1);
	if (!out->data)
		goto failed;
	errno = EIO; /* should it be shorter than it said */
	if (fread(out->data, 1, out->size, file) != out->size)
		goto failed;
	fclose(file);
	return 0;
failed:
	fprintf(stderr, "webcam: %s: %s\n", path, strerror(errno));
	free(out->data);
	if (file)
		fclose(file);
	return -1;
}

/* Adds a frame, which the clip owns from here on, also when it is refused. */
static int add_frame(struct clip *c, const char *name, struct frame frame)
{
	unsigned width, height;
	const char *error = picture_jpeg_size(frame.data, frame.size, &width, &height);
	struct frame *frames;

	frames = realloc(c->frames, (c->count + 1) * sizeof(*frames));
	if (!frames) {
		free(frame.data);
		return no_memory();
	}
	c->frames = frames;
	frames[c->count++] = frame;
	if (error) {
		fprintf(stderr, "webcam: %s: frame %zu: %s\n", name, c->count, error);
		return -1;
	}
	if (c->count == 1) {
		c->width = width;
		c->height = height;
	}
	if (width != c->width || height != c->height) {
		fprintf(stderr, "webcam: %s: frame %zu is %ux%u, the first one is %ux%u\n", name,
			c->count, width, height, c->width, c->height);
		return -1;
	}
	return 0;
}

static int load_stream(struct clip *c)
{
	struct frame whole;
	size_t at = 0, length;

	if (read_file(c->path, &whole))
		return -1;
	while (at < whole.size) {
		struct frame frame = {NULL, 0};

		length = picture_jpeg_length(whole.data + at, whole.size - at);
		if (!length) {
			fprintf(stderr, "webcam: %s: no whole JPEG at byte %zu (frame %zu)\n",
				c->path, at, c->count + 1);
			break;
		}
		frame.size = length;
		frame.data = malloc(length);
		if (!frame.data) {
			no_memory();
			break;
		}
		memcpy(frame.data, whole.data + at, length);
		if (add_frame(c, c->path, frame))
			break;
		at += length;
	}
	free(whole.data);
	return at < whole.size ? -1 : 0;
}

static int is_jpeg(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg"));
}

static int load_file(struct clip *c, const char *name)
{
	char path[4096];
	struct frame frame;

	snprintf(path, sizeof(path), "%s/%s", c->path, name);
	if (read_file(path, &frame))
		return -1;
	if (!picture_jpeg_length(frame.data, frame.size)) {
		fprintf(stderr, "webcam: %s: not a whole JPEG\n", path);
		free(frame.data);
		return -1;
	}
	return add_frame(c, path, frame);
}

static int load_directory(struct clip *c)
{
	struct dirent **entries;
	int n = scandir(c->path, &entries, is_jpeg, alphasort);
	int failed = 0;

	if (n < 0) {
		fprintf(stderr, "webcam: %s: %s\n", c->path, strerror(errno));
		return -1;
	}
	c->names = calloc((size_t)n + 1, sizeof(*c->names));
	if (!c->names)
		failed = no_memory();
	for (int i = 0; i < n; i++) {
		if (!failed) {
			c->names[i] = strdup(entries[i]->d_name);
			failed = c->names[i] ? load_file(c, entries[i]->d_name) : no_memory();
		}
		free(entries[i]);
	}
	free(entries);
	return failed;
}

int frames_load(struct frames *f, const char *path)
{
	struct clip *c = &f->clips[f->n_clips];
	struct stat st;

	if (f->n_clips == FRAMES_CLIPS) {
		fprintf(stderr, "webcam: at most %d sources\n", FRAMES_CLIPS);
		return -1;
	}
	f->n_clips++;
	c->path = path;
	if (stat(path, &st)) {
		fprintf(stderr, "webcam: %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode) ? load_directory(c) : load_stream(c))
		return -1;
	if (!c->count) {
		fprintf(stderr, "webcam: %s has no frames (*.jpg)\n", path);
		return -1;
	}
	return 0;
}

static bool passes(const struct clip *c, const struct uvc_mode *m)
{
	return m->format == UVC_MJPEG && c->width == m->width && c->height == m->height;
}

static const char *frame_name(const struct clip *c, size_t index)
{
	return c->names ? c->names[index] : "";
}

static int check_fits(const struct clip *c, const struct uvc_mode *m)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->frames[i].size <= uvc_frame_size(m))
			continue;
		fprintf(stderr, "webcam: %s: frame %zu %s has %zu bytes, %u are the most\n", c->path,
			i + 1, frame_name(c, i), c->frames[i].size, uvc_frame_size(m));
		return -1;
	}
	return 0;
}

int frames_ready(struct frames *f)
{
	for (unsigned mode = 0; mode < UVC_MODES; mode++) {
		const struct uvc_mode *m = &uvc_modes[mode];
		const struct clip *shows = &f->clips[0];

		for (size_t i = f->n_clips; i-- > 0;)
			if (f->clips[i].width == m->width && f->clips[i].height == m->height)
				shows = &f->clips[i];
		f->shows[mode] = shows;
		if (passes(shows, m)) {
			if (check_fits(shows, m))
				return -1;
			continue;
		}
		f->made[mode] = calloc(shows->count, sizeof(*f->made[mode]));
		if (!f->made[mode])
			return no_memory();
	}
	return 0;
}

static const char *make(const struct frame *from, const struct uvc_mode *m, struct frame *to)
{
	struct picture decoded, scaled = {0, 0, NULL}, *use = &decoded;
	const char *error = picture_decode(from->data, from->size, &decoded);

	if (error)
		return error;
	if (decoded.width != m->width || decoded.height != m->height) {
		error = picture_scale(&decoded, m->width, m->height, &scaled);
		use = &scaled;
	}
	if (!error && m->format == UVC_YUYV)
		error = picture_to_yuyv(use, &to->data, &to->size);
	else if (!error && m->format == UVC_NV12)
		error = picture_to_nv12(use, &to->data, &to->size);
	else if (!error)
		error = picture_encode(use, &to->data, &to->size);
	picture_free(&decoded);
	picture_free(&scaled);
	if (error)
		to->data = NULL;
	return error;
}

int frames_get(struct frames *f, unsigned mode, size_t index, const struct frame **out)
{
	const struct clip *c = f->shows[mode];
	const char *error;

	if (!f->made[mode]) {
		*out = &c->frames[index];
		return 0;
	}
	*out = &f->made[mode][index];
	if ((*out)->data)
		return 0;
	error = make(&c->frames[index], &uvc_modes[mode], &f->made[mode][index]);
	if (!error)
		return 0;
	fprintf(stderr, "webcam: %s: frame %zu %s: %s\n", c->path, index + 1, frame_name(c, index),
		error);
	return -1;
}

size_t frames_count(const struct frames *f, unsigned mode)
{
	return f->shows[mode]->count;
}

static void clip_free(struct clip *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->frames[i].data);
	for (size_t i = 0; c->names && c->names[i]; i++)
		free(c->names[i]);
	free(c->frames);
	free(c->names);
}

void frames_free(struct frames *f)
{
	for (unsigned mode = 0; mode < UVC_MODES; mode++) {
		for (size_t i = 0; f->made[mode] && i < frames_count(f, mode); i++)
			free(f->made[mode][i].data);
		free(f->made[mode]);
	}
	for (size_t i = 0; i < f->n_clips; i++)
		clip_free(&f->clips[i]);
}
