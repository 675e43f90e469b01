// SPDX-License-Identifier: GPL-2.0-or-later
/* street.c - everything that does not move: road, pavement, houses, trees,
 * signs. */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#define ROAD_L -5.75f
#define ROAD_R 2.35f
#define MIDDLE -2.75f
#define ROW_L -7.9f
#define ROW_R 4.0f
#define PAVED 0.12f
#define MAX_THINGS 64

struct thing { Surf s; Vert q[4]; };
struct Street {
	Tex *tex[48];
	struct thing thing[MAX_THINGS];
	int texs, things;
	uint32_t seed;
};

static float stripe(float x, float at, float half, float soft)
{
	return smooth(half + soft, half - soft, fabsf(x - at));
}

/* Paint on the road, 0..1. */
static float markings(float x, float z, float soft)
{
	float m = 0, along = fmodf(z + 1.2f, 6.0f);

	if (along < 3.0f)
		m = stripe(x, MIDDLE, 0.065f, soft);
	m = fmaxf(m, stripe(x, 0.02f, 0.055f, soft));
	m = fmaxf(m, stripe(x, ROAD_L + 0.42f, 0.05f, soft));
	/* Ends of the parking bays. */
	if (x > 0.02f && x < ROAD_R - 0.1f)
		m = fmaxf(m, stripe(fmodf(z, 5.6f), 3.1f, 0.05f, soft * 2));
	/* A crossing. */
	if (z > 22.5f && z < 26.0f && x > ROAD_L + 0.3f && x < ROAD_R - 0.3f &&
	    fmodf(x + 20, 1.0f) < 0.5f)
		m = 1;
	return m;
}

static Vec asphalt(float x, float z, float foot)
{
	float fine = 1 / (1 + foot * 160), mid = 1 / (1 + foot * 25);
	float k = 0.112f, crack, lane, patch;
	Vec c;

	k *= 1 + 0.55f * fine * (noise2(x * 130, z * 130, 21) - 0.5f) +
	     0.40f * fine * (noise2(x * 60, z * 60, 22) - 0.5f) +
	     0.35f * mid * (noise2(x * 17, z * 9, 23) - 0.5f) +
	     0.40f * (fbm2(x * 1.3f, z * 0.45f, 3, 24) - 0.5f);
	/* Tyres polish two tracks in every lane. */
	lane = stripe(fabsf(x + 1.35f), 0.75f, 0.2f, 0.25f) +
	       stripe(fabsf(x + 4.15f), 0.75f, 0.2f, 0.25f);
	k *= 1 + 0.10f * lane;
	k *= 1 - 0.16f * stripe(x, -1.35f, 0.15f, 0.3f);
	/* Repaired trench and cracks. */
	patch = x > -3.9f && x < -2.95f && fmodf(z, 23.0f) > 9 &&
		fmodf(z, 23.0f) < 17;
	k *= 1 - 0.30f * patch;
	crack = fabsf(fbm2(x * 0.9f, z * 0.7f, 4, 31) - 0.5f);
	k *= 1 - 0.5f * smooth(0.010f + foot, 0.0f, crack) *
	     smooth(0.5f, 0.6f, noise2(x * 0.4f, z * 0.3f, 32));
	c = vec(k * 1.0f, k * 1.0f, k * 1.03f);
	return c;
}

/* Cast-iron cover in the lane. */
static float manhole(float x, float z)
{
	float dx = x + 1.05f, dz = z - 8.6f, r = sqrtf(dx * dx + dz * dz);

	if (r > 0.36f)
		return 1;
	if (r > 0.31f)
		return 0.45f;
	return fmodf(dx + 10, 0.08f) < 0.04f ? 0.85f : 0.6f;
}

static Vec slabs(float x, float z, float foot)
{
	float fx = fmodf(x + 50, 0.5f), fz = fmodf(z, 0.5f);
	float own = noise_hash((int)floorf((x + 50) * 2), (int)floorf(z * 2),
			       41);
	float k = 0.27f * (0.88f + 0.2f * own), w = 0.008f + foot;
	float joint = fminf(fminf(fx, 0.5f - fx), fminf(fz, 0.5f - fz));

	k *= 1 - 0.45f * smooth(w, 0, joint) * 0.02f / (0.02f + foot);
	k *= 1 + 0.35f * (fbm2(x * 2, z * 1.2f, 4, 42) - 0.5f) +
	     0.3f * (noise2(x * 90, z * 90, 43) - 0.5f) / (1 + foot * 120);
	return vec(k, k * 0.97f, k * 0.92f);
}

