// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shape.c - bodies of the vehicles.
 *
 * A body is its side view swept across its width: a strip with rounded edges
 * runs from the rear bumper over the roof to the front bumper, and two sides
 * close it.  That is enough for highlights to run over it as over a real car.
 */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#define SMOOTHED 96
#define FILLET 0.065f
#define ROUND_STEPS 4

static const Shape shapes[BODY_KINDS] = {
	[BODY_HATCH] = { 4.0f, 0.89f, 0.62f, 0.95f, 0.72f, 3.22f, 0.31f,
		0.66f, 2.40f, 1.00f, 1.36f, 0.98f, 1.42f, 0.76f, 0.46f, 15,
		{ { .25f, .21f }, { .05f, .25f }, { 0, .48f }, { .02f, .64f },
		  { .10f, .98f }, { .46f, 1.39f }, { .72f, 1.46f },
		  { 1.7f, 1.49f }, { 2.4f, 1.44f }, { 3.0f, 1.0f },
		  { 3.72f, .84f }, { 3.93f, .72f }, { 4.0f, .50f },
		  { 3.95f, .25f }, { 3.75f, .20f } } },
	[BODY_SALOON] = { 4.6f, 0.90f, 0.61f, 0.97f, 0.95f, 3.72f, 0.32f,
		1.45f, 2.80f, 1.08f, 1.38f, 0.98f, 1.40f, 0.80f, 0.47f, 16,
		{ { .25f, .21f }, { .04f, .26f }, { 0, .50f }, { .02f, .66f },
		  { .07f, 1.0f }, { .20f, 1.05f }, { .72f, 1.08f },
		  { 1.32f, 1.40f }, { 1.6f, 1.44f }, { 2.5f, 1.45f },
		  { 2.85f, 1.40f }, { 3.5f, 1.0f }, { 4.33f, .82f },
		  { 4.53f, .68f }, { 4.6f, .5f }, { 4.5f, .22f } } },
	[BODY_VAN] = { 5.0f, 0.97f, 0.86f, 1.10f, 0.95f, 4.05f, 0.34f,
		0.30f, 3.35f, 1.18f, 1.78f, 1.26f, 1.92f, 0.82f, 0.52f, 14,
		{ { .2f, .30f }, { .03f, .34f }, { 0, .58f }, { .02f, 1.0f },
		  { .05f, 1.88f }, { .16f, 2.04f }, { .6f, 2.08f },
		  { 3.2f, 2.08f }, { 3.6f, 1.97f }, { 4.2f, 1.26f },
		  { 4.78f, 1.06f }, { 4.95f, .86f }, { 5.0f, .55f },
		  { 4.9f, .26f } } },
	[BODY_SUV] = { 4.4f, 0.93f, 0.76f, 1.12f, 0.85f, 3.55f, 0.37f,
		0.40f, 2.55f, 1.16f, 1.60f, 1.16f, 1.68f, 0.88f, 0.60f, 14,
		{ { .25f, .34f }, { .04f, .38f }, { 0, .62f }, { .02f, .76f },
		  { .05f, 1.08f }, { .20f, 1.60f }, { .38f, 1.73f },
		  { .7f, 1.77f }, { 2.2f, 1.77f }, { 2.55f, 1.70f },
		  { 3.1f, 1.16f }, { 4.1f, 1.06f }, { 4.38f, .84f },
		  { 4.35f, .38f } } },
	[BODY_KEI] = { 3.4f, 0.74f, 0.64f, 0.98f, 0.52f, 2.92f, 0.27f,
		0.28f, 2.25f, 1.06f, 1.50f, 1.04f, 1.55f, 0.70f, 0.50f, 13,
		{ { .2f, .22f }, { .03f, .25f }, { 0, .48f }, { .02f, .64f },
		  { .04f, 1.0f }, { .15f, 1.52f }, { .30f, 1.62f },
		  { .6f, 1.66f }, { 2.0f, 1.65f }, { 2.28f, 1.58f },
		  { 2.75f, 1.03f }, { 3.32f, .86f }, { 3.4f, .24f } } },
	[BODY_LORRY] = { 7.0f, 1.16f, 1.14f, 1.5f, 1.5f, 5.9f, 0.46f,
		0.10f, 5.0f, 9.0f, 9.1f, 1.62f, 2.36f, 0.85f, 0.62f, 10,
		{ { .1f, .5f }, { 0, .55f }, { 0, 3.1f }, { .1f, 3.2f },
		  { 4.9f, 3.2f }, { 5.05f, 2.75f }, { 6.6f, 2.62f },
		  { 6.86f, 2.42f }, { 7.0f, 1.5f }, { 6.98f, .36f } } },
	[BODY_MOTO] = { 2.0f, 0.40f, 0.3f, 0.9f, 0.3f, 1.7f, 0.31f,
		0, 0, 0, 0, 0, 0, 0.60f, 0.6f, 0, { { 0, 0 } } },
};

