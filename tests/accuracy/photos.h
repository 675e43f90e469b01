// SPDX-License-Identifier: GPL-2.0-or-later
/* Annotated photos: a folder with images/ and labels.csv. */
#ifndef PHOTOS_H
#define PHOTOS_H

#include <stdbool.h>
#include <stdint.h>

struct box {
	float x0, y0, x1, y1;	/* pixels of the photo */
	bool ignored;		/* neither counts nor is held against anyone */
};

struct photo {
	char source[32], file[128];
	int width, height;	/* pixels */
	struct box *boxes;
	int count, plates;	/* of boxes; of those that count */
};

extern struct photo *photos;
extern int photo_count;

/* Says what is wrong with what, and ends the program. */
void die(const char *what, const char *why);

/* FOLDER/labels.csv: source,file,width,height,x,y,w,h in pixels; an empty box: no plate in that
 * photo. Rows of one photo stand together. */
void photos_read(const char *folder);

/* Mends them by a file of file,action,x,y,w,h: `add` a plate, `drop` the label with just this box,
 * `ignore` a place. Rows of other photos, and those of
 * `not`, which are for training, are passed over. Returns how many were used. */
int photos_correct(const char *path);

/* A photo's luma, width * height, to be freed. */
uint8_t *photo_luma(const char *folder, const struct photo *p);

/* luma brought to another size: the mean of an area where it shrinks, bilinear where it grows. */
void resample(const uint8_t *from, int width, int height, uint8_t *to, int to_width, int to_height);

#endif
