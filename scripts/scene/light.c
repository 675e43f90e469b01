// SPDX-License-Identifier: GPL-2.0-or-later
/* light.c - the two moods of the street, and what a surface looks like. */
#include "scene.h"

#include <math.h>

void light_day(Light *l)
{
	*l = (Light){
		.sun_dir = vnorm(vec(-0.34f, 0.80f, -0.52f)),
		.sun = vec(1.55f, 1.45f, 1.28f),
		.zenith = vec(0.30f, 0.46f, 0.78f),
		.horizon = vec(0.82f, 0.86f, 0.90f),
		.bounce = vec(0.20f, 0.19f, 0.17f),
		.glow = 0.05f, .exposure = 0.86f, .noise = 0.011f,
		.bloom = 0.05f, .shutter = 1 / 400.0f,
	};
}

void light_dusk(Light *l)
{
	Vec warm = vec(26.0f, 16.5f, 7.6f);

	*l = (Light){
		.sun_dir = vnorm(vec(0.1f, 0.25f, 1.0f)),
		.sun = vec(0.03f, 0.02f, 0.02f),
		.zenith = vec(0.055f, 0.085f, 0.17f),
		.horizon = vec(0.42f, 0.24f, 0.17f),
		.bounce = vec(0.035f, 0.032f, 0.034f),
		.lamp = { { vec(-5.2f, 5.2f, 13.0f), warm },
			  { vec(1.7f, 5.2f, 8.0f), warm },
			  { vec(1.7f, 5.2f, 27.0f), warm },
			  { vec(-5.2f, 5.2f, 42.0f), warm } },
		.lamps = 4, .dusk = 1,
		.glow = 1, .exposure = 1.25f, .noise = 0.018f, .bloom = 0.14f,
		.shutter = 1 / 200.0f,
	};
}

Vec sky_colour(const Light *l, Vec d)
{
	float up = d.y > 0 ? d.y : 0;
	Vec c = vmix(l->horizon, l->zenith, smooth(0, 1, sqrtf(up) * 1.25f));
	float k = 1 / (up + 0.12f);
	float cloud = fbm2(d.x * k * 2.2f, d.z * k * 2.2f, 5, 77);
	Vec white = l->dusk ? vec(0.20f, 0.13f, 0.13f) :
			      vec(0.98f, 0.98f, 1.0f);

	return vmix(c, white, 0.75f * smooth(0.45f, 0.72f, cloud));
}

/* What a shiny body mirrors: sky, a row of houses, the road. */
static Vec mirrored(const Light *l, Vec d)
{
	/* One lookup serves for the roof line and the tone of the walls. */
	float along = d.x * 3.3f + (d.z < 0 ? 9.0f : 0);
	float blob = noise2(along + 20, d.y * 5 + 20, 5);
	float roof = 0.16f + 0.2f * blob;
	float up = d.y > 0 ? d.y : 0;
	Vec sky = vmix(l->horizon, l->zenith, smooth(0, 1, sqrtf(up)));
	Vec house = vmul(l->horizon, 0.16f + 0.38f * blob * blob);
	Vec c;

	if (d.y < 0)
		c = vmix(house, vmul(l->bounce, 0.75f),
			 smooth(0, 0.10f, -d.y));
	else
		c = vmix(house, sky, smooth(roof - 0.03f, roof + 0.04f, d.y));
	for (int i = 0; i < l->lamps; i++) {
		Vec to = vnorm(vadd(l->lamp[i].pos, vec(0, -1, -6)));
		float s = vdot(to, d);

		if (s > 0.992f)
			c = vadd(c, vmul(l->lamp[i].col,
					 0.06f * smooth(0.992f, 1, s)));
	}
	return c;
}

