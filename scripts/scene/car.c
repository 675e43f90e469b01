// SPDX-License-Identifier: GPL-2.0-or-later
/* car.c - one vehicle in the street: mesh, art, plate, shadow, lights. */
#include "scene.h"

#include <math.h>
#include <stdlib.h>

#define FACE_PPM 380.0f
#define SIDE_PPM 150.0f

/* Car space (z from the rear, x to the right of the driver) to the street. */
Vec vehicle_to_world(const Vehicle *v, float t, Vec p)
{
	const Shape *s = shape_of(v->body);
	float c = cosf(v->yaw), n = sinf(v->yaw), x = p.x, z = p.z;

	if (v->front) {
		x = -x;
		z = s->len - z;
	}
	return vec(v->x + v->drift * t + x * c + z * n, p.y,
		   v->z0 + v->speed * t - x * n + z * c);
}

static Vec turn_normal(const Vehicle *v, Vec a)
{
	float c = cosf(v->yaw), n = sinf(v->yaw);
	float x = v->front ? -a.x : a.x, z = v->front ? -a.z : a.z;

	return vec(x * c + z * n, a.y, z * c - x * n);
}

/* Clockwise from the top left, as the camera sees it, in car space. */
static void plate_local(const Vehicle *v, Vec out[4])
{
	const Shape *s = shape_of(v->body);
	float w = v->plate.w / 2, h = v->plate.h / 2, y, gap = 0.022f;
	float flip = v->front ? -1 : 1, z, slope = 0.05f;

	if (v->body == BODY_MOTO) {
		y = s->plate_r;
		z = -0.04f;
	} else {
		y = v->front ? s->plate_f : s->plate_r;
		/* It must clear the bulge of the face, bolted on a bracket. */
		z = v->front ?
		    fmaxf(shape_face_z(s, y + h, 1), shape_face_z(s, y - h, 1)) :
		    fminf(shape_face_z(s, y + h, 0), shape_face_z(s, y - h, 0));
		z = v->front ? z + gap : z - gap;
	}
	slope *= flip;
	out[0] = vec(-w * flip, y + h, z + slope * h);
	out[1] = vec(w * flip, y + h, z + slope * h);
	out[2] = vec(w * flip, y - h, z - slope * h);
	out[3] = vec(-w * flip, y - h, z - slope * h);
}

void vehicle_plate_corners(const Vehicle *v, float t, Vec out[4])
{
	Vec local[4];

	plate_local(v, local);
	for (int i = 0; i < 4; i++)
		out[i] = vehicle_to_world(v, t, local[i]);
}

/* The dark gap under the body, seen from behind. */
static void underbody(Vehicle *v, const Shape *s)
{
	Vec n = vec(0, 0, -1);
	float w = s->half * 0.8f, z = v->front ? s->len - 0.5f : 0.5f;
	Vert q[4] = { { vec(-w, 0.36f, z), n, .02f, .02f },
		      { vec(w, 0.36f, z), n, .02f, .02f },
		      { vec(w, 0.13f, z), n, .02f, .02f },
		      { vec(-w, 0.13f, z), n, .02f, .02f } };

	if (v->body == BODY_LORRY)
		for (int i = 0; i < 2; i++)
			q[i].p.y = 0.7f;
	add_quad(v, PART_TYRE, q[0], q[1], q[2], q[3]);
}

/* The motorcycle is cut-outs one behind the other. */
static void moto_mesh(Vehicle *v)
{
	for (int i = 0; i < 2; i++) {
		Vert q[4];
		float z = i ? 0.75f : 0.02f, top = i ? 1.8f : 1.1f;

		quad_flat(q, vec(-0.45f, top, z), vec(0.45f, top, z),
			  vec(0.45f, 0, z), vec(-0.45f, 0, z));
		for (int k = 0; k < 4; k++)
			/* Rounded to the light, though the cut-out is flat. */
			q[k].n = vec(k == 0 || k == 3 ? -0.9f : 0.9f, 0.15f,
				     -1);
		add_quad(v, i ? PART_SIDE : PART_REAR, q[0], q[1], q[2], q[3]);
	}
}

void vehicle_build(Vehicle *v, uint32_t seed)
{
	const Shape *s = shape_of(v->body);
	CarLook k = { v->paint, s, v->body, v->plate.w, v->plate.h,
		      v->speed == 0 };
	float w = 2 * (s->half + ART_MARGIN), h;

	v->art[PART_TYRE] = tex_draw(0.3f, 0.3f, 200, art_tyre, &k, seed, .2f);
	v->art[PART_PAINT] = tex_draw(1, 1, 16, art_paint, &k, seed, 0);
	if (v->body == BODY_MOTO) {
		v->art[PART_REAR] = tex_draw(0.9f, 1.1f, FACE_PPM, art_moto,
					     &k, seed, 0.1f);
		v->art[PART_SIDE] = tex_draw(0.9f, 1.8f, FACE_PPM, art_rider,
					     &k, seed, 0.25f);
		v->art[PART_FRONT] = NULL;
		moto_mesh(v);
		return;
	}
	h = s->prof[s->points / 2][1] + ART_MARGIN;
	v->art[PART_REAR] = tex_draw(w, h, v->front ? 60 : FACE_PPM, art_rear,
				     &k, seed, 0.05f);
	v->art[PART_FRONT] = tex_draw(w, h, v->front ? FACE_PPM : 60,
				      art_front, &k, seed, 0.05f);
	v->art[PART_SIDE] = tex_draw(s->len, h, SIDE_PPM, art_side, &k, seed,
				     0.05f);
	body_mesh(v);
	underbody(v, s);
}

