/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gates that rules ask for. */
#ifndef PV_GATE_H
#define PV_GATE_H

#include "veils.h"

/* Sets up the gate that the veil's rule asks for on its camera, or takes away the one that it
 * asked for before; veil->gate_trouble tells where that cannot be. A node that is diverted, by
 * whatever gate, is for everyone, another is not (access.h). Cheap where nothing is to do. */
void pv_gate_follow(int control, struct pv_veil *veil);

#endif
