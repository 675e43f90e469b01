// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"

int pv_cmd_devices(int argc, char **argv)
{
	static const char *const kinds[] = { "", "other", "camera", "view", "feed" };
	struct pv_device d[64];

	(void)argv;
	if (argc > 1)
		return pv_usage("devices");
	int n = pv_device_list(-1, d, 64), shown = 0;
	for (int i = 0; i < n; i++) {
		/* Feeds and metadata nodes are not for people. */
		if (d[i].node != PV_NODE_CAMERA && d[i].node != PV_NODE_VIEW)
			continue;
		printf("%-13s %-7s %s\n", d[i].path, kinds[d[i].node], d[i].name);
		shown++;
	}
	if (shown)
		return 0;
	if (!access("/dev/video0", F_OK) && access("/dev/video0", R_OK | W_OK))
		return pv_fail("you may not open the cameras: %s; join the group video "
			       "(`sudo adduser $USER video`) or use sudo", strerror(errno));
	puts("No camera found. A camera that only libcamera can drive is not handled.");
	return 0;
}
