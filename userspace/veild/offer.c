// SPDX-License-Identifier: GPL-2.0-or-later
#include "offer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "camera/camera.h"

static uint64_t interval_ns(const struct plateveil_mode *m)
{
	return m->numerator * 1000000000ull / m->denominator;
}

uint32_t pv_offer_limit(struct plateveil_mode *modes, uint32_t n, const struct pv_rules *r)
{
	uint32_t width = r->maximum_size.width ? (uint32_t)r->maximum_size.width : UINT32_MAX;
	uint32_t height = r->maximum_size.width ? (uint32_t)r->maximum_size.height : UINT32_MAX;
	/* Cameras give 333333/10000000 s for a 30th. */
	uint64_t shortest = r->maximum_rate ? 999000000ull / (uint64_t)r->maximum_rate : 0;
	const struct plateveil_mode *least = &modes[0];
	uint64_t longest = 0;
	uint32_t kept = 0;
	bool fits = false;

	for (uint32_t i = 0; i < n; i++) {
		const struct plateveil_mode *m = &modes[i];
		fits |= m->width <= width && m->height <= height;
		if (m->width * m->height < least->width * least->height)
			least = m;
	}
	if (!fits) {
		width = least->width;
		height = least->height;
	}
	for (uint32_t i = 0; i < n; i++)
		if (modes[i].width <= width && modes[i].height <= height && interval_ns(&modes[i]) > longest)
			longest = interval_ns(&modes[i]);
	if (shortest > longest)
		shortest = longest;
	for (uint32_t i = 0; i < n; i++)
		if (modes[i].width <= width && modes[i].height <= height &&
		    interval_ns(&modes[i]) >= shortest)
			modes[kept++] = modes[i];
	return kept;
}

/* So many of them are of the size and format of the first. */
static uint32_t rates(const struct plateveil_mode *m, uint32_t n)
{
	uint32_t k = 1;

	while (k < n && m[k].pixelformat == m->pixelformat && m[k].width == m->width && m[k].height == m->height)
		k++;
	return k;
}

/* Keeps at most so many rates of each size, evenly spread, or only counts them (to NULL). In place: what is kept
 * stands no later than where it stood. */
static uint32_t keep_rates(const struct plateveil_mode *modes, uint32_t n, uint32_t most, struct plateveil_mode *to)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n;) {
		uint32_t k = rates(&modes[i], n - i), some = k < most ? k : most;
		for (uint32_t j = 0; j < some; j++, kept++)
			if (to)
				to[kept] = modes[i + (some > 1 ? j * (k - 1) / (some - 1) : 0)];
		i += k;
	}
	return kept;
}

uint32_t pv_offer_thin(struct plateveil_mode *modes, uint32_t n, uint32_t most)
{
	uint32_t each = n;

	while (each > 1 && keep_rates(modes, n, each, NULL) > most)
		each--;
	n = keep_rates(modes, n, each, modes);
	return n < most ? n : most;
}

static struct plateveil_mode modes[PV_CAMERA_MODES];

bool pv_offer_any(int camera_fd)
{
	return pv_camera_modes(camera_fd, modes, PV_CAMERA_MODES) > 0;
}

int pv_offer_modes(int control, uint32_t id, int camera_fd, const struct pv_rules *rules)
{
	struct plateveil_modes m = { .id = id, .modes = (uintptr_t)modes,
				     .lease_ms = (uint32_t)rules->lease };

	m.count = (uint32_t)pv_camera_modes(camera_fd, modes, PV_CAMERA_MODES);
	if (!m.count) {
		errno = ENOTSUP;
		return -1;
	}
	m.count = pv_offer_thin(modes, pv_offer_limit(modes, m.count, rules), PLATEVEIL_MAX_MODES);
	return ioctl(control, PLATEVEIL_IOC_SET_MODES, &m);
}

/* Outwards: a thin one is burned, too. What a float cannot say of a hundredth is no unit more. */
static uint32_t units(float percent, bool up)
{
	float n = percent * PLATEVEIL_ZONE_UNITS / 100, whole = up ? ceilf(n - 0.01f) : floorf(n + 0.01f);

	return whole < PLATEVEIL_ZONE_UNITS ? (uint32_t)whole : PLATEVEIL_ZONE_UNITS;
}

static uint32_t burned(const struct pv_rules *rules, struct plateveil_zone list[PV_MAX_ZONES])
{
	uint32_t n = 0;

	for (int i = 0; i < rules->zone_count; i++) {
		const struct pv_zone *z = &rules->zones[i];
		if (z->burned)
			list[n++] = (struct plateveil_zone){ units(z->left, false), units(z->top, false),
							     units(z->left + z->width, true),
							     units(z->top + z->height, true) };
	}
	return n;
}

bool pv_offer_modes_alike(const struct pv_rules *a, const struct pv_rules *b)
{
	return a->lease == b->lease && a->maximum_rate == b->maximum_rate &&
	       !memcmp(&a->maximum_size, &b->maximum_size, sizeof(a->maximum_size));
}

static bool zones_alike(const struct pv_rules *a, const struct pv_rules *b)
{
	struct plateveil_zone p[PV_MAX_ZONES], q[PV_MAX_ZONES];
	uint32_t n = burned(a, p);

	return n == burned(b, q) && !memcmp(p, q, n * sizeof(*p));
}

static void offer_zones(int control, uint32_t id, const struct pv_rules *rules, char *trouble, size_t size)
{
	struct plateveil_zone list[PV_MAX_ZONES];
	struct plateveil_zones zones = { .id = id, .zones = (uintptr_t)list,
					 .count = burned(rules, list) };

	*trouble = 0;
	if (ioctl(control, PLATEVEIL_IOC_SET_ZONES, &zones))
		snprintf(trouble, size, "the burned zones are not as the rules say: %s", errno != EPERM ? strerror(errno) :
			 "the gates are locked, and with them these, until the machine starts anew");
	if (*trouble)
		fprintf(stderr, "plateveild: veil %u: %s\n", id, trouble);
}

static void offer_card(int control, uint32_t id, const struct pv_rules *rules)
{
	struct plateveil_card card = { .id = id, .colour = (uint32_t)rules->card_colour };

	_Static_assert(sizeof(card.text) == sizeof(rules->card_text), "one length");
	memcpy(card.text, rules->card_text, sizeof(card.text));
	if (ioctl(control, PLATEVEIL_IOC_SET_CARD, &card))
		fprintf(stderr, "plateveild: veil %u: card: %s\n", id, strerror(errno));
}

void pv_offer_look(int control, uint32_t id, const struct pv_rules *rules, const struct pv_rules *was, char *trouble,
		   size_t size)
{
	if (!was || *trouble || !zones_alike(was, rules))
		offer_zones(control, id, rules, trouble, size);
	if (!was || was->card_colour != rules->card_colour || strcmp(was->card_text, rules->card_text))
		offer_card(control, id, rules);
}
