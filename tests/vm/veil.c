// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module without a helper: veil create NAME [LEASE_MS] | remove ID | open PATH SECONDS | abuse | clear |
 * modes ID FORMAT... (four-letter codes: sizes and intervals in each, in this order; controls) |
 * hammer PATH CONTROL (sets it on a view, to two values in turn, until it is killed) |
 * divert ID N (from now on who opens a camera, /dev/videoN or another, sees its veil; N's is this one).
 * `abuse` asks for what must be refused and says so if anything is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "uapi/plateveil.h"

static int control, wrong;

static void refuse(const char *what, int got, int why)
{
	if (got == -1 && errno == why)
		return;
	printf("%s: %s, wanted %s\n", what, got < 0 ? strerror(errno) : "accepted", strerror(why));
	wrong++;
}

static int set_modes(uint32_t id, uint32_t count, const struct plateveil_mode *modes)
{
	struct plateveil_modes m = { .id = id, .count = count, .modes = (uintptr_t)modes };
	return ioctl(control, PLATEVEIL_IOC_SET_MODES, &m);
}

static void abuse_modes(uint32_t id)
{
	const struct plateveil_mode good = { .pixelformat = V4L2_PIX_FMT_YUYV, .width = 320, .height = 240,
					     .numerator = 1, .denominator = 30 };
	struct plateveil_mode m = good;

	refuse("no modes", set_modes(id, 0, &m), EINVAL);
	refuse("too many modes", set_modes(id, PLATEVEIL_MAX_MODES + 1, &m), EINVAL);
	refuse("modes nowhere", set_modes(id, 1, (void *)8), EFAULT);
	refuse("a veil that is not", set_modes(15, 1, &m), ENOENT);
	refuse("a veil that cannot be", set_modes(1u << 31, 1, &m), ENOENT);
	m.width = 321;
	refuse("odd width", set_modes(id, 1, &m), EINVAL);
	m = good, m.width = 0xfffffffe, m.height = 0xfffffffe;
	refuse("huge size", set_modes(id, 1, &m), EINVAL);
	m = good, m.height = 0;
	refuse("no height", set_modes(id, 1, &m), EINVAL);
	m = good, m.denominator = 0;
	refuse("no interval", set_modes(id, 1, &m), EINVAL);
	m = good, m.numerator = 0xffffffff;
	refuse("endless interval", set_modes(id, 1, &m), EINVAL);
	m = good, m.pixelformat = V4L2_PIX_FMT_RGB24;
	refuse("other format", set_modes(id, 1, &m), EINVAL);
	m = good, m.reserved[1] = 1;
	refuse("reserved field", set_modes(id, 1, &m), EINVAL);
}

/* Three sizes and two intervals of every format. */
static int offer(uint32_t id, char **formats)
{
	struct plateveil_mode modes[32];
	uint32_t n = 0;

	for (; *formats; formats++)
		for (uint32_t k = 0; k < 6 && strlen(*formats) == 4 && n < 32; k++)
			modes[n++] = (struct plateveil_mode){
				.pixelformat = v4l2_fourcc((uint32_t)(*formats)[0], (uint32_t)(*formats)[1],
							   (uint32_t)(*formats)[2], (uint32_t)(*formats)[3]),
				.width = 320u << k / 2, .height = 240u << k / 2, .numerator = 1,
				.denominator = 10 - k % 2 * 5 };	/* time for the slow */
	return set_modes(id, n, modes);
}

/* Some controls, for v4l2-compliance to look at. */
static int add_controls(uint32_t id)
{
	static const struct plateveil_menu_item items[] = { { .name = "Off" }, { .name = "50 Hz" } };
	static const struct plateveil_control list[] = {
		{ .id = V4L2_CID_BRIGHTNESS, .type = V4L2_CTRL_TYPE_INTEGER, .name = "Brightness",
		  .maximum = 255, .step = 1, .default_value = 128, .value = 100 },
		{ .id = V4L2_CID_POWER_LINE_FREQUENCY, .type = V4L2_CTRL_TYPE_MENU,
		  .name = "Power Line Frequency", .maximum = 1 },
		{ .id = V4L2_CID_FOCUS_AUTO, .type = V4L2_CTRL_TYPE_BOOLEAN, .name = "Focus, Automatic",
		  .maximum = 1, .step = 1 },
		{ .id = V4L2_CID_PAN_RESET, .type = V4L2_CTRL_TYPE_BUTTON, .name = "Pan, Reset" },
	};
	struct plateveil_controls c = { .id = id, .count = 4, .controls = (uintptr_t)list,
					.items = (uintptr_t)items, .item_count = 2 };

	return ioctl(control, PLATEVEIL_IOC_SET_CONTROLS, &c);
}

static void abuse(void)
{
	struct plateveil_create c = { .name = "abuse" }, bad;
	struct plateveil_info info = { .id = 0xffffffff };
	uint32_t none = 14;

	if (ioctl(control, PLATEVEIL_IOC_CREATE, &c)) {
		perror("create");
		wrong++;
		return;
	}
	bad = (struct plateveil_create){ .name = "" };
	refuse("no name", ioctl(control, PLATEVEIL_IOC_CREATE, &bad), EINVAL);
	memset(bad.name, 'x', sizeof(bad.name));
	refuse("a name without end", ioctl(control, PLATEVEIL_IOC_CREATE, &bad), EINVAL);
	bad = (struct plateveil_create){ .name = "x", .lease_ms = 1u << 30 };
	refuse("an endless lease", ioctl(control, PLATEVEIL_IOC_CREATE, &bad), EINVAL);
	refuse("nothing to read", ioctl(control, PLATEVEIL_IOC_CREATE, (void *)8), EFAULT);
	refuse("another ioctl", ioctl(control, _IO(0xbe, 99)), ENOTTY);
	refuse("remove none", ioctl(control, PLATEVEIL_IOC_REMOVE, &none), ENOENT);
	refuse("info beyond", ioctl(control, PLATEVEIL_IOC_GET_VEIL, &info), ENOENT);
	abuse_modes(c.id);
	if (ioctl(control, PLATEVEIL_IOC_REMOVE, &c.id))
		wrong++;
}

static void hammer(const char *path, uint32_t id)
{
	int fd = open(path, O_RDWR);

	for (int32_t i = 0; fd >= 0; i++) {
		struct v4l2_control c = { .id = id, .value = 100 + i % 2 };
		if (ioctl(fd, VIDIOC_S_CTRL, &c))
			break;
	}
	perror(path);
}

static int divert(uint32_t id, uint32_t number)
{
	struct plateveil_open o = { .node = number, .veil = id };
	struct plateveil_gate gate = { .pattern = PLATEVEIL_GATE_ALL, .action = PLATEVEIL_GATE_DIVERT };
	uint32_t flags = 0;
	int camera;

	if (ioctl(control, PLATEVEIL_IOC_CLAIM, &flags))
		return -1;
	camera = ioctl(control, PLATEVEIL_IOC_OPEN, &o);
	if (camera < 0)
		return -1;
	close(camera);
	return ioctl(control, PLATEVEIL_IOC_GATE, &gate);
}

/* Takes away every veil and every gate. */
static void clear(void)
{
	struct plateveil_info info = { .id = 0 };
	struct plateveil_gate gate = { .id = 0 };

	while (!ioctl(control, PLATEVEIL_IOC_GET_VEIL, &info) && !ioctl(control, PLATEVEIL_IOC_REMOVE, &info.id))
		info = (struct plateveil_info){ .id = 0 };
	while (!ioctl(control, PLATEVEIL_IOC_GET_GATE, &gate) && !ioctl(control, PLATEVEIL_IOC_UNGATE, &gate.id))
		gate = (struct plateveil_gate){ .id = 0 };
	if (errno != ENOENT) {
		perror("clear");
		wrong++;
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "open")) {
		int fd = open(argv[2], O_RDWR);
		if (fd < 0) {
			perror(argv[2]);
			return 1;
		}
		sleep((unsigned)atoi(argv[3]));
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "hammer")) {
		hammer(argv[2], (uint32_t)strtoul(argv[3], NULL, 0));
		return 1;
	}
	control = open(PLATEVEIL_DEVICE, O_RDWR);
	if (control < 0) {
		perror(PLATEVEIL_DEVICE);
		return 1;
	}
	if (argc > 2 && !strcmp(argv[1], "create")) {
		struct plateveil_create c = { .lease_ms = argc > 3 ? (uint32_t)atoi(argv[3]) : 0 };
		snprintf(c.name, sizeof(c.name), "%.31s", argv[2]);
		if (ioctl(control, PLATEVEIL_IOC_CREATE, &c)) {
			perror("create");
			return 1;
		}
		printf("%u /dev/video%u /dev/video%u\n", c.id, c.view, c.feed);
	} else if (argc > 3 && !strcmp(argv[1], "modes")) {
		if (offer((uint32_t)atoi(argv[2]), argv + 3) || add_controls((uint32_t)atoi(argv[2]))) {
			perror("modes");
			return 1;
		}
	} else if (argc == 3 && !strcmp(argv[1], "remove")) {
		uint32_t id = (uint32_t)atoi(argv[2]);
		if (ioctl(control, PLATEVEIL_IOC_REMOVE, &id)) {
			perror("remove");
			return 1;
		}
	} else if (argc == 4 && !strcmp(argv[1], "divert")) {
		if (divert((uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]))) {
			perror("divert");
			return 1;
		}
	} else if (argc == 2 && !strcmp(argv[1], "clear")) {
		clear();
	} else if (argc == 2 && !strcmp(argv[1], "abuse")) {
		abuse();
	} else {
		return 2;
	}
	return wrong ? 1 : 0;
}
