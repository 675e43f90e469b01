// SPDX-License-Identifier: GPL-2.0-or-later
/* Gates set up and ended thousands of times while others open, stream and unbind. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS 3000
#define OTHERS 4

/* Opens and looks, over and over; whatever it gets, it must be one of these. */
static int stranger(const struct plateveil_node *camera)
{
	for (unsigned long n = 0;; n++) {
		int fd = open_camera(camera);
		if (fd < 0 && errno != EACCES && errno != ENODEV && errno != ENOENT && errno != ENXIO)
			return 1;
		if (fd < 0)
			continue;
		const char *driver = driver_of(fd);
		if (*driver ? strcmp(driver, "vivid") && strcmp(driver, "plateveil") : errno != ENODEV)
			return 2;
		if (n % 64 == 0 && !strcmp(driver_of(fd), "plateveil"))
			streams(fd, 1);	/* on the camera itself it would be in the owner's way */
		close(fd);
	}
}

static void turn(unsigned n)
{
	static const uint32_t patterns[] = { PLATEVEIL_GATE_ALL, PLATEVEIL_GATE_DRIVER,
					     PLATEVEIL_GATE_NODE, PLATEVEIL_GATE_ALL };
	uint32_t pattern = patterns[n % 4];
	uint32_t action = n % 3 ? PLATEVEIL_GATE_DENY : PLATEVEIL_GATE_DIVERT;
	int id = gate_set(pattern, pattern == PLATEVEIL_GATE_DRIVER ? "vivid" : "", 0, action,
			  n % 5 ? PLATEVEIL_GATE_FORCE : 0);

	if (id >= 0 && n % 7)
		gate_end(id);
}

void test_turns(void)
{
	struct plateveil_node camera;
	uint32_t flags = 0;
	pid_t pids[OTHERS];
	int bad = 0, status;

	need(find_camera(&camera), "vivid's camera");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_CLAIM, &flags), "the claim");
	struct veil v = veil_make("turns");
	int fd = open_pass(&camera, v.id);
	need(fd >= 0, "the camera for the veil");
	for (int i = 0; i < OTHERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(stranger(&camera));
	}
	for (unsigned n = 0; n < TURNS; n++) {
		turn(n);
		if (n % 100 == 0 && !streams(fd, 1)) {
			printf("# turn %u: the owner: %s\n", n, strerror(errno));
			bad++;
		}
		if (n % 500 == 250) {
			close(fd);
			rebind(camera.device);
			need(find_camera(&camera), "the camera again");
			fd = open_pass(&camera, v.id);
			bad += fd < 0;
		}
	}
	for (int i = 0; i < OTHERS; i++) {
		if (waitpid(pids[i], &status, WNOHANG)) {
			printf("# stranger %d: status %d\n", i, status);
			bad++;
		}
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
	}
	for (int id = 0; id < PLATEVEIL_MAX_GATES; id++)
		gate_end(id);
	check(!bad, "%d turns while %d strangers opened and the owner streamed", TURNS, OTHERS);
	close(fd);
	fd = open_camera(&camera);
	check(fd >= 0 && !strcmp(driver_of(fd), "vivid") && streams(fd, 3), "after them the camera is as before");
	close(fd);
	veil_remove(&v);
}
