// SPDX-License-Identifier: GPL-2.0-or-later
#include "clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TURN 6.2831853f
#define EXPOSURES 5	/* moments that a frame with a shutter is the mean of */
#define ROUNDS 4	/* that what passes fast makes */
#define STEPS 1.5f	/* steps of exposure a second */

const char *const kind_names[KINDS] = { "pan", "zoom", "shake", "blur", "occlusion",
					"noise", "dusk", "JPEG", "passing", "still", "fast" };

/* Where the camera looks at a moment. */
struct pose {
	float x, y, zoom, sine, cosine;
};

float chance(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(*state >> 8) / (1 << 24);
}

static float between(uint32_t *state, float a, float b)
{
	return a + (b - a) * chance(state);
}

/* --- what is in it --------------------------------------------------------- */

static uint8_t *bytes(int n)
{
	uint8_t *p = malloc((size_t)n);
	if (!p)
		die("clip", "not enough memory");
	return p;
}

/* What moves is the panes. */
static bool passes(const struct clip *c)
{
	return c->kind == PASS || c->kind == FAST;
}

/* The plate that the pane is hung by, or the photo's middle. */
static float main_height(const struct photo *p)
{
	const struct box *best = NULL;

	for (int i = 0; i < p->count; i++) {
		const struct box *b = &p->boxes[i];
		if (!b->ignored && (!best || b->y1 - b->y0 > best->y1 - best->y0))
			best = b;
	}
	return best ? (best->y0 + best->y1) / 2 : (float)p->height / 2;
}

static void hang(struct clip *c, const char *folder, const struct photo *photo)
{
	struct pane *p = &c->panes[c->pane_count++];
	float share = passes(c) ? between(&c->random, 0.5f, 0.9f) :
					between(&c->random, 0.75f, 1.15f);
	uint8_t *full = photo_luma(folder, photo);

	*p = (struct pane){ .photo = photo, .k = share * (float)c->width / (float)photo->width };
	float reach = 0.57f * (float)c->height;		/* up and down, with some to spare */
	p->k = fmaxf(p->k, passes(c) ? 0 : 2 * reach / (float)photo->height);
	p->width = (int)((float)photo->width * p->k);
	p->height = (int)((float)photo->height * p->k);
	p->x = c->length;
	p->y = between(&c->random, -0.15f, 0.15f) * (float)c->height - main_height(photo) * p->k;
	if (!passes(c))
		p->y = fmaxf(fminf(p->y, -reach), reach - (float)p->height);
	c->length += (float)p->width;
	for (int i = 0; i < 2; i++) {
		int w = p->width >> i, h = p->height >> i;
		p->luma[i] = bytes(w * h);
		resample(full, photo->width, photo->height, p->luma[i], w, h);
	}
	free(full);
}

static void set_kind(struct clip *c)
{
	c->quality = c->kind == JPEG ? (int)between(&c->random, 20, 40) : 85;
	c->noise = c->kind == NOISE ? between(&c->random, 8, 14) : c->kind == DUSK ? 4 : 1.5f;
	c->light = c->kind == DUSK ? between(&c->random, 0.22f, 0.4f) : 1;
	c->shutter = c->kind == BLUR ? 0.4f : 0;
	c->occluder_count = c->kind == OCCLUSION ? OCCLUDERS : 0;
	for (int i = 0; i < c->occluder_count; i++) {
		struct occluder *o = &c->occluders[i];
		o->width = between(&c->random, 0.02f, 0.12f) * (float)c->width;
		o->x = chance(&c->random) * (float)c->width;
		o->speed = between(&c->random, -0.5f, 0.5f) * (float)c->width;
		o->top = i & 1 ? 0 : between(&c->random, 0.1f, 0.4f) * (float)c->height;
		o->bottom = i & 2 ? (float)c->height : between(&c->random, 0.6f, 0.9f) * (float)c->height;
	}
}

void clip_make(struct clip *c, enum kind kind, const char *folder, const struct photo **of, int n,
	       const struct photo *behind, uint32_t seed)
{
	/* Blur that leaves a plate readable takes many frames a second. */
	bool large = kind != BLUR && seed & 1;

	*c = (struct clip){ .kind = kind, .random = seed * 2654435761u + 12345 };
	c->width = large ? 960 : 640;
	c->height = large ? 540 : 360;
	c->fps = large ? 15 : 30;
	c->frames = CLIP_SECONDS * c->fps;
	for (int i = 0; i < 8; i++)
		c->phase[i] = chance(&c->random);
	set_kind(c);
	for (int i = 0; i < n; i++)
		hang(c, folder, of[i]);
	if (passes(c)) {
		c->speed = (c->length + (float)c->width) / CLIP_SECONDS * (kind == FAST ? ROUNDS : 1) * (seed & 2 ? 1 : -1);
		for (int i = 0; i < n; i++)
			c->panes[i].x += seed & 2 ? -c->length - (float)c->width / 2 : (float)c->width / 2;
	}
	c->back_width = c->height * 4 / 3;
	c->back = bytes(c->back_width * c->height);
	memset(c->back, 110, (size_t)(c->back_width * c->height));
	if (behind) {
		uint8_t *full = photo_luma(folder, behind);
		resample(full, behind->width, behind->height, c->back, c->back_width, c->height);
		free(full);
	}
}

