// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways to the raw picture: which are shut, which are left. */
#ifndef PV_DOORS_H
#define PV_DOORS_H

enum pv_door {
	PV_DOOR_SHUT,
	PV_DOOR_ROOT,	/* open to root alone */
	PV_DOOR_OPEN,
};

enum { PV_READ = 4, PV_WRITE = 2 };

/* May others than root read or write there? 0 no, 1 yes, -1 there is no such file. */
int pv_others_may(const char *path, unsigned what);

/* Called once a finding. text says what is so, and how to mend it where that can be. */
typedef void pv_door_tell(void *context, enum pv_door door, const char *text);

/* Looks at every way; control is /dev/plateveil or -1. Returns how many are PV_DOOR_OPEN. */
int pv_doors_look(int control, pv_door_tell *tell, void *context);

#endif
