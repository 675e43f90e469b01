// SPDX-License-Identifier: GPL-2.0-or-later
/* The owner's way to the camera, and that nobody else can take it. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plateveil_node camera;

static int claim(int fd)
{
	uint32_t flags = 0;

	return ioctl(fd, PLATEVEIL_IOC_CLAIM, &flags);
}

static void claims(void)
{
	struct plateveil_open o = { .node = (uint32_t)number_of(&camera), .veil = PLATEVEIL_NO_VEIL };
	int other = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);

	refused(open_pass(&camera, PLATEVEIL_NO_VEIL), EPERM, "a pass without a claim");
	check(!claim(control_fd()) && !claim(control_fd()), "a claim, and once more");
	refused(claim(other), EBUSY, "another's claim");
	refused(ioctl(other, PLATEVEIL_IOC_OPEN, &o), EPERM, "a pass for another file of this process");
	o.node = 200;
	refused(ioctl(control_fd(), PLATEVEIL_IOC_OPEN, &o), ENODEV, "a pass to nothing");
	o = (struct plateveil_open){ .flags = O_TRUNC };
	refused(ioctl(control_fd(), PLATEVEIL_IOC_OPEN, &o), EINVAL, "a pass with another flag");
	refused(open_pass(&camera, 9), ENOENT, "a pass for a veil that is not");
	close(other);
}

/* What is handed on is the open file; what is opened anew is not it. */
static bool child_streams(int fd)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(streams(fd, 3) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status;
}

static void passes(void)
{
	struct veil v = veil_make("passes");
	int before = open_pass(&camera, PLATEVEIL_NO_VEIL), fd, gate, view;
	struct plateveil_open o = { .node = v.view, .veil = PLATEVEIL_NO_VEIL };
	char path[64];

	check(before >= 0 && !strcmp(driver_of(before), "vivid"), "a pass where there is no gate");
	check(!node_info(&camera).strangers && node_info(&camera).passes == 1, "is no stranger");
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 0);
	check(gate >= 0 && streams(before, 3), "it stays good when the gate comes");
	fd = open_pass(&camera, v.id);
	check(fd >= 0 && !strcmp(driver_of(fd), "vivid"), "a pass through the gate");
	check(fcntl(fd, F_GETFD) == FD_CLOEXEC, "closed on exec");
	check(child_streams(fd), "good in a child, who has it from its parent");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	refused(open(path, O_RDWR), EACCES, "opened anew through /proc it is not");
	refused(open_camera(&camera), EACCES, "nor is the node");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_OPEN, &o), ENODEV, "no pass to a view");
	need(!gate_end(gate), "ending the gate");
	check(streams(fd, 3), "good still when the gate has gone");
	close(before);
	close(fd);
	view = open_camera(&camera);
	check(view >= 0 && !strcmp(driver_of(view), "vivid"), "and then for everyone");
	close(view);
	check(!node_info(&camera).passes, "closed ones are not counted");
	veil_remove(&v);
}

/* The owner ends: its gate does not, its claim does. */
static void outlived(void)
{
	int status, gate;
	pid_t pid;

	close(control_fd());
	pid = fork();
	if (!pid) {
		int fd = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
		struct plateveil_gate g = { .action = PLATEVEIL_GATE_DENY };
		_exit(claim(fd) || ioctl(fd, PLATEVEIL_IOC_GATE, &g) ? 1 : 0);
	}
	need(waitpid(pid, &status, 0) == pid && !status, "an owner that ends");
	need(open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC) == control_fd(), "the control node again");
	refused(open_camera(&camera), EACCES, "the gate outlives its owner");
	check(!claim(control_fd()), "the claim does not");
	int fd = open_pass(&camera, PLATEVEIL_NO_VEIL);
	check(fd >= 0 && streams(fd, 3), "and the next owner goes on");
	close(fd);
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 0);
	need(!gate_end(gate), "ending the gate");
}

void test_pass(void)
{
	need(find_camera(&camera), "vivid's camera");
	claims();
	passes();
	outlived();
}
