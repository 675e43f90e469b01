// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * camera.c - the pinhole camera and the triangle rasteriser.
 *
 * The picture plane stays upright and is shifted instead of tilted (like a
 * shift lens), so that upright walls stay upright.
 */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#define NEAR_Z 0.35f
#define FAR_Z 1e6f

void view_init(View *v, int w, int h)
{
	float unit = (float)w / 1280.0f;

	v->w = w;
	v->h = h;
	v->f = 1500 * unit;
	v->cx = 0.60f * (float)w;
	v->cy = 0.40f * (float)h;
	v->jx = v->jy = 0;
	v->light = NULL;
	v->rgb = must_alloc((size_t)w * (size_t)h * 3, sizeof(float));
	v->z = must_alloc((size_t)w * (size_t)h, sizeof(float));
}

void view_free(View *v)
{
	free(v->rgb);
	free(v->z);
}

/* Fill with sky. */
void view_clear(View *v)
{
	for (int y = 0; y < v->h; y++)
		for (int x = 0; x < v->w; x++) {
			size_t i = (size_t)y * (size_t)v->w + (size_t)x;
			Vec d = vec(((float)x + 0.5f - v->cx) / v->f,
				    (v->cy - (float)y - 0.5f) / v->f, 1);
			Vec c = sky_colour(v->light, vnorm(d));

			v->rgb[3 * i] = c.x;
			v->rgb[3 * i + 1] = c.y;
			v->rgb[3 * i + 2] = c.z;
			v->z[i] = FAR_Z;
		}
}

int project(const View *v, Vec p, float *x, float *y)
{
	if (p.z < NEAR_Z)
		return 0;
	*x = v->cx + v->f * p.x / p.z;
	*y = v->cy - v->f * (p.y - CAM_HEIGHT) / p.z;
	return 1;
}

static Vert vert_mix(const Vert *a, const Vert *b, float t)
{
	Vert r = { vmix(a->p, b->p, t), vmix(a->n, b->n, t),
		   mixf(a->u, b->u, t), mixf(a->v, b->v, t) };

	return r;
}

/* Barycentric weights already carry 1/z of their corner. */
static void shade_pixel(View *v, const Vert *q[3], const float w[3], size_t i,
			const Surf *s)
{
	float z = 1 / (w[0] + w[1] + w[2]);
	float a = w[0] * z, b = w[1] * z, c = w[2] * z;
	Vec p, n;
	int mode;

	if (z >= v->z[i])
		return;
	p = vadd(vadd(vmul(q[0]->p, a), vmul(q[1]->p, b)), vmul(q[2]->p, c));
	n = vadd(vadd(vmul(q[0]->n, a), vmul(q[1]->n, b)), vmul(q[2]->n, c));
	mode = surf_shade(v->light, s, p, vnorm(n),
			  q[0]->u * a + q[1]->u * b + q[2]->u * c,
			  q[0]->v * a + q[1]->v * b + q[2]->v * c, z / v->f,
			  v->rgb + 3 * i);
	if (mode == 1)
		v->z[i] = z;
}

struct edge { float dx, dy, base; };

/* One row of a triangle, from column x0 to x1 at most. */
static void raster_row(View *v, const Vert *q[3], const struct edge e[3],
		       const float iz[3], int py, int x0, int x1,
		       const Surf *s)
{
	float fy = (float)py + 0.5f, row[3];
	float lo = (float)x0, hi = (float)x1;

	/* Where along the row all three weights are positive. */
	for (int i = 0; i < 3; i++) {
		float at;

		row[i] = e[i].dy * fy + e[i].base;
		if (fabsf(e[i].dx) < 1e-12f) {
			if (row[i] < 0)
				return;
			continue;
		}
		at = -row[i] / e[i].dx - 0.5f;
		if (e[i].dx > 0)
			lo = fmaxf(lo, ceilf(at));
		else
			hi = fminf(hi, floorf(at));
	}
	for (int px = (int)lo; (float)px <= hi; px++) {
		float fx = (float)px + 0.5f, w[3];

		for (int i = 0; i < 3; i++)
			w[i] = (e[i].dx * fx + row[i]) * iz[i];
		shade_pixel(v, q, w, (size_t)py * (size_t)v->w + (size_t)px, s);
	}
}

