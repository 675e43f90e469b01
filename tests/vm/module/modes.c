// SPDX-License-Identifier: GPL-2.0-or-later
/* Modes: what a view offers, the nearest to what is asked, and who hears of a change. */
#include "tests.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool gets(int fd, unsigned long how, uint32_t format, uint32_t width, uint32_t height,
		 uint32_t got_format, uint32_t got_width, uint32_t got_height)
{
	struct v4l2_format f = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	f.fmt.pix.pixelformat = format;
	f.fmt.pix.width = width;
	f.fmt.pix.height = height;
	return !ioctl(fd, how, &f) && f.fmt.pix.pixelformat == got_format &&
	       f.fmt.pix.width == got_width && f.fmt.pix.height == got_height;
}

static bool stands_at(const struct veil *v, uint32_t format, uint32_t width, uint32_t height)
{
	struct plateveil_mode m = veil_info(v).mode;
	return m.pixelformat == format && m.width == width && m.height == height;
}

static void nearest(const struct veil *v)
{
	const uint32_t yuyv = V4L2_PIX_FMT_YUYV, mjpg = V4L2_PIX_FMT_MJPEG;
	int fd = open_node(v->view);

	check(gets(fd, VIDIOC_TRY_FMT, yuyv, 1300, 700, yuyv, 1280, 720), "the nearest size");
	check(gets(fd, VIDIOC_TRY_FMT, yuyv, 0, 0, yuyv, 320, 240), "the smallest");
	check(gets(fd, VIDIOC_TRY_FMT, yuyv, 0xffffffff, 0xffffffff, yuyv, 3840, 2160), "the largest");
	check(gets(fd, VIDIOC_TRY_FMT, V4L2_PIX_FMT_RGB24, 640, 480, yuyv, 640, 480),
	      "another format for one that is not there");
	check(gets(fd, VIDIOC_TRY_FMT, mjpg, 320, 240, mjpg, 640, 480),
	      "rather the format than the size");
	check(stands_at(v, yuyv, 640, 480), "trying changes nothing");
	check(gets(fd, VIDIOC_S_FMT, mjpg, 600, 600, mjpg, 640, 480) && stands_at(v, mjpg, 640, 480),
	      "setting does");
	close(fd);
}

static uint32_t rate_for(int fd, uint32_t numerator, uint32_t denominator)
{
	struct v4l2_streamparm p = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	p.parm.capture.timeperframe.numerator = numerator;
	p.parm.capture.timeperframe.denominator = denominator;
	if (ioctl(fd, VIDIOC_S_PARM, &p) || p.parm.capture.timeperframe.numerator != 1)
		return 0;
	return p.parm.capture.timeperframe.denominator;
}

static uint32_t rate_of(int fd)
{
	struct v4l2_streamparm p = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	return ioctl(fd, VIDIOC_G_PARM, &p) ? 0 : p.parm.capture.timeperframe.denominator;
}

static void intervals(const struct veil *v)
{
	struct v4l2_frmivalenum e = { .pixel_format = V4L2_PIX_FMT_YUYV, .width = 640, .height = 480 };
	int fd = open_node(v->view);

	need(gets(fd, VIDIOC_S_FMT, V4L2_PIX_FMT_YUYV, 640, 480, V4L2_PIX_FMT_YUYV, 640, 480), "640x480");
	check(rate_for(fd, 1, 15) == 15 && rate_for(fd, 1, 9) == 10 && rate_for(fd, 1, 1000) == 30,
	      "the nearest interval");
	check(rate_for(fd, 1, 10) == 10 && rate_for(fd, 0, 0) == 30 && rate_for(fd, 1, 10) == 10 &&
	      rate_for(fd, 1, 0) == 30, "none asked for: the first");
	check(rate_for(fd, 1, 10) == 10 && rate_for(fd, 1, 0xffffffff) == 30, "the shortest there could be: the fastest");
	check(rate_for(fd, 1, 10) == 10 && gets(fd, VIDIOC_S_FMT, V4L2_PIX_FMT_YUYV, 640, 480,
						V4L2_PIX_FMT_YUYV, 640, 480) && rate_of(fd) == 10,
	      "the same picture again keeps the interval");
	for (; !ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &e); e.index++)
		;
	check(e.index == 3, "three intervals are listed");
	close(fd);
}

static bool source_changed(int fd)
{
	struct v4l2_event e;
	return !ioctl(fd, VIDIOC_DQEVENT, &e) && e.type == V4L2_EVENT_SOURCE_CHANGE &&
	       e.u.src_change.changes == V4L2_EVENT_SRC_CH_RESOLUTION;
}

