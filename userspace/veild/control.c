// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int pv_control_open(char *error, size_t size)
{
	int fd = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	uint32_t version = 0;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
			snprintf(error, size, "the plateveil module is not loaded; load it with "
					      "`sudo modprobe plateveil`");
		else
			snprintf(error, size, "%s cannot be opened: %s", PLATEVEIL_DEVICE,
				 strerror(errno));
		return -1;
	}
	if (ioctl(fd, PLATEVEIL_IOC_VERSION, &version) || version != PLATEVEIL_VERSION) {
		snprintf(error, size, "the loaded module speaks version %u, this program %d; install "
				      "both from the same release and load the module again",
			 version, PLATEVEIL_VERSION);
		close(fd);
		return -1;
	}
	return fd;
}

int pv_control_list(int control, struct plateveil_info out[PLATEVEIL_MAX_VEILS])
{
	uint32_t id = 0;
	int n = 0;

	for (; n < PLATEVEIL_MAX_VEILS; n++) {
		memset(&out[n], 0, sizeof(out[n]));
		out[n].id = id;
		if (ioctl(control, PLATEVEIL_IOC_GET_VEIL, &out[n]))
			break;
		id = out[n].id + 1;
	}
	return n;
}

int pv_control_viewers(int control, uint32_t id, struct plateveil_viewer out[PLATEVEIL_MAX_VIEWERS])
{
	struct plateveil_viewers v = { .id = id, .count = PLATEVEIL_MAX_VIEWERS,
				       .viewers = (uintptr_t)out };

	if (ioctl(control, PLATEVEIL_IOC_GET_VIEWERS, &v))
		return 0;
	return v.count < PLATEVEIL_MAX_VIEWERS ? (int)v.count : PLATEVEIL_MAX_VIEWERS;
}
