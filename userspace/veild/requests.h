// SPDX-License-Identifier: GPL-2.0-or-later
/* What plateveild is asked for, and its answers; control.h has the protocol in words. */
#ifndef PV_REQUESTS_H
#define PV_REQUESTS_H

#include "server.h"
#include "veils.h"

struct pv_daemon {
	struct pv_veils veils;
	const char *rules_path;
	bool on_demand;		/* veils what is asked for, and ends with the last veil */
	bool asked;		/* it was asked for something */
	bool reloaded;		/* other rules than before: they may name other cameras */
	char rules_error[400];	/* why the file's rules are not in force, or empty */
};

pv_answer pv_daemon_answer;	/* user is a struct pv_daemon */

/* Reads the rules again; false if the old ones stay in force. */
bool pv_daemon_reload(struct pv_daemon *d);

#endif
