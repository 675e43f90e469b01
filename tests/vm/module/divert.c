// SPDX-License-Identifier: GPL-2.0-or-later
/* The camera's own node shows the view, to all that an application does with a camera. */
#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plateveil_node camera;
static struct veil v;
static int gate;

static struct stream diverted(void)
{
	struct stream s = { .fd = open_camera(&camera), .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	need(s.fd >= 0 && !strcmp(driver_of(s.fd), "plateveil"), "a diverted file");
	return s;
}

static void looks(void)
{
	struct v4l2_fmtdesc d = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_capability cap;
	struct stream s = diverted();
	struct pollfd p = { .fd = s.fd, .events = POLLPRI };
	struct v4l2_event_subscription sub = { .type = V4L2_EVENT_SOURCE_CHANGE };
	struct v4l2_event e;

	ioctl(s.fd, VIDIOC_QUERYCAP, &cap);
	check(!strcmp((char *)cap.card, "diverted"), "it is the view by name");
	check(!ioctl(s.fd, VIDIOC_ENUM_FMT, &d) && d.pixelformat == V4L2_PIX_FMT_YUYV,
	      "it offers what the view offers");
	check(streams(s.fd, 5), "it streams");
	refused(ioctl(s.fd, VIDIOC_DQEVENT, &e), ENOENT, "no event where none was asked for");
	need(!ioctl(s.fd, VIDIOC_SUBSCRIBE_EVENT, &sub), "asking for events");
	struct stream other = diverted();
	struct plateveil_mode m[] = { mode_of(V4L2_PIX_FMT_YUYV, 640, 480, 30),
				      mode_of(V4L2_PIX_FMT_YUYV, 320, 240, 30) };
	need(!set_modes(&v, m, 2, 0), "modes");
	other.format.type = other.type;
	need(!stream_format(&other, V4L2_PIX_FMT_YUYV, 320, 240), "another's choice");
	check(poll(&p, 1, 2000) == 1 && !ioctl(s.fd, VIDIOC_DQEVENT, &e) &&
	      e.type == V4L2_EVENT_SOURCE_CHANGE, "it hears of events, by poll too");
	close(other.fd);
	refused(ioctl(s.fd, VIDIOC_DQEVENT, &e), ENOENT, "no second one, at once: O_NONBLOCK");
	check(node_info(&camera).diverted == 1, "it is counted while it is open");
	close(s.fd);
	check(!node_info(&camera).diverted && gate_info(gate).diverted >= 2, "and after");
}

/* What the helper seals, and nothing of the camera's, comes byte for byte. */
static void pictures(void)
{
	struct stream s = diverted(), feed = feed_start(&v);
	struct v4l2_exportbuffer e = { .type = s.type };
	struct v4l2_buffer b;
	size_t size = feed.format.fmt.pix.sizeimage;
	uint8_t *picture = make_picture(size, 5), *p = malloc(size);

	need(!stream_format(&s, 0, 0, 0) && !stream_buffers(&s, V4L2_MEMORY_MMAP, 4), "buffers");
	stream_fill(&s);
	need(!stream_on(&s), "streaming");
	check(shows(&s, &feed, picture, size, &b), "mmap: what was sealed");
	e.index = 0;
	check(!ioctl(s.fd, VIDIOC_EXPBUF, &e), "a buffer exported");
	uint8_t *m = mmap(NULL, s.length[0], PROT_READ, MAP_SHARED, e.fd, 0);
	check(m != MAP_FAILED && !memcmp(m, s.start[0], 4096), "is the same memory");
	munmap(m, s.length[0]);
	close(s.fd);
	check(veil_info(&v).viewers == 1, "closed, the mapping keeps it, as on any node");
	stream_unmap(&s);
	for (int i = 0; i < 50 && veil_info(&v).viewers; i++)
		usleep(20000);
	check(!veil_info(&v).viewers, "and lets it go");
	close(e.fd);
	s = diverted();
	bool same = false;
	for (int i = 0; i < 100 && !same; i++) {
		struct pollfd ready = { .fd = s.fd, .events = POLLIN };
		seal(&feed, picture, size);
		same = poll(&ready, 1, 3000) == 1 && read(s.fd, p, size) == (ssize_t)size &&
		       !memcmp(p, picture, size);
	}
	check(same, "read: what was sealed");
	close(s.fd);
	stream_end(&feed);
	free(picture);
	free(p);
}

/* USERPTR, and DMABUF of another camera's. */
static void memories(void)
{
	struct stream s = diverted(), from = diverted();
	struct v4l2_buffer b;

	need(!stream_format(&s, 0, 0, 0), "its format");
	check(!stream_buffers(&s, V4L2_MEMORY_USERPTR, 3), "USERPTR");
	stream_fill(&s);
	check(!stream_on(&s) && !stream_take(&s, &b, 5000), "streams");
	close(s.fd);
	s = diverted();
	need(!stream_format(&s, 0, 0, 0), "its format");
	check(!stream_buffers(&s, V4L2_MEMORY_MMAP, 3), "buffers to export");
	for (uint32_t i = 0; i < s.count; i++) {
		struct v4l2_exportbuffer e = { .type = s.type, .index = i };
		need(!ioctl(s.fd, VIDIOC_EXPBUF, &e), "exporting one");
		from.dmabuf[i] = e.fd;
	}
	memset(s.start[0], 0xa5, s.length[0]);
	pid_t pid = fork();	/* one queue a process */
	if (!pid) {
		bool bad = stream_format(&from, 0, 0, 0) ||
			   stream_buffers(&from, V4L2_MEMORY_DMABUF, 3);
		for (uint32_t i = 0; i < 3 && !bad; i++)
			bad = stream_queue(&from, i, 0);
		_exit(bad || stream_on(&from) || stream_take(&from, &b, 5000) ? 1 : 0);
	}
	int status;
	check(waitpid(pid, &status, 0) == pid && !status, "DMABUF, in a child that has it from its parent");
	check(((uint8_t *)s.start[0])[0] != 0xa5, "a picture is in the imported memory");
	stream_end(&s);
	close(from.fd);
}

static bool child_reads(int fd)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(streams(fd, 3) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status;
}

static void handed_on(void)
{
	struct stream s = diverted();
	int copy = dup(s.fd), pair[2], got, again;
	char path[64];

	check(child_reads(s.fd), "good in a child");
	close(s.fd);
	check(streams(copy, 3), "good through dup()");
	need(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "a pair of sockets");
	send_fd(pair[0], copy);
	close(copy);
	got = receive_fd(pair[1]);
	check(streams(got, 3), "good through a socket");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", got);
	again = open(path, O_RDWR | O_NONBLOCK);
	check(again >= 0 && !strcmp(driver_of(again), "plateveil"), "opened anew it is the view again");
	close(again);
	need(!fcntl(got, F_SETFL, 0), "clearing O_NONBLOCK");
	check(streams(got, 3), "a blocking one waits for frames");
	close(got);
	close(pair[0]);
	close(pair[1]);
}

#define FIXED "/dev/fixed-camera"

/* A node made by hand, as containers have them, outlives the camera; who opens it anew is counted as any other. */
static void by_a_fixed_node(void)
{
	unlink(FIXED);
	need(!mknod(FIXED, S_IFCHR | 0600, makedev(81, camera.minor)), "a node");
	int before = open(FIXED, O_RDWR | O_NONBLOCK);
	need(before >= 0 && !strcmp(driver_of(before), "plateveil"), "a diverted file of it");
	rebind(camera.device);
	need(find_camera(&camera), "the camera again");
	need(!gate_end(gate), "ending the gate");
	int stranger = open(FIXED, O_RDWR | O_NONBLOCK);
	check(stranger >= 0 && !strcmp(driver_of(stranger), "vivid"), "by a fixed node the camera, too");
	check(node_info(&camera).strangers == 1, "is counted");
	refused(gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DIVERT, 0), EBUSY, "no gate under its hands");
	close(stranger);
	check(!node_info(&camera).strangers, "and is when it is gone");
	close(before);
	unlink(FIXED);
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DIVERT, 0);
	need(gate >= 0, "the gate again");
	int fd = open_pass(&camera, v.id);
	need(fd >= 0, "the camera for the veil");
	close(fd);
}

