/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may open a camera's own node. Where plateveil is installed it is root's (udev's
 * 72-plateveil.rules), unless a file of the node's name is in PV_OPEN_DIR: then it is for everyone that
 * cameras are for.
 */
#ifndef PV_ACCESS_H
#define PV_ACCESS_H

#include <stdbool.h>

#include "control.h"

#define PV_OPEN_DIR PV_RUN_DIR "/open"

/* The node, /dev/videoN, is for everyone: there is no raw picture to be had, or the rules leave the
 * camera alone. Cheap where it is so already, as the other is. True: it was not, and whose number it is must be
 * looked at again, as another camera with that number is from now on everyone's, too. */
bool pv_access_open(const char *node);

/* It is root's again, from this moment on. */
void pv_access_shut(const char *node);

#endif
