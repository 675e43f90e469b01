// SPDX-License-Identifier: GPL-2.0-or-later
#include "doors.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "camera/gates.h"
#include "cli.h"
#include "veild/control.h"

struct look {
	pv_door_tell *tell;
	void *context;
	int control, open;
};

static void found(struct look *l, enum pv_door door, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void found(struct look *l, enum pv_door door, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	l->open += door == PV_DOOR_OPEN;
	l->tell(l->context, door, text);
}

#define PLAIN_ACL 28		/* bytes of an access list that names nobody but owner, group and others */

/* Where an access list names people, as udev's "uaccess" does, the group's bits say what they may at most. */
int pv_others_may(const char *path, unsigned what)
{
	struct stat st;

	if (stat(path, &st))
		return -1;
	bool named = getxattr(path, "system.posix_acl_access", NULL, 0) > PLAIN_ACL;
	return st.st_mode & what || (st.st_mode & what << 3 && (st.st_gid || named)) || st.st_uid;
}

/* The first of the nodes that others than root may so use, kept until the next call; NULL: none. any: is there
 * one at all? */
static const char *open_to_others(const char *pattern, unsigned what, bool *any)
{
	static char path[64];
	glob_t nodes;

	*path = 0;
	*any = !glob(pattern, GLOB_BRACE, NULL, &nodes);
	for (size_t i = 0; *any && i < nodes.gl_pathc && !*path; i++)
		if (pv_others_may(nodes.gl_pathv[i], what) > 0)
			snprintf(path, sizeof(path), "%s", nodes.gl_pathv[i]);
	if (*any)
		globfree(&nodes);
	return *path ? path : NULL;
}

/* --- cameras ----------------------------------------------------------------- */

static void look_at_node(struct look *l, const struct plateveil_node *n)
{
	bool captures = n->capabilities & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_VIDEO_OVERLAY);
	const char *what = !n->capabilities ? "a subdevice" : captures ? "a camera" : "no picture";
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", n->node);
	bool open = captures && pv_others_may(path, PV_READ | PV_WRITE);
	if (n->action == PLATEVEIL_GATE_NONE)
		found(l, open ? PV_DOOR_OPEN : PV_DOOR_ROOT,
		      "/dev/%s (%s, %s) has no gate; `sudo plateveil gate --deny` shuts all", n->node, n->name, what);
	else if (n->strangers)
		found(l, PV_DOOR_OPEN, "/dev/%s was open before its gate: a stream that ran then may go "
				       "on; unplug the camera and plug it in again", n->node);
	else
		found(l, PV_DOOR_SHUT, "/dev/%s (%s): strangers %s", n->node, n->name,
		      n->action == PLATEVEIL_GATE_DENY ? "are refused" : "see the view");
}

/* A USB camera's bus node: who may write there can take the camera from its driver. */
static void look_at_usb(struct look *l, const char *device)
{
	char path[160], node[64];
	int bus, dev;

	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/busnum", device);
	bus = atoi(pv_file_line(path));
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/devnum", device);
	dev = atoi(pv_file_line(path));
	snprintf(node, sizeof(node), "/dev/bus/usb/%03d/%03d", bus, dev);
	int others = bus > 0 && dev > 0 ? pv_others_may(node, PV_WRITE) : -1;
	if (others > 0)
		found(l, PV_DOOR_OPEN, "%s (the USB device of a camera) is writable for others than root, "
				       "who can take the camera from its driver; `sudo chmod 600 %s`, and a "
				       "udev rule to keep it so", node, node);
	else if (!others)
		found(l, PV_DOOR_ROOT, "%s: root can take the camera from its driver there", node);
}

static void look_at_cameras(struct look *l)
{
	static struct plateveil_node nodes[PV_MAX_NODES];
	int n = pv_gates_nodes(l->control, nodes, PV_MAX_NODES);
	char device[PLATEVEIL_DEVICE_LEN], last[PLATEVEIL_DEVICE_LEN] = "";

	for (int i = 0; i < n; i++)
		look_at_node(l, &nodes[i]);
	for (int i = 0; i < n; i++) {
		pv_gates_camera(&nodes[i], device);
		if (strcmp(device, nodes[i].device) && strcmp(device, last))
			look_at_usb(l, device);
		snprintf(last, sizeof(last), "%s", device);
	}
	if (!n && l->control >= 0)
		found(l, PV_DOOR_SHUT, "no camera is plugged in");
}

/* Gates know the nodes of V4L2; what a camera has beside them is not theirs. */
static void look_at_media(struct look *l)
{
	DIR *dir = opendir("/sys/bus/media/devices");
	int n = 0;

	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		n += !strncmp(e->d_name, "media", 5);
	if (dir)
		closedir(dir);
	if (n)
		found(l, PV_DOOR_SHUT, "%d media device%s: names and links of a camera's parts, no picture",
		      n, n == 1 ? "" : "s");
}

/* --- the machine ------------------------------------------------------------- */

