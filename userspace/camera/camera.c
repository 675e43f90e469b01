// SPDX-License-Identifier: GPL-2.0-or-later
#include "camera.h"

#include <errno.h>
#include <libv4l2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNPLUG_US 200000	/* till the kernel is done with a camera that was unplugged */

const uint32_t pv_camera_formats[PV_CAMERA_FORMATS] = { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_NV12,
							V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YUV420 };

static int fail(char *error, size_t size, const char *what)
{
	int why = errno;
	snprintf(error, size, "camera: %s: %s%s", what, strerror(why),
		 why == EBUSY ? " (another application is using it; close that first)" :
		 why == ENOSPC ? " (too little bandwidth where it is plugged in: another port, or the rule maximum-size)" : "");
	return -1;
}

void pv_camera_quiet(void)
{
	if (!v4l2_log_file)
		v4l2_log_file = fopen("/dev/null", "w");
}

int pv_camera_open(struct pv_camera *c, int fd, char *error, size_t size)
{
	memset(c, 0, sizeof(*c));
	c->held = -1;
	c->fd = v4l2_fd_open(fd, 0);
	if (c->fd >= 0)
		return 0;
	fail(error, size, "cannot be opened");
	close(fd);
	return -1;
}

/* Does libv4l2 make this format of another one? */
static bool is_emulated(const struct pv_camera *c, uint32_t pixelformat)
{
	struct v4l2_fmtdesc d = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	for (; !v4l2_ioctl(c->fd, VIDIOC_ENUM_FMT, &d); d.index++)
		if (d.pixelformat == pixelformat)
			return d.flags & V4L2_FMT_FLAG_EMULATED;
	return false;
}

static bool set_format(struct pv_camera *c, uint32_t pixelformat, int width, int height)
{
	struct v4l2_format f = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	f.fmt.pix.width = (uint32_t)width;
	f.fmt.pix.height = (uint32_t)height;
	f.fmt.pix.pixelformat = pixelformat;
	f.fmt.pix.field = V4L2_FIELD_ANY;
	if (v4l2_ioctl(c->fd, VIDIOC_S_FMT, &f))
		return false;
	c->pixelformat = f.fmt.pix.pixelformat;
	c->width = (int)f.fmt.pix.width;
	c->height = (int)f.fmt.pix.height;
	c->stride = (int)f.fmt.pix.bytesperline;
	c->field = f.fmt.pix.field;
	uint32_t encoding = f.fmt.pix.ycbcr_enc ?: V4L2_MAP_YCBCR_ENC_DEFAULT(f.fmt.pix.colorspace);
	c->bt709 = encoding == V4L2_YCBCR_ENC_709;
	c->full_range = (f.fmt.pix.quantization ?: V4L2_MAP_QUANTIZATION_DEFAULT(false, f.fmt.pix.colorspace, 0)) ==
			V4L2_QUANTIZATION_FULL_RANGE;
	if (!c->stride)
		c->stride = c->pixelformat == V4L2_PIX_FMT_YUYV ? c->width * 2 : c->width;
	errno = EINVAL;
	return c->pixelformat == pixelformat && c->width == width && c->height == height;
}

static bool choose_format(struct pv_camera *c, int width, int height)
{
	for (int i = 0; i < PV_CAMERA_FORMATS; i++) {
		if (set_format(c, pv_camera_formats[i], width, height))
			return true;
		if (errno == EBUSY)
			return false;
	}
	return false;
}

bool pv_camera_gives_jpeg(const struct pv_camera *c)
{
	return c->pixelformat == V4L2_PIX_FMT_MJPEG || c->pixelformat == V4L2_PIX_FMT_JPEG;
}

static bool map_buffers(struct pv_camera *c)
{
	struct v4l2_requestbuffers req = { .count = PV_CAMERA_BUFFERS,
					   .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					   .memory = V4L2_MEMORY_MMAP };
	if (v4l2_ioctl(c->fd, VIDIOC_REQBUFS, &req))
		return false;
	for (uint32_t i = 0; i < req.count && i < PV_CAMERA_BUFFERS; i++) {
		struct v4l2_buffer b = { .index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					 .memory = V4L2_MEMORY_MMAP };
		if (v4l2_ioctl(c->fd, VIDIOC_QUERYBUF, &b))
			return false;
		void *p = v4l2_mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd,
				    b.m.offset);
		if (p == MAP_FAILED)
			return false;
		c->memory[i].start = p;
		c->memory[i].size = b.length;
		c->buffers = (int)i + 1;
		if (v4l2_ioctl(c->fd, VIDIOC_QBUF, &b))
			return false;
	}
	errno = ENOBUFS;
	return c->buffers > 0;
}

