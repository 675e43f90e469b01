// SPDX-License-Identifier: GPL-2.0-or-later
#include "camera/gates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "veild/access.h"
#include "veild/control.h"

struct wish {
	const char *camera;	/* NULL: all */
	const char *action;	/* "deny", "divert", "off" */
	bool stop, every;
};

static bool parse(int argc, char **argv, struct wish *w)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--stop"))
			w->stop = true;
		else if (!strcmp(argv[i], "--every"))
			w->every = true;
		else if (!strcmp(argv[i], "--deny") || !strcmp(argv[i], "--divert") ||
			 !strcmp(argv[i], "--off"))
			w->action = w->action ? "" : argv[i] + 2;
		else if (*argv[i] != '-' && !w->camera)
			w->camera = argv[i];
		else
			return false;
	}
	if (!w->action || !*w->action)
		return false;
	return strcmp(w->action, "off") ? !w->every : !w->stop && !(w->every && w->camera);
}

/* Where the camera is plugged in. */
static int find_device(int control, const char *camera, char *device)
{
	struct plateveil_node node;
	char path[256];

	pv_camera_path(camera, path, sizeof(path));
	if (!pv_gates_find(control, path, &node))
		return pv_fail("%s is no camera that a gate can stand on; `plateveil devices` lists the "
			       "cameras", camera);
	pv_gates_camera(&node, device);
	return 0;
}

/* Whatever of it others have open, now that every call of theirs is refused: ends their streams. */
static int stop_strangers(int control, const char *device)
{
	static struct plateveil_node nodes[PV_MAX_NODES];
	int n = pv_gates_nodes(control, nodes, PV_MAX_NODES), failed = 0;
	char its[PLATEVEIL_DEVICE_LEN], last[PLATEVEIL_DEVICE_LEN] = "";

	for (int i = 0; i < n; i++) {
		pv_gates_camera(&nodes[i], its);
		if (!nodes[i].strangers || nodes[i].action == PLATEVEIL_GATE_NONE ||
		    (device && strcmp(its, device)) || !strcmp(its, last))
			continue;
		snprintf(last, sizeof(last), "%s", its);
		if (!pv_gates_replug(&nodes[i]))
			continue;
		failed = pv_fail("the gate stands, but a stream on /dev/%s may go on: %s; unplug the "
				 "camera and plug it in again", nodes[i].node, strerror(errno));
	}
	return failed;
}

static int locked(void)
{
	return pv_fail("the gates are locked until the machine starts anew");
}

static int explain(int why, const struct wish *w)
{
	const char *camera = w->camera ? w->camera : "a camera";

	switch (why) {
	case EBUSY:
		return pv_fail("an application has %s open; close it (`sudo fuser -v /dev/video*` names "
			       "it), or add --stop, which ends its stream", camera);
	case EOPNOTSUPP:
		return pv_fail("a camera's node is not as plateveil knows them (`sudo dmesg | grep plateveil` "
			       "says which), so no gate can stand there; use a kernel that the README names, or "
			       "unload that camera's driver");
	case EPERM:
		return locked();
	case ENOSPC:
		return pv_fail("there are %d gates already; take one away with --off", PLATEVEIL_MAX_GATES);
	default:
		return pv_fail("no gate could be set up: %s", strerror(why));
	}
}

static int shut(int control, const struct wish *w, const char *device)
{
	bool deny = !strcmp(w->action, "deny");
	uint32_t action = deny ? PLATEVEIL_GATE_DENY : PLATEVEIL_GATE_DIVERT;

	if (pv_gates_set(control, device, action, w->stop, 20))
		return explain(errno, w);
	if (w->stop && stop_strangers(control, device))
		return 1;
	printf("%s: applications that open %s own node %s.\n", w->camera ? w->camera : "All cameras",
	       w->camera ? "its" : "a camera's", deny ? "are refused" : "see its veiled view, if it has one");
	return 0;
}

/* What was diverted is the raw picture again: for root, where plateveil is installed. */
static void shut_diverted(int control, const char *device)
{
	static struct plateveil_node nodes[PV_MAX_NODES];
	int n = pv_gates_nodes(control, nodes, PV_MAX_NODES);
	char its[PLATEVEIL_DEVICE_LEN], path[64];

	for (int i = 0; i < n; i++) {
		pv_gates_camera(&nodes[i], its);
		snprintf(path, sizeof(path), "/dev/%s", nodes[i].node);
		if (nodes[i].action != PLATEVEIL_GATE_NONE && (!device || !strcmp(its, device)))
			pv_access_shut(path);
	}
}

