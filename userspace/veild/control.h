// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/plateveil from user space, and how plateveild is spoken to.
 *
 * plateveild listens at PV_SOCKET, a Unix stream socket that root and the group plateveil may
 * open. A request is a JSON object on a line, the answer another, as often as one likes. Each
 * names the version of this protocol; a request of another version is refused.
 *
 *   {"version": 1, "request": "status"}                          anyone
 *   {"version": 1, "request": "boxes", "camera": "/dev/video0"}  anyone
 *   {"version": 1, "request": "up", "camera": "/dev/video0"}     root, as all below
 *   {"version": 1, "request": "down", "camera": "/dev/video0"}   or "all"
 *   {"version": 1, "request": "reload"}                          read the rules again
 *
 *   {"version": 1, "ok": true, ...}
 *   {"version": 1, "ok": false, "error": "what is wrong, and the mend"}
 *
 * "camera" is the path of a camera or of its view. The answer to status has "veils", an array
 * (see pv_control_describe() and plateveild's requests.c), "gates" and "lock" (see
 * pv_control_gates()), "pid", and "warnings", an array of texts. up answers with "view" and "name",
 * down with "count", boxes with "frames": for each of the last frames "time" (of its buffer, in
 * microseconds) and "boxes", arrays of left, top, right, bottom in pixels and the score; there are some
 * for seconds after it was first asked for.
 * Unknown members are ignored on both sides.
 */
#ifndef PV_CONTROL_H
#define PV_CONTROL_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/plateveil.h"

#define PV_RUN_DIR "/run/plateveil"
#define PV_SOCKET PV_RUN_DIR "/control"
#define PV_LOG PV_RUN_DIR "/log"
#define PV_PROTOCOL 1
#define PV_MAX_REQUEST 4096	/* bytes of a line */

/* Opens the module's node; -1 with a reason that names the mend. */
int pv_control_open(char *error, size_t size);

/* Who has a veil's view open; returns how many are told of. */
int pv_control_viewers(int control, uint32_t id, struct plateveil_viewer out[PLATEVEIL_MAX_VIEWERS]);

/* All veils; returns how many. */
int pv_control_list(int control, struct plateveil_info out[PLATEVEIL_MAX_VEILS]);

/* What the module knows of a veil, as a member of "veils". NULL: no memory. */
cJSON *pv_control_describe(int control, const struct plateveil_info *info);

/* Adds to a status: "gates", an array of "on" (the cameras), "action", "nodes", and how often
 * strangers were "refused" and "diverted"; "lock", true until the next boot. */
void pv_control_gates(int control, cJSON *status);

/* A request that was read off a line. */
struct pv_request {
	char name[16];
	char camera[256];	/* empty if none was named */
};

/* 0, or -1 with the reason in error. `line` need not end. */
int pv_request_parse(const char *line, size_t length, struct pv_request *out, char *error,
		     size_t size);

#endif
