// SPDX-License-Identifier: GPL-2.0-only
/*
 * The camera's controls, mirrored: view and feed share a control handler, so V4L2 itself
 * carries a viewer's change to the helper, and what the helper says to the viewers, as
 * V4L2_EVENT_CTRL. Setting one does nothing else, hence no v4l2_ctrl_ops.
 */

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "controls.h"

#define FLAGS	(V4L2_CTRL_FLAG_UPDATE | V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_SLIDER | \
		 V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE)
#define MENU_ITEMS	32	/* of one control */

static void release(struct kref *kref)
{
	struct pv_controls *c = container_of(kref, struct pv_controls, kref);

	v4l2_ctrl_handler_free(&c->handler);
	kvfree(c->list);
	kvfree(c->items);
	kvfree(c->names);
	kvfree(c->values);
	kfree(c);
}

void pv_controls_put(struct pv_controls *controls)
{
	if (controls)
		kref_put(&controls->kref, release);
}

static bool is_menu(const struct plateveil_control *m)
{
	return m->type == V4L2_CTRL_TYPE_MENU || m->type == V4L2_CTRL_TYPE_INTEGER_MENU;
}

/* What the core would only warn of, or not look at. */
static int check(const struct pv_controls *c, unsigned int i)
{
	const struct plateveil_control *m = &c->list[i];
	unsigned int k;

	switch (m->type) {
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_BOOLEAN:
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_BUTTON:
	case V4L2_CTRL_TYPE_BITMASK:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		break;
	default:
		return -EINVAL;
	}
	if (!m->name[0] || strnlen(m->name, sizeof(m->name)) == sizeof(m->name) ||
	    m->flags & ~FLAGS || memchr_inv(m->reserved, 0, sizeof(m->reserved)))
		return -EINVAL;
	for (k = 0; k < i; k++)
		if (c->list[k].id == m->id)
			return -EINVAL;
	if (!is_menu(m))
		return 0;
	if (m->minimum < 0 || m->maximum < m->minimum || m->maximum >= MENU_ITEMS || m->step ||
	    m->menu > c->item_count || m->maximum >= c->item_count - m->menu)
		return -EINVAL;
	return 0;
}

/* The core makes the classes that it knows itself, and takes no control of another without one. */
static void add_class(struct pv_controls *c, u32 id)
{
	struct v4l2_ctrl_config config = {
		.id = V4L2_CTRL_ID2WHICH(id) | 1,
		.name = "Camera's Own Controls",
		.type = V4L2_CTRL_TYPE_CTRL_CLASS,
		.flags = V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY,
	};

	if (!v4l2_ctrl_get_name(config.id) && !v4l2_ctrl_find(&c->handler, config.id))
		v4l2_ctrl_new_custom(&c->handler, &config, NULL);
}

static void add(struct pv_controls *c, const struct plateveil_control *m)
{
	struct v4l2_ctrl_config config = {
		.id = m->id,
		.name = m->name,
		.type = m->type,
		.min = m->minimum,
		.max = m->type == V4L2_CTRL_TYPE_BITMASK ? (u32)m->maximum : m->maximum,
		.step = m->step,
		.def = m->type == V4L2_CTRL_TYPE_BITMASK ? (u32)m->default_value :
							   m->default_value,
		.flags = m->flags,
	};
	struct v4l2_ctrl *ctrl;
	int i;

	if (m->type == V4L2_CTRL_TYPE_MENU)
		config.qmenu = c->names + m->menu;
	if (m->type == V4L2_CTRL_TYPE_INTEGER_MENU)
		config.qmenu_int = c->values + m->menu;
	for (i = 0; is_menu(m) && i <= m->maximum; i++)
		if (!c->items[m->menu + i].name[0])
			config.menu_skip_mask |= BIT_ULL(i);
	ctrl = v4l2_ctrl_new_custom(&c->handler, &config, NULL);
	if (ctrl && !(ctrl->flags & V4L2_CTRL_FLAG_WRITE_ONLY))
		v4l2_ctrl_s_ctrl(ctrl, m->value);
}

static int fill(struct pv_controls *c)
{
	unsigned int i;
	int err;

	for (i = 0; i < c->item_count; i++) {
		c->names[i] = c->items[i].name;
		c->values[i] = c->items[i].value;
		if (strnlen(c->names[i], sizeof(c->items[i].name)) == sizeof(c->items[i].name))
			return -EINVAL;
	}
	for (i = 0; i < c->count; i++) {
		err = check(c, i);
		if (err)
			return err;
		add_class(c, c->list[i].id);
		/* A class is one, too: the core leaves a second one with its id half made. */
		if (v4l2_ctrl_find(&c->handler, c->list[i].id))
			return -EINVAL;
		add(c, &c->list[i]);
		if (c->handler.error)
			return c->handler.error == -ENOMEM ? -ENOMEM : -EINVAL;
	}
	return 0;
}

/* Takes over both arrays, also where it fails. */
struct pv_controls *pv_controls_new(struct plateveil_control *list, unsigned int count,
				    struct plateveil_menu_item *items, unsigned int item_count)
{
	struct pv_controls *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c) {
		kvfree(list);
		kvfree(items);
		return ERR_PTR(-ENOMEM);
	}
	kref_init(&c->kref);
	v4l2_ctrl_handler_init(&c->handler, count);
	c->list = list;
	c->count = count;
	c->items = items;
	c->item_count = item_count;
	c->names = kvcalloc(item_count + 1, sizeof(*c->names), GFP_KERNEL);
	c->values = kvcalloc(item_count + 1, sizeof(*c->values), GFP_KERNEL);
	err = c->names && c->values ? fill(c) : -ENOMEM;
	if (!err)
		return c;
	pv_controls_put(c);
	return ERR_PTR(err);
}

/* The same controls, whatever they stand at? */
bool pv_controls_alike(const struct pv_controls *a, const struct pv_controls *b)
{
	unsigned int i;

	if (!a || !b || a->count != b->count || a->item_count != b->item_count ||
	    memcmp(a->items, b->items, a->item_count * sizeof(*a->items)))
		return false;
	for (i = 0; i < a->count; i++) {
		struct plateveil_control p = a->list[i], q = b->list[i];

		p.value = q.value;
		p.flags |= V4L2_CTRL_FLAG_INACTIVE;
		q.flags |= V4L2_CTRL_FLAG_INACTIVE;
		if (memcmp(&p, &q, sizeof(p)))
			return false;
	}
	return true;
}

/* Which of controls that are alike are of use now and, unless they @stay, what they stand at. */
void pv_controls_update(struct pv_controls *controls, const struct pv_controls *from, bool stay)
{
	unsigned int i;

	for (i = 0; i < from->count; i++) {
		const struct plateveil_control *m = &from->list[i];
		struct v4l2_ctrl *ctrl = v4l2_ctrl_find(&controls->handler, m->id);

		if (!ctrl)
			continue;
		v4l2_ctrl_lock(ctrl);
		v4l2_ctrl_activate(ctrl, !(m->flags & V4L2_CTRL_FLAG_INACTIVE));
		if (!stay && !(ctrl->flags & V4L2_CTRL_FLAG_WRITE_ONLY))
			__v4l2_ctrl_s_ctrl(ctrl, m->value);
		v4l2_ctrl_unlock(ctrl);
	}
}