/* Is there a gate on this device, or (NULL) on all cameras, to end? And does it divert? */
static bool has_gate(int control, const char *device, bool *diverts)
{
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	uint32_t pattern = device ? PLATEVEIL_GATE_DEVICE : PLATEVEIL_GATE_ALL;
	int n = pv_gates_list(control, gates);
	bool found = false;

	*diverts = false;
	for (int i = 0; i < n; i++) {
		if (gates[i].pattern != pattern || (device && strcmp(gates[i].name, device)))
			continue;
		found = true;
		*diverts |= gates[i].action == PLATEVEIL_GATE_DIVERT;
	}
	return found;
}

static int open_up(int control, const struct wish *w, const char *device)
{
	bool diverts;

	if (pv_gates_guard(control) & PLATEVEIL_GUARD_LOCKED)
		return locked();
	if (!has_gate(control, device, &diverts))
		return pv_fail("there is no gate of that kind; `plateveil status` lists the gates");
	/* plateveild keeps a node open to all while it is diverted: it must not be when the gate goes. */
	if (diverts)
		pv_gates_set(control, device, PLATEVEIL_GATE_DENY, false, 1);
	shut_diverted(control, device);
	if (!pv_gates_end(control, device)) {
		printf("%s: the gate is gone.\n", w->camera ? w->camera : "All cameras");
		return 0;
	}
	return pv_fail("the gate could not be taken away: %s", strerror(errno));
}

/* Whatever there is, also on places where no camera is plugged in. */
static int open_all_up(int control)
{
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	int n = pv_gates_list(control, gates);

	if (pv_gates_guard(control) & PLATEVEIL_GUARD_LOCKED)
		return locked();
	for (int i = 0; i < n; i++) {
		struct plateveil_gate deny = { .pattern = gates[i].pattern, .node = gates[i].node,
					       .action = PLATEVEIL_GATE_DENY, .flags = PLATEVEIL_GATE_FORCE };
		memcpy(deny.name, gates[i].name, sizeof(deny.name));
		if (gates[i].action == PLATEVEIL_GATE_DIVERT)
			ioctl(control, PLATEVEIL_IOC_GATE, &deny);
	}
	shut_diverted(control, NULL);
	for (int i = 0; i < n; i++)
		if (ioctl(control, PLATEVEIL_IOC_UNGATE, &gates[i].id) && errno != ENOENT)
			return pv_fail("a gate could not be taken away: %s", strerror(errno));
	puts(n ? "Every gate is gone." : "There was no gate.");
	return 0;
}

static int control_as_root(void)
{
	char why[400];
	int control = pv_control_open(why, sizeof(why));

	if (control < 0) {
		pv_fail("%s", why);
	} else if (geteuid()) {
		close(control);
		pv_fail("this needs root: run it with sudo");
		control = -1;
	}
	return control;
}

int pv_cmd_gate(int argc, char **argv)
{
	struct wish w = { .camera = NULL };
	char device[PLATEVEIL_DEVICE_LEN];

	if (!parse(argc, argv, &w))
		return pv_usage("gate");
	int control = control_as_root();
	if (control < 0)
		return 1;
	int got = w.camera ? find_device(control, w.camera, device) : 0;
	if (w.every)
		got = open_all_up(control);
	else if (!got)
		got = !strcmp(w.action, "off") ? open_up(control, &w, w.camera ? device : NULL) :
						 shut(control, &w, w.camera ? device : NULL);
	close(control);
	return got;
}

int pv_cmd_lock(int argc, char **argv)
{
	uint32_t flags = 0;

	(void)argv;
	if (argc > 1)
		return pv_usage("lock");
	int control = control_as_root();
	if (control < 0)
		return 1;
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	int n = pv_gates_list(control, gates);
	int got = ioctl(control, PLATEVEIL_IOC_LOCK, &flags);
	close(control);
	if (got)
		return pv_fail("the module does not lock: %s", strerror(errno));
	printf("Locked until the machine starts anew: %d gate%s.\n", n, n == 1 ? "" : "s");
	if (!n)
		puts("There is no gate yet; `plateveil gate --deny` sets one up.");
	return 0;
}
