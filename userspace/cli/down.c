// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "veild/control.h"

int pv_cmd_down(int argc, char **argv)
{
	char request[300], text[4096], why[400];

	if (argc > 2)
		return pv_usage("down");
	int control = pv_control_open(why, sizeof(why));
	if (control < 0)
		return pv_fail("%s", why);
	close(control);
	if (geteuid())
		return pv_fail("this needs root: run it with sudo");
	snprintf(request, sizeof(request), "down %.250s", argc == 2 ? argv[1] : "all");
	int got = pv_ask(request, text, sizeof(text));
	if (got < 0)
		return pv_fail("nothing is veiled (plateveild does not run)");
	if (!got)
		puts(text + 3);
	return got;
}
