// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's gates, and the nodes they stand on; `control` is /dev/plateveil. */
#ifndef PV_GATES_H
#define PV_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/plateveil.h"

#define PV_MAX_NODES 512

/* All nodes that a gate may stand on; how many, at most max. None without the module. */
int pv_gates_nodes(int control, struct plateveil_node *out, int max);

/* All gates; how many. */
int pv_gates_list(int control, struct plateveil_gate out[PLATEVEIL_MAX_GATES]);

/* PLATEVEIL_GUARD_*; 0 without the module, or with one that has no gates. */
uint32_t pv_gates_guard(int control);

/* N of /dev/videoN, or -1. */
int pv_gates_number(const char *path);

/* The node at path, which may be a link; false if no gate may stand there. */
bool pv_gates_find(int control, const char *path, struct plateveil_node *out);

/* What stands on the node at path, PLATEVEIL_GATE_*; NONE also where no gate may stand. */
uint32_t pv_gates_action(int control, const char *path);

/* What a gate on the whole camera is to name: its USB device, or what the node belongs to. */
void pv_gates_camera(const struct plateveil_node *node, char device[PLATEVEIL_DEVICE_LEN]);

/* Makes this open /dev/plateveil the owner. 0, or -1 with the reason. */
int pv_gates_claim(int control, char *error, size_t size);

/* Opens a camera's own node, O_RDWR and O_NONBLOCK: past its gate for the owner, and as anyone
 * would where there can be none. veil is its id or PLATEVEIL_NO_VEIL. -1 with errno. */
int pv_gates_open(int control, const char *path, uint32_t veil);

/* Sets up a gate; device may be NULL for one on all cameras. Tries so many times, 100 ms apart,
 * while somebody has a camera open. 0, or -1 with errno. */
int pv_gates_set(int control, const char *device, uint32_t action, bool force, int tries);

/* Ends the gate of that pattern; ENOENT if there is none. */
int pv_gates_end(int control, const char *device);

/* Plugs the camera at this node's device in anew, by software: streams of others end. 0, or -1
 * with errno. */
int pv_gates_replug(const struct plateveil_node *node);

#endif