static void while_streaming(const struct veil *v)
{
	const uint32_t yuyv = V4L2_PIX_FMT_YUYV;
	struct v4l2_event_subscription s = { .type = V4L2_EVENT_SOURCE_CHANGE };
	struct plateveil_mode other = mode_of(yuyv, 800, 600, 30);
	int idle = open_node(v->view), chooser = open_node(v->view);

	need(!ioctl(idle, VIDIOC_SUBSCRIBE_EVENT, &s) && !ioctl(chooser, VIDIOC_SUBSCRIBE_EVENT, &s),
	     "events");
	check(gets(chooser, VIDIOC_S_FMT, yuyv, 640, 480, yuyv, 640, 480) && source_changed(idle) &&
	      !source_changed(chooser), "others hear of a change, who chose does not");
	struct stream view = view_start(v, yuyv, 1280, 720);
	struct pollfd p = { .fd = idle, .events = POLLIN | POLLPRI };
	check(poll(&p, 1, 1000) == 1 && p.revents & POLLPRI && source_changed(idle),
	      "and again, though waiting for pictures, which are another's");
	check(gets(chooser, VIDIOC_S_FMT, yuyv, 320, 240, yuyv, 1280, 720),
	      "while one streams, others get its mode");
	refused(ioctl(view.fd, VIDIOC_S_FMT, &view.format), EBUSY, "its own change");
	need(!set_modes(v, &other, 1, 0), "other modes while it streams");
	check(stands_at(v, yuyv, 1280, 720), "the mode stands while buffers are held");
	while (source_changed(idle))
		;
	stream_end(&view);
	check(stands_at(v, yuyv, 800, 600) && source_changed(idle), "and goes with them");
	close(idle);
	close(chooser);
}

