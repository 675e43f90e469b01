// SPDX-License-Identifier: GPL-2.0-or-later
/* Gates: whom they refuse, which nodes they stand on, what becomes of files opened before. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plateveil_node camera;

static void bad_requests(void)
{
	struct plateveil_gate g = { .pattern = PLATEVEIL_GATE_NODE + 1, .action = PLATEVEIL_GATE_DENY };
	uint32_t id = 3, flag = 1;

	refused(ioctl(control_fd(), PLATEVEIL_IOC_GATE, &g), EINVAL, "no such pattern");
	g = (struct plateveil_gate){ .action = PLATEVEIL_GATE_DIVERT + 1 };
	refused(ioctl(control_fd(), PLATEVEIL_IOC_GATE, &g), EINVAL, "no such action");
	refused(gate_set(PLATEVEIL_GATE_ALL, "vivid", 0, PLATEVEIL_GATE_DENY, 0), EINVAL,
		"a name for all");
	refused(gate_set(PLATEVEIL_GATE_DRIVER, "", 0, PLATEVEIL_GATE_DENY, 0), EINVAL,
		"a driver without a name");
	refused(gate_set(PLATEVEIL_GATE_NODE, "", 256, PLATEVEIL_GATE_DENY, 0), EINVAL,
		"a number that cannot be");
	refused(gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 2), EINVAL, "another flag");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_UNGATE, &id), ENOENT, "no such gate");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_LOCK, &flag), EINVAL, "a lock with flags");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_CLAIM, &flag), EINVAL, "a claim with flags");
}

static void patterns(void)
{
	struct veil v = veil_make("never gated");
	int all = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 0);
	int driver, device, above, node, again;

	need(all >= 0, "a gate on all");
	refused(open_camera(&camera), EACCES, "all: a stranger's open");
	check(gate_info(all).nodes >= 2 && gate_info(all).refused == 1, "counted, the nodes too");
	close(open_node(v.view));
	close(open_node(v.feed));
	check(true, "our own nodes have no gate");
	again = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DIVERT, 0);
	check(again == all && node_info(&camera).action == PLATEVEIL_GATE_DIVERT, "the action changes");
	driver = gate_set(PLATEVEIL_GATE_DRIVER, "vivid", 0, PLATEVEIL_GATE_DENY, 0);
	check(node_info(&camera).gate == (uint32_t)driver, "the driver's gate goes before that of all");
	device = gate_set(PLATEVEIL_GATE_DEVICE, camera.device, 0, PLATEVEIL_GATE_DENY, 0);
	check(node_info(&camera).gate == (uint32_t)device, "the device's before the driver's");
	above = gate_set(PLATEVEIL_GATE_DEVICE, "platform", 0, PLATEVEIL_GATE_DENY, 0);
	check(node_info(&camera).gate == (uint32_t)device, "and before that of what the device is on");
	need(!gate_end(device) && node_info(&camera).gate == (uint32_t)above, "which is next");
	device = gate_set(PLATEVEIL_GATE_DEVICE, camera.device, 0, PLATEVEIL_GATE_DENY, 0);
	check(node_info(&camera).gate == (uint32_t)device, "whichever was set up first");
	need(!gate_end(above), "ending it");
	node = gate_set(PLATEVEIL_GATE_NODE, "", (uint32_t)number_of(&camera), PLATEVEIL_GATE_DENY, 0);
	check(node_info(&camera).gate == (uint32_t)node, "the node's before the device's");
	check(gate_info(node).nodes == 1, "on one node");
	need(!gate_end(all) && !gate_end(driver) && !gate_end(device), "ending gates");
	refused(open_camera(&camera), EACCES, "the last that stands refuses");
	need(!gate_end(node), "ending the last");
	int fd = open_camera(&camera);
	check(fd >= 0 && streams(fd, 3), "and without any the camera streams");
	close(fd);
	veil_remove(&v);
}

/* Metadata, VBI and whatever else is plugged in at the same place. */
static void siblings(void)
{
	struct plateveil_node node = { .minor = 0 };
	int gate = gate_set(PLATEVEIL_GATE_DEVICE, camera.device, 0, PLATEVEIL_GATE_DENY, 0);
	int nodes = 0, open = 0;

	need(gate >= 0, "a gate on the device");
	for (; !ioctl(control_fd(), PLATEVEIL_IOC_GET_NODE, &node); nodes++) {
		uint32_t next = node.minor + 1;
		int fd = open_camera(&node);
		if (!strcmp(node.device, camera.device) && (fd >= 0 || errno != EACCES))
			open++;
		close(fd);
		memset(&node, 0, sizeof(node));
		node.minor = next;
	}
	check(nodes > 1 && !open, "all %d nodes of the camera refuse", nodes);
	gate_end(gate);
}

