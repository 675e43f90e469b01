// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef PV_VEILER_H
#define PV_VEILER_H

#include "rules/rules.h"

/*
 * The veiler: the process that sees one camera's raw frames, and all it may do with them is seal
 * them veiled. Enters the sandbox, then runs until `socket` (to plateveild) closes. It asks for
 * the camera when the first viewer streams and lets it go after the last. Returns the exit status.
 */
int pv_veiler_run(int feed_fd, int socket, const struct pv_rules *rules);

#endif
