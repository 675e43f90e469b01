// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef PV_SANDBOX_H
#define PV_SANDBOX_H

#include <stddef.h>

/* What a thread takes along from the one that begins it, and only then: no network. Before the
 * first thread. 0, or -1 with the reason. */
int pv_sandbox_isolate(char *error, size_t size);

/*
 * Gives up everything a veiler does not need, for good: network (a namespace of its own without
 * interfaces), file system (an empty root), privileges (user nobody, none can come back), core
 * dumps and being traced, and every system call but those of its loop; none of them can hand a
 * descriptor on; in all threads. 0, or -1 with the reason in error: the caller must then not go on.
 */
int pv_sandbox_enter(char *error, size_t size);

#endif
