// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The views and the feeds. What is asked is mostly right, so that it gets far; now and then a word
 * of it is not. Every thread may use, and close, what another opened.
 */
#include "ioctl.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 24		/* open nodes */
#define EXPORTS 8		/* exported buffers */
#define USER_SIZE (1u << 20)	/* memory offered as a buffer */
#define MANY_BYTES (16u << 20)	/* for one open node */

static atomic_int files[FILES], exports[EXPORTS]; /* descriptor + 1, or 0 */
static atomic_bool is_feed[FILES];
static _Thread_local uint8_t *user;

static void spoil(struct fuzz *f, void *data, size_t size)
{
	if (fuzz_chance(f, 16))
		fuzz_spoil(f, data, size);
}

static void reopen(struct fuzz *f, unsigned slot)
{
	char path[32];
	bool feed;
	int fd;

	snprintf(path, sizeof(path), "/dev/video%d", fuzz_node_number(f, &feed));
	fd = open(path, O_RDWR | O_CLOEXEC | (fuzz_chance(f, 4) ? 0 : O_NONBLOCK));
	is_feed[slot] = feed;
	fd = atomic_exchange(&files[slot], fd + 1) - 1;
	if (fd >= 0)
		close(fd);
}

static uint32_t memory(struct fuzz *f)
{
	static const uint32_t kinds[] = { V4L2_MEMORY_MMAP, V4L2_MEMORY_MMAP, V4L2_MEMORY_MMAP,
					  V4L2_MEMORY_USERPTR, V4L2_MEMORY_DMABUF };
	return kinds[fuzz_below(f, 5)];
}

static void formats(struct fuzz *f, int fd, uint32_t type)
{
	static const uint32_t fourcc[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420,
					   V4L2_PIX_FMT_MJPEG };
	static const unsigned long calls[] = { VIDIOC_G_FMT, VIDIOC_S_FMT, VIDIOC_S_FMT, VIDIOC_TRY_FMT };
	struct v4l2_format format = { .type = type };
	struct v4l2_streamparm parm = { .type = type };
	union {
		struct v4l2_fmtdesc desc;
		struct v4l2_frmsizeenum size;
		struct v4l2_frmivalenum interval;
		struct v4l2_input input;
		struct v4l2_output output;
		struct v4l2_capability cap;
	} u = { 0 };

	format.fmt.pix.pixelformat = fourcc[fuzz_below(f, 4)];
	format.fmt.pix.width = fuzz_below(f, 700);
	format.fmt.pix.height = fuzz_below(f, 700);
	parm.parm.capture.timeperframe = (struct v4l2_fract){ 1, 1 + fuzz_below(f, 1000) };
	spoil(f, &format, sizeof(format));
	spoil(f, &parm, sizeof(parm));
	u.desc.index = fuzz_below(f, 4);
	switch (fuzz_below(f, 8)) {
	case 0:
		u.desc.type = type;
		fuzz_call(f, fd, VIDIOC_ENUM_FMT, &u);
		break;
	case 1:
		u.size.pixel_format = format.fmt.pix.pixelformat;
		fuzz_call(f, fd, VIDIOC_ENUM_FRAMESIZES, &u);
		if (fuzz_call(f, fd, VIDIOC_ENUM_FRAMEINTERVALS, &u) && fuzz_chance(f, 2))
			fuzz_call(f, fd, VIDIOC_QUERYCAP, &u);
		break;
	case 2:
		fuzz_call(f, fd, fuzz_chance(f, 2) ? VIDIOC_ENUMINPUT : VIDIOC_ENUMOUTPUT, &u);
		break;
	case 3:
		fuzz_call(f, fd, fuzz_chance(f, 2) ? VIDIOC_S_PARM : VIDIOC_G_PARM, &parm);
		break;
	default:
		fuzz_call(f, fd, calls[fuzz_below(f, 4)], &format);
	}
}

