// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void name_file(const char *node, char path[128])
{
	const char *slash = strrchr(node, '/');

	snprintf(path, 128, PV_OPEN_DIR "/%.60s", slash ? slash + 1 : node);
}

/* udev decides on owner, group and access list when a device is added. */
static bool ask_udev(const char *node)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/video4linux/%.60s/uevent", strrchr(node, '/') + 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool asked = fd >= 0 && write(fd, "add", 3) == 3;
	if (!asked)
		perror(path);
	if (fd >= 0)
		close(fd);
	return asked;
}

bool pv_access_open(const char *node)
{
	char path[128];

	name_file(node, path);
	if (!access(path, F_OK))
		return false;
	mkdir(PV_OPEN_DIR, 0755);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	close(fd);
	if (ask_udev(node))
		return true;
	/* It is gone by now, and nobody else would take the file away before the number is another's. */
	unlink(path);
	return false;
}

void pv_access_shut(const char *node)
{
	char path[128];

	name_file(node, path);
	if (access(path, F_OK))
		return;
	/* udev takes its time, and an access list counts for nothing without the group's bits. */
	chmod(node, 0600);
	unlink(path);
	ask_udev(node);
}
