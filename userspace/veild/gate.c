// SPDX-License-Identifier: GPL-2.0-or-later
#include "gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "camera/gates.h"

static const char *reason(int why)
{
	return why == EBUSY ? "an application has the camera open; close it, or have it stopped by `sudo plateveil "
			      "gate CAMERA --deny --stop` (or --divert)" :
	       why == EPERM ? "the gates are locked until the machine starts anew" :
	       why == ENOSPC ? "there are 16 already; `sudo plateveil gate --off --every` takes all away, and a "
			       "restart of plateveild sets up those of rules" :
	       why == EOPNOTSUPP ? "no gate can stand on this kernel's nodes" : strerror(why);
}

static bool is_stricter(int a, int b)
{
	static const int strict[] = { [PV_GATE_OFF] = 0, [PV_GATE_DIVERT] = 1, [PV_GATE_DENY] = 2 };

	return strict[a] > strict[b];
}

/* Is the veil's camera there, and of this device? */
static bool is_of(const struct pv_veils *v, const struct pv_veil *veil, const char *device)
{
	char its[PLATEVEIL_DEVICE_LEN];
	struct plateveil_node node;

	if (veil->gone_ns || !pv_gates_find(v->control, veil->camera.path, &node))
		return false;
	pv_gates_camera(&node, its);
	return !strcmp(its, device);
}

/* What the rules of the veil's camera, and of others of the same device, ask for. */
static int strictest(const struct pv_veils *v, const struct pv_veil *veil, const char *device, int wanted)
{
	for (int i = 0; i < v->count; i++) {
		const struct pv_veil *other = v->list[i];
		if (other != veil && is_stricter(other->rules.gate, wanted) && is_of(v, other, device))
			wanted = other->rules.gate;
	}
	return wanted;
}

/* While a device is diverted its nodes are open to all: they must not be when the gate goes. */
static void shut_all(const struct pv_veils *v, const char *device)
{
	pv_gates_set(v->control, device, PLATEVEIL_GATE_DENY, false, 1);
	for (int i = 0; i < v->count; i++)
		if (is_of(v, v->list[i], device))
			pv_access_shut(v->list[i]->camera.path);
}

/* 0, or -1 with errno. */
static int set(const struct pv_veils *v, const char *device, int wanted, bool diverted)
{
	static const uint32_t actions[] = { [PV_GATE_DENY] = PLATEVEIL_GATE_DENY,
					    [PV_GATE_DIVERT] = PLATEVEIL_GATE_DIVERT };

	if (wanted != PV_GATE_OFF)
		return pv_gates_set(v->control, device, actions[wanted], false, 1);
	if (diverted)
		shut_all(v, device);
	return pv_gates_end(v->control, device) && errno != ENOENT ? -1 : 0;
}

void pv_gate_follow(const struct pv_veils *v, struct pv_veil *veil)
{
	char device[PLATEVEIL_DEVICE_LEN];
	struct plateveil_node node;

	if (veil->gone_ns || !pv_gates_find(v->control, veil->camera.path, &node))
		return;
	pv_gates_camera(&node, device);
	int wanted = strictest(v, veil, device, veil->rules.gate);
	bool diverted = node.action == PLATEVEIL_GATE_DIVERT;
	if (!diverted || (wanted == PV_GATE_OFF && veil->gate != wanted)) {
		pv_access_shut(veil->camera.path);
	} else if (pv_access_open(veil->camera.path) &&
		   (!pv_gates_find(v->control, veil->camera.path, &node) || node.action != PLATEVEIL_GATE_DIVERT)) {
		/* It is another camera's by now. */
		pv_access_shut(veil->camera.path);
		return;
	}
	if (wanted != veil->gate && set(v, device, wanted, diverted)) {
		snprintf(veil->gate_trouble, sizeof(veil->gate_trouble), "the gate is not as the rule says: %s",
			 reason(errno));
		return;
	}
	veil->gate = wanted;
	veil->gate_trouble[0] = 0;
}

void pv_gate_end(const struct pv_veils *v, struct pv_veil *veil)
{
	char device[PLATEVEIL_DEVICE_LEN];
	struct plateveil_node node;

	if (veil->gate == PV_GATE_OFF || veil->gone_ns || !pv_gates_find(v->control, veil->camera.path, &node))
		return;
	pv_gates_camera(&node, device);
	if (strictest(v, veil, device, PV_GATE_OFF) != PV_GATE_OFF)
		return;
	if (set(v, device, PV_GATE_OFF, node.action == PLATEVEIL_GATE_DIVERT))
		fprintf(stderr, "plateveild: %s: its gate stays: %s\n", veil->camera.path, reason(errno));
}