/* REQBUFS and CREATE_BUFS; of large buffers few, so that memory lasts. */
static void buffers(struct fuzz *f, int fd, uint32_t type)
{
	struct v4l2_requestbuffers req = { .count = fuzz_below(f, 6), .type = type, .memory = memory(f) };
	struct v4l2_create_buffers create = { .count = fuzz_below(f, 4), .memory = memory(f) };
	uint32_t most;

	create.format.type = type;
	fuzz_call(f, fd, VIDIOC_G_FMT, &create.format);
	most = create.format.fmt.pix.sizeimage > MANY_BYTES / 64 ? 4 : 64;
	spoil(f, &create, sizeof(create));
	spoil(f, &req, sizeof(req));
	if (create.count <= most && fuzz_chance(f, 3))
		fuzz_call(f, fd, VIDIOC_CREATE_BUFS, &create);
	else if (req.count <= most)
		fuzz_call(f, fd, VIDIOC_REQBUFS, &req);
}

static void export(struct fuzz *f, int fd, uint32_t type)
{
	struct v4l2_exportbuffer e = { .type = type, .index = fuzz_below(f, 5), .flags = O_RDWR | O_CLOEXEC };
	unsigned slot = fuzz_below(f, EXPORTS);
	int old;

	spoil(f, &e, sizeof(e));
	if (fuzz_call(f, fd, VIDIOC_EXPBUF, &e))
		return;
	old = atomic_exchange(&exports[slot], e.fd + 1) - 1;
	if (old >= 0)
		close(old);
}

/* As much of a JPEG as the module looks at, and mostly right; returns how many bytes. */
static uint32_t write_jpeg(struct fuzz *f, int fd, const struct v4l2_buffer *b, const struct v4l2_pix_format *pix)
{
	static const uint8_t end[] = { 0xff, 0xd9 };
	uint8_t start[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8,
			    (uint8_t)(pix->height >> 8), (uint8_t)pix->height,
			    (uint8_t)(pix->width >> 8), (uint8_t)pix->width, 3 };
	uint32_t used = (uint32_t)(sizeof(start) + sizeof(end)) + fuzz_below(f, 64);
	uint8_t *p = b->length < used ? MAP_FAILED :
		mmap(NULL, b->length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, b->m.offset);

	if (p == MAP_FAILED)	/* another file's */
		return b->bytesused;
	spoil(f, start, sizeof(start));
	memset(p, 0, used);
	memcpy(p, start, sizeof(start));
	memcpy(p + used - sizeof(end), end, sizeof(end));
	munmap(p, b->length);
	return used;
}

/* QUERYBUF, PREPARE_BUF, QBUF, DQBUF. */
static void queue(struct fuzz *f, int fd, uint32_t type)
{
	static const unsigned long calls[] = { VIDIOC_QBUF, VIDIOC_QBUF, VIDIOC_QBUF, VIDIOC_PREPARE_BUF };
	struct v4l2_format format = { .type = type };
	struct v4l2_buffer b = { .type = type, .index = fuzz_below(f, 5), .memory = memory(f) };
	uint64_t was;

	if (fuzz_chance(f, 3)) {
		fuzz_call(f, fd, VIDIOC_DQBUF, &b);
		return;
	}
	bool known = !fuzz_call(f, fd, VIDIOC_QUERYBUF, &b), jpeg;
	fuzz_call(f, fd, VIDIOC_G_FMT, &format);
	b.bytesused = format.fmt.pix.sizeimage;
	jpeg = known && type == V4L2_BUF_TYPE_VIDEO_OUTPUT && b.memory == V4L2_MEMORY_MMAP &&
	       format.fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG;
	if (jpeg)
		b.bytesused = write_jpeg(f, fd, &b, &format.fmt.pix);
	if (b.memory == V4L2_MEMORY_USERPTR) {
		b.m.userptr = (uintptr_t)user + fuzz_below(f, 3) * 16 + (fuzz_chance(f, 8) ? USER_SIZE - 4096 : 0);
		b.length = USER_SIZE / 2;
	} else if (b.memory == V4L2_MEMORY_DMABUF) {
		b.m.fd = atomic_load(&exports[fuzz_below(f, EXPORTS)]) - 1;
		b.length = fuzz_chance(f, 2) ? 0 : b.bytesused;
	}
	was = b.m.userptr;
	spoil(f, &b, sizeof(b));
	b.m.userptr = fuzz_nowhere(f, was, b.m.userptr);
	if (!fuzz_call(f, fd, calls[fuzz_below(f, 4)], &b) && jpeg)
		f->jpegs++;
}

