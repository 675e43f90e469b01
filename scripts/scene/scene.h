// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scene.h - shared declarations of the demo street renderer.
 *
 * The picture is made in three steps: cairo draws flat art (car faces, number
 * plates, facades), a small software rasteriser puts that art on simple 3-D
 * shapes seen by a fixed pinhole camera, and a post-processing step in float
 * turns the result into something a cheap camera could have delivered.
 *
 * World axes in metres: x to the right, y up, z away from the camera, the
 * road surface at y = 0, the camera at (0, CAM_HEIGHT, 0).
 *
 * Colours are linear light in float; art textures are stored with a gamma of
 * two, so that decoding is one multiplication.
 */
#ifndef PLATEVEIL_SCENE_H
#define PLATEVEIL_SCENE_H

#include <cairo.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define CAM_HEIGHT 1.55f
#define SUBFRAMES 4
#define MIP_LEVELS 11
#define MAX_CHARS 12
#define MAX_LAMPS 4
#define MAX_VEHICLES 8
#define PI_F 3.14159265f

/* A plate counts as readable from these many whole visible characters of
 * this size on, unless the movement during the exposure smears them by more
 * than this share of their width (also stated in --help). */
#define READABLE_CHARS 3
#define READABLE_PX 6.0f
#define READABLE_WIDTH_PX 2.5f
#define READABLE_SMEAR 0.35f

typedef struct { float x, y, z; } Vec;
typedef struct { Vec p, n; float u, v; } Vert;
typedef struct { float u0, v0, u1, v1; } Box;

/* ---- noise.c: deterministic random numbers and value noise ---- */
typedef struct { uint32_t s; } Rng;
uint32_t rng_next(Rng *r);
float rng_unit(Rng *r);
float rng_range(Rng *r, float lo, float hi);
float noise_hash(int x, int y, uint32_t salt);
float noise2(float x, float y, uint32_t salt);
float fbm2(float x, float y, int octaves, uint32_t salt);
void *must_alloc(size_t count, size_t size);