/* The row of houses on the left keeps the sun off part of the road. */
static float sun_reaches(Vec p)
{
	float edge = -4.9f + 0.7f * (noise2(p.z * 0.12f, 0, 3) - 0.5f);
	float s = smooth(edge - 0.12f, edge + 0.12f, p.x + 0.42f * p.y);
	float near_tree;

	if (p.y >= 0.3f || s <= 0)
		return s;
	/* Patches of light under the trees, on the ground only. */
	near_tree = smooth(2.6f, 0.6f, fabsf(p.x - 3.3f)) +
		    smooth(2.0f, 0.5f, fabsf(p.x + 6.0f));
	if (near_tree <= 0)
		return s;
	return s * (1 - clamp01(near_tree) *
		    smooth(0.42f, 0.56f, fbm2(p.x * 1.6f, p.z * 1.6f, 4, 9)));
}

static Vec light_at(const Light *l, Vec p, Vec n)
{
	float up = 0.5f + 0.5f * n.y;
	Vec sky = vmix(l->horizon, l->zenith, 0.55f);
	Vec sum = vmul(vmix(l->bounce, sky, up), 0.85f);
	float ndl = vdot(n, l->sun_dir);

	if (ndl > 0)
		sum = vadd(sum, vmul(l->sun, ndl *
				     (l->dusk ? 1 : sun_reaches(p))));
	for (int i = 0; i < l->lamps; i++) {
		Vec d = vadd(l->lamp[i].pos, vmul(p, -1));
		float r2 = vdot(d, d), c;

		d = vmul(d, 1 / sqrtf(r2 + 1e-3f));
		c = vdot(d, n) * 0.85f + 0.15f;
		if (c > 0 && d.y > 0)
			sum = vadd(sum, vmul(l->lamp[i].col,
					     c * (0.3f + 0.7f * d.y) /
					     (r2 + 6)));
	}
	return sum;
}

/* Bilinear texture lookup in one mip level, decoded to 0..1. */
static void sample(const Tex *t, const uint8_t *const *levels, int level,
		   float u, float v, float out[4])
{
	int w = t->w >> level, h = t->h >> level;
	float x, y;
	int x0, y0, x1, y1;
	const uint8_t *p = levels[level], *q[4];

	w = w > 0 ? w : 1;
	h = h > 0 ? h : 1;
	x = clamp01(u) * (float)w - 0.5f;
	y = clamp01(v) * (float)h - 0.5f;
	x = x < 0 ? 0 : x;
	y = y < 0 ? 0 : y;
	x0 = (int)x < w - 1 ? (int)x : w - 1;
	y0 = (int)y < h - 1 ? (int)y : h - 1;
	x1 = x0 + 1 < w ? x0 + 1 : x0;
	y1 = y0 + 1 < h ? y0 + 1 : y0;
	x -= (float)x0;
	y -= (float)y0;
	q[0] = p + 4 * (y0 * w + x0);
	q[1] = p + 4 * (y0 * w + x1);
	q[2] = p + 4 * (y1 * w + x0);
	q[3] = p + 4 * (y1 * w + x1);
	for (int c = 0; c < 4; c++)
		out[c] = mixf(mixf(q[0][c], q[1][c], x),
			      mixf(q[2][c], q[3][c], x), y) / 255.0f;
}

static void sample_mip(const Tex *t, int mat, float u, float v, float lod,
		       float out[4])
{
	const uint8_t *const *lv = (const uint8_t *const *)
				   (mat ? t->mat : t->px);
	float other[4], k;
	int a;

	lod = lod < 0 ? 0 : lod;
	a = (int)lod;
	if (a >= t->levels - 1) {
		sample(t, lv, t->levels - 1, u, v, out);
		return;
	}
	k = lod - (float)a;
	sample(t, lv, a, u, v, out);
	/* Materials are broad areas: one level will do. */
	if (mat || k < 0.1f)
		return;
	sample(t, lv, a + 1, u, v, other);
	for (int c = 0; c < 4; c++)
		out[c] = mixf(out[c], other[c], k);
}

/* Distant things lose contrast. */
static void put(const Light *l, Vec c, float z, float out[3])
{
	float haze = 1 - expf(-z / (l->dusk ? 260.0f : 330.0f));

	c = vmix(c, vmul(l->horizon, 0.8f), haze);
	out[0] = c.x;
	out[1] = c.y;
	out[2] = c.z;
}