static void stream(struct fuzz *f, int fd, uint32_t type)
{
	spoil(f, &type, sizeof(type));
	fuzz_call(f, fd, fuzz_chance(f, 3) ? VIDIOC_STREAMOFF : VIDIOC_STREAMON, &type);
}

static void events(struct fuzz *f, int fd)
{
	static const uint32_t types[] = { V4L2_EVENT_SOURCE_CHANGE, V4L2_EVENT_CTRL,
					  V4L2_EVENT_PRIVATE_START + 0xbe, V4L2_EVENT_ALL };
	struct v4l2_event_subscription sub = { .type = types[fuzz_below(f, 4)], .flags = fuzz_below(f, 4) };
	struct v4l2_event event;

	if (sub.type == V4L2_EVENT_CTRL)
		sub.id = V4L2_CID_BASE + fuzz_below(f, 30);
	spoil(f, &sub, sizeof(sub));
	switch (fuzz_below(f, 4)) {
	case 0:
		fuzz_call(f, fd, VIDIOC_UNSUBSCRIBE_EVENT, &sub);
		break;
	case 1:
		fuzz_call(f, fd, VIDIOC_SUBSCRIBE_EVENT, &sub);
		break;
	default:
		fuzz_call(f, fd, VIDIOC_DQEVENT, &event);
	}
}

static void controls(struct fuzz *f, int fd)
{
	struct v4l2_queryctrl query = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	struct v4l2_control one = { .id = V4L2_CID_BASE + fuzz_below(f, 30), .value = (int32_t)fuzz_odd(f) };
	struct v4l2_ext_control values[V4L2_CID_MAX_CTRLS] = { { .id = one.id, .value = one.value } };
	struct v4l2_ext_controls many = { .count = 1, .controls = values };
	uint32_t priority = fuzz_below(f, 5);

	spoil(f, &many, sizeof(many));
	many.controls = (void *)(uintptr_t)fuzz_nowhere(f, (uintptr_t)values, (uintptr_t)many.controls);
	switch (fuzz_below(f, 6)) {
	case 0:
		fuzz_call(f, fd, VIDIOC_QUERYCTRL, &query);
		break;
	case 1:
		fuzz_call(f, fd, fuzz_chance(f, 2) ? VIDIOC_S_CTRL : VIDIOC_G_CTRL, &one);
		break;
	case 2:
		fuzz_call(f, fd, fuzz_chance(f, 2) ? VIDIOC_S_EXT_CTRLS : VIDIOC_TRY_EXT_CTRLS, &many);
		break;
	case 3:
		fuzz_call(f, fd, fuzz_chance(f, 2) ? VIDIOC_S_PRIORITY : VIDIOC_G_PRIORITY, &priority);
		break;
	default:
		break;
	}
}

static void map(struct fuzz *f, int fd, uint32_t type)
{
	struct fuzz_map *m = &f->maps[fuzz_below(f, FUZZ_MAPS)];
	struct v4l2_buffer b = { .type = type, .index = fuzz_below(f, 5), .memory = V4L2_MEMORY_MMAP };

	if (m->at) {
		munmap(m->at, m->size);
		m->at = NULL;
		return;
	}
	if (fuzz_call(f, fd, VIDIOC_QUERYBUF, &b))
		return;
	if (fuzz_chance(f, 16))
		b.m.offset = fuzz_odd(f) & ~4095u;
	m->size = fuzz_chance(f, 8) ? 4096 * (1 + fuzz_below(f, 64)) : b.length;
	m->at = mmap(NULL, m->size, fuzz_chance(f, 4) ? PROT_READ : PROT_READ | PROT_WRITE,
		     fuzz_chance(f, 8) ? MAP_PRIVATE : MAP_SHARED, fd, b.m.offset);
	if (m->at == MAP_FAILED)
		m->at = NULL;
}

