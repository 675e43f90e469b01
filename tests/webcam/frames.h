/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the camera sees: clips of JPEG frames, and their like in every mode. */
#ifndef WEBCAM_FRAMES_H
#define WEBCAM_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "uvc.h"

struct frame {
	uint8_t *data;
	size_t size;
};

#define FRAMES_CLIPS 8

struct clip {
	const char *path;
	char **names; /* of the frames' files; NULL if path is one file */
	unsigned width, height;
	size_t count;
	struct frame *frames;
};

struct frames {
	struct clip clips[FRAMES_CLIPS];
	size_t n_clips;
	/* For each mode: the clip it shows, and frames made from it as they are needed. */
	const struct clip *shows[UVC_MODES];
	struct frame *made[UVC_MODES];
};

/* Adds the directory of JPEGs, in order of their names, or the file of JPEGs end to
 * end at path. Each says on stderr what is wrong, by name, and returns -1 if it cannot. */
int frames_load(struct frames *f, const char *path);
int frames_ready(struct frames *f);
int frames_get(struct frames *f, unsigned mode, size_t index, const struct frame **out);

size_t frames_count(const struct frames *f, unsigned mode);
void frames_free(struct frames *f);

#endif
