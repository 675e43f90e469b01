// SPDX-License-Identifier: GPL-2.0-or-later
/* The camera's controls on view and feed. */
#include "tests.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct plateveil_menu_item items[] = {
	{ .name = "" }, { .name = "Off" }, { .name = "50 Hz" }, { .name = "" }, { .name = "60 Hz" },
	{ .name = "one", .value = 111 }, { .name = "two", .value = 1ll << 40 },
};

static const struct plateveil_control camera[] = {
	{ .id = V4L2_CID_BRIGHTNESS, .type = V4L2_CTRL_TYPE_INTEGER, .name = "Brightness",
	  .minimum = -64, .maximum = 64, .step = 1, .default_value = 0, .value = 7 },
	{ .id = V4L2_CID_AUTO_WHITE_BALANCE, .type = V4L2_CTRL_TYPE_BOOLEAN, .name = "White Balance",
	  .maximum = 1, .step = 1, .default_value = 1, .value = 1 },
	{ .id = V4L2_CID_POWER_LINE_FREQUENCY, .type = V4L2_CTRL_TYPE_MENU, .name = "Power Line",
	  .maximum = 3, .default_value = 1, .value = 3, .menu = 1 },
	{ .id = V4L2_CID_AUTO_EXPOSURE_BIAS, .type = V4L2_CTRL_TYPE_INTEGER_MENU, .name = "Bias",
	  .maximum = 1, .menu = 5 },
	{ .id = V4L2_CID_EXPOSURE_ABSOLUTE, .type = V4L2_CTRL_TYPE_INTEGER, .name = "Exposure",
	  .minimum = 1, .maximum = 5000, .step = 1, .default_value = 250, .value = 250,
	  .flags = V4L2_CTRL_FLAG_INACTIVE },
	{ .id = V4L2_CID_PAN_RESET, .type = V4L2_CTRL_TYPE_BUTTON, .name = "Pan, Reset" },
	/* Of a class that the core does not know, as drivers may have one. */
	{ .id = 0x00f0f006, .type = V4L2_CTRL_TYPE_INTEGER, .name = "LED1 Frequency",
	  .maximum = 255, .step = 1, .value = 9 },
};
#define N (sizeof(camera) / sizeof(camera[0]))

static int send_controls(const struct veil *v, const struct plateveil_control *list, uint32_t count, uint32_t flags)
{
	struct plateveil_controls c = { .id = v->id, .count = count, .controls = (uintptr_t)list,
					.items = (uintptr_t)items,
					.item_count = sizeof(items) / sizeof(items[0]), .flags = flags };
	return ioctl(control_fd(), PLATEVEIL_IOC_SET_CONTROLS, &c);
}

static int set_controls(const struct veil *v, const struct plateveil_control *list, uint32_t count)
{
	return send_controls(v, list, count, 0);
}

/* Registers `change`d brightness and must be refused. */
static void bad(const struct veil *v, const struct plateveil_control *changed, const char *what)
{
	refused(set_controls(v, changed, 1), EINVAL, what);
}