/* A child has all mappings and files too, for a while. */
static void fork_off(void)
{
	pid_t child = fork();

	if (!child) {
		usleep(2000);
		_exit(0);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0)
		;
}

static void transfer(struct fuzz *f, int fd)
{
	struct pollfd p = { .fd = fd, .events = (short)fuzz_random(f) };

	switch (fuzz_below(f, 6)) {
	case 0:
		poll(&p, 1, (int)fuzz_below(f, 20));
		break;
	case 1:
		if (read(fd, user, 1 + fuzz_below(f, USER_SIZE)) < 0)
			f->calls++;
		break;
	case 2:
		if (write(fd, user, fuzz_below(f, 4096)) < 0)
			f->calls++;
		break;
	case 3:
		if (fuzz_chance(f, 16))
			fork_off();
		break;
	default:
		poll(&p, 1, 0);
	}
}

/* Any request at all, with any bytes; none that would take memory without end. */
static void anything(struct fuzz *f, int fd)
{
	uint32_t data[128], nr = fuzz_below(f, 110);

	for (size_t i = 0; i < 128; i++)
		data[i] = fuzz_chance(f, 4) ? fuzz_odd(f) : fuzz_below(f, 3);
	if (nr != _IOC_NR(VIDIOC_REQBUFS) && nr != _IOC_NR(VIDIOC_CREATE_BUFS))
		fuzz_call(f, fd, _IOC(fuzz_below(f, 4), 'V', nr, fuzz_below(f, sizeof(data))), data);
}

/* Nothing of ours lies behind it, whatever length is given to the kernel. */
static uint8_t *user_memory(void)
{
	uint8_t *memory = mmap(NULL, USER_SIZE + 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory + USER_SIZE, 4096, PROT_NONE))
		abort();
	return memory;
}

void fuzz_node(struct fuzz *f)
{
	unsigned slot = fuzz_below(f, FILES);
	int fd = atomic_load(&files[slot]) - 1;
	uint32_t type = is_feed[slot] ? V4L2_BUF_TYPE_VIDEO_OUTPUT : V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (!user)
		user = user_memory();
	if (fd < 0 || fuzz_chance(f, 60)) {
		reopen(f, slot);
		return;
	}
	spoil(f, &type, fuzz_chance(f, 4) ? sizeof(type) : 0);
	switch (fuzz_below(f, 16)) {
	case 0 ... 1:
		buffers(f, fd, type);
		break;
	case 2 ... 6:
		queue(f, fd, type);
		break;
	case 7:
		stream(f, fd, type);
		break;
	case 8:
		events(f, fd);
		break;
	case 9:
		controls(f, fd);
		break;
	case 10:
		map(f, fd, type);
		break;
	case 11:
		export(f, fd, type);
		break;
	case 12:
		transfer(f, fd);
		break;
	case 13:
		anything(f, fd);
		break;
	default:
		formats(f, fd, type);
	}
	/* What is mapped is read, whatever has become of the node. */
	for (unsigned i = 0; i < FUZZ_MAPS && fuzz_chance(f, 8); i++)
		if (f->maps[i].at && f->maps[i].size > 4096)
			*(volatile uint8_t *)&f->maps[i].at[4096];
}

/* Leaves the thread's mappings; the files go with the process. */
void fuzz_node_end(struct fuzz *f)
{
	for (unsigned i = 0; i < FUZZ_MAPS; i++)
		if (f->maps[i].at)
			munmap(f->maps[i].at, f->maps[i].size);
	munmap(user, USER_SIZE + 4096);
}
