// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which system calls a veiler may make. Any other ends it; but first it tells plateveild what it was.
 */
#ifndef PV_FILTER_H
#define PV_FILTER_H

#include <stddef.h>
#include <stdint.h>

/* The call that ended a veiler. */
struct pv_breach {
	int call;		/* its number */
	uint64_t arguments[3];
};

/*
 * From now on, for all threads and for good: read from and write to `socket` (a PV_BREACH message
 * goes there), write to standard error, stream by V4L2, and memory that is no code. libv4l2 asks
 * for a few files that it can do without, and hears that there are none. 0, or -1 with errno.
 */
int pv_filter_calls(int socket);

/* "openat (no file may be opened)" */
void pv_breach_text(const struct pv_breach *b, char *text, size_t size);

#endif
