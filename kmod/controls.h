/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CONTROLS_H
#define PV_CONTROLS_H

#include <linux/kref.h>
#include <media/v4l2-ctrls.h>

#include "uapi/plateveil.h"

/* The camera's controls, as view and feed have them. */
struct pv_controls {
	struct kref kref;		/* the veil has one, and every open node */
	struct v4l2_ctrl_handler handler;
	unsigned int count, item_count;
	struct plateveil_control *list;	/* as registered */
	struct plateveil_menu_item *items;
	const char **names;		/* of the items, */
	s64 *values;			/* and what they stand for */
};

struct pv_controls *pv_controls_new(struct plateveil_control *list, unsigned int count,
				    struct plateveil_menu_item *items, unsigned int item_count);
void pv_controls_put(struct pv_controls *controls);
bool pv_controls_alike(const struct pv_controls *a, const struct pv_controls *b);
void pv_controls_update(struct pv_controls *controls, const struct pv_controls *from, bool stay);

static inline struct pv_controls *pv_controls_get(struct pv_controls *controls)
{
	if (controls)
		kref_get(&controls->kref);
	return controls;
}

/* For a file handle that is being opened. */
static inline struct v4l2_ctrl_handler *pv_controls_handler(struct pv_controls *controls)
{
	return controls ? &controls->handler : NULL;
}

#endif