static void raster(View *v, const Vert *q[3], const Surf *s)
{
	struct edge e[3];
	float x[3] = { 0 }, y[3] = { 0 }, iz[3], area, lo_x, hi_x, lo_y, hi_y;
	int x0, x1, y0, y1;

	for (int i = 0; i < 3; i++) {
		project(v, q[i]->p, &x[i], &y[i]);
		x[i] += v->jx;
		y[i] += v->jy;
		iz[i] = 1 / q[i]->p.z;
	}
	area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
	if (fabsf(area) < 1e-6f)
		return;
	lo_x = fminf(x[0], fminf(x[1], x[2]));
	hi_x = fmaxf(x[0], fmaxf(x[1], x[2]));
	lo_y = fminf(y[0], fminf(y[1], y[2]));
	hi_y = fmaxf(y[0], fmaxf(y[1], y[2]));
	x0 = (int)fmaxf(0, floorf(lo_x - 0.5f));
	y0 = (int)fmaxf(0, floorf(lo_y - 0.5f));
	x1 = (int)fminf((float)v->w - 1, ceilf(hi_x));
	y1 = (int)fminf((float)v->h - 1, ceilf(hi_y));
	for (int i = 0; i < 3; i++) {
		/* Weight of corner i: dx * x + dy * y + base. */
		int j = (i + 1) % 3, k = (i + 2) % 3;

		e[i].dx = (y[j] - y[k]) / area;
		e[i].dy = (x[k] - x[j]) / area;
		e[i].base = (x[j] * y[k] - x[k] * y[j]) / area;
	}
	for (int py = y0; py <= y1; py++)
		raster_row(v, q, e, iz, py, x0, x1, s);
}

/* Does the triangle look away?  By its normals, so winding does not matter. */
static int looks_away(const Vert *a, const Vert *b, const Vert *c)
{
	Vec eye = vec(0, CAM_HEIGHT, 0);
	const Vert *q[3] = { a, b, c };

	for (int i = 0; i < 3; i++)
		if (vdot(q[i]->n, vadd(q[i]->p, vmul(eye, -1))) < 0)
			return 0;
	return 1;
}

void draw_tri(View *v, const Vert *a, const Vert *b, const Vert *c,
	      const Surf *s)
{
	const Vert *in[3] = { a, b, c };
	Vert out[4];
	int n = 0;

	if (a->p.z < NEAR_Z && b->p.z < NEAR_Z && c->p.z < NEAR_Z)
		return;
	if (s->cull && looks_away(a, b, c))
		return;
	if (a->p.z >= NEAR_Z && b->p.z >= NEAR_Z && c->p.z >= NEAR_Z) {
		raster(v, in, s);
		return;
	}
	for (int i = 0; i < 3; i++) {
		const Vert *p = in[i], *q = in[(i + 1) % 3];

		if (p->p.z >= NEAR_Z)
			out[n++] = *p;
		if ((p->p.z >= NEAR_Z) != (q->p.z >= NEAR_Z)) {
			float t = (NEAR_Z - p->p.z) / (q->p.z - p->p.z);

			out[n] = vert_mix(p, q, t);
			out[n++].p.z = NEAR_Z;
		}
	}
	for (int i = 2; i < n; i++) {
		const Vert *t[3] = { &out[0], &out[i - 1], &out[i] };

		raster(v, t, s);
	}
}

void draw_quad(View *v, const Vert q[4], const Surf *s)
{
	draw_tri(v, &q[0], &q[1], &q[2], s);
	draw_tri(v, &q[0], &q[2], &q[3], s);
}

/* A flat rectangle with the whole texture on it, facing the camera. */
void quad_flat(Vert q[4], Vec tl, Vec tr, Vec br, Vec bl)
{
	Vec a = vadd(tr, vmul(tl, -1)), b = vadd(bl, vmul(tl, -1));
	Vec n = vnorm(vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
			  a.x * b.y - a.y * b.x));
	Vec eye = vec(0, CAM_HEIGHT, 0);

	if (vdot(n, vadd(tl, vmul(eye, -1))) > 0)
		n = vmul(n, -1);
	q[0] = (Vert){ tl, n, 0, 0 };
	q[1] = (Vert){ tr, n, 1, 0 };
	q[2] = (Vert){ br, n, 1, 1 };
	q[3] = (Vert){ bl, n, 0, 1 };
}
