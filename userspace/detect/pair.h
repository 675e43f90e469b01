// SPDX-License-Identifier: GPL-2.0-or-later
/* A second thread, for work that two can share. It sleeps while there is none. */
#ifndef PV_PAIR_H
#define PV_PAIR_H

struct pv_pair;

/* Starts it, with the caller's mask of signals; it runs when this returns. NULL: there is one processor only, or
 * no thread to be had, and all work is for one. */
struct pv_pair *pv_pair_new(void);
void pv_pair_free(struct pv_pair *p);

/* Calls work(data, 0) here and work(data, 1) in the other thread, if that comes to it before the first has returned,
 * for all must be done then but what the other has begun; returns when both have. p NULL: the first alone. For one
 * caller at a time. */
void pv_pair_run(struct pv_pair *p, void (*work)(void *data, int who), void *data);

#endif