/* Another process that chooses 320x240, and holds buffers of it, if asked, till it is ended. */
static pid_t another(const struct veil *v, bool holds)
{
	int done[2];
	char c;

	need(!pipe(done), "pipe");
	pid_t pid = fork();
	if (!pid) {
		struct stream s = view_open(v, V4L2_PIX_FMT_YUYV, 320, 240);
		if ((!holds || !stream_buffers(&s, V4L2_MEMORY_MMAP, 2)) && write(done[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(done[1]);
	need(read(done[0], &c, 1) == 1, "another process that chooses");
	close(done[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Buffers are of the picture that their owner was told of, whoever chose since. */
static void told(const struct veil *v)
{
	struct stream s = view_open(v, V4L2_PIX_FMT_YUYV, 640, 480);
	pid_t pid = another(v, false);
	need(stands_at(v, V4L2_PIX_FMT_YUYV, 320, 240), "another's choice");
	check(!stream_buffers(&s, V4L2_MEMORY_MMAP, 2) && s.length[0] >= 640 * 480 * 2 &&
	      stands_at(v, V4L2_PIX_FMT_YUYV, 640, 480), "who chose before another gets buffers of its own choice");
	stream_end(&s);
	end(pid);
	s = view_open(v, V4L2_PIX_FMT_YUYV, 640, 480);
	pid = another(v, true);
	refused(stream_buffers(&s, V4L2_MEMORY_MMAP, 2), EBUSY, "buffers, while another has those of another picture");
	need(!ioctl(s.fd, VIDIOC_G_FMT, &s.format), "G_FMT");
	check(!stream_buffers(&s, V4L2_MEMORY_MMAP, 2) && s.length[0] >= 320 * 240 * 2,
	      "but who has been told of that gets them");
	stream_end(&s);
	end(pid);
	s = view_start(v, V4L2_PIX_FMT_YUYV, 640, 480);
	stream_end(&s);
}

static bool is_shown(struct stream *view, struct stream *feed)
{
	uint32_t size = feed->format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 7);
	struct v4l2_buffer b;
	bool shown = shows(view, feed, picture, size, &b);

	free(picture);
	return shown;
}

/* Offers this mode alone, starts both ends, and shows a picture. */
static bool shows_in(const struct veil *v, const struct plateveil_mode *m, uint32_t lease_ms, struct stream *view,
		     struct stream *feed)
{
	need(!set_modes(v, m, 1, lease_ms), "a mode");
	*view = view_start(v, 0, 0, 0);
	*feed = feed_start(v);
	return is_shown(view, feed);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Within so many seconds of a picture, to whoever takes what there is. The machine may stand still: five tries. */
static bool card_comes(const struct veil *v, struct stream *view, struct stream *feed, double seconds)
{
	struct plateveil_info then, info;
	struct v4l2_buffer b;

	for (int i = 0; i < 5; i++) {
		need(is_shown(view, feed), "a picture");
		double began = now();
		then = veil_info(v);
		do {
			if (!stream_take(view, &b, 20))
				stream_queue(view, b.index, 0);
			info = veil_info(v);
		} while ((info.live || info.cards == then.cards) && now() < began + seconds);
		if (!info.live && info.cards > then.cards)
			return true;
	}
	return false;
}

/* A camera that gives a picture now and then, at a lease meant for others. */
static void slow(const struct veil *v)
{
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 1);
	struct stream view, feed;

	need(shows_in(v, &m, 100, &view, &feed), "a live view, of a picture a second");
	struct plateveil_info first = { .live = 0 }, then = first;
	/* What took longer than till the card is due says nothing. */
	double began, took = 2;
	for (int i = 0; i < 5 && took > 1.8; i++) {
		began = now();
		need(is_shown(&view, &feed), "a picture");
		first = veil_info(v);
		usleep(1200000);
		then = veil_info(v);
		took = now() - began;
	}
	check(then.live && then.cards == first.cards, "no card before the next picture should be there");
	check(card_comes(v, &view, &feed, 2.5), "and one when it is not");
	stream_end(&feed);
	stream_end(&view);
}

/* Without another picture the card comes when the lease has run out, though the helper is there. */
static void lapses(const struct veil *v)
{
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30);
	struct stream view, feed;

	need(shows_in(v, &m, 200, &view, &feed), "a live view, of 30 pictures a second");
	check(card_comes(v, &view, &feed, 0.5), "cards once its lease has run out");
	stream_end(&feed);
	stream_end(&view);
}

static void large(const struct veil *v)
{
	struct plateveil_mode m = mode_of(V4L2_PIX_FMT_YUYV, 3840, 2160, 30);
	struct stream view, feed;

	check(shows_in(v, &m, 20000, &view, &feed) && feed.format.fmt.pix.sizeimage == 3840 * 2160 * 2,
	      "3840x2160 arrives byte for byte");
	stream_end(&feed);
	stream_end(&view);
}

/* What the helper is told. */
static struct plateveil_state state(int feed)
{
	struct plateveil_state s = { .viewers = 999 };
	struct v4l2_event e;

	while (!ioctl(feed, VIDIOC_DQEVENT, &e))
		if (e.type == PLATEVEIL_EVENT_STATE)
			memcpy(&s, e.u.data, sizeof(s));
	return s;
}

static void announced(const struct veil *v)
{
	struct v4l2_event_subscription s = { .type = PLATEVEIL_EVENT_STATE,
					     .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL };
	int feed = open_node(v->feed);

	need(!ioctl(feed, VIDIOC_SUBSCRIBE_EVENT, &s), "the feed's events");
	struct plateveil_state first = state(feed);
	check(first.viewers == 0 && first.generation == veil_info(v).generation, "the state at first");
	struct stream view = view_start(v, V4L2_PIX_FMT_YUYV, 320, 240);
	struct plateveil_state then = state(feed);
	check(then.viewers == 1 && then.generation != first.generation,
	      "the helper hears of the viewer and of the mode it chose");
	stream_end(&view);
	check(state(feed).viewers == 0, "and of its end");
	s.id = 1;
	refused(ioctl(feed, VIDIOC_SUBSCRIBE_EVENT, &s), EINVAL, "another event");
	close(feed);
}

void test_modes(void)
{
	struct veil v = veil_make("modes");
	struct plateveil_mode modes[] = {
		mode_of(V4L2_PIX_FMT_YUYV, 640, 480, 30), mode_of(V4L2_PIX_FMT_YUYV, 640, 480, 15),
		mode_of(V4L2_PIX_FMT_YUYV, 640, 480, 10), mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30),
		mode_of(V4L2_PIX_FMT_YUYV, 1280, 720, 30), mode_of(V4L2_PIX_FMT_YUYV, 3840, 2160, 30),
		mode_of(V4L2_PIX_FMT_MJPEG, 640, 480, 30),
	};
	const uint32_t n = sizeof(modes) / sizeof(modes[0]);

	check(veil_info(&v).lease_ms == 500, "a lease is half a second, unless it is said");
	need(!set_modes(&v, modes, n, 0), "modes");
	nearest(&v);
	intervals(&v);
	told(&v);
	announced(&v);
	while_streaming(&v);
	slow(&v);
	lapses(&v);
	large(&v);
	veil_remove(&v);
}
