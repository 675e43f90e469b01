/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's veil for a camera: a new one, or the one that a plateveild which died left behind, so
 * that applications which have it open go on. Which camera that one is for stands in PV_RUN_DIR/places:
 * two cameras of a kind have one name, and nobody is to see another room of a sudden. Views of cameras that
 * are called alike are numbered.
 */
#ifndef PV_ADOPT_H
#define PV_ADOPT_H

#include "veils.h"

/* Sets id, view and feed of a veil whose camera and rules are known; 0, or -1 with errno. */
int pv_adopt(const struct pv_veils *v, struct pv_veil *veil);

/* Is there a veil that was made for this camera, by a plateveild that died? */
bool pv_adopt_waits(const struct pv_veils *v, const struct pv_device *camera);

/* Are there veils whose plateveild died while their camera was away, and is none of these n devices that has no veil?
 * Removes those that nobody has open, if asked to. */
bool pv_adopt_orphans(const struct pv_veils *v, const struct pv_device *list, int n, bool remove);

/* The module's veil is about to be removed. */
void pv_adopt_forget(const struct pv_veil *veil);

#endif
