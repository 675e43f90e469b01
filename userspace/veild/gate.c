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
	if (!diverted || (wanted == PV_GATE_OFF && veil->gate != wanted)) {
		pv_access_shut(veil->camera.path);
	} else if (pv_access_open(veil->camera.path) &&
		   (!pv_gates_find(control, veil->camera.path, &node) || node.action != PLATEVEIL_GATE_DIVERT)) {
		/* It is another camera's by now. */
		pv_access_shut(veil->camera.path);
		return;
	}
	if (wanted == veil->gate) {
		veil->gate_trouble[0] = 0;
		return;
	}
	pv_gates_camera(&node, device);
	if (wanted == PV_GATE_OFF)
		got = pv_gates_end(control, device);
	else
		got = pv_gates_set(control, device, actions[wanted], false, 1);
	if (got && !(errno == ENOENT && wanted == PV_GATE_OFF)) {
		snprintf(veil->gate_trouble, sizeof(veil->gate_trouble), "the gate is not as the rule says: %s",
			 reason(errno));
		return;
	}
	veil->gate = wanted;
	veil->gate_trouble[0] = 0;
}