const Shape *shape_of(enum body b)
{
	return &shapes[b];
}

/* The place of the front or rear face at a height. */
float shape_face_z(const Shape *s, float y, int front)
{
	float best = front ? -1e9f : 1e9f;

	for (int i = 0; i + 1 < s->points; i++) {
		const float *a = s->prof[i], *b = s->prof[i + 1];
		float lo = fminf(a[1], b[1]), hi = fmaxf(a[1], b[1]), z;

		if (y < lo || y > hi || hi - lo < 1e-4f)
			continue;
		z = mixf(a[0], b[0], (y - a[1]) / (b[1] - a[1]));
		if (front ? z > best : z < best)
			best = z;
	}
	if (best > 1e8f || best < -1e8f)
		return front ? s->len : 0;
	return best;
}

/* Cut corners twice, keeping both ends. */
static int smooth_profile(const Shape *s, float out[SMOOTHED][2])
{
	float tmp[SMOOTHED][2];
	int n = s->points;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			out[i][k] = s->prof[i][k];
	for (int round = 0; round < 2; round++) {
		int m = 0;

		for (int k = 0; k < 2; k++)
			tmp[0][k] = out[0][k];
		m = 1;
		for (int i = 0; i + 1 < n; i++, m += 2)
			for (int k = 0; k < 2; k++) {
				tmp[m][k] = mixf(out[i][k], out[i + 1][k], .25f);
				tmp[m + 1][k] = mixf(out[i][k], out[i + 1][k],
						     .75f);
			}
		for (int k = 0; k < 2; k++)
			tmp[m][k] = out[n - 1][k];
		n = m + 1;
		for (int i = 0; i < n; i++)
			for (int k = 0; k < 2; k++)
				out[i][k] = tmp[i][k];
	}
	return n;
}

static float half_width(const Shape *s, float y, float z)
{
	float top = s->prof[s->points / 2][1];
	float w = y < s->belt ? s->half :
		  mixf(s->half, s->half_roof, (y - s->belt) / (top - s->belt));
	float a = z < 0.5f ? 1 - z / 0.5f : 0;
	float b = z > s->len - 0.6f ? (z - s->len + 0.6f) / 0.6f : 0;

	/* The flanks bulge a little and the ends are drawn in. */
	w -= 0.05f * (y - 0.62f) * (y - 0.62f);
	return w * (1 - 0.045f * a * a - 0.07f * b * b);
}

static Vert body_vert(const Shape *s, enum part part, Vec p, Vec n)
{
	float w = 2 * (s->half + ART_MARGIN);
	float h = s->prof[s->points / 2][1] + ART_MARGIN;
	Vert r = { p, n, 0.5f, 1 - p.y / h };

	if (part == PART_SIDE)
		r.u = p.z / s->len;
	else if (part == PART_FRONT)
		r.u = 0.5f - p.x / w;
	else
		r.u = 0.5f + p.x / w;
	return r;
}