static void refusals(const struct veil *v)
{
	struct plateveil_control c = camera[0], twice[2] = { camera[0], camera[0] };
	struct veil none = { .id = 15 };
	struct plateveil_controls r = { .id = v->id, .reserved = { 1 } };

	c.id = 0, bad(v, &c, "a control without id");
	c = camera[0], c.id = V4L2_CID_PRIVATE_BASE, bad(v, &c, "a private id");
	c = camera[0], c.type = V4L2_CTRL_TYPE_STRING, bad(v, &c, "another type");
	c = camera[0], c.type = V4L2_CTRL_TYPE_CTRL_CLASS, bad(v, &c, "a class");
	c = camera[0], c.name[0] = 0, bad(v, &c, "a control without name");
	c = camera[0], memset(c.name, 'x', sizeof(c.name)), bad(v, &c, "a name without end");
	c = camera[0], c.minimum = 65, bad(v, &c, "more at least than at most");
	c = camera[0], c.step = 0, bad(v, &c, "no step");
	c = camera[0], c.default_value = 65, bad(v, &c, "a default beyond");
	c = camera[0], c.flags = V4L2_CTRL_FLAG_VOLATILE, bad(v, &c, "another flag");
	c = camera[0], c.reserved[4] = 1, bad(v, &c, "a reserved field");
	c = camera[2], c.menu = 6, bad(v, &c, "a menu beyond the items");
	c = camera[2], c.menu = 0xffffffff, bad(v, &c, "a menu far away");
	c = camera[2], c.maximum = 40, bad(v, &c, "too long a menu");
	c = camera[2], c.default_value = 2, bad(v, &c, "a default that is not in the menu");
	c = camera[2], c.step = 1, bad(v, &c, "a menu with steps");
	refused(set_controls(v, twice, 2), EINVAL, "one control twice");
	twice[1].id = V4L2_CTRL_ID2WHICH(twice[0].id) | 1;
	refused(set_controls(v, twice, 2), EINVAL, "one that has its class's number");
	refused(set_controls(v, camera, PLATEVEIL_MAX_CONTROLS + 1), EINVAL, "too many controls");
	refused(set_controls(v, (void *)8, 1), EFAULT, "controls nowhere");
	refused(set_controls(&none, camera, N), ENOENT, "controls of a veil that is not");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_SET_CONTROLS, &r), EINVAL, "a reserved field");
}

static int get(int fd, uint32_t id)
{
	struct v4l2_control c = { .id = id };
	return ioctl(fd, VIDIOC_G_CTRL, &c) ? -999 : c.value;
}

static int set(int fd, uint32_t id, int value)
{
	struct v4l2_control c = { .id = id, .value = value };
	return ioctl(fd, VIDIOC_S_CTRL, &c);
}

static void listen_to(int fd, uint32_t id)
{
	struct v4l2_event_subscription s = { .type = V4L2_EVENT_CTRL, .id = id };
	need(!ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &s), "listening to a control");
}

/* The next event is about this, and says so. */
static bool heard(int fd, uint32_t id, int value)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	struct v4l2_event e;

	return poll(&p, 1, 2000) > 0 && p.revents & POLLPRI && !ioctl(fd, VIDIOC_DQEVENT, &e) &&
	       e.type == V4L2_EVENT_CTRL && e.id == id && e.u.ctrl.value == value;
}

static bool quiet(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	return poll(&p, 1, 100) == 0;
}

static void mirrored(const struct veil *v)
{
	int view = open_node(v->view), other = open_node(v->view), feed = open_node(v->feed);
	struct v4l2_querymenu m = { .id = V4L2_CID_POWER_LINE_FREQUENCY, .index = 1 };
	struct v4l2_queryctrl q = { .id = V4L2_CID_EXPOSURE_ABSOLUTE };

	check(get(view, V4L2_CID_BRIGHTNESS) == 7 && get(view, V4L2_CID_POWER_LINE_FREQUENCY) == 3,
	      "a view stands where the camera does");
	check(!ioctl(view, VIDIOC_QUERYMENU, &m) && !strcmp((char *)m.name, "50 Hz"), "a menu's words");
	m.index = 2;
	refused(ioctl(view, VIDIOC_QUERYMENU, &m), EINVAL, "an item that is not there");
	m = (struct v4l2_querymenu){ .id = V4L2_CID_AUTO_EXPOSURE_BIAS, .index = 1 };
	check(!ioctl(view, VIDIOC_QUERYMENU, &m) && m.value == 1ll << 40, "a menu's numbers");
	check(!ioctl(view, VIDIOC_QUERYCTRL, &q) && q.flags & V4L2_CTRL_FLAG_INACTIVE,
	      "what is of no use now says so");
	listen_to(feed, V4L2_CID_BRIGHTNESS);
	listen_to(feed, V4L2_CID_PAN_RESET);
	listen_to(other, V4L2_CID_BRIGHTNESS);
	listen_to(view, V4L2_CID_BRIGHTNESS);
	check(!set(view, V4L2_CID_BRIGHTNESS, 50) && heard(feed, V4L2_CID_BRIGHTNESS, 50),
	      "the helper hears what a viewer sets");
	check(heard(other, V4L2_CID_BRIGHTNESS, 50) && quiet(view), "another viewer too, itself not");
	check(!set(feed, V4L2_CID_BRIGHTNESS, 48) && heard(view, V4L2_CID_BRIGHTNESS, 48) &&
	      heard(other, V4L2_CID_BRIGHTNESS, 48) && quiet(feed), "viewers hear what the camera says");
	check(get(view, V4L2_CID_BRIGHTNESS) == 48, "and it stands there");
	check(!set(view, V4L2_CID_PAN_RESET, 1) && heard(feed, V4L2_CID_PAN_RESET, 0),
	      "the helper hears of a button");
	check(set(view, V4L2_CID_BRIGHTNESS, 1000) || get(view, V4L2_CID_BRIGHTNESS) == 64,
	      "too much is refused or cut");
	close(view);
	close(other);
	close(feed);
}

