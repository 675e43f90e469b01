// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int pv_link_send(int socket, const struct pv_message *m, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };

	/* write() where it will do: the sandbox has no sendmsg(). */
	if (fd < 0)	/* SIGPIPE is ignored, or deadly to a veiler whose plateveild is gone */
		return write(socket, m, sizeof(*m)) == (ssize_t)sizeof(*m) ? 0 : -1;
	h.msg_control = control.room;
	h.msg_controllen = sizeof(control.room);
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(socket, &h, MSG_NOSIGNAL) == (ssize_t)sizeof(*m) ? 0 : -1;
}

int pv_link_receive(int socket, struct pv_message *m, int *fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = m, .iov_len = sizeof(*m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };

	*fd = -1;
	ssize_t n = recvmsg(socket, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	/* The control room's padding has place for a second descriptor: close what is too many. */
	for (size_t at = CMSG_LEN(0); c && c->cmsg_level == SOL_SOCKET &&
				      c->cmsg_type == SCM_RIGHTS &&
				      at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
		if (*fd >= 0)
			close(*fd);
		memcpy(fd, (char *)c + at, sizeof(int));
	}
	if (n == (ssize_t)sizeof(*m) && !(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -1;
}
