// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "camera/gates.h"
#include "cli.h"
#include "veild/control.h"

/* Removes what a plateveild that died left behind: all, or the one with this view. */
static int remove_orphans(int control, const char *view)
{
	struct plateveil_info veils[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(control, veils), removed = 0;
	char path[32];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/dev/video%u", veils[i].view);
		if (!veils[i].feed_open && (!view || !strcmp(view, path)) &&
		    !ioctl(control, PLATEVEIL_IOC_REMOVE, &veils[i].id))
			removed++;
	}
	return removed;
}

static int take_down(int control, const char *path)
{
	struct plateveil_info left[PLATEVEIL_MAX_VEILS];
	cJSON *answer;
	enum pv_asked got = pv_ask("down", path ? path : "all", &answer);
	int removed = got < 0 || !path ? remove_orphans(control, path) : 0;
	int n = (int)pv_number(answer, "count");

	cJSON_Delete(answer);
	if (got == PV_ASKED_REFUSED)
		return PV_FAILED;
	if (got < 0 && !removed && path && pv_control_list(control, left))
		return pv_fail("plateveild does not run, and no veil has the view %s: name a view, or none and "
			       "all veils go", path);
	if (got < 0 && !removed)
		return pv_fail("nothing is veiled (plateveild does not run)");
	if (!got && path)
		printf("%s is no longer veiled\n", path);
	else if (!got)
		printf("%d camera%s no longer veiled\n", n, n == 1 ? " is" : "s are");
	if (!got && pv_cameras_are_roots())
		printf("%s root's, but where the rule `automatic = no` holds: then the\nservice plateveild gives %s users.\n",
		       path ? "Its own node stays" : "Cameras' own nodes stay", path ? "it to its" : "them to their");
	if (removed)
		printf("%d veil%s that no helper sealed for removed\n", removed, removed == 1 ? "" : "s");
	return PV_DONE;
}

int pv_cmd_down(int argc, char **argv)
{
	char why[400], path[256];

	if (argc > 2 || (argc == 2 && pv_is_option(argv[1])))
		return pv_usage("down");
	int control = pv_control_open(why, sizeof(why));
	if (control < 0)
		return pv_fail("%s", why);
	if (geteuid()) {
		close(control);
		return pv_fail("this needs root: run it with sudo");
	}
	if (pv_gates_guard(control) & PLATEVEIL_GUARD_LOCKED) {
		close(control);
		return pv_fail("locked: what is veiled stays so until the machine starts anew");
	}
	if (argc == 2)
		pv_camera_path(argv[1], path, sizeof(path));
	int err = take_down(control, argc == 2 ? path : NULL);
	close(control);
	return err;
}
