// SPDX-License-Identifier: GPL-2.0-or-later
/* The lock. Nothing after this test can unload the module, remove a veil or end a gate. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_zones(const struct veil *v, const struct plateveil_zone *zones, uint32_t count)
{
	struct plateveil_zones z = { .id = v->id, .count = count, .zones = (uintptr_t)zones };

	return ioctl(control_fd(), PLATEVEIL_IOC_SET_ZONES, &z);
}

static void zones(const struct veil *v)
{
	const struct plateveil_zone smaller = { 1000, 1000, 3000, 2999 }, moved = { 1001, 1000, 3001, 3000 };
	const struct plateveil_zone more[] = { { 5000, 5000, 6000, 6000 }, { 900, 1000, 3000, 3100 } };

	refused(set_zones(v, NULL, 0), EPERM, "no zones any more");
	refused(set_zones(v, &smaller, 1), EPERM, "a smaller zone");
	refused(set_zones(v, &moved, 1), EPERM, "a zone elsewhere");
	check(!set_zones(v, more, 2), "a larger one and one more");
	refused(set_zones(v, more + 1, 1), EPERM, "which has to stay, too");
}

static void unloading(void)
{
	char line[256] = "";
	FILE *f = fopen("/proc/modules", "r");

	need(f != NULL, "/proc/modules");
	refused((int)syscall(SYS_delete_module, "plateveil", O_NONBLOCK), EWOULDBLOCK, "unloading");
	refused((int)syscall(SYS_delete_module, "plateveil", O_NONBLOCK | O_TRUNC), EWOULDBLOCK,
		"unloading by force");
	while (fgets(line, sizeof(line), f) && strncmp(line, "plateveil ", 10))
		;
	fclose(f);
	check(strstr(line, " plateveil, ") != NULL, "/proc/modules tells: %s", strtok(line, "\n"));
}

void test_lock(void)
{
	const struct plateveil_zone zone = { 1000, 1000, 3000, 3000 };
	struct plateveil_node camera;
	struct veil v = veil_make("locked");
	uint32_t flags = 0, guard = 0;
	int gate = gate_set(PLATEVEIL_GATE_DRIVER, "vivid", 0, PLATEVEIL_GATE_DENY, 0);

	need(gate >= 0 && !set_zones(&v, &zone, 1), "a gate and a zone");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_CLAIM, &flags), "the claim");
	check(!ioctl(control_fd(), PLATEVEIL_IOC_LOCK, &flags), "locked");
	check(!ioctl(control_fd(), PLATEVEIL_IOC_LOCK, &flags), "and again, which changes nothing");
	check(!ioctl(control_fd(), PLATEVEIL_IOC_GET_GUARD, &guard) && guard & PLATEVEIL_GUARD_LOCKED,
	      "it tells");
	refused(gate_end(gate), EPERM, "ending a gate");
	check(gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DENY, 0) >= 0, "one more gate");
	refused(ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &v.id), EPERM, "removing a veil");
	zones(&v);
	unloading();
	need(find_camera(&camera), "vivid's camera");
	refused(open_camera(&camera), EACCES, "the camera");
	rebind(camera.device);
	need(find_camera(&camera), "the camera again");
	refused(open_camera(&camera), EACCES, "bound anew");
	int fd = open_pass(&camera, v.id);
	check(fd >= 0 && streams(fd, 3), "the owner has it still");
	close(fd);
}