/* ---- small helpers, inline because they run for every pixel ---- */
static inline float clamp01(float v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

static inline float mixf(float a, float b, float t)
{
	return a + (b - a) * t;
}

static inline float smooth(float lo, float hi, float v)
{
	float t = clamp01((v - lo) / (hi - lo));

	return t * t * (3 - 2 * t);
}

static inline Vec vec(float x, float y, float z)
{
	return (Vec){ x, y, z };
}

static inline Vec vadd(Vec a, Vec b)
{
	return vec(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline Vec vmul(Vec a, float k)
{
	return vec(a.x * k, a.y * k, a.z * k);
}

static inline Vec vmix(Vec a, Vec b, float t)
{
	return vec(mixf(a.x, b.x, t), mixf(a.y, b.y, t), mixf(a.z, b.z, t));
}

static inline float vdot(Vec a, Vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline Vec vnorm(Vec a)
{
	float l = sqrtf(vdot(a, a));

	return l > 1e-9f ? vmul(a, 1 / l) : vec(0, 1, 0);
}

/* ---- art.c: textures drawn with cairo ---- */
/* Colour is premultiplied RGBA; "mat" holds reflectance and glow. */
typedef struct {
	int w, h, levels;
	float ppm; /* texels per metre, for the choice of mip level */
	uint8_t *px[MIP_LEVELS];
	uint8_t *mat[MIP_LEVELS];
} Tex;

/* Art is drawn twice by the same code: colours first, then materials. */
typedef struct {
	cairo_t *cr;
	int materials;
	Rng rng; /* same sequence in both passes */
} Art;

typedef struct { float r, g, b; } Rgb;
typedef void (*ArtFn)(Art *a, const void *ctx);

Tex *tex_draw(float w_m, float h_m, float ppm, ArtFn fn, const void *ctx,
	      uint32_t seed, float grain);
void tex_free(Tex *t);
void ink(Art *a, Rgb c, float reflect, float glow);
void ink_alpha(Art *a, Rgb c, float alpha);
void ink_grad(Art *a, float x0, float y0, float x1, float y1, Rgb c0, Rgb c1,
	      float reflect, float glow);
Rgb rgb(float r, float g, float b);
Rgb shade_rgb(Rgb c, float k);
void path_round(cairo_t *cr, float x, float y, float w, float h, float r);
void fill_rect(Art *a, float x, float y, float w, float h);
void fill_round(Art *a, float x, float y, float w, float h, float r);
void fill_disc(Art *a, float x, float y, float rx, float ry);
void stroke_line(Art *a, float w, float x0, float y0, float x1, float y1);
void fill_text(Art *a, const char *family, const char *s, float x, float y,
	       float w, float h);

/* ---- light.c ---- */
typedef struct { Vec pos; Vec col; } Lamp;
typedef struct {
	Vec sun_dir, sun, zenith, horizon, bounce;
	Lamp lamp[MAX_LAMPS];
	int lamps;
	float glow, exposure, noise, bloom;
	float shutter; /* seconds */
	int dusk;
} Light;

enum surf_kind { SURF_ART, SURF_GROUND, SURF_SHADOW, SURF_BEAM };
typedef struct {
	enum surf_kind kind;
	const Tex *tex;
	float bias;  /* added to the mip level */
	float glow;  /* factor on the glow of the art */
	float fill;  /* extra light of its own, e.g. a plate lamp */
	int cull;    /* closed shape: skip faces that look away */
	float sx, sz; /* half size, for shadows */
} Surf;

void light_day(Light *l);
void light_dusk(Light *l);
Vec sky_colour(const Light *l, Vec dir);
/* 0: leave the pixel alone; 1: replace it; 2: blended into out already. */
int surf_shade(const Light *l, const Surf *s, Vec p, Vec n, float u, float v,
	       float footprint, float out[3]);

/* ---- camera.c ---- */
typedef struct {
	int w, h;
	float f, cx, cy, jx, jy;
	float *rgb, *z;
	const Light *light;
} View;

void view_init(View *v, int w, int h);
void view_free(View *v);
void view_clear(View *v);
int project(const View *v, Vec p, float *x, float *y);
void draw_tri(View *v, const Vert *a, const Vert *b, const Vert *c,
	      const Surf *s);
void draw_quad(View *v, const Vert q[4], const Surf *s);
void quad_flat(Vert q[4], Vec tl, Vec tr, Vec br, Vec bl);

/* ---- post.c ---- */
typedef struct {
	int w, h, quality;
	float *a, *b;
	uint8_t *bytes;
	void *tj;
} Post;

int post_init(Post *p, int w, int h, int quality);
void post_free(Post *p);
void post_develop(Post *p, const Light *l, float *rgb, uint32_t seed);
int post_write(Post *p, const char *path);

/* ---- plate.c ---- */
enum plate_style {
	PLATE_DE, PLATE_FR, PLATE_UK_FRONT, PLATE_UK_REAR, PLATE_NL, PLATE_US,
	PLATE_BR, PLATE_JP, PLATE_IT_MOTO, PLATE_IN, PLATE_CZ, PLATE_STYLES
};
typedef struct {
	enum plate_style style;
	char text[40];    /* as listed in plates.csv */
	char line[2][12]; /* the large characters of each line */
	int lines, chars;
	Box box[MAX_CHARS]; /* where each large character lies, 0..1 */
	float w, h;         /* metres */
	Tex *tex;
} Plate;

const char *plate_country(enum plate_style s);
void plate_make(Plate *p, enum plate_style s, const char *line0,
		const char *line1, uint32_t seed);

/* ---- shape.c, carrear.c, carfront.c, car.c ---- */
#define ART_MARGIN 0.05f /* art reaches this far beyond the body */
enum body { BODY_HATCH, BODY_SALOON, BODY_VAN, BODY_SUV, BODY_KEI, BODY_LORRY,
	    BODY_MOTO, BODY_KINDS };
typedef struct {
	float len, half, half_roof, belt; /* metres */
	float axle_r, axle_f, wheel;
	float roof_r, roof_f;    /* z where the roof starts and ends */
	float glass_lo, glass_hi; /* rear window */
	float shield_lo, shield_hi; /* windscreen */
	float plate_r, plate_f;  /* height of the plate's centre */
	int points;
	float prof[20][2];       /* side view, rear bottom to front bottom */
} Shape;
const Shape *shape_of(enum body b);
float shape_face_z(const Shape *s, float y, int front);

enum part { PART_REAR, PART_FRONT, PART_SIDE, PART_PAINT, PART_TYRE, PARTS };
typedef struct {
	enum body body;
	int front; /* the front looks at the camera */
	Rgb paint;
	float x, z0, speed, yaw, drift; /* z(t) = z0 + speed t */
	int lit, braking;
	Plate plate;
	Tex *art[PARTS];
	Vert *mesh;
	uint8_t *part; /* of each triangle */
	int tris, room;
} Vehicle;

typedef struct { Rgb paint; const Shape *s; enum body body; float plate_w,
		 plate_h; int parked; } CarLook;
void art_rear(Art *a, const void *look);
void art_front(Art *a, const void *look);
void art_side(Art *a, const void *look);
void art_paint(Art *a, const void *look);
void art_tyre(Art *a, const void *look);
void art_moto(Art *a, const void *look);
void art_rider(Art *a, const void *look);

void vehicle_build(Vehicle *v, uint32_t seed);
void vehicle_free(Vehicle *v);
void vehicles_draw(const Vehicle *v, int n, View *view, float t, int moving);
void vehicle_plate_corners(const Vehicle *v, float t, Vec out[4]);
void body_mesh(Vehicle *v);
void add_quad(Vehicle *v, enum part part, Vert a, Vert b, Vert c, Vert d);
Vec vehicle_to_world(const Vehicle *v, float t, Vec p);

/* ---- street.c, facade.c ---- */
typedef struct Street Street;
Street *street_new(uint32_t seed);
void street_free(Street *s);
void street_draw(const Street *s, View *v);
Vec ground_albedo(float x, float y, float z, float footprint);
void art_facade(Art *a, const void *ctx);
void art_endwall(Art *a, const void *ctx);
void art_far(Art *a, const void *ctx);
void art_tree(Art *a, const void *ctx);
void art_hedge(Art *a, const void *ctx);
void art_poster(Art *a, const void *ctx);
void art_shop_sign(Art *a, const void *ctx);
void art_road_sign(Art *a, const void *ctx);
void art_number(Art *a, const void *ctx);
void art_pole(Art *a, const void *ctx);
void art_lamp(Art *a, const void *ctx);
void art_walker(Art *a, const void *ctx);

/* ---- cast.c: who drives when ---- */
int cast_day(Vehicle *v, uint32_t seed);
int cast_dusk(Vehicle *v, uint32_t seed);

#endif
