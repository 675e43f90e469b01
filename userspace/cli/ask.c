// SPDX-License-Identifier: GPL-2.0-or-later
/* Talking to plateveild. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "veild/control.h"

int pv_ask(const char *request, char *text, size_t size)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = PV_SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_sec = 15 };
	size_t n = 0;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	send(fd, request, strlen(request), MSG_NOSIGNAL);
	send(fd, "\n", 1, MSG_NOSIGNAL);
	while (n < size - 1) {
		ssize_t got = read(fd, text + n, size - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	text[n] = 0;
	close(fd);
	/* The verdict is the last line. */
	while (n && text[n - 1] == '\n')
		text[--n] = 0;
	char *last = strrchr(text, '\n');
	last = last ? last + 1 : text;
	if (!strncmp(last, "ok", 2))
		return 0;
	if (!strncmp(last, "error ", 6))
		return pv_fail("%s", last + 6);
	return pv_fail("plateveild does not answer, or ended; %s may say why", PV_LOG);
}