static void look_at_lock(struct look *l)
{
	uint32_t guard = pv_gates_guard(l->control);
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	bool all = false;
	int n = pv_gates_list(l->control, gates);

	for (int i = 0; i < n; i++)
		all |= gates[i].pattern == PLATEVEIL_GATE_ALL;
	if (l->control < 0)
		found(l, pv_cameras_are_roots() ? PV_DOOR_ROOT : PV_DOOR_OPEN,
		      "the plateveil module is not loaded: no gate stands anywhere; `sudo modprobe plateveil`");
	else if (!all)
		found(l, pv_cameras_are_roots() ? PV_DOOR_ROOT : PV_DOOR_OPEN,
		      "a camera plugged in elsewhere has no gate; `sudo plateveil gate --deny` is for all");
	if (l->control >= 0 && guard & PLATEVEIL_GUARD_LOCKED)
		found(l, PV_DOOR_SHUT, "locked: no gate can be taken away, nor the module unloaded");
	else if (l->control >= 0)
		found(l, PV_DOOR_ROOT, "root can take gates away and unload the module; `sudo plateveil "
				       "lock` ends that until the machine starts anew");
	if (l->control >= 0 && !(guard & PLATEVEIL_GUARD_CLAIMED))
		found(l, PV_DOOR_ROOT, "plateveild does not run: root can take its place and have the "
				       "cameras; `sudo plateveil up` starts it");
}

static void look_at_kernel(struct look *l)
{
	char lockdown[64];

	snprintf(lockdown, sizeof(lockdown), "%s", pv_file_line("/sys/kernel/security/lockdown"));
	if (strstr(lockdown, "[confidentiality]"))
		found(l, PV_DOOR_SHUT, "kernel lockdown: its memory cannot be read or changed");
	else
		found(l, PV_DOOR_ROOT, "root can load modules and read or change the kernel's memory "
				       "(/proc/kcore, kprobes, BPF); boot with lockdown=confidentiality");
	if (!strcmp(pv_file_line("/proc/sys/kernel/kexec_load_disabled"), "0") && !strstr(lockdown, "[integrity]") &&
	    !strstr(lockdown, "[confidentiality]"))
		found(l, PV_DOOR_ROOT, "root can boot another kernel (kexec); `sysctl "
				       "kernel.kexec_load_disabled=1`");
	if (atoi(pv_file_line("/proc/sys/kernel/yama/ptrace_scope")) == 3)
		found(l, PV_DOOR_SHUT, "no process can be traced (kernel.yama.ptrace_scope is 3)");
	else
		found(l, PV_DOOR_ROOT, "root can trace the veiler, and take its descriptor and pictures; "
				       "`sysctl kernel.yama.ptrace_scope=3`");
	if (pv_others_may("/dev/mem", PV_READ | PV_WRITE) > 0)
		found(l, PV_DOOR_OPEN, "/dev/mem is open to others than root; `sudo chmod 600 /dev/mem`");
	/* /dev/vfio/vfio alone is no device, and open to all. */
	bool any;
	const char *node = open_to_others("/dev/vfio/{[0-9]*,devices/*}", PV_WRITE, &any);
	if (node)
		found(l, PV_DOOR_OPEN, "%s is open to others than root, who can take a camera's controller "
				       "from its driver", node);
}

/* The bus, of which a gate on V4L2's nodes knows nothing. */
static void look_at_bus(struct look *l)
{
	bool any;
	const char *node = open_to_others("/dev/usbmon*", PV_READ, &any);

	if (access("/sys/bus/usb/drivers", F_OK))
		return;
	if (node)
		found(l, PV_DOOR_OPEN, "%s is open to others than root, who see there what cameras send; `sudo "
				       "chmod 600 /dev/usbmon*`", node);
	else
		found(l, PV_DOOR_ROOT, "root can record what cameras send over USB (usbmon); `sudo modprobe -r "
				       "usbmon`, and a line \"install usbmon false\" in /etc/modprobe.d");
	found(l, PV_DOOR_ROOT, "root can bind a camera to another driver (sysfs), or hand it on (usbip); only if "
			       "that one makes a V4L2 node, gates stand there too");
}

int pv_doors_look(int control, pv_door_tell *tell, void *context)
{
	struct look l = { .tell = tell, .context = context, .control = control };

	look_at_lock(&l);
	look_at_cameras(&l);
	look_at_media(&l);
	look_at_kernel(&l);
	look_at_bus(&l);
	return l.open;
}

/* --- printing ------------------------------------------------------------------ */

static void print(void *context, enum pv_door door, const char *text)
{
	static const char *const words[] = { "shut", "root", "open" };

	(void)context;
	if (isatty(1))
		pv_print_wrapped(stdout, words[door], 6, text);
	else
		printf("%-5s %s\n", words[door], text);
}

int pv_cmd_doors(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return pv_usage("doors");
	int control = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	int open_doors = pv_doors_look(control, print, NULL);
	if (control >= 0)
		close(control);
	return open_doors ? 1 : 0;
}
