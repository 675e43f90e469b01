// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "cli.h"

int pv_cmd_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return pv_usage("version");
	puts("plateveil " PV_VERSION);
	return PV_DONE;
}