int pv_camera_start(struct pv_camera *c, int width, int height, uint32_t numerator,
		    uint32_t denominator, char *error, size_t size)
{
	struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (!choose_format(c, width, height))
		return fail(error, size, "does not give this size");
	if (c->field > V4L2_FIELD_NONE && !V4L2_FIELD_IS_INTERLACED(c->field)) {
		snprintf(error, size, "camera: sends fields, half a picture each, which is of no use here");
		return -1;
	}
	c->emulated = is_emulated(c, c->pixelformat);
	parm.parm.capture.timeperframe.numerator = numerator;
	parm.parm.capture.timeperframe.denominator = denominator;
	v4l2_ioctl(c->fd, VIDIOC_S_PARM, &parm);	/* some cameras have one rate only */
	if (!map_buffers(c))
		return fail(error, size, "gives no buffers");
	if (v4l2_ioctl(c->fd, VIDIOC_STREAMON, &type))
		return fail(error, size, "does not start");
	c->streaming = true;
	return 0;
}

static int dequeue(struct pv_camera *c, struct v4l2_buffer *b)
{
	memset(b, 0, sizeof(*b));
	b->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	b->memory = V4L2_MEMORY_MMAP;
	if (!v4l2_ioctl(c->fd, VIDIOC_DQBUF, b))
		return 1;
	return errno == EAGAIN || errno == EINTR || errno == EIO ? 0 : -1;
}

static bool is_whole(const struct pv_camera *c, const struct v4l2_buffer *b)
{
	return b->index < (uint32_t)c->buffers && !(b->flags & V4L2_BUF_FLAG_ERROR) && b->bytesused &&
	       b->bytesused <= c->memory[b->index].size;
}

int pv_camera_next(struct pv_camera *c, const uint8_t **data, size_t *size, uint64_t *time_ns)
{
	struct v4l2_buffer b = { .index = 0 }, next;
	int got = 1;

	/* No further than what there can be: where libv4l2 converts slowly, another one has come meanwhile. */
	for (int i = 0; i < c->buffers && (got = dequeue(c, &next)) > 0; i++) {
		if (!is_whole(c, &next)) {
			v4l2_ioctl(c->fd, VIDIOC_QBUF, &next);
			continue;
		}
		pv_camera_done(c);	/* the one before: newest wins */
		b = next;
		c->held = (int)b.index;
	}
	if (got < 0)
		return -1;
	if (c->held < 0)
		return 0;
	*data = c->memory[b.index].start;
	*size = b.bytesused;
	*time_ns = 0;
	if ((b.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		*time_ns = (uint64_t)b.timestamp.tv_sec * 1000000000u +
			   (uint64_t)b.timestamp.tv_usec * 1000u;
	return 1;
}

void pv_camera_done(struct pv_camera *c)
{
	struct v4l2_buffer b = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

	if (c->held < 0)
		return;
	b.index = (uint32_t)c->held;
	c->held = -1;
	v4l2_ioctl(c->fd, VIDIOC_QBUF, &b);	/* a failure shows at the next dequeue */
}

void pv_camera_close(struct pv_camera *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (c->fd < 0)
		return;
	/*
	 * If it was unplugged, the kernel may still be taking it apart. The last close meanwhile can fell it,
	 * at least up to 7.2: media_device_unregister_entity() looks whether there is anything to do
	 * before it has the lock.
	 */
	if (c->streaming && v4l2_ioctl(c->fd, VIDIOC_STREAMOFF, &type) && errno == ENODEV)
		usleep(UNPLUG_US);
	for (int i = 0; i < c->buffers; i++)
		v4l2_munmap(c->memory[i].start, c->memory[i].size);
	v4l2_close(c->fd);
	memset(c, 0, sizeof(*c));
	c->fd = c->held = -1;
}
