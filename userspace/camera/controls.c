// SPDX-License-Identifier: GPL-2.0-or-later
#include "controls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define KEPT (V4L2_CTRL_FLAG_UPDATE | V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_SLIDER | \
	      V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE)
#define LONGEST_MENU 32
#define SLOW_MS 3000	/* after which a camera's values are not asked for any more */
#define MOST_MS 10000	/* after which nothing is */

static bool is_usable(const struct v4l2_queryctrl *q)
{
	switch (q->type) {
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_BOOLEAN:
		/* The kernel refuses such a one, and all others with it. */
		if (q->maximum < q->minimum)
			return false;
		break;
	case V4L2_CTRL_TYPE_BUTTON:
	case V4L2_CTRL_TYPE_BITMASK:
		break;
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		if (q->minimum < 0 || q->maximum < q->minimum || q->maximum >= LONGEST_MENU)
			return false;
		break;
	default:
		return false;
	}
	return !(q->flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY)) && q->name[0] &&
	       q->id < V4L2_CID_PRIVATE_BASE;
}

/* A menu's items, from 0 on; false if there is no room. */
static bool read_menu(int fd, const struct v4l2_queryctrl *q, struct pv_controls *out)
{
	int n = q->maximum + 1;

	if (out->items_used + n > PLATEVEIL_MAX_MENU_ITEMS)
		return false;
	for (int i = 0; i < n; i++) {
		struct plateveil_menu_item *item = &out->items[out->items_used + i];
		struct v4l2_querymenu m = { .id = q->id, .index = (uint32_t)i };

		memset(item, 0, sizeof(*item));
		if (i < q->minimum || ioctl(fd, VIDIOC_QUERYMENU, &m))
			continue;
		if (q->type == V4L2_CTRL_TYPE_INTEGER_MENU) {
			snprintf(item->name, sizeof(item->name), "%lld", (long long)m.value);
			item->value = m.value;
		} else {
			snprintf(item->name, sizeof(item->name), "%.31s", (const char *)m.name);
		}
	}
	return true;
}

/* deaf: the camera does not answer, and is not asked again, as each time takes seconds. */
static void add(int fd, const struct v4l2_queryctrl *q, bool *deaf, struct pv_controls *out)
{
	struct plateveil_control *c = &out->list[out->count];
	struct v4l2_control now = { .id = q->id, .value = q->default_value };
	bool menu = q->type == V4L2_CTRL_TYPE_MENU || q->type == V4L2_CTRL_TYPE_INTEGER_MENU;
	bool bits = q->type == V4L2_CTRL_TYPE_BITMASK;

	memset(c, 0, sizeof(*c));
	if (menu && !read_menu(fd, q, out))
		return;
	if (!(q->flags & V4L2_CTRL_FLAG_WRITE_ONLY) && !*deaf && ioctl(fd, VIDIOC_G_CTRL, &now))
		*deaf = errno == ETIMEDOUT;
	c->id = q->id;
	c->type = q->type;
	snprintf(c->name, sizeof(c->name), "%.31s", (const char *)q->name);
	c->minimum = bits ? 0 : q->minimum;
	c->maximum = q->maximum;
	c->step = menu || bits ? 0 : q->step ? q->step : 1;
	c->default_value = q->default_value;
	/* Some cameras' defaults are none of theirs. */
	if (bits)
		c->default_value &= c->maximum;
	else if (c->default_value < c->minimum || c->default_value > c->maximum)
		c->default_value = c->minimum;
	c->value = now.value;
	c->flags = q->flags & KEPT;
	if (menu) {
		c->menu = (uint32_t)out->items_used;
		out->items_used += q->maximum + 1;
		if (!out->items[c->menu + (uint32_t)c->default_value].name[0])
			return;
	}
	out->count++;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

bool pv_controls_read(int camera_fd, struct pv_controls *out)
{
	struct v4l2_queryctrl q = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	uint64_t begun = now_ms();
	bool deaf = false;

	for (out->count = out->items_used = 0; out->count < PLATEVEIL_MAX_CONTROLS; q.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
		/* A camera that has no more says so; one that is about to go, or hangs, says something else. */
		if (ioctl(camera_fd, VIDIOC_QUERYCTRL, &q))
			return errno == EINVAL || errno == ENOTTY;
		/* Other cameras wait meanwhile. */
		uint64_t took = now_ms() - begun;
		if (took > MOST_MS)
			return false;
		deaf |= took > SLOW_MS;
		if (is_usable(&q))
			add(camera_fd, &q, &deaf, out);
	}
	return true;
}

bool pv_controls_alike(const struct pv_controls *a, const struct pv_controls *b)
{
	if (a->count != b->count || a->items_used != b->items_used ||
	    memcmp(a->items, b->items, sizeof(a->items[0]) * (size_t)a->items_used))
		return false;
	for (int i = 0; i < a->count; i++) {
		struct plateveil_control p = a->list[i], q = b->list[i];
		p.value = q.value;
		p.flags |= V4L2_CTRL_FLAG_INACTIVE;
		q.flags |= V4L2_CTRL_FLAG_INACTIVE;
		if (memcmp(&p, &q, sizeof(p)))
			return false;
	}
	return true;
}
