// SPDX-License-Identifier: GPL-2.0-or-later
/* Cameras come and go: every one that the rules want veiled is. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "adopt.h"
#include "camera/gates.h"
#include "control.h"
#include "notify.h"
#include "pipeline.h"
#include "veils.h"

#define GRACE_NS 10000000000u	/* an unplugged camera's view stays for so long, and while it is watched */

static struct pv_refusal *find_refusal(struct pv_veils *v, const struct pv_device *camera)
{
	for (int i = 0; i < v->refused; i++)
		if (pv_veils_same(&v->refusals[i].camera, camera))
			return &v->refusals[i];
	return NULL;
}

static void refuse(struct pv_veils *v, const struct pv_device *camera, const char *why)
{
	struct pv_refusal *r = find_refusal(v, camera);

	if (!r && v->refused == PV_MAX_DEVICES)
		return;
	if (!r) {
		r = &v->refusals[v->refused++];
		memset(r, 0, sizeof(*r));
	}
	r->camera = *camera;
	if (strcmp(r->why, why) && *why)
		fprintf(stderr, "plateveild: %s\n", why);
	snprintf(r->why, sizeof(r->why), "%s", why);
}

void pv_veils_forgive(struct pv_veils *v, const struct pv_device *camera)
{
	struct pv_refusal *r = find_refusal(v, camera);

	if (r)
		*r = v->refusals[--v->refused];
}

void pv_veils_leave(struct pv_veils *v, const struct pv_device *camera)
{
	refuse(v, camera, "");
}

static void forget_refusals(struct pv_veils *v, const struct pv_device *list, int n)
{
	for (int i = v->refused - 1; i >= 0; i--) {
		bool there = false;
		for (int k = 0; k < n; k++)
			there |= pv_veils_same(&list[k], &v->refusals[i].camera);
		if (!there)
			v->refusals[i] = v->refusals[--v->refused];
	}
}

static uint32_t viewers_of(struct pv_veils *v, uint32_t id)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(v->control, infos);

	for (int i = 0; i < n; i++)
		if (infos[i].id == id)
			return infos[i].viewers;
	return 0;
}

/* The veils of cameras that are gone go too, but not under someone's eyes. True: again soon. */
static bool forget_veils(struct pv_veils *v, const struct pv_device *list, int n)
{
	bool again = false;

	pv_veils_trace(v, list, n);
	for (int i = v->count - 1; i >= 0; i--) {
		struct pv_veil *veil = v->list[i];
		if (!veil->gone_ns)
			continue;
		if (pv_now_ns() - veil->gone_ns > GRACE_NS && !viewers_of(v, veil->id)) {
			fprintf(stderr, "plateveild: %s is gone; its view goes too\n", veil->camera.name);
			pv_veils_down(v, veil);
			continue;
		}
		again = true;
	}
	return again;
}

bool pv_veils_forget(struct pv_veils *v)
{
	struct pv_device list[PV_MAX_DEVICES];

	return forget_veils(v, list, pv_device_list(v->control, list, PV_MAX_DEVICES));
}

/* For its users, without a veil; but only if it is still the one that was looked at, which may be a while ago. */
static void leave_open(struct pv_veils *v, const struct pv_device *d)
{
	if (!pv_access_open(d->path))
		return;
	int fd = pv_veils_open_same(v, d, PLATEVEIL_NO_VEIL);
	if (fd < 0)
		pv_access_shut(d->path);
	else
		close(fd);
}

bool pv_veils_gather(struct pv_veils *v)
{
	struct pv_device list[PV_MAX_DEVICES];
	int n = pv_device_list(v->control, list, PV_MAX_DEVICES);
	bool again = forget_veils(v, list, n);
	struct pv_rules rules;
	char why[200];

	forget_refusals(v, list, n);
	for (int i = 0; i < n; i++) {
		const struct pv_device *d = &list[i];
		if (d->node != PV_NODE_CAMERA || pv_veils_find(v, d->path))
			continue;
		pv_notify_alive();
		pv_ruleset_apply(v->rules, d->name, d->bus, &rules);
		/* What its rules leave alone is its users', unless they ask for a gate; but not what was veiled by `up`. */
		bool left = !rules.automatic && !pv_adopt_waits(v, d);
		if (left && rules.gate == PV_GATE_OFF)
			leave_open(v, d);
		else
			pv_access_shut(d->path);
		const struct pv_refusal *r = find_refusal(v, d);
		/* What hinders it is of no interest any more. */
		if (left && r && *r->why)
			pv_veils_forgive(v, d);
		if (left || (r && !*r->why))
			continue;
		bool stays;
		struct pv_veil *veil = pv_veils_up(v, d->path, &stays, why, sizeof(why));
		if (veil) {
			pv_veils_forgive(v, d);
			printf("plateveild: %s (%s) is veiled as /dev/video%d\n", d->path, d->name,
			       veil->view);
			fflush(stdout);
		} else {
			refuse(v, d, why);
			again |= !stays;
		}
	}
	/* Of these the cameras have had time to come back, too. */
	v->began_ns = v->began_ns ? v->began_ns : pv_now_ns();
	return pv_adopt_orphans(v, list, n, pv_now_ns() - v->began_ns > GRACE_NS) || again;
}
