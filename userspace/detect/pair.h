// SPDX-License-Identifier: GPL-2.0-or-later
/* A second thread, for work that two can share. It sleeps while there is none. */
#ifndef PV_PAIR_H
#define PV_PAIR_H

#include <stdbool.h>

struct pv_pair;

/* Starts it, with the caller's mask of signals; it runs when this returns. NULL: there is one processor only, or
 * no thread to be had, and all work is for one. */
struct pv_pair *pv_pair_new(void);
void pv_pair_free(struct pv_pair *p);

/* Calls work(data, 0) here and work(data, 1) in the other thread, if that comes to it before the first has returned,
 * for all must be done then but what the other has begun; returns when both have. p NULL: the first alone. For one
 * caller at a time. */
void pv_pair_run(struct pv_pair *p, void (*work)(void *data, int who), void *data);

/* So calls one(data, i, who) for each i below n, whoever is free taking the next. False if one of them said so; all
 * are called in any case. */
bool pv_pair_each(struct pv_pair *p, bool (*one)(void *data, int i, int who), void *data, int n);

#endif