void add_quad(Vehicle *v, enum part part, Vert a, Vert b, Vert c, Vert d)
{
	Vert q[6] = { a, b, c, a, c, d };

	if (v->tris + 2 > v->room) {
		v->room = v->room ? v->room * 2 : 512;
		v->mesh = realloc(v->mesh, (size_t)v->room * 3 *
				  sizeof(*v->mesh));
		v->part = realloc(v->part, (size_t)v->room);
		if (!v->mesh || !v->part) {
			fprintf(stderr, "scene: out of memory\n");
			exit(1);
		}
	}
	for (int i = 0; i < 6; i++)
		v->mesh[v->tris * 3 + i] = q[i];
	v->part[v->tris] = v->part[v->tris + 1] = (uint8_t)part;
	v->tris += 2;
}

/* A point of the strip: column c of 0 .. 2 * (ROUND_STEPS + 2). */
static Vert strip_vert(const Shape *s, enum part part, const float *p,
		       const float *n, int c)
{
	int last = 2 * (ROUND_STEPS + 2);
	float side = c < last / 2 ? -1 : 1;
	int k = c < last / 2 ? last / 2 - c : c - last / 2;
	float w = half_width(s, p[1], p[0]);
	float crown = 0.02f + 0.035f * fabsf(n[0]), phi = 0, across;
	float in, tilt;
	Vec pos, nor;

	across = k < 3 ? (float)k / 2 : 1;
	if (k > 2)
		phi = (float)(k - 2) / ROUND_STEPS * PI_F / 2;
	in = crown * across * across + FILLET * (1 - cosf(phi));
	pos = vec(side * (across * (w - FILLET) + FILLET * sinf(phi)),
		  p[1] - n[1] * in, p[0] - n[0] * in);
	tilt = atanf(2 * crown * across / w);
	tilt = mixf(tilt, PI_F / 2, phi / (PI_F / 2));
	nor = vec(side * sinf(tilt), n[1] * cosf(tilt), n[0] * cosf(tilt));
	return body_vert(s, part, pos, nor);
}

static Vert side_vert(const Shape *s, float z, float y, float side)
{
	float e = 0.03f, w = half_width(s, y, z);
	float dy = (half_width(s, y + e, z) - half_width(s, y - e, z)) / e / 2;
	float dz = (half_width(s, y, z + e) - half_width(s, y, z - e)) / e / 2;

	return body_vert(s, PART_SIDE, vec(side * w, y, z),
			 vnorm(vec(side, -dy, -dz)));
}

static enum part strip_part(const Shape *s, const float *p)
{
	return p[0] < s->roof_r ? PART_REAR :
	       p[0] > s->roof_f ? PART_FRONT : PART_PAINT;
}

/* Outward normal in the side view. */
static void profile_normal(float pts[SMOOTHED][2], int n, int i, float out[2])
{
	const float *a = pts[i > 0 ? i - 1 : 0];
	const float *b = pts[i + 1 < n ? i + 1 : n - 1];
	float dz = b[0] - a[0], dy = b[1] - a[1];
	float l = sqrtf(dz * dz + dy * dy) + 1e-6f;

	out[0] = -dy / l;
	out[1] = dz / l;
}

static void sides(Vehicle *v, const Shape *s, const float *p, const float *pn,
		  const float *q, const float *qn)
{
	const int rings = 8;
	float in = FILLET + 0.04f;

	for (int side = -1; side <= 1; side += 2)
		for (int r = 0; r < rings; r++) {
			Vert c[4];

			for (int k = 0; k < 4; k++) {
				const float *e = k == 0 || k == 3 ? p : q;
				const float *n = k == 0 || k == 3 ? pn : qn;
				float t = (float)(r + (k > 1)) / (float)rings;
				float z = e[0] - n[0] * in;
				float y = e[1] - n[1] * in;
				/* Towards a line along the middle of the side */
				float mid = fminf(fmaxf(z, 0.7f),
						  s->len - 0.7f);

				c[k] = side_vert(s, mixf(z, mid, t),
						 mixf(y, 0.45f, t),
						 (float)side);
			}
			add_quad(v, PART_SIDE, c[0], c[1], c[2], c[3]);
		}
}

