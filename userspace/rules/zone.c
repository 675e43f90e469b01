// SPDX-License-Identifier: GPL-2.0-or-later
/* Zones: places in the picture that a rule names. */
#include "rules.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct pv_rule pv_zone_rule_list[] = {
	{ "rectangle", "%", "LEFT TOP WIDTH HEIGHT", "", "where the zone is, in percent of the picture",
	  "" },
	{ "polygon", "%", "X Y, X Y, X Y, ...", "", "or its corners, three to sixteen", "" },
	{ "kind", "", "mask|ignore", "mask",
	  "mask: always veiled, whatever is found there; ignore: plates there are not veiled",
	  "A mask veils to the pixel, or as far as a JPEG block that it touches. What is found in an "
	  "ignored zone is shown when its centre lies there." },
	{ "camera", "", "NAME", "", "the camera it is for; without, all cameras",
	  "A camera's name, or where it is plugged in, as for [veil \"NAME\"]." },
	{ "burned", "", "yes|no", "no", "yes: the module blackens the zone too, whatever plateveild does",
	  "For a mask with a rectangle. The view then offers no JPEG." },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

/* One number from 0 to 100; moves *p on. */
static bool read_percent(const char **p, float *out)
{
	char *end;
	const char *s = *p + strspn(*p, " ");

	*out = strtof(s, &end);
	if (end == s || !(isdigit((unsigned char)*s) || *s == '.') || !(*out >= 0 && *out <= 100))
		return false;
	*p = end;
	return true;
}

static bool set_rectangle(struct pv_zone *z, const char *p)
{
	float v[4];

	for (int i = 0; i < 4; i++)
		if (!read_percent(&p, &v[i]) || (*p != ' ' && *p))
			return false;
	p += strspn(p, " ");
	if (*p || v[2] <= 0 || v[3] <= 0 || v[0] + v[2] > 100.001f || v[1] + v[3] > 100.001f)
		return false;
	z->left = v[0];
	z->top = v[1];
	z->width = v[2];
	z->height = v[3];
	z->points = 0;
	return true;
}

static bool set_polygon(struct pv_zone *z, const char *p)
{
	float x[PV_MAX_POINTS], y[PV_MAX_POINTS];
	float x0 = 100, y0 = 100, x1 = 0, y1 = 0;
	int n = 0;

	for (;; p++) {
		if (n == PV_MAX_POINTS || !read_percent(&p, &x[n]) || *p != ' ' ||
		    !read_percent(&p, &y[n]))
			return false;
		x0 = fminf(x0, x[n]);
		y0 = fminf(y0, y[n]);
		x1 = fmaxf(x1, x[n]);
		y1 = fmaxf(y1, y[n]);
		n++;
		p += strspn(p, " ");
		if (!*p)
			break;
		if (*p != ',')
			return false;
	}
	if (n < 3 || x1 <= x0 || y1 <= y0)
		return false;
	memcpy(z->x, x, sizeof(x));
	memcpy(z->y, y, sizeof(y));
	z->points = n;
	z->left = x0;
	z->top = y0;
	z->width = x1 - x0;
	z->height = y1 - y0;
	return true;
}

static bool set_word(const char *value, const char *no, const char *yes, bool *out)
{
	*out = !strcmp(value, yes);
	return *out || !strcmp(value, no);
}

bool pv_zone_set(struct pv_zone *z, const char *name, const char *value, char *error, size_t size)
{
	const char *near = pv_rule_nearest(pv_zone_rule_list, name);
	bool yes;

	if (!strcmp(name, "rectangle")) {
		if (set_rectangle(z, value))
			return true;
		snprintf(error, size, "rectangle is left top width height in percent of the picture, "
				      "for example 40 60 20 15, not '%s'", value);
	} else if (!strcmp(name, "polygon")) {
		if (set_polygon(z, value))
			return true;
		snprintf(error, size, "polygon is three to %d corners in percent of the picture, for "
				      "example 0 60, 40 50, 40 100, not '%s'", PV_MAX_POINTS, value);
	} else if (!strcmp(name, "kind")) {
		if (set_word(value, "mask", "ignore", &yes)) {
			z->kind = yes ? PV_ZONE_IGNORE : PV_ZONE_MASK;
			return true;
		}
		snprintf(error, size, "kind is mask or ignore, not '%s'", value);
	} else if (!strcmp(name, "burned")) {
		if (set_word(value, "no", "yes", &z->burned))
			return true;
		snprintf(error, size, "burned is yes or no, not '%s'", value);
	} else if (near) {
		snprintf(error, size, "no rule of a zone is called '%s'; did you mean '%s'?", name, near);
	} else {
		snprintf(error, size, "a zone has rectangle, polygon, kind, camera and burned, not '%s'",
			 name);
	}
	return false;
}

void pv_zone_shape(const struct pv_zone *z, char *text, size_t size)
{
	int n = 0;

	if (!z->points) {
		snprintf(text, size, "rectangle = %g %g %g %g", (double)z->left, (double)z->top,
			 (double)z->width, (double)z->height);
		return;
	}
	for (int i = 0; i < z->points && n >= 0 && (size_t)n < size; i++)
		n += snprintf(text + n, size - (size_t)n, "%s%g %g", i ? ", " : "polygon = ",
			      (double)z->x[i], (double)z->y[i]);
}

bool pv_zone_contains(const struct pv_zone *z, float x, float y)
{
	bool inside = false;

	if (!z->points)
		return x >= z->left && y >= z->top && x < z->left + z->width &&
		       y < z->top + z->height;
	/* A ray to the right crosses the outline an odd number of times. */
	for (int i = 0, k = z->points - 1; i < z->points; k = i++)
		if ((z->y[i] > y) != (z->y[k] > y) &&
		    x < z->x[i] + (z->x[k] - z->x[i]) * (y - z->y[i]) / (z->y[k] - z->y[i]))
			inside = !inside;
	return inside;
}
