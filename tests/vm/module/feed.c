// SPDX-License-Identifier: GPL-2.0-or-later
/* The feed: who may seal, when, and out of which memory. */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void one_helper(const struct veil *v)
{
	struct stream first = feed_start(v);
	struct stream second = { .fd = open_node(v->feed), .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	uint8_t *picture = make_picture(first.format.fmt.pix.sizeimage, 1);

	check(veil_info(v).feed_open == 2, "two have the feed open");
	refused(stream_buffers(&second, V4L2_MEMORY_MMAP, 2), EBUSY, "a second helper's buffers");
	refused(stream_format(&second, 0, 0, 0), EBUSY, "a second helper's format");
	second.memory = V4L2_MEMORY_MMAP;
	refused(stream_queue(&second, 0, first.format.fmt.pix.sizeimage), EBUSY, "its seal");
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, second.fd, 0);
	refused(p == MAP_FAILED ? -1 : 0, EBUSY, "its look at the first's buffers");
	check(!seal(&first, picture, first.format.fmt.pix.sizeimage), "the first seals on");
	stream_end(&first);
	check(!stream_format(&second, 0, 0, 0) && !stream_buffers(&second, V4L2_MEMORY_MMAP, 2),
	      "the second may when the first is gone");
	stream_end(&second);
	free(picture);
}

static void bad_seals(const struct veil *v)
{
	struct stream feed = feed_start(v), view = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	uint32_t size = feed.format.fmt.pix.sizeimage;
	uint64_t refusals = veil_info(v).refused;
	struct v4l2_exportbuffer export = { .type = feed.type };

	refused(stream_queue(&feed, 0, size / 2), EINVAL, "half a picture");
	refused(stream_queue(&feed, 0, 0), EINVAL, "none");
	refused(stream_queue(&feed, 0, size + 2), EINVAL, "more than a picture");
	refused(ioctl(feed.fd, VIDIOC_EXPBUF, &export), ENOTTY, "exporting the feed's memory");
	view.fd = open_node(v->view);
	need(!stream_format(&view, V4L2_PIX_FMT_NV12, 320, 240), "another mode");
	refused(stream_queue(&feed, 0, size), ESTALE, "a seal of the mode before");
	check(veil_info(v).refused == refusals + 3, "three refusals were counted");
	stream_end(&feed);
	stream_end(&view);
	feed = (struct stream){ .fd = open_node(v->feed), .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	refused(stream_buffers(&feed, V4L2_MEMORY_USERPTR, 2), EINVAL, "sealing out of any memory");
	stream_end(&feed);
}

static void arrives(const struct veil *v, uint32_t format)
{
	struct stream view = view_start(v, format, 320, 240), feed = feed_start(v);
	uint32_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 2);
	struct v4l2_buffer b;

	check(shows(&view, &feed, picture, size, &b), "a seal arrives byte for byte in %.4s",
	      (const char *)&format);
	check(!(b.flags & V4L2_BUF_FLAG_ERROR), "without an error flag");
	stream_end(&feed);
	bool card = false;
	for (int i = 0; i < 20 && !card && !stream_take(&view, &b, 3000); i++) {
		card = memcmp(view.start[b.index], picture, size) != 0;
		stream_queue(&view, b.index, 0);
	}
	check(card, "the helper closes: the card");
	stream_end(&view);
	free(picture);
}

/* Exports one buffer of a view's to seal out of; as a camera's or a GPU's would be. */
static int other_memory(struct stream *other, uint8_t **start)
{
	struct v4l2_exportbuffer e = { .type = other->type, .flags = O_RDWR };

	need(!stream_format(other, 0, 0, 0) && !stream_buffers(other, V4L2_MEMORY_MMAP, 1),
	     "another device's buffer");
	need(!ioctl(other->fd, VIDIOC_EXPBUF, &e), "exporting it");
	*start = mmap(NULL, other->length[0], PROT_READ | PROT_WRITE, MAP_SHARED, e.fd, 0);
	need(*start != MAP_FAILED, "mapping what was exported");
	return e.fd;
}

static void imported(const struct veil *v)
{
	struct veil w = veil_make("another device");
	struct stream other = { .fd = open_node(w.view), .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct stream view = view_start(v, V4L2_PIX_FMT_YUYV, 640, 480);
	struct stream feed = { .fd = open_node(v->feed), .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
	uint8_t *start, *picture;
	struct v4l2_buffer b;
	bool found = false, back = true;

	feed.dmabuf[0] = other_memory(&other, &start);
	need(!stream_format(&feed, 0, 0, 0) && !stream_buffers(&feed, V4L2_MEMORY_DMABUF, 1) &&
	     !stream_on(&feed), "a feed that imports");
	uint32_t size = feed.format.fmt.pix.sizeimage;
	picture = make_picture(size, 3);
	memcpy(start, picture, size);
	/* A viewer whose buffers all hold cards gets no seal. */
	for (int k = 0; k < 20 && !found && back; k++) {
		need(!stream_queue(&feed, 0, size), "sealing another device's buffer");
		for (int i = 0; i < 6 && !found && !stream_take(&view, &b, 3000); i++) {
			found = !memcmp(view.start[b.index], picture, size);
			stream_queue(&view, b.index, 0);
		}
		back = !stream_take(&feed, &b, 3000);
	}
	check(found, "a seal out of another device's memory arrives");
	check(back, "and its buffer comes back");
	stream_end(&view);
	stream_end(&feed);
	stream_end(&other);
	munmap(start, other.length[0]);
	close(feed.dmabuf[0]);
	free(picture);
	veil_remove(&w);
}

void test_feed(void)
{
	struct veil v = veil_make("feed");
	struct plateveil_mode modes[] = {
		mode_of(V4L2_PIX_FMT_YUYV, 640, 480, 30), mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30),
		mode_of(V4L2_PIX_FMT_NV12, 320, 240, 30), mode_of(V4L2_PIX_FMT_YUV420, 320, 240, 30),
	};

	need(!set_modes(&v, modes, 4, 3000), "modes");
	one_helper(&v);
	bad_seals(&v);
	arrives(&v, V4L2_PIX_FMT_YUYV);
	arrives(&v, V4L2_PIX_FMT_NV12);
	arrives(&v, V4L2_PIX_FMT_YUV420);
	imported(&v);
	veil_remove(&v);
}