static void wheel(Vehicle *v, const Shape *s, float axle, float side)
{
	float r = s->wheel, x1 = s->half + 0.005f, x0 = x1 - 0.24f;

	for (int i = 0; i < 24; i++) {
		float a = (float)i / 12 * PI_F, b = (float)(i + 1) / 12 * PI_F;
		Vec na = vec(0, sinf(a), cosf(a)), nb = vec(0, sinf(b), cosf(b));
		Vec pa = vadd(vmul(na, r), vec(side * x0, r, axle));
		Vec pb = vadd(vmul(nb, r), vec(side * x0, r, axle));
		Vec out = vec(side * (x1 - x0), 0, 0), n = vec(side, 0, 0);
		Vert q[4] = { { pa, na, 0.1f, 0.1f }, { pb, nb, 0.1f, 0.9f },
			      { vadd(pb, out), nb, 0.9f, 0.9f },
			      { vadd(pa, out), na, 0.9f, 0.1f } };

		add_quad(v, PART_TYRE, q[0], q[1], q[2], q[3]);
		q[0] = body_vert(s, PART_SIDE, vadd(pa, out), n);
		q[1] = body_vert(s, PART_SIDE, vadd(pb, out), n);
		q[2] = body_vert(s, PART_SIDE, vec(side * x1, r, axle), n);
		add_quad(v, PART_SIDE, q[0], q[1], q[2], q[2]);
	}
}

/* Door mirrors: flattened balls. */
static void mirror(Vehicle *v, const Shape *s, float side)
{
	Vec at = vec(side * (s->half + 0.045f), s->belt + 0.085f,
		     s->roof_f + (s->len - s->roof_f) * 0.22f);
	Vec size = vec(0.11f, 0.075f, 0.07f);

	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 10; j++) {
			Vert q[4];

			for (int k = 0; k < 4; k++) {
				float a = (float)(i + (k > 1)) / 8 * PI_F;
				float b = (float)(j + (k == 1 || k == 2)) / 5 *
					  PI_F;
				Vec n = vec(sinf(a) * cosf(b), cosf(a),
					    sinf(a) * sinf(b));

				q[k] = (Vert){ vadd(at, vec(n.x * size.x,
					n.y * size.y, n.z * size.z)), n,
					0.5f, 0.4f };
			}
			add_quad(v, PART_PAINT, q[0], q[1], q[2], q[3]);
		}
}

void body_mesh(Vehicle *v)
{
	const Shape *s = shape_of(v->body);
	float pts[SMOOTHED][2];
	int n = smooth_profile(s, pts), last = 2 * (ROUND_STEPS + 2);

	for (int i = 0; i + 1 < n; i++) {
		enum part part = strip_part(s, pts[i]);
		float a[2], b[2];

		profile_normal(pts, n, i, a);
		profile_normal(pts, n, i + 1, b);
		for (int c = 0; c < last; c++)
			add_quad(v, part,
				 strip_vert(s, part, pts[i], a, c),
				 strip_vert(s, part, pts[i], a, c + 1),
				 strip_vert(s, part, pts[i + 1], b, c + 1),
				 strip_vert(s, part, pts[i + 1], b, c));
		sides(v, s, pts[i], a, pts[i + 1], b);
	}
	for (int side = -1; side <= 1; side += 2) {
		wheel(v, s, s->axle_r, (float)side);
		wheel(v, s, s->axle_f, (float)side);
		mirror(v, s, (float)side);
	}
}