/* One view comes, listens and goes, again and again, while controls come to be of use and not. */
static void listeners(const struct veil *v)
{
	struct plateveil_control later[N];
	bool fine = true;

	memcpy(later, camera, sizeof(camera));
	fflush(stdout);
	pid_t child = fork();
	while (!child) {
		struct v4l2_event_subscription s = { .type = V4L2_EVENT_CTRL, .id = V4L2_CID_EXPOSURE_ABSOLUTE };
		int fd = open_node(v->view);
		for (int i = 0; i < 20; i++)
			if (ioctl(fd, i & 1 ? VIDIOC_UNSUBSCRIBE_EVENT : VIDIOC_SUBSCRIBE_EVENT, &s))
				_exit(1);
		close(fd);
	}
	for (int i = 0; i < 2000; i++) {
		later[4].flags ^= V4L2_CTRL_FLAG_INACTIVE;
		fine &= !set_controls(v, later, N);
	}
	fine &= !waitpid(child, NULL, WNOHANG);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	check(fine, "listeners may come and go meanwhile");
	need(!set_controls(v, camera, N), "controls as they were");
}

static void news(const struct veil *v)
{
	struct plateveil_control later[N];
	struct v4l2_queryctrl q = { .id = V4L2_CID_EXPOSURE_ABSOLUTE };
	int view = open_node(v->view);

	memcpy(later, camera, sizeof(camera));
	later[0].value = -5;
	later[4].flags = 0;
	listen_to(view, V4L2_CID_BRIGHTNESS);
	check(!set_controls(v, later, N) && heard(view, V4L2_CID_BRIGHTNESS, -5),
	      "the same controls again bring their values");
	check(!ioctl(view, VIDIOC_QUERYCTRL, &q) && !(q.flags & V4L2_CTRL_FLAG_INACTIVE),
	      "and what is of use now");
	later[0].value = 9;
	later[4].flags = V4L2_CTRL_FLAG_INACTIVE;
	check(!send_controls(v, later, N, PLATEVEIL_CONTROLS_STAY) && get(view, V4L2_CID_BRIGHTNESS) == -5 &&
	      !ioctl(view, VIDIOC_QUERYCTRL, &q) && q.flags & V4L2_CTRL_FLAG_INACTIVE, "or that alone");
	refused(send_controls(v, later, N, 2), EINVAL, "a flag that is none");
	check(!set_controls(v, camera, 1), "other controls");
	int fresh = open_node(v->view);
	check(get(view, V4L2_CID_POWER_LINE_FREQUENCY) == 3, "an open view keeps those it had");
	refused(get(fresh, V4L2_CID_POWER_LINE_FREQUENCY) == -999 ? -1 : 0, EINVAL, "a new one has not");
	check(!set(view, V4L2_CID_BRIGHTNESS, 1) && get(fresh, V4L2_CID_BRIGHTNESS) == 7,
	      "they are no longer the same");
	check(!set_controls(v, NULL, 0), "no controls");
	close(fresh);
	fresh = open_node(v->view);
	refused(ioctl(fresh, VIDIOC_QUERYCTRL, &q), ENOTTY, "asking a view without controls");
	veil_remove(v);
	refused(set(view, V4L2_CID_BRIGHTNESS, 1), ENODEV, "setting one when the veil is gone");
	close(fresh);
	close(view);
}

void test_controls(void)
{
	struct veil v = veil_make("controls");

	refusals(&v);
	need(!set_controls(&v, camera, N), "controls");
	mirrored(&v);
	listeners(&v);
	news(&v);
}