void clip_free(struct clip *c)
{
	for (int i = 0; i < c->pane_count; i++)
		for (int k = 0; k < 2; k++)
			free(c->panes[i].luma[k]);
	free(c->back);
}

/* --- how it moves ---------------------------------------------------------- */

/* How far the panes have come. */
static float travelled(const struct clip *c, float seconds)
{
	return fmodf(c->speed * seconds, c->length + (float)c->width);
}

/* Grey levels that the exposure is off: up to 4, the same for a while. */
static float exposure(const struct clip *c, float seconds)
{
	uint32_t state = c->random + (uint32_t)(seconds * STEPS) * 7919;

	chance(&state);
	return c->kind == STILL ? between(&state, -4, 4) : 0;
}

static float wave(const struct clip *c, int i, float hertz, float seconds)
{
	return sinf(TURN * (hertz * seconds + c->phase[i]));
}

/* A hand's: slow, and some of it quick. */
static float tremble(const struct clip *c, int i, float seconds)
{
	return (3 * wave(c, i, 0.9f, seconds) + 2 * wave(c, i + 1, 2.7f, seconds) +
		wave(c, i + 2, 6.1f, seconds)) / 6;
}

static float ease(float v)
{
	v = fminf(fmaxf(v, 0), 1);
	return v * v * (3 - 2 * v);
}

/* One pane after another comes close and goes away again, not quite in the middle. */
static void zoom(const struct clip *c, float u, struct pose *p)
{
	float turn = u * (float)c->pane_count, v = turn - floorf(turn);
	int i = (int)turn < c->pane_count ? (int)turn : c->pane_count - 1, last = i ? i - 1 : 0;
	const struct pane *a = &c->panes[last], *b = &c->panes[i];
	float x0 = a->x + (0.25f + 0.5f * c->phase[last]) * (float)a->width;
	float x1 = b->x + (0.25f + 0.5f * c->phase[i]) * (float)b->width;

	p->x = x0 + (x1 - x0) * ease(v * 4);
	p->y = (c->phase[i + 3] - 0.5f) * 0.3f * (float)c->height;
	p->zoom = 0.5f * powf(4.4f, 0.5f - 0.5f * cosf(TURN * v));
}

/* One pane after another, and quickly on to the next. */
static float stand(const struct clip *c, float u)
{
	float turn = u * (float)c->pane_count, x = 0;

	for (int i = 0; i < c->pane_count; i++) {
		const struct pane *p = &c->panes[i];
		float at = p->x + (0.3f + 0.4f * c->phase[i]) * (float)p->width;
		x = i ? x + (at - x) * ease((turn - (float)i) * 10) : at;
	}
	return x;
}

static struct pose pose_at(const struct clip *c, float seconds)
{
	struct pose p = { .x = 0, .y = 0, .zoom = 1 };
	float u = seconds / CLIP_SECONDS, w = (float)c->width, angle = 0;

	if (c->kind == ZOOM) {
		zoom(c, u, &p);
	} else if (c->kind == STILL) {
		p.x = stand(c, u);
	} else if (!passes(c)) {
		/* Along all panes, from before them to beyond them, now faster and now slower. */
		float way = u + 0.06f * (wave(c, 0, 0.2f, seconds) - wave(c, 0, 0.2f, 0));
		p.x = way * (c->length + w) - w / 2;
		float shake = c->kind == SHAKE ? 1 : 0.08f;
		p.x += 0.025f * w * shake * tremble(c, 1, seconds);
		p.y += 0.025f * w * shake * tremble(c, 2, seconds);
		angle = 0.05f * shake * tremble(c, 4, seconds);
	}
	p.sine = sinf(angle);
	p.cosine = cosf(angle);
	return p;
}

static float moment(const struct clip *c, int frame)
{
	return (float)frame / (float)c->fps;
}

static bool occluded(const struct clip *c, float seconds, float x, float y)
{
	for (int i = 0; i < c->occluder_count; i++) {
		const struct occluder *o = &c->occluders[i];
		float range = (float)c->width + o->width, left = fmodf(o->x + o->speed * seconds, range);
		left += (left < 0 ? range : 0) - o->width;
		if (x >= left && x < left + o->width && y >= o->top && y < o->bottom)
			return true;
	}
	return false;
}

