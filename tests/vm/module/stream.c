// SPDX-License-Identifier: GPL-2.0-or-later
/* Veils and streams for the tests. */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int control_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	need(fd >= 0, PLATEVEIL_DEVICE);
	return fd;
}

struct veil veil_make(const char *name)
{
	struct plateveil_create c = { .lease_ms = 0 };

	snprintf(c.name, sizeof(c.name), "%s", name);
	need(!ioctl(control_fd(), PLATEVEIL_IOC_CREATE, &c), "a veil");
	return (struct veil){ c.id, c.view, c.feed };
}

void veil_remove(const struct veil *v)
{
	uint32_t id = v->id;
	need(!ioctl(control_fd(), PLATEVEIL_IOC_REMOVE, &id), "removing a veil");
}

struct plateveil_info veil_info(const struct veil *v)
{
	struct plateveil_info info = { .id = v->id };
	need(!ioctl(control_fd(), PLATEVEIL_IOC_GET_VEIL, &info) && info.id == v->id, "its counters");
	return info;
}

struct plateveil_mode mode_of(uint32_t format, uint32_t width, uint32_t height, uint32_t rate)
{
	return (struct plateveil_mode){ .pixelformat = format, .width = width, .height = height,
					.numerator = 1, .denominator = rate };
}

int set_modes(const struct veil *v, const struct plateveil_mode *modes, uint32_t count,
	      uint32_t lease_ms)
{
	struct plateveil_modes m = { .id = v->id, .count = count, .modes = (uintptr_t)modes,
				     .lease_ms = lease_ms };
	return ioctl(control_fd(), PLATEVEIL_IOC_SET_MODES, &m);
}

int open_node(uint32_t number)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/video%u", number);
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	need(fd >= 0, path);
	return fd;
}

int stream_format(struct stream *s, uint32_t format, uint32_t width, uint32_t height)
{
	s->format.type = s->type;
	if (ioctl(s->fd, VIDIOC_G_FMT, &s->format))
		return -1;
	if (format) {
		s->format.fmt.pix.pixelformat = format;
		s->format.fmt.pix.width = width;
		s->format.fmt.pix.height = height;
	}
	return ioctl(s->fd, VIDIOC_S_FMT, &s->format);
}

static int map(struct stream *s, uint32_t i)
{
	struct v4l2_buffer b = { .index = i, .type = s->type, .memory = s->memory };

	s->length[i] = s->format.fmt.pix.sizeimage;
	if (s->memory == V4L2_MEMORY_USERPTR)
		s->start[i] = aligned_alloc(4096, (s->length[i] + 4095) / 4096 * 4096);
	if (s->memory != V4L2_MEMORY_MMAP)
		return 0;
	if (ioctl(s->fd, VIDIOC_QUERYBUF, &b))
		return -1;
	s->length[i] = b.length;
	s->start[i] = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, b.m.offset);
	return s->start[i] == MAP_FAILED ? -1 : 0;
}

int stream_buffers(struct stream *s, uint32_t memory, uint32_t count)
{
	struct v4l2_requestbuffers req = { .count = count, .type = s->type, .memory = memory };

	s->memory = memory;
	s->count = 0;
	if (ioctl(s->fd, VIDIOC_REQBUFS, &req))
		return -1;
	for (uint32_t i = 0; i < req.count && i < MAX_BUFFERS; i++) {
		if (map(s, i))
			return -1;
		s->count = i + 1;
	}
	return 0;
}

int stream_queue(struct stream *s, uint32_t index, uint32_t bytesused)
{
	struct v4l2_buffer b = { .index = index, .type = s->type, .memory = s->memory,
				 .field = V4L2_FIELD_NONE, .bytesused = bytesused };

	if (s->memory == V4L2_MEMORY_DMABUF) {
		b.m.fd = s->dmabuf[index];
	} else if (s->memory == V4L2_MEMORY_USERPTR) {
		b.m.userptr = (uintptr_t)s->start[index];
		b.length = (uint32_t)s->length[index];
	}
	return ioctl(s->fd, VIDIOC_QBUF, &b);
}

