// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.h"

#define FRAMES 0xffffu		/* that are looked back at */
#define OFTEN 4			/* of them late */
#define LEAST 300		/* frames with time to spare */
#define MOST 9600

static const int eighths[PV_PACE_STEPS] = { 8, 6, 4, 3 };

void pv_pace_note(struct pv_pace *p, uint64_t took_ns, uint64_t deadline_ns)
{
	p->late = (p->late << 1 | (took_ns > deadline_ns)) & FRAMES;
	p->easy = took_ns < deadline_ns / 4 ? p->easy + 1 : 0;
	if (__builtin_popcount(p->late) >= OFTEN && p->step < PV_PACE_STEPS - 1) {
		p->step++;
		p->late = 0;
		p->easy = 0;
		p->patience = 2 * p->patience + LEAST < MOST ? 2 * p->patience + LEAST : MOST;
	} else if (p->step && p->easy >= p->patience) {
		p->step--;
		p->easy = 0;
	}
}

int pv_pace_search(const struct pv_pace *p, int search)
{
	int side = search * eighths[p->step] / 8;

	return side >= PV_PACE_LEAST ? side : search < PV_PACE_LEAST ? search : PV_PACE_LEAST;
}
