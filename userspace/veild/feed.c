// SPDX-License-Identifier: GPL-2.0-or-later
#include "feed.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "codec/coefs.h"

int pv_feed_open(struct pv_feed *f, int fd)
{
	struct v4l2_event_subscription sub = { .type = PLATEVEIL_EVENT_STATE,
					       .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL };
	memset(f, 0, sizeof(*f));
	f->fd = fd;
	pv_mirror_open(&f->mirror, fd);
	return ioctl(fd, VIDIOC_SUBSCRIBE_EVENT, &sub);
}

int pv_feed_state(struct pv_feed *f, struct plateveil_state *state)
{
	struct v4l2_event ev;
	int got = 0, most = f->mirror.count + 1;

	/* One of each kind can wait. Viewers may make more of them as fast as they are taken: those have time. */
	for (int i = 0; i < most; i++) {
		if (ioctl(f->fd, VIDIOC_DQEVENT, &ev))
			return errno == ENOENT || errno == EAGAIN ? got : -1;
		pv_mirror_heed(&f->mirror, &ev);
		if (ev.type != PLATEVEIL_EVENT_STATE)
			continue;
		memcpy(state, ev.u.data, sizeof(*state));
		got = 1;
	}
	return got;
}

void pv_feed_unbind(struct pv_feed *f)
{
	struct v4l2_requestbuffers none = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
					    .memory = V4L2_MEMORY_MMAP };
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;

	if (f->streaming)
		ioctl(f->fd, VIDIOC_STREAMOFF, &type);
	f->streaming = false;
	for (int i = 0; i < f->buffers; i++)
		munmap(f->memory[i].start, f->memory[i].size);
	/* Also when none could be mapped: while there are any, the feed keeps its mode. */
	ioctl(f->fd, VIDIOC_REQBUFS, &none);
	f->buffers = 0;
	f->free = 0;
}

int pv_feed_bind(struct pv_feed *f)
{
	struct v4l2_format fmt = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	struct v4l2_requestbuffers req = { .count = PV_FEED_BUFFERS,
					   .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
					   .memory = V4L2_MEMORY_MMAP };
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;

	pv_feed_unbind(f);
	if (ioctl(f->fd, VIDIOC_G_FMT, &fmt) || ioctl(f->fd, VIDIOC_S_FMT, &fmt) ||
	    ioctl(f->fd, VIDIOC_G_PARM, &parm) || ioctl(f->fd, VIDIOC_REQBUFS, &req))
		return -1;
	f->width = (int)fmt.fmt.pix.width;
	f->height = (int)fmt.fmt.pix.height;
	f->pixelformat = fmt.fmt.pix.pixelformat;
	f->numerator = parm.parm.output.timeperframe.numerator;
	f->denominator = parm.parm.output.timeperframe.denominator;
	for (uint32_t i = 0; i < req.count && i < PV_FEED_BUFFERS; i++) {
		struct v4l2_buffer b = { .index = i, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
					 .memory = V4L2_MEMORY_MMAP };
		if (ioctl(f->fd, VIDIOC_QUERYBUF, &b))
			return -1;
		void *p = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, b.m.offset);
		if (p == MAP_FAILED)
			return -1;
		f->memory[i].start = p;
		f->memory[i].size = b.length;
		f->buffers = (int)i + 1;
		f->free |= 1u << i;
	}
	if (ioctl(f->fd, VIDIOC_STREAMON, &type))
		return -1;
	f->streaming = true;
	return 0;
}

/* Takes back what the relay has dealt. */
static void reclaim(struct pv_feed *f)
{
	struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP };

	while (!ioctl(f->fd, VIDIOC_DQBUF, &b))
		f->free |= 1u << b.index;
}

/* In the feed's format, if that is what the frame has. */
static bool write_picture(const struct pv_feed *f, const struct pv_frame *frame, void *to, size_t room,
			  size_t *size)
{
	if ((f->pixelformat == V4L2_PIX_FMT_MJPEG) != (frame->coefs != NULL))
		return false;
	if (frame->coefs)
		return !pv_coefs_write(frame->coefs, to, room, size);
	*size = pv_frame_packed_size(f->pixelformat, frame->width, frame->height);
	return *size <= room && pv_frame_pack(frame, f->pixelformat, to);
}

int pv_feed_seal(struct pv_feed *f, struct pv_frame *frame)
{
	struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP,
				 .field = V4L2_FIELD_NONE };
	int i = 0;

	reclaim(f);
	while (i < f->buffers && !(f->free & 1u << i))
		i++;
	if (i == f->buffers)
		return 0;
	size_t size;
	errno = EINVAL;
	if (frame->width != f->width || frame->height != f->height ||
	    !write_picture(f, frame, f->memory[i].start, f->memory[i].size, &size))
		return -1;
	b.index = (uint32_t)i;
	b.bytesused = (uint32_t)size;
	b.timestamp.tv_sec = (time_t)(frame->time_ns / 1000000000u);
	b.timestamp.tv_usec = (suseconds_t)(frame->time_ns / 1000u % 1000000u);
	if (ioctl(f->fd, VIDIOC_QBUF, &b))
		return -1;
	f->free &= ~(1u << i);
	return 1;
}
