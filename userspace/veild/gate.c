// SPDX-License-Identifier: GPL-2.0-or-later
#include "gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "camera/gates.h"

static const char *reason(int why)
{
	return why == EBUSY ? "an application has the camera open; close it, or use `sudo plateveil gate "
			      "--stop`" :
	       why == EPERM ? "the gates are locked until the machine starts anew" :
	       why == EOPNOTSUPP ? "no gate can stand on this kernel's nodes" : strerror(why);
}

static char set_up[PLATEVEIL_MAX_GATES][PLATEVEIL_DEVICE_LEN];	/* where rules had gates set up */

static void note_gate(const char *device)
{
	static int next;

	for (int i = 0; i < PLATEVEIL_MAX_GATES; i++)
		if (!strcmp(set_up[i], device))
			return;
	snprintf(set_up[next], sizeof(set_up[next]), "%s", device);
	next = (next + 1) % PLATEVEIL_MAX_GATES;
}

/* There is no room for another gate: takes one away that a rule had set up, of a place where nothing is plugged in. */
static bool make_room(int control)
{
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	int n = pv_gates_list(control, gates);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < PLATEVEIL_MAX_GATES; k++)
			if (gates[i].pattern == PLATEVEIL_GATE_DEVICE && !gates[i].nodes &&
			    !strcmp(gates[i].name, set_up[k]) && !pv_gates_end(control, set_up[k]))
				return true;
	return false;
}

void pv_gate_follow(int control, struct pv_veil *veil)
{
	static const uint32_t actions[] = { [PV_GATE_DENY] = PLATEVEIL_GATE_DENY,
					    [PV_GATE_DIVERT] = PLATEVEIL_GATE_DIVERT };
	char device[PLATEVEIL_DEVICE_LEN];
	struct plateveil_node node;
	int wanted = veil->rules.gate, got;

	if (veil->gone_ns || !pv_gates_find(control, veil->camera.path, &node))
		return;
	bool diverted = node.action == PLATEVEIL_GATE_DIVERT;
	if (!diverted || (wanted == PV_GATE_OFF && veil->gate != wanted))
		pv_access_shut(veil->camera.path);
	else if (pv_access_open(veil->camera.path) &&
		 !(pv_gates_find(control, veil->camera.path, &node) && node.action == PLATEVEIL_GATE_DIVERT))
		pv_access_shut(veil->camera.path);	/* it is another camera's by now */
	if (wanted == veil->gate)
		return;
	pv_gates_camera(&node, device);
	if (wanted == PV_GATE_OFF)
		got = pv_gates_end(control, device);
	else
		got = pv_gates_set(control, device, actions[wanted], false, 1);
	if (got && errno == ENOSPC && wanted != PV_GATE_OFF && make_room(control))
		got = pv_gates_set(control, device, actions[wanted], false, 1);
	if (got && errno != ENOENT) {
		snprintf(veil->gate_trouble, sizeof(veil->gate_trouble), "the gate is not as the rule says: %s",
			 reason(errno));
		return;
	}
	veil->gate = wanted;
	veil->gate_trouble[0] = 0;
	if (wanted != PV_GATE_OFF)
		note_gate(device);
}
