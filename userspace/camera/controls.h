// SPDX-License-Identifier: GPL-2.0-or-later
/* A camera's controls, in the words of the module's contract. */
#ifndef PV_CAMERA_CONTROLS_H
#define PV_CAMERA_CONTROLS_H

#include <stdbool.h>
#include <stdint.h>

#include "uapi/plateveil.h"

struct pv_controls {
	struct plateveil_control list[PLATEVEIL_MAX_CONTROLS];
	struct plateveil_menu_item items[PLATEVEIL_MAX_MENU_ITEMS];
	int count, items_used;
};

/* What of the camera's controls a view can have: those that can be set, and hold one number. Of a camera that takes
 * seconds to answer, what it has said by then; false: it would say more. */
bool pv_controls_read(int camera_fd, struct pv_controls *out);

/* The same controls, whatever they stand at? */
bool pv_controls_alike(const struct pv_controls *a, const struct pv_controls *b);

#endif
