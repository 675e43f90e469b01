// SPDX-License-Identifier: GPL-2.0-or-later
/* Controls between feed and camera, both of which are played here. */
#include "unit.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>

enum { FEED, CAMERA };
enum { AUTO = V4L2_CID_BASE, EXPOSURE, OTHER, CONTROLS = 3 };

static struct {
	int32_t value[CONTROLS];
	int set;		/* how often */
} nodes[2];

/* An exposure is of no use while the camera sees to it. */
static int play(int fd, unsigned long request, void *data)
{
	struct v4l2_control *c = data;
	struct v4l2_queryctrl *q = data;

	switch (request) {
	case VIDIOC_QUERYCTRL:
		q->id &= ~(uint32_t)V4L2_CTRL_FLAG_NEXT_CTRL;
		q->id = q->id < AUTO ? AUTO : q->id + 1;
		q->type = V4L2_CTRL_TYPE_INTEGER;
		q->flags = 0;
		errno = EINVAL;
		return q->id < AUTO + CONTROLS ? 0 : -1;
	case VIDIOC_S_CTRL:
		errno = EACCES;
		if (fd == CAMERA && c->id == EXPOSURE && nodes[fd].value[0])
			return -1;
		nodes[fd].value[c->id - AUTO] = c->value;
		nodes[fd].set++;
		return 0;
	case VIDIOC_G_CTRL:
		c->value = nodes[fd].value[c->id - AUTO];
		return 0;
	case VIDIOC_DQEVENT:
		errno = ENOENT;
		return -1;
	default:
		return 0;
	}
}

#define ioctl(fd, request, data) play(fd, request, data)
#include "../../userspace/veild/mirror.c"
#undef ioctl

/* A viewer sets it. */
static void wish(struct pv_mirror *m, uint32_t id, int32_t value)
{
	struct v4l2_event e = { .type = V4L2_EVENT_CTRL, .id = id };

	nodes[FEED].value[id - AUTO] = value;
	e.u.ctrl.changes = V4L2_EVENT_CTRL_CH_VALUE;
	e.u.ctrl.value = value;
	pv_mirror_heed(m, &e);
}

static void begin(struct pv_mirror *m)
{
	memset(nodes, 0, sizeof(nodes));
	pv_mirror_open(m, FEED);
	ck_assert_int_eq(m->count, CONTROLS);
}

static void settle(struct pv_mirror *m)
{
	for (int i = 0; i < CONTROLS && pv_mirror_wants(m); i++)
		pv_mirror_follow(m, CAMERA);
	ck_assert(!pv_mirror_wants(m));
}

/* What is of use only after another was set comes after it, whatever was set before; the camera open or not. */
START_TEST(in_order)
{
	struct pv_mirror m;

	begin(&m);
	for (int i = 0; i < 4; i++) {
		wish(&m, AUTO, 1);
		if (_i)
			settle(&m);
		else
			pv_mirror_meet(&m, CAMERA);
		pv_mirror_follow(&m, CAMERA);
		wish(&m, EXPOSURE, 200 + i);
		wish(&m, AUTO, 0);
		if (_i)
			settle(&m);
		else
			pv_mirror_meet(&m, CAMERA);
		ck_assert_int_eq(nodes[CAMERA].value[1], 200 + i);
		ck_assert_int_eq(nodes[FEED].value[1], 200 + i);
	}
}
END_TEST

/* Who sets some without end does not keep others' from the camera, and each turn costs one. */
START_TEST(one_a_turn)
{
	struct pv_mirror m;

	begin(&m);
	wish(&m, OTHER, 7);
	for (int i = 1; i <= CONTROLS; i++) {
		wish(&m, AUTO, 0);
		wish(&m, EXPOSURE, i);
		int before = nodes[CAMERA].set;
		pv_mirror_follow(&m, CAMERA);
		ck_assert_int_eq(nodes[CAMERA].set, before + 1);
	}
	ck_assert_int_eq(nodes[CAMERA].value[2], 7);
}
END_TEST

Suite *mirror_suite(void)
{
	Suite *s = suite_create("mirror");
	TCase *c = unit_case(s, "mirror");

	tcase_add_loop_test(c, in_order, 0, 2);
	tcase_add_test(c, one_a_turn);
	return s;
}