static int shade_art(const Light *l, const Surf *s, Vec p, Vec n, float u,
		     float v, float footprint, float out[3])
{
	float lod = log2f(s->tex->ppm * footprint) + s->bias, c[4], m[4];
	Vec eye = vnorm(vadd(vec(0, CAM_HEIGHT, 0), vmul(p, -1)));
	Vec alb, col;
	float f0, cosi, ao, fres;

	sample_mip(s->tex, 0, u, v, lod, c);
	if (c[3] < 0.5f)
		return 0;
	sample_mip(s->tex, 1, u, v, lod + 0.5f, m);
	for (int i = 0; i < 3; i++)
		c[i] /= c[3];
	alb = vec(c[0] * c[0], c[1] * c[1], c[2] * c[2]);
	f0 = m[0];
	/* Open sky is hidden from low places. */
	ao = mixf(0.55f, 1, smooth(-0.1f, 0.9f, p.y));
	col = light_at(l, p, n);
	col = vmul(vadd(col, vmul(vec(1, 1, 1), s->fill)), ao * (1 - f0));
	col = vec(col.x * alb.x, col.y * alb.y, col.z * alb.z);
	if (f0 > 0.004f) {
		cosi = clamp01(vdot(eye, n));
		fres = (1 - cosi) * (1 - cosi);
		fres = f0 + clamp01(f0 * 9) * (1 - f0) * fres * fres *
		       (1 - cosi);
		col = vadd(col, vmul(mirrored(l, vadd(vmul(n, 2 * vdot(eye, n)),
						      vmul(eye, -1))), fres));
		/* The sun's highlight. */
		cosi = vdot(vnorm(vadd(eye, l->sun_dir)), n);
		if (cosi > 0.9f && !l->dusk)
			col = vadd(col, vmul(l->sun, fres * 5 *
					     powf(cosi, 420)));
	}
	m[1] *= m[1] * 7 * l->glow * s->glow;
	put(l, vadd(col, vmul(alb, m[1])), p.z, out);
	return 1;
}

static int shade_ground(const Light *l, Vec p, Vec n, float footprint,
			float out[3])
{
	Vec a = ground_albedo(p.x, p.y, p.z, footprint);
	Vec c = light_at(l, p, n);
	/* Worn asphalt shines a little at a flat angle. */
	float flat = smooth(6, 60, p.z) * 0.05f;

	put(l, vadd(vec(a.x * c.x, a.y * c.y, a.z * c.z),
		    vmul(l->horizon, flat)), p.z, out);
	return 1;
}

/* u and v are metres from the middle of the shadow. */
static int shade_shadow(const Light *l, const Surf *s, float u, float v,
			float out[3])
{
	float core = smooth(0.28f, -0.12f, fabsf(u) - s->sx) *
		     smooth(0.28f, -0.12f, fabsf(v) - s->sz);
	/* The sun stands to the left and behind: its shadow lies beyond. */
	float cast = l->dusk ? 0 :
		     smooth(0.08f, -0.05f, fabsf(u - 0.32f) - s->sx) *
		     smooth(0.2f, -0.1f, fabsf(v - 0.3f) - s->sz);
	float k = (1 - 0.80f * core) * (1 - 0.55f * cast);

	for (int i = 0; i < 3; i++)
		out[i] *= k;
	return 2;
}

/* Light of headlamps on the road; u, v in -1..1. */
static int shade_beam(const Surf *s, float u, float v, float out[3])
{
	float r = u * u + v * v;
	float k = r < 1 ? (1 - r) * (1 - r) * s->glow : 0;

	out[0] += 0.100f * k;
	out[1] += 0.096f * k;
	out[2] += 0.082f * k;
	return 2;
}

int surf_shade(const Light *l, const Surf *s, Vec p, Vec n, float u, float v,
	       float footprint, float out[3])
{
	switch (s->kind) {
	case SURF_GROUND:
		return shade_ground(l, p, n, footprint, out);
	case SURF_SHADOW:
		return shade_shadow(l, s, u, v, out);
	case SURF_BEAM:
		return shade_beam(s, u, v, out);
	default:
		return shade_art(l, s, p, n, u, v, footprint, out);
	}
}
