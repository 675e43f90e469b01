// SPDX-License-Identifier: GPL-2.0-or-later
/* /dev/plateveil again: gates that come, go and change before cameras that are there (vivid's, say). */
#include "ioctl.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "uapi/plateveil.h"

#define IDS 6	/* of gates: few, so that threads meet */

/* A camera's node, as the module tells of it; false when there is none. */
static bool some_camera(struct fuzz *f, struct plateveil_node *n)
{
	*n = (struct plateveil_node){ .minor = fuzz_below(f, 8) };
	if (fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_GET_NODE, n)) {
		*n = (struct plateveil_node){ .minor = 0 };
		if (fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_GET_NODE, n))
			return false;
	}
	return true;
}

static uint32_t number_of(const struct plateveil_node *n)
{
	uint32_t number = 0;

	sscanf(n->node, "video%u", &number);
	return number;
}

static void set_gate(struct fuzz *f)
{
	struct plateveil_gate g = { .pattern = fuzz_below(f, 4), .action = 1 + fuzz_below(f, 2),
				    .flags = fuzz_below(f, 2) };
	struct plateveil_node n;

	if (!some_camera(f, &n))
		return;
	if (g.pattern == PLATEVEIL_GATE_DRIVER)
		memcpy(g.name, n.driver, sizeof(n.driver));
	if (g.pattern == PLATEVEIL_GATE_DEVICE)
		memcpy(g.name, n.device, sizeof(n.device));
	if (g.pattern == PLATEVEIL_GATE_NODE)
		g.node = number_of(&n);
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &g, sizeof(g));
	fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_GATE, &g);
}

/* A file of its own claims, and lets go. */
static void claim_apart(struct fuzz *f)
{
	int fd = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	uint32_t flags = 0;

	if (fd < 0)
		return;
	fuzz_call(f, fd, PLATEVEIL_IOC_CLAIM, &flags);
	usleep(fuzz_below(f, 500));
	close(fd);
}

/* The camera itself, past its gate. What its own driver makes of calls is not the question here. */
static void pass(struct fuzz *f)
{
	struct plateveil_open o = { .veil = fuzz_chance(f, 2) ? PLATEVEIL_NO_VEIL : fuzz_below(f, 3) };
	struct plateveil_node n;
	struct v4l2_capability cap;
	int fd;

	if (!some_camera(f, &n))
		return;
	o.node = number_of(&n);
	o.flags = fuzz_chance(f, 2) ? O_NONBLOCK : 0;
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &o, sizeof(o));
	fd = fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_OPEN, &o);
	if (fd < 0)
		return;
	fuzz_call(f, fd, VIDIOC_QUERYCAP, &cap);
	if (fuzz_chance(f, 2))
		usleep(fuzz_below(f, 500));
	close(fd);
}

void fuzz_gates(struct fuzz *f)
{
	struct plateveil_gate gate = { .id = fuzz_below(f, IDS) };
	struct plateveil_node node;
	uint32_t word = fuzz_chance(f, 10) ? fuzz_odd(f) : 0;

	switch (fuzz_below(f, 8)) {
	case 0 ... 1:
		set_gate(f);
		break;
	case 2:
		fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_UNGATE, &gate.id);
		break;
	case 3:
		fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_CLAIM, &word);
		break;
	case 4:
		claim_apart(f);
		break;
	case 5:
		pass(f);
		break;
	case 6:
		fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_GET_GATE, &gate);
		break;
	default:
		some_camera(f, &node);
		fuzz_call(f, fuzz_control_fd(), PLATEVEIL_IOC_GET_GUARD, &word);
	}
}