bool clip_place(const struct clip *c, int frame, const struct pane *p, float x, float y, float at[2])
{
	float seconds = moment(c, frame);
	struct pose e = pose_at(c, seconds);
	float dx = p->x + travelled(c, seconds) + x * p->k - e.x, dy = p->y + y * p->k - e.y;

	at[0] = (float)c->width / 2 + e.zoom * (e.cosine * dx - e.sine * dy);
	at[1] = (float)c->height / 2 + e.zoom * (e.sine * dx + e.cosine * dy);
	return at[0] >= 0 && at[1] >= 0 && at[0] < (float)c->width && at[1] < (float)c->height &&
	       !occluded(c, seconds, at[0], at[1]);
}

float clip_scale(const struct clip *c, int frame, const struct pane *p)
{
	return p->k * pose_at(c, moment(c, frame)).zoom;
}

/* --- drawing --------------------------------------------------------------- */

static float bilinear(const uint8_t *luma, int width, float x, float y)
{
	int ix = (int)x, iy = (int)y;
	float fx = x - (float)ix, fy = y - (float)iy;
	const uint8_t *a = luma + (size_t)iy * (size_t)width + ix, *b = a + width;

	return (1 - fy) * ((1 - fx) * a[0] + fx * a[1]) + fy * ((1 - fx) * b[0] + fx * b[1]);
}

/* A coordinate of an endless row of copies, each the mirror of the one before. */
static float mirrored(float v, int side)
{
	float range = (float)(side - 2);
	v = fmodf(fabsf(v), 2 * range);
	return v < range ? v : 2 * range - v;
}

/* The world at a place, with panes at half their size where that is enough. */
static float look(const struct clip *c, int half, float seconds, float x, float y)
{
	float at = x - travelled(c, seconds), by = half ? 0.5f : 1;

	for (int i = 0; i < c->pane_count; i++) {
		const struct pane *p = &c->panes[i];
		/* A pixel's middle is at a half. */
		float px = (at - p->x) * by - 0.5f, py = (y - p->y) * by - 0.5f;
		int w = p->width >> half, h = p->height >> half;
		if (px >= 0 && py >= 0 && px < (float)(w - 1) && py < (float)(h - 1))
			return bilinear(p->luma[half], w, px, py);
	}
	return bilinear(c->back, c->back_width, mirrored(x, c->back_width), mirrored(y, c->height));
}

/* Adds the frame as it is at one moment. */
static void expose(const struct clip *c, float seconds, float *sum)
{
	struct pose e = pose_at(c, seconds);
	int half = e.zoom < 0.75f;
	float dx = e.cosine / e.zoom, dy = -e.sine / e.zoom;

	for (int y = 0; y < c->height; y++) {
		float v = (float)y + 0.5f - (float)c->height / 2, u = 0.5f - (float)c->width / 2;
		float wx = e.x + (e.cosine * u + e.sine * v) / e.zoom;
		float wy = e.y + (e.cosine * v - e.sine * u) / e.zoom;
		for (int x = 0; x < c->width; x++, wx += dx, wy += dy)
			*sum++ += look(c, half, seconds, wx, wy);
	}
}

/* What a sensor adds: nearly normal, of deviation 1, from a table. */
static const float *grain(void)
{
	static float table[1 << 16];
	static bool made;
	uint32_t state = 1;

	for (int i = 0; !made && i < 1 << 16; i++) {
		for (int k = 0; k < 4; k++)
			table[i] += chance(&state) - 0.5f;
		table[i] *= sqrtf(3);
	}
	made = true;
	return table;
}

void clip_draw(struct clip *c, int frame, uint8_t *luma)
{
	static float *sum;
	const float *noise = grain();
	int n = c->width * c->height, exposures = c->shutter > 0 ? EXPOSURES : 1;
	float seconds = moment(c, frame), brighter = exposure(c, seconds) + 0.5f;
	uint32_t state = c->random + (uint32_t)frame * 7919;

	sum = realloc(sum, (size_t)n * sizeof(*sum));
	if (!sum)
		die("clip", "not enough memory");
	memset(sum, 0, (size_t)n * sizeof(*sum));
	for (int i = 0; i < exposures; i++) {
		float part = ((float)i + 0.5f) / (float)exposures - 0.5f;
		expose(c, seconds + part * c->shutter / (float)c->fps, sum);
	}
	for (int i = 0; i < n; i++) {
		float v = sum[i] / (float)exposures * c->light;
		if (occluded(c, seconds, (float)(i % c->width) + 0.5f, (float)(i / c->width) + 0.5f))
			v = 30 + 40 * (float)(i / c->width) / (float)c->height;
		state = state * 1664525u + 1013904223u;
		v += c->noise * noise[state >> 16] + brighter;
		luma[i] = (uint8_t)fminf(fmaxf(v, 0), 255);
	}
}
