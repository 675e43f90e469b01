// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/plateveil from user space, and where plateveild is found. The command socket speaks lines
 * of words: a request is one line, the answer is any lines and a last one that begins "ok" or
 * "error", followed by text for a person.
 *   up /dev/videoN      veil this camera            down /dev/videoN|all   no more
 *   reload              read the rules again        status                 a line a veil
 */
#ifndef PV_CONTROL_H
#define PV_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/plateveil.h"

#define PV_RUN_DIR "/run/plateveil"
#define PV_SOCKET PV_RUN_DIR "/control"
#define PV_LOG PV_RUN_DIR "/log"

/* Opens the module's node; -1 with a reason that names the mend. */
int pv_control_open(char *error, size_t size);

/* Who has a veil's view open; returns how many are told of. */
int pv_control_viewers(int control, uint32_t id, struct plateveil_viewer out[PLATEVEIL_MAX_VIEWERS]);

/* All veils; returns how many. */
int pv_control_list(int control, struct plateveil_info out[PLATEVEIL_MAX_VEILS]);

#endif
