// SPDX-License-Identifier: GPL-2.0-or-later
#include "mirror.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

void pv_mirror_open(struct pv_mirror *m, int feed)
{
	struct v4l2_queryctrl q = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };

	memset(m, 0, sizeof(*m));
	m->feed = feed;
	for (; m->count < PLATEVEIL_MAX_CONTROLS && !ioctl(feed, VIDIOC_QUERYCTRL, &q);
	     q.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
		struct v4l2_event_subscription s = { .type = V4L2_EVENT_CTRL, .id = q.id };
		if (q.type == V4L2_CTRL_TYPE_CTRL_CLASS || ioctl(feed, VIDIOC_SUBSCRIBE_EVENT, &s))
			continue;
		m->control[m->count].id = q.id;
		m->control[m->count++].write_only = q.flags & V4L2_CTRL_FLAG_WRITE_ONLY;
	}
}

static int find(const struct pv_mirror *m, uint32_t id)
{
	int i = 0;

	while (i < m->count && m->control[i].id != id)
		i++;
	return i;
}

void pv_mirror_heed(struct pv_mirror *m, const struct v4l2_event *e)
{
	int i = find(m, e->id);

	if (e->type != V4L2_EVENT_CTRL || i == m->count ||
	    !(e->u.ctrl.changes & V4L2_EVENT_CTRL_CH_VALUE))
		return;
	m->control[i].wanted = true;
	m->control[i].value = e->u.ctrl.value;
}

bool pv_mirror_wants(const struct pv_mirror *m)
{
	for (int i = 0; i < m->count; i++)
		if (m->control[i].wanted)
			return true;
	return false;
}

/* Tells viewers where the camera stands, unless they have just set it again. */
static void tell(struct pv_mirror *m, int i, int32_t value)
{
	struct v4l2_control c = { .id = m->control[i].id, .value = value };

	if (!m->control[i].write_only && !m->control[i].wanted)
		ioctl(m->feed, VIDIOC_S_CTRL, &c);
}

/* Asks the camera; false: it does not answer, which takes seconds each time. */
static bool ask(struct pv_mirror *m, int i, int camera)
{
	struct v4l2_control c = { .id = m->control[i].id };

	if (m->control[i].write_only)
		return true;
	if (ioctl(camera, VIDIOC_G_CTRL, &c))
		return errno != ETIMEDOUT;
	tell(m, i, c.value);
	return true;
}

/* Tells the camera of one; false: it does not answer. In order, from the first each time that none is left: one may be
 * of no use before another is set, an exposure for one. */
static bool set_wanted(struct pv_mirror *m, int camera)
{
	for (int n = 0; n < m->count; n++) {
		int i = (m->turn + n) % m->count;
		struct v4l2_control c = { .id = m->control[i].id, .value = m->control[i].value };
		if (!m->control[i].wanted)
			continue;
		m->turn = (i + 1) % m->count;
		m->control[i].wanted = false;
		ioctl(camera, VIDIOC_S_CTRL, &c);	/* what it makes of that, it says */
		return ask(m, i, camera);
	}
	m->turn = 0;
	return true;
}

/* What the camera says of itself. */
static void listen(struct pv_mirror *m, int camera)
{
	struct v4l2_event e;

	while (!ioctl(camera, VIDIOC_DQEVENT, &e)) {
		int i = find(m, e.id);
		if (e.type != V4L2_EVENT_CTRL || i == m->count)
			continue;
		if (e.u.ctrl.changes & V4L2_EVENT_CTRL_CH_VALUE)
			tell(m, i, e.u.ctrl.value);
		if (e.u.ctrl.changes & V4L2_EVENT_CTRL_CH_FLAGS)
			m->others = true;
	}
}

void pv_mirror_meet(struct pv_mirror *m, int camera)
{
	for (int i = 0; i < m->count; i++) {
		struct v4l2_event_subscription s = { .type = V4L2_EVENT_CTRL,
						     .id = m->control[i].id };
		ioctl(camera, VIDIOC_SUBSCRIBE_EVENT, &s);	/* not every camera can */
	}
	m->turn = 0;
	while (pv_mirror_wants(m) && set_wanted(m, camera))
		;
	for (int i = 0; i < m->count && ask(m, i, camera); i++)
		;
	listen(m, camera);
}

void pv_mirror_follow(struct pv_mirror *m, int camera)
{
	/* One at a time: each takes milliseconds, and a viewer may set them without end. */
	set_wanted(m, camera);
	listen(m, camera);
}
