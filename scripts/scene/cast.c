// SPDX-License-Identifier: GPL-2.0-or-later
/* cast.c - which vehicles pass, on which lane, when.  Times count from the
 * start of the half of the clip; traffic keeps to the right. */
#include "scene.h"

#define LANE_AWAY -1.35f
#define LANE_NEAR -4.15f

struct role {
	enum body body;
	int front;
	Rgb paint;
	float x, z0, speed, yaw, drift;
	int lit, braking;
	enum plate_style style;
	const char *line[2];
};

static const struct role day[] = {
	{ BODY_KEI, 0, { .60f, .68f, .70f }, 1.16f, 4.6f, 0, -.05f, 0, 0, 0,
	  PLATE_JP, { "500", "12-34" } },
	{ BODY_HATCH, 1, { .50f, .12f, .12f }, -5.0f, 13.4f, 0, -.03f, 0, 0, 0,
	  PLATE_NL, { "XK-529-R", NULL } },
	{ BODY_HATCH, 0, { .20f, .30f, .52f }, LANE_AWAY, 4.0f, 3.3f, -.03f,
	  -.03f, 0, 1, PLATE_DE, { "KA PV 482", NULL } },
	{ BODY_MOTO, 0, { .55f, .10f, .10f }, -0.85f, -3.3f, 3.6f, -.06f,
	  -.12f, 1, 0, PLATE_IT_MOTO, { "EK", "48215" } },
	{ BODY_VAN, 1, { .82f, .82f, .80f }, LANE_NEAR, 15.0f, -4.4f, .03f,
	  0, 1, 0, PLATE_BR, { "QRT4H27", NULL } },
	{ BODY_SALOON, 1, { .30f, .31f, .33f }, LANE_NEAR, 29.0f, -5.3f, .03f,
	  .02f, 1, 0, PLATE_FR, { "FT-637-KV", NULL } },
};

static const struct role dusk[] = {
	{ BODY_SALOON, 1, { .16f, .24f, .20f }, 1.22f, 4.8f, 0, .04f, 0, 0, 0,
	  PLATE_UK_FRONT, { "LM17 XRC", NULL } },
	{ BODY_HATCH, 1, { .50f, .12f, .12f }, -5.0f, 13.4f, 0, -.03f, 0, 0, 0,
	  PLATE_NL, { "XK-529-R", NULL } },
	{ BODY_SUV, 0, { .62f, .62f, .60f }, LANE_AWAY, 3.15f, 2.9f, -.05f,
	  -.02f, 1, 0, PLATE_IN, { "MH 12", "CK 4705" } },
	{ BODY_SALOON, 0, { .45f, .08f, .09f }, LANE_AWAY, -10.5f, 4.5f, .03f,
	  .02f, 1, 1, PLATE_UK_REAR, { "BD63 KVT", NULL } },
	{ BODY_SUV, 1, { .28f, .10f, .08f }, LANE_NEAR, 14.5f, -4.2f, .03f,
	  0, 1, 0, PLATE_US, { "7KRV 284", NULL } },
	{ BODY_LORRY, 1, { .16f, .30f, .50f }, LANE_NEAR - .05f, 21.5f, -3.2f,
	  .015f, 0, 1, 0, PLATE_CZ, { "5A8 3926", NULL } },
};

static int cast(Vehicle *v, const struct role *r, int n, uint32_t seed)
{
	for (int i = 0; i < n; i++, r++, v++) {
		Rng g = { seed + (uint32_t)i * 977u };

		*v = (Vehicle){ .body = r->body, .front = r->front,
				.paint = r->paint, .x = r->x, .z0 = r->z0,
				.speed = r->speed, .yaw = r->yaw,
				.drift = r->drift, .lit = r->lit,
				.braking = r->braking };
		/* The seed changes the weather on the paint, not the plot. */
		v->yaw += rng_range(&g, -0.012f, 0.012f);
		v->paint = shade_rgb(v->paint, rng_range(&g, 0.92f, 1.08f));
		plate_make(&v->plate, r->style, r->line[0], r->line[1],
			   rng_next(&g));
		vehicle_build(v, rng_next(&g));
	}
	return n;
}

int cast_day(Vehicle *v, uint32_t seed)
{
	return cast(v, day, (int)(sizeof(day) / sizeof(*day)), seed);
}

int cast_dusk(Vehicle *v, uint32_t seed)
{
	return cast(v, dusk, (int)(sizeof(dusk) / sizeof(*dusk)), seed);
}
