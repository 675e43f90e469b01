/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG in; other sizes and formats out. */
#ifndef WEBCAM_PICTURE_H
#define WEBCAM_PICTURE_H

#include <stddef.h>
#include <stdint.h>

struct picture {
	unsigned width, height;
	uint8_t *rgb;
};

/* Length of the whole JPEG at the start of data; 0 if there is none or it is cut off. */
size_t picture_jpeg_length(const uint8_t *data, size_t size);

/* Each returns NULL, or why it could not. */
const char *picture_jpeg_size(const uint8_t *jpeg, size_t size, unsigned *width, unsigned *height);
const char *picture_decode(const uint8_t *jpeg, size_t size, struct picture *out);
const char *picture_scale(const struct picture *in, unsigned width, unsigned height,
			  struct picture *out);
const char *picture_encode(const struct picture *in, uint8_t **jpeg, size_t *size);
const char *picture_to_yuyv(const struct picture *in, uint8_t **yuyv, size_t *size);
const char *picture_to_nv12(const struct picture *in, uint8_t **nv12, size_t *size);

void picture_free(struct picture *p);

#endif
