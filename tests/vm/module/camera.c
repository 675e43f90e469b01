// SPDX-License-Identifier: GPL-2.0-or-later
/* A camera, gates on it and files of it. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool find_camera(struct plateveil_node *node)
{
	uint32_t minor = 0;

	for (;; minor = node->minor + 1) {
		memset(node, 0, sizeof(*node));
		node->minor = minor;
		if (ioctl(control_fd(), PLATEVEIL_IOC_GET_NODE, node))
			return false;
		if (!strcmp(node->driver, "vivid") && node->capabilities & V4L2_CAP_VIDEO_CAPTURE)
			return true;
	}
}

int number_of(const struct plateveil_node *node)
{
	return atoi(node->node + strlen("video"));
}

int open_camera(const struct plateveil_node *node)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", node->node);
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

int open_pass(const struct plateveil_node *node, uint32_t veil)
{
	struct plateveil_open o = { .node = (uint32_t)number_of(node), .veil = veil,
				    .flags = O_NONBLOCK };

	return ioctl(control_fd(), PLATEVEIL_IOC_OPEN, &o);
}

int gate_set(uint32_t pattern, const char *name, uint32_t node, uint32_t action, uint32_t flags)
{
	struct plateveil_gate g = { .pattern = pattern, .action = action, .flags = flags, .node = node };

	snprintf(g.name, sizeof(g.name), "%s", name);
	return ioctl(control_fd(), PLATEVEIL_IOC_GATE, &g) ? -1 : (int)g.id;
}

int gate_end(int id)
{
	uint32_t which = (uint32_t)id;

	return ioctl(control_fd(), PLATEVEIL_IOC_UNGATE, &which);
}

struct plateveil_gate gate_info(int id)
{
	struct plateveil_gate g = { .id = (uint32_t)id };

	need(!ioctl(control_fd(), PLATEVEIL_IOC_GET_GATE, &g) && g.id == (uint32_t)id, "the gate");
	return g;
}

struct plateveil_node node_info(const struct plateveil_node *node)
{
	struct plateveil_node now = { .minor = node->minor };

	need(!ioctl(control_fd(), PLATEVEIL_IOC_GET_NODE, &now) && now.minor == node->minor, "the node");
	return now;
}

const char *driver_of(int fd)
{
	static struct v4l2_capability cap;

	memset(&cap, 0, sizeof(cap));
	return ioctl(fd, VIDIOC_QUERYCAP, &cap) ? "" : (const char *)cap.driver;
}

bool streams(int fd, int frames)
{
	struct stream s = { .fd = fd, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_buffer b;
	int n = 0;

	if (stream_format(&s, 0, 0, 0) || stream_buffers(&s, V4L2_MEMORY_MMAP, 3))
		return false;
	stream_fill(&s);
	if (stream_on(&s))
		return false;
	while (n < frames && !stream_take(&s, &b, 5000) && !stream_queue(&s, b.index, 0))
		n++;
	stream_off(&s);
	stream_unmap(&s);
	stream_buffers(&s, V4L2_MEMORY_MMAP, 0);
	return n == frames;
}

bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return good;
}

void unbind(const char *device)
{
	need(write_text("/sys/bus/platform/drivers/vivid/unbind", device), "unbinding vivid");
}

void rebind(const char *device)
{
	unbind(device);
	need(write_text("/sys/bus/platform/drivers/vivid/bind", device), "binding vivid");
}

union descriptor {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

void send_fd(int socket, int fd)
{
	union descriptor d = { .align = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
					  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec byte = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &d,
			    .msg_controllen = sizeof(d) };

	memcpy(CMSG_DATA(&d.align), &fd, sizeof(fd));
	need(sendmsg(socket, &m, 0) == 1, "sending a descriptor");
}

int receive_fd(int socket)
{
	union descriptor d;
	char byte;
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &to, .msg_iovlen = 1, .msg_control = &d,
			    .msg_controllen = sizeof(d) };
	int fd;

	need(recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m), "receiving a descriptor");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}
