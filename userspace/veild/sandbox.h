// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef PV_SANDBOX_H
#define PV_SANDBOX_H

#include <stddef.h>

#define PV_SANDBOX_USER "plateveil-veiler"	/* or nobody, where it is not installed */

/*
 * What a thread takes along from the one that begins it, and only then: no network (a namespace of
 * its own without interfaces), no file system (a namespace whose root is empty and read-only). Before
 * the first thread. 0, or -1 with the reason in error: the caller must then not go on.
 */
int pv_sandbox_isolate(char *error, size_t size);

/*
 * Then gives up all else that a veiler does not need, for good and in all threads: privileges (a
 * user of its own, no capability can come back), core dumps and being traced, and every system call
 * but those of its loop (filter.h); none of them can hand a descriptor on. All its memory is locked:
 * frames do not reach the swap. Standard output and error become what standard input is. 0, or -1
 * with the reason in error: the caller must then not go on.
 */
int pv_sandbox_enter(int socket, char *error, size_t size);

#endif
