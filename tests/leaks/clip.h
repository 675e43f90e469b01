// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clips made of annotated photos, so that it is known where each plate is in each frame.
 *
 * A few photos hang side by side in front of one without plates; a camera looks at them, or stands
 * still while they pass, slowly or so fast that plates go farther than they are wide from frame to frame, or while
 * nothing moves but its exposure. Places: photo pixels; world pixels, which are frame pixels at zoom 1, with
 * y = 0 half way up the path of the camera; frame pixels.
 */
#ifndef CLIP_H
#define CLIP_H

#include "../accuracy/photos.h"

#define CLIP_SECONDS 10
#define PANES 3
#define OCCLUDERS 4

enum kind { PAN, ZOOM, SHAKE, BLUR, OCCLUSION, NOISE, DUSK, JPEG, PASS, STILL, FAST, KINDS };
extern const char *const kind_names[KINDS];

struct pane {
	const struct photo *photo;
	float k;		/* world pixels to one of the photo */
	float x, y;		/* its corner in the world when the clip begins */
	int width, height;	/* world pixels */
	uint8_t *luma[2];	/* at that size, and at half of it */
};

/* Something that stands before the camera: an upright bar. */
struct occluder {
	float x, speed, width;	/* frame pixels; a second */
	float top, bottom;
};

struct clip {
	enum kind kind;
	int width, height, fps, frames;
	struct pane panes[PANES];
	int pane_count;
	float length, speed;	/* of the panes: side by side; pixels a second that they move */
	uint8_t *back;		/* the photo without plates: back_width x height */
	int back_width;
	struct occluder occluders[OCCLUDERS];
	int occluder_count;
	float phase[8];
	int quality;		/* of JPEG */
	float noise, light, shutter;
	uint32_t random;
};

/* Photos of `of` hang in it, `behind` is behind them. The same seed makes the same clip. */
void clip_make(struct clip *c, enum kind kind, const char *folder, const struct photo **of, int n,
	       const struct photo *behind, uint32_t seed);
void clip_free(struct clip *c);

/* Draws a frame: width * height of luma, before JPEG. */
void clip_draw(struct clip *c, int frame, uint8_t *luma);

/* Where a pixel of a pane's photo is in a frame; false: out of it, or something is before it. */
bool clip_place(const struct clip *c, int frame, const struct pane *p, float x, float y, float at[2]);

/* Frame pixels to one of the pane's photo. */
float clip_scale(const struct clip *c, int frame, const struct pane *p);

/* 0 <= result < 1; the state is the caller's. */
float chance(uint32_t *state);

#endif