static bool dead(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte[16];

	return !*driver_of(fd) && errno == ENODEV && read(fd, byte, sizeof(byte)) < 0 &&
	       errno == ENODEV && poll(&p, 1, 0) == 1 && p.revents & POLLHUP &&
	       mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV;
}

/* The same open file in another process. */
static bool dead_in_child(int fd)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(dead(fd) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status;
}

static bool dead_when_passed(int fd)
{
	int pair[2], got;

	need(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "a pair of sockets");
	send_fd(pair[0], fd);
	got = receive_fd(pair[1]);
	bool is = dead(got);
	close(got);
	close(pair[0]);
	close(pair[1]);
	return is;
}

static void earlier(void)
{
	int fd = open_camera(&camera), copy = dup(fd), gate;
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	char path[64];

	need(fd >= 0 && copy >= 0, "the camera");
	check(node_info(&camera).strangers == 1, "a stranger is counted");
	refused(gate_set(PLATEVEIL_GATE_DEVICE, camera.device, 0, PLATEVEIL_GATE_DENY, 0), EBUSY,
		"a gate while a stranger has the camera open");
	check(!strcmp(driver_of(fd), "vivid") && streams(fd, 2), "who is none the worse for it");
	gate = gate_set(PLATEVEIL_GATE_DEVICE, camera.device, 0, PLATEVEIL_GATE_DENY,
			PLATEVEIL_GATE_FORCE);
	check(gate >= 0, "by force it is set up");
	check(dead(fd), "a file opened before: no ioctl, read, poll, mmap");
	check(dead(copy), "nor through dup()");
	check(dead_in_child(fd), "nor in a child");
	check(dead_when_passed(fd), "nor handed on through a socket");
	check(poll(&p, 1, 0) == 1 && p.revents & (POLLERR | POLLHUP), "nor events");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	refused(open(path, O_RDWR), EACCES, "nor opened again through /proc");
	check(gate_info(gate).refused > 8, "all of them counted");
	need(!gate_end(gate), "ending the gate");
	check(!strcmp(driver_of(fd), "vivid") && streams(fd, 2), "without the gate it goes on");
	close(copy);
	close(fd);
}

/* A stream that runs is stopped by binding the driver anew, and the new node has its gate. */
static void running(void)
{
	struct stream s = { .fd = open_camera(&camera), .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_buffer b;
	struct v4l2_exportbuffer e = { .type = s.type };
	static uint8_t before[4096];
	bool still = true;
	int gate;

	need(s.fd >= 0 && !stream_format(&s, 0, 0, 0) && !stream_buffers(&s, V4L2_MEMORY_MMAP, 4),
	     "a stream");
	need(!ioctl(s.fd, VIDIOC_EXPBUF, &e), "an exported buffer");
	uint8_t *exported = mmap(NULL, s.length[0], PROT_READ, MAP_SHARED, e.fd, 0);
	need(exported != MAP_FAILED, "its mapping");
	stream_fill(&s);
	need(!stream_on(&s) && !stream_take(&s, &b, 5000), "a running stream");
	refused(gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 0), EBUSY,
		"a gate while a stranger streams");
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, PLATEVEIL_GATE_FORCE);
	need(gate >= 0, "a gate by force");
	rebind(camera.device);
	for (uint32_t i = 0; i < s.count; i++)
		memset(s.start[i], 0xa5, s.length[i]);
	memset(before, 0xa5, sizeof(before));
	sleep(1);
	for (uint32_t i = 0; i < s.count; i++)
		still &= !memcmp(s.start[i], before, sizeof(before));
	check(still && !memcmp(exported, before, sizeof(before)),
	      "nothing comes into its memory any more, nor into what it exported");
	munmap(exported, s.length[0]);
	close(e.fd);
	check(dead(s.fd), "and its file is dead");
	need(find_camera(&camera), "the camera again");
	refused(open_camera(&camera), EACCES, "the camera that came back has its gate");
	check(!node_info(&camera).strangers, "no stranger has it");
	stream_end(&s);
	gate_end(gate);
}

void test_gate(void)
{
	bad_requests();
	need(find_camera(&camera), "vivid's camera");
	patterns();
	siblings();
	earlier();
	running();
}