void vehicle_free(Vehicle *v)
{
	for (int i = 0; i < PARTS; i++)
		tex_free(v->art[i]);
	tex_free(v->plate.tex);
	free(v->mesh);
	free(v->part);
}

/* A patch on the road: shadow or light of the head lamps. */
static void road_patch(const Vehicle *v, View *view, float t, const Surf *s,
		       Vec mid, float rx, float rz, float unit)
{
	static const float at[4][2] = { { -1, 1 }, { 1, 1 }, { 1, -1 },
					{ -1, -1 } };
	Vert q[4];

	for (int i = 0; i < 4; i++) {
		Vec p = vec(mid.x + at[i][0] * rx, 0.012f,
			    mid.z + at[i][1] * rz);

		q[i].p = vehicle_to_world(v, t, p);
		q[i].n = vec(0, 1, 0);
		q[i].u = at[i][0] * (unit > 0 ? unit : rx) *
			 (v->front ? -1 : 1);
		q[i].v = at[i][1] * (unit > 0 ? unit : rz) *
			 (v->front ? -1 : 1);
	}
	draw_quad(view, q, s);
}

static void draw_shadow(const Vehicle *v, View *view, float t)
{
	const Shape *s = shape_of(v->body);
	float w = v->body == BODY_MOTO ? 0.18f : s->half;
	Surf sh = { .kind = SURF_SHADOW, .sx = w - 0.02f,
		    .sz = s->len / 2 - 0.05f };

	road_patch(v, view, t, &sh, vec(0, 0, s->len / 2), w + 0.9f,
		   s->len / 2 + 0.9f, 0);
}

static void draw_beams(const Vehicle *v, View *view, float t)
{
	const Shape *s = shape_of(v->body);
	Surf beam = { .kind = SURF_BEAM, .glow = 1.6f };

	if (!v->lit || !view->light->dusk || v->body == BODY_MOTO)
		return;
	road_patch(v, view, t, &beam, vec(0, 0, s->len + 4.5f), 2.0f, 5.5f, 1);
	beam.glow = 0.9f;
	road_patch(v, view, t, &beam, vec(0, 0, s->len + 1.5f), 1.5f, 2.5f, 1);
}

static void draw_plate(const Vehicle *v, View *view, float t)
{
	Vec c[4];
	Vert q[4];
	/* Rear plates have lamps of their own; fronts catch stray light. */
	Surf s = { .tex = v->plate.tex, .bias = -0.6f,
		   .fill = view->light->dusk ?
			   (v->front || !v->lit ? 0.10f : 0.20f) : 0.04f };

	vehicle_plate_corners(v, t, c);
	quad_flat(q, c[0], c[1], c[2], c[3]);
	draw_quad(view, q, &s);
}

static void draw_body(const Vehicle *v, View *view, float t)
{
	Surf s[PARTS];

	for (int i = 0; i < PARTS; i++)
		s[i] = (Surf){ .tex = v->art[i], .bias = -0.4f,
			       .cull = v->body != BODY_MOTO,
			       .glow = v->lit ? 1 : 0 };
	/* Brake lamps show by day, too. */
	if (v->braking)
		s[PART_REAR].glow = view->light->dusk ? 1.9f : 9;
	for (int i = 0; i < v->tris; i++) {
		const Vert *m = v->mesh + 3 * i;
		Vert q[3];

		for (int k = 0; k < 3; k++) {
			q[k] = m[k];
			q[k].p = vehicle_to_world(v, t, m[k].p);
			q[k].n = turn_normal(v, m[k].n);
		}
		draw_tri(view, &q[0], &q[1], &q[2], &s[v->part[i]]);
	}
	draw_plate(v, view, t);
}

/* What lies on the road goes first: all light, then all shadows, so that no
 * head lamps shine into the shadow under the car ahead. */
void vehicles_draw(const Vehicle *v, int n, View *view, float t, int moving)
{
	for (int step = 0; step < 3; step++)
		for (int i = 0; i < n; i++) {
			if ((v[i].speed != 0) != moving)
				continue;
			if (step == 0)
				draw_beams(&v[i], view, t);
			else if (step == 1)
				draw_shadow(&v[i], view, t);
			else
				draw_body(&v[i], view, t);
		}
}