Vec ground_albedo(float x, float y, float z, float foot)
{
	float edge = fminf(fabsf(x - ROAD_L), fabsf(x - ROAD_R));
	float paint, wear, k, gutter;
	Vec c;

	if (y > 0.005f) {
		if (edge > 0.16f)
			return slabs(x, z, foot);
		k = 0.33f * (0.8f + 0.4f * fbm2(x * 9, z * 3, 3, 51));
		k *= fmodf(z, 1.0f) < 0.015f + foot ? 0.6f : 1;
		return vec(k, k * 0.98f, k * 0.95f);
	}
	c = vmul(asphalt(x, z, foot), manhole(x, z));
	gutter = smooth(0.35f, 0.02f, edge);
	c = vmul(c, 1 - 0.35f * gutter);
	paint = markings(x, z, 0.006f + foot);
	wear = smooth(0.30f, 0.52f, fbm2(x * 7, z * 3, 4, 61));
	return vmix(c, vec(0.62f, 0.61f, 0.57f), paint * (0.4f + 0.5f * wear));
}

static Tex *keep(Street *s, Tex *t)
{
	s->tex[s->texs++] = t;
	return t;
}

static struct thing *add(Street *s, const Tex *t, Vec tl, Vec tr, Vec br,
			 Vec bl, float bias)
{
	struct thing *h = &s->thing[s->things++];

	h->s = (Surf){ .tex = t, .bias = bias, .glow = 1 };
	quad_flat(h->q, tl, tr, br, bl);
	return h;
}

/* Upright picture facing the camera, its foot at y. */
static struct thing *stand(Street *s, const Tex *t, float x, float y, float z)
{
	float w = (float)t->w / t->ppm, h = (float)t->h / t->ppm;

	return add(s, t, vec(x - w / 2, y + h, z), vec(x + w / 2, y + h, z),
		   vec(x + w / 2, y, z), vec(x - w / 2, y, z), 0);
}

static void ground_quad(Street *s, float x0, float y0, float x1, float y1)
{
	struct thing *h = add(s, NULL, vec(x0, y0, 95), vec(x1, y1, 95),
			      vec(x1, y1, 0.4f), vec(x0, y0, 0.4f), 0);

	h->s.kind = SURF_GROUND;
	for (int i = 0; i < 4; i++)
		h->q[i].n = y0 < y1 ? vec(-1, 0, 0) :
			    y0 > y1 ? vec(1, 0, 0) : vec(0, 1, 0);
}

static void ground(Street *s)
{
	ground_quad(s, ROAD_L, 0, ROAD_R, 0);
	ground_quad(s, -30, PAVED, ROAD_L, PAVED);
	ground_quad(s, ROAD_R, PAVED, 30, PAVED);
	ground_quad(s, ROAD_L, PAVED, ROAD_L, 0);
	ground_quad(s, ROAD_R, 0, ROAD_R, PAVED);
}

static void rows(Street *s)
{
	static const float left[] = { 17, 28, 40, 52, 66 };
	static const float right[] = { 18, 29, 41, 53, 66 };
	Tex *t;

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < 4; i++) {
			const float *z = side ? right : left;
			int style = side * 4 + i;
			float x = side ? ROW_R : ROW_L, h = 9.5f;

			h += 2.5f * noise_hash(i, side, s->seed);
			t = keep(s, tex_draw(z[i + 1] - z[i], h, 72, art_facade,
					     &style, s->seed + (uint32_t)style,
					     0.22f));
			/* Text must not be mirrored on either side. */
			add(s, t, vec(x, h, side ? z[i + 1] : z[i]),
			    vec(x, h, side ? z[i] : z[i + 1]),
			    vec(x, PAVED, side ? z[i] : z[i + 1]),
			    vec(x, PAVED, side ? z[i + 1] : z[i]), 0.8f);
		}
	for (int side = 0; side < 2; side++) {
		int style = side;
		float x0 = side ? ROW_R : ROW_L - 9, h = 9.8f;
		float z = side ? 18 : 17;

		t = keep(s, tex_draw(9, h, 100, art_endwall, &style,
				     s->seed + 50, 0.25f));
		add(s, t, vec(x0, h, z), vec(x0 + 9, h, z),
		    vec(x0 + 9, PAVED, z), vec(x0, PAVED, z), 0);
	}
	t = keep(s, tex_draw(60, 13, 20, art_far, NULL, s->seed + 60, 0.2f));
	add(s, t, vec(-32, 13, 92), vec(28, 13, 92), vec(28, 0, 92),
	    vec(-32, 0, 92), 0);
}

