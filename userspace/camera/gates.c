// SPDX-License-Identifier: GPL-2.0-or-later
#include "gates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int pv_gates_nodes(int control, struct plateveil_node *out, int max)
{
	uint32_t minor = 0;
	int n = 0;

	for (; n < max; n++) {
		memset(&out[n], 0, sizeof(out[n]));
		out[n].minor = minor;
		if (control < 0 || ioctl(control, PLATEVEIL_IOC_GET_NODE, &out[n]))
			break;
		minor = out[n].minor + 1;
	}
	return n;
}

int pv_gates_list(int control, struct plateveil_gate out[PLATEVEIL_MAX_GATES])
{
	uint32_t id = 0;
	int n = 0;

	for (; n < PLATEVEIL_MAX_GATES; n++) {
		memset(&out[n], 0, sizeof(out[n]));
		out[n].id = id;
		if (ioctl(control, PLATEVEIL_IOC_GET_GATE, &out[n]))
			break;
		id = out[n].id + 1;
	}
	return n;
}

uint32_t pv_gates_guard(int control)
{
	uint32_t guard = 0;

	return control < 0 || ioctl(control, PLATEVEIL_IOC_GET_GUARD, &guard) ? 0 : guard;
}

int pv_gates_number(const char *path)
{
	int number = -1, end = 0;

	if (sscanf(path, "/dev/video%3d%n", &number, &end) != 1 || path[end])
		return -1;
	return number;
}

bool pv_gates_find(int control, const char *path, struct plateveil_node *out)
{
	struct plateveil_node *nodes = calloc(PV_MAX_NODES, sizeof(*nodes));
	int n = nodes ? pv_gates_nodes(control, nodes, PV_MAX_NODES) : 0;
	char *real = realpath(path, NULL);
	bool found = false;

	for (int i = 0; i < n && real && !found; i++) {
		char name[64];
		snprintf(name, sizeof(name), "/dev/%s", nodes[i].node);
		found = !strcmp(name, real);
		*out = nodes[i];
	}
	free(real);
	free(nodes);
	return found;
}

uint32_t pv_gates_action(int control, const char *path)
{
	struct plateveil_node node;

	return pv_gates_find(control, path, &node) ? node.action : PLATEVEIL_GATE_NONE;
}

/* Interfaces of a USB device are called after it: 1-2.3:1.0 is the device 1-2.3's. */
void pv_gates_camera(const struct plateveil_node *node, char device[PLATEVEIL_DEVICE_LEN])
{
	size_t end = strlen(node->device);

	if (node->device[0] >= '0' && node->device[0] <= '9' && strspn(node->device, "0123456789-.:") == end &&
	    strchr(node->device, '-') && strchr(node->device, ':') > strchr(node->device, '-'))
		end = strcspn(node->device, ":");
	snprintf(device, PLATEVEIL_DEVICE_LEN, "%.*s", (int)end, node->device);
}

int pv_gates_claim(int control, char *error, size_t size)
{
	uint32_t flags = 0;

	if (!ioctl(control, PLATEVEIL_IOC_CLAIM, &flags))
		return 0;
	if (errno == EBUSY)
		snprintf(error, size, "plateveild runs already (`plateveil down` ends one that `up` has started), or "
			 "another program owns the gates; `fuser -v %s` names it", PLATEVEIL_DEVICE);
	else if (errno == EPERM)
		snprintf(error, size, "owning the gates needs root: run plateveild with sudo");
	else
		snprintf(error, size, "the module has no gates: %s", strerror(errno));
	return -1;
}

int pv_gates_open(int control, const char *path, uint32_t veil)
{
	struct plateveil_open o = { .veil = veil, .flags = O_NONBLOCK };
	int number = pv_gates_number(path);

	if (number >= 0 && control >= 0) {
		o.node = (uint32_t)number;
		int fd = ioctl(control, PLATEVEIL_IOC_OPEN, &o);
		/* The node is none that can have a gate, or we are not the owner. */
		if (fd >= 0 || (errno != ENODEV && errno != EPERM))
			return fd;
	}
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static void name_pattern(struct plateveil_gate *g, const char *device)
{
	g->pattern = device ? PLATEVEIL_GATE_DEVICE : PLATEVEIL_GATE_ALL;
	snprintf(g->name, sizeof(g->name), "%s", device ? device : "");
}

/* Programs such as udev's look at a node that is new for a moment: that is nobody's fault. */
int pv_gates_set(int control, const char *device, uint32_t action, bool force, int tries)
{
	struct timespec nap = { .tv_nsec = 100000000 };
	int got = -1;

	for (int i = 0; got && i < tries; i++) {
		if (i)
			nanosleep(&nap, NULL);
		struct plateveil_gate g = { .action = action,
					    .flags = force ? PLATEVEIL_GATE_FORCE : 0 };
		name_pattern(&g, device);
		got = ioctl(control, PLATEVEIL_IOC_GATE, &g);
		if (!got || errno != EBUSY)
			break;
	}
	return got;
}

int pv_gates_end(int control, const char *device)
{
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES], wanted = { .id = 0 };
	int n = pv_gates_list(control, gates);

	name_pattern(&wanted, device);
	for (int i = 0; i < n; i++)
		if (gates[i].pattern == wanted.pattern && !strcmp(gates[i].name, wanted.name))
			return ioctl(control, PLATEVEIL_IOC_UNGATE, &gates[i].id);
	errno = ENOENT;
	return -1;
}

/* --- plugging in anew ------------------------------------------------------ */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t wrote = write(fd, text, strlen(text));
	int why = errno;
	close(fd);
	errno = why;
	return wrote == (ssize_t)strlen(text) ? 0 : -1;
}

/* A USB device loses all its interfaces, and whatever streams on them, and gets them back. Other
 * drivers are unbound from theirs and bound again. */
int pv_gates_replug(const struct plateveil_node *node)
{
	char device[PLATEVEIL_DEVICE_LEN], path[4096], driver[sizeof(path) + 16], link[128], *real;

	pv_gates_camera(node, device);
	if (strcmp(device, node->device)) {
		snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/authorized", device);
		return write_text(path, "0") || write_text(path, "1") ? -1 : 0;
	}
	snprintf(link, sizeof(link), "/sys/class/video4linux/%s/device/driver", node->node);
	real = realpath(link, NULL);
	if (!real)
		return -1;
	snprintf(path, sizeof(path), "%.4000s/unbind", real);
	snprintf(driver, sizeof(driver), "%.4000s/bind", real);
	free(real);
	return write_text(path, device) || write_text(driver, device) ? -1 : 0;
}