int stream_on(struct stream *s)
{
	return ioctl(s->fd, VIDIOC_STREAMON, &s->type);
}

int stream_off(struct stream *s)
{
	return ioctl(s->fd, VIDIOC_STREAMOFF, &s->type);
}

void stream_unmap(struct stream *s)
{
	for (uint32_t i = 0; i < s->count && s->memory == V4L2_MEMORY_MMAP; i++)
		munmap(s->start[i], s->length[i]);
	s->count = 0;
}

void stream_end(struct stream *s)
{
	stream_unmap(s);
	close(s->fd);
	s->fd = -1;
}

void stream_fill(struct stream *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		need(!stream_queue(s, i, 0), "queueing a buffer");
}

struct stream view_open(const struct veil *v, uint32_t format, uint32_t width, uint32_t height)
{
	struct stream s = { .fd = open_node(v->view), .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	need(!stream_format(&s, format, width, height), "the view's format");
	return s;
}

struct stream view_start(const struct veil *v, uint32_t format, uint32_t width, uint32_t height)
{
	struct stream s = view_open(v, format, width, height);

	need(!stream_buffers(&s, V4L2_MEMORY_MMAP, 4), "the view's buffers");
	stream_fill(&s);
	need(!stream_on(&s), "the view streams");
	return s;
}

struct stream feed_start(const struct veil *v)
{
	struct stream s = { .fd = open_node(v->feed), .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };

	need(!stream_format(&s, 0, 0, 0), "the feed's format");
	need(!stream_buffers(&s, V4L2_MEMORY_MMAP, 4), "the feed's buffers");
	need(!stream_on(&s), "the feed streams");
	return s;
}

int stream_take(struct stream *s, struct v4l2_buffer *b, int ms)
{
	struct pollfd p = { .fd = s->fd,
			    .events = s->type == V4L2_BUF_TYPE_VIDEO_CAPTURE ? POLLIN : POLLOUT };
	int got = poll(&p, 1, ms);

	memset(b, 0, sizeof(*b));
	b->type = s->type;
	b->memory = s->memory;
	errno = ETIME;
	return got > 0 ? ioctl(s->fd, VIDIOC_DQBUF, b) : -1;
}

/* A buffer of the feed's that is ours; -1 when the module has them all. */
static int free_buffer(struct stream *feed)
{
	for (uint32_t i = 0; i < feed->count; i++) {
		struct v4l2_buffer b = { .index = i, .type = feed->type, .memory = feed->memory };
		if (!ioctl(feed->fd, VIDIOC_QUERYBUF, &b) &&
		    !(b.flags & (V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_DONE)))
			return (int)i;
	}
	return -1;
}

int seal(struct stream *feed, const void *picture, size_t size)
{
	struct v4l2_buffer done = { .type = feed->type, .memory = feed->memory };
	int i;

	while (!ioctl(feed->fd, VIDIOC_DQBUF, &done))
		;
	i = free_buffer(feed);
	if (i < 0)
		return 0;
	memcpy(feed->start[i], picture, size);
	return stream_queue(feed, (uint32_t)i, (uint32_t)size);
}

bool shows(struct stream *view, struct stream *feed, const void *picture, size_t size,
	   struct v4l2_buffer *b)
{
	for (unsigned i = 0; i < 100; i++) {
		if (seal(feed, picture, size) || stream_take(view, b, 3000))
			return false;
		bool same = b->bytesused == size && !memcmp(view->start[b->index], picture, size);
		if (stream_queue(view, b->index, 0))
			return false;
		if (same)
			return true;
	}
	return false;
}

uint8_t *make_picture(size_t size, unsigned seed)
{
	uint8_t *p = malloc(size);
	uint32_t x = seed * 2654435761u + 1;

	need(p != NULL, "memory");
	for (size_t i = 0; i < size; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (uint8_t)(x >> 24);
	}
	return p;
}