static void trees(Street *s)
{
	static const float at[][2] = { { -6.6f, 23 }, { 3.25f, 22 },
				       { -6.7f, 34 }, { 3.2f, 33 },
				       { -6.7f, 46 }, { 3.2f, 45 },
				       { -6.6f, 60 }, { 3.2f, 60 } };
	Tex *kind[3];

	for (int i = 0; i < 3; i++)
		kind[i] = keep(s, tex_draw(4.4f, 6.6f, 110, art_tree, NULL,
					   s->seed + 70 + (uint32_t)i, 0.2f));
	for (int i = 0; i < 8; i++) {
		struct thing *h = stand(s, kind[i % 3], at[i][0], PAVED,
					at[i][1]);

		for (int k = 0; k < 4; k++)
			h->q[k].n = vnorm(vec(-0.2f, 0.7f, -0.7f));
	}
	kind[0] = keep(s, tex_draw(6, 1.5f, 110, art_hedge, NULL,
				   s->seed + 80, 0.3f));
	stand(s, kind[0], 6.5f, PAVED, 16.0f);
}

static void furniture(Street *s)
{
	int one = 0, two = 1;
	Tex *t = keep(s, tex_draw(0.16f, 5.3f, 100, art_pole, NULL, 1, 0.1f));

	stand(s, t, -6.25f, PAVED, 13.2f);
	stand(s, t, 2.75f, PAVED, 27.0f);
	stand(s, t, -6.2f, PAVED, 42.0f);
	t = keep(s, tex_draw(0.9f, 0.2f, 100, art_lamp, NULL, 1, 0));
	stand(s, t, -5.85f, 5.22f, 13.15f);
	stand(s, t, 2.35f, 5.22f, 26.95f);
	stand(s, t, -5.8f, 5.22f, 41.95f);
	t = keep(s, tex_draw(0.72f, 3.0f, 200, art_road_sign, &one, 1, 0.06f));
	stand(s, t, 2.75f, PAVED, 15.5f);
	t = keep(s, tex_draw(0.72f, 3.0f, 200, art_road_sign, &two, 1, 0.06f));
	stand(s, t, -6.1f, PAVED, 19.5f);
	t = keep(s, tex_draw(1.3f, 2.5f, 160, art_poster, &one, 1, 0.06f));
	stand(s, t, -7.2f, PAVED, 15.0f);
	t = keep(s, tex_draw(1.3f, 0.75f, 220, art_shop_sign, &one, 1, 0.06f));
	stand(s, t, -7.2f, 3.0f, 20.5f);
	t = keep(s, tex_draw(1.25f, 0.5f, 220, art_shop_sign, &two, 1, 0.06f));
	stand(s, t, 3.4f, 3.1f, 31.0f);
	t = keep(s, tex_draw(0.34f, 0.24f, 500, art_number, NULL, 1, 0.04f));
	stand(s, t, 4.32f, 2.15f, 17.95f);
	t = keep(s, tex_draw(0.9f, 1.9f, 200, art_walker, &one, 1, 0.2f));
	stand(s, t, -6.9f, PAVED, 26.0f);
	t = keep(s, tex_draw(0.9f, 1.9f, 200, art_walker, &two, 1, 0.2f));
	stand(s, t, 3.3f, PAVED, 19.5f);
}

Street *street_new(uint32_t seed)
{
	Street *s = must_alloc(1, sizeof(*s));

	s->seed = seed;
	ground(s);
	rows(s);
	trees(s);
	furniture(s);
	return s;
}

void street_free(Street *s)
{
	for (int i = 0; i < s->texs; i++)
		tex_free(s->tex[i]);
	free(s);
}

void street_draw(const Street *s, View *v)
{
	for (int i = 0; i < s->things; i++)
		draw_quad(v, s->thing[i].q, &s->thing[i].s);
}
