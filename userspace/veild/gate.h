/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gates that rules ask for. */
#ifndef PV_GATE_H
#define PV_GATE_H

#include "veils.h"

/* Sets up the gate that the veil's rule asks for on its camera, or takes away the one that it
 * asked for before; of two cameras of one device, on which there is one gate, the stricter rule
 * counts. veil->gate_trouble tells where that cannot be. A node that is diverted, by whatever gate, is
 * for everyone, another is not (access.h). Cheap where nothing is to do. */
void pv_gate_follow(const struct pv_veils *v, struct pv_veil *veil);

/* Of a veil that is about to be taken down: takes away the gate that its rule has set up, if its camera is there and
 * no other of the same device wants it. */
void pv_gate_end(const struct pv_veils *v, struct pv_veil *veil);

#endif