/* The camera goes and comes, and so does the gate; at last the veil. */
static void changes(void)
{
	struct stream s = diverted();
	struct plateveil_node before = camera;
	struct pollfd p = { .fd = s.fd, .events = POLLIN };

	rebind(camera.device);
	need(find_camera(&camera), "the camera again");
	check(!strcmp(before.node, camera.node), "an application keeps no camera from its number");
	check(streams(s.fd, 3), "the camera went and came: the application saw the view");
	struct stream fresh = diverted();
	check(streams(fresh.fd, 3), "and a new one sees it too");
	close(fresh.fd);
	need(!gate_end(gate), "ending the gate");
	check(!strcmp(driver_of(s.fd), "plateveil") && streams(s.fd, 3), "without the gate it stays");
	int fd = open_camera(&camera);
	check(!strcmp(driver_of(fd), "vivid"), "and new ones get the camera");
	close(fd);
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DIVERT, 0);
	check(gate >= 0, "nor is it a stranger to the next gate");
	veil_remove(&v);
	check(!*driver_of(s.fd) && errno == ENODEV && poll(&p, 1, 1000) == 1 && p.revents & POLLHUP,
	      "the veil goes: ENODEV and POLLHUP");
	refused(open_camera(&camera), EACCES, "and where there is no view, nothing");
	close(s.fd);
	gate_end(gate);
}

void test_divert(void)
{
	uint32_t flags = 0;

	need(find_camera(&camera), "vivid's camera");
	need(!ioctl(control_fd(), PLATEVEIL_IOC_CLAIM, &flags), "the claim");
	v = veil_make("diverted");
	gate = gate_set(PLATEVEIL_GATE_ALL, "", 0, PLATEVEIL_GATE_DIVERT, 0);
	need(gate >= 0, "a gate");
	refused(open_camera(&camera), EACCES, "a camera that is no veil's");
	int fd = open_pass(&camera, v.id);
	need(fd >= 0, "the camera for the veil");
	close(fd);
	looks();
	pictures();
	memories();
	handed_on();
	by_a_fixed_node();
	changes();
}
