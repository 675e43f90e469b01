// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gates: which stand on which cameras' own nodes. A node gets its gate before it can be opened:
 * the class that all nodes belong to tells of it while the core still keeps everyone out.
 */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>

#include "compat.h"
#include "divert.h"
#include "door.h"
#include "gate.h"
#include "pass.h"

static LIST_HEAD(doors);
static struct pv_gate gates[PLATEVEIL_MAX_GATES];

/* --- gates come and go; pv_doors_lock held ---------------------------------- */

/* The gate that is to stand there: the one that names it most closely. */
static struct pv_gate *gate_for(const struct pv_door *door)
{
	struct pv_gate *best = NULL, *gate;
	int steps, least = 0;

	for (gate = gates; gate < gates + PLATEVEIL_MAX_GATES; gate++) {
		const struct plateveil_gate *as = &gate->as;
		struct device *dev = &door->vdev->dev;
		bool fits = gate->used;

		steps = 0;
		if (as->pattern == PLATEVEIL_GATE_NODE)
			fits &= door->vdev->vfl_type == VFL_TYPE_VIDEO &&
				door->vdev->num == as->node;
		else if (as->pattern == PLATEVEIL_GATE_DRIVER)
			fits &= !strcmp(door->driver, as->name);
		else if (as->pattern == PLATEVEIL_GATE_DEVICE && fits)
			for (; dev && strcmp(dev_name(dev), as->name); steps++)
				dev = dev->parent;
		if (!fits || !dev)
			continue;
		if (!best || as->pattern > best->as.pattern ||
		    (as->pattern == best->as.pattern && steps < least)) {
			best = gate;
			least = steps;
		}
	}
	return best;
}

/* Of the files that are open on a node, those that drivers have made a handle for. */
static unsigned int count_handles(struct video_device *vdev)
{
	unsigned int n = 0;
	struct v4l2_fh *fh;
	unsigned long flags;

	if (!test_bit(V4L2_FL_USES_V4L2_FH, &vdev->flags))
		return 0;
	spin_lock_irqsave(&vdev->fh_lock, flags);
	list_for_each_entry(fh, &vdev->fh_list, list)
		n++;
	spin_unlock_irqrestore(&vdev->fh_lock, flags);
	return n;
}

/* Files of the node that others than the owner have open. */
static unsigned int strangers(const struct pv_door *door)
{
	struct video_device *vdev = door->vdev;
	unsigned int passes = pv_pass_count(vdev), handles = count_handles(vdev);
	/*
	 * The node has a reference of its own, and one for each open file; but one that came by
	 * an inode of the node that had this number before holds that one's. What is diverted has
	 * no handle.
	 */
	unsigned int files = kref_read(&vdev->cdev->kobj.kref) - 1;

	files -= min(files, passes + pv_divert_count(vdev));
	handles -= min(handles, passes);
	return max(files, handles);
}

/* Brings the node in line with the gates there are. */
static int settle(struct pv_door *door)
{
	struct pv_gate *gate = gate_for(door);

	if (gate)
		WRITE_ONCE(door->gate, gate);
	if (gate && !pv_door_gated(door))
		return pv_door_shut(door);
	if (!gate && pv_door_gated(door))
		pv_door_unshut(door);
	return 0;
}

/* --- nodes come and go --------------------------------------------------- */

static bool may_be_gated(const struct video_device *vdev)
{
	const u32 captures = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE |
			     V4L2_CAP_VIDEO_OVERLAY | V4L2_CAP_META_CAPTURE |
			     V4L2_CAP_VBI_CAPTURE | V4L2_CAP_SLICED_VBI_CAPTURE;

	if (vdev->fops->owner == THIS_MODULE)
		return false;
	return vdev->vfl_type == VFL_TYPE_SUBDEV || vdev->device_caps & captures;
}

/* The core makes the node ready to be opened after this. */
static int add_node(PV_COMPAT_INTERFACE)
{
	struct video_device *vdev = to_video_device(dev);
	struct pv_door *door;

	if (!may_be_gated(vdev))
		return 0;
	mutex_lock(&pv_doors_lock);
	door = pv_door_new(vdev);
	list_add_tail(&door->list, &doors);
	settle(door);
	mutex_unlock(&pv_doors_lock);
	return 0;
}

/* The gate stays: who has just passed the core's look at the node must not find it open. */
static void remove_node(PV_COMPAT_INTERFACE)
{
	struct video_device *vdev = to_video_device(dev);
	struct pv_door *door, *next;

	mutex_lock(&pv_doors_lock);
	list_for_each_entry_safe(door, next, &doors, list) {
		if (door->vdev != vdev)
			continue;
		door->unplugged = true;
		if (!pv_door_gated(door))
			pv_door_forget(door);
	}
	mutex_unlock(&pv_doors_lock);
	pv_divert_unplug(vdev);
}

static struct class_interface interface = {
	.add_dev = add_node,
	.remove_dev = remove_node,
};

/* --- asked for by guard.c ------------------------------------------------ */

static struct pv_gate *slot_for(const struct plateveil_gate *wanted)
{
	struct pv_gate *gate, *empty = NULL;

	for (gate = gates; gate < gates + PLATEVEIL_MAX_GATES; gate++) {
		if (!gate->used)
			empty = empty ?: gate;
		else if (gate->as.pattern == wanted->pattern && gate->as.node == wanted->node &&
			 !strcmp(gate->as.name, wanted->name))
			return gate;
	}
	return empty;
}

/*
 * All nodes as the gates say. A @fresh gate may fail: -EBUSY where a stranger has one of its nodes
 * open that had no gate before, and no @force.
 */
static int settle_all(const struct pv_gate *fresh, bool force)
{
	struct pv_door *door;
	bool first;
	int err;

	list_for_each_entry(door, &doors, list) {
		if (door->unplugged)
			continue;
		first = !pv_door_gated(door) && fresh && gate_for(door) == fresh;
		if (first && !force && strangers(door))
			return -EBUSY;
		err = settle(door);
		/* Meanwhile somebody may have come in. */
		if (!err && first && !force && strangers(door))
			err = -EBUSY;
		/* Where no gate can stand, none that stood elsewhere before is to suffer for it. */
		if (err && first)
			return err;
	}
	return 0;
}

static void tell(struct pv_gate *gate, struct plateveil_gate *to)
{
	struct pv_door *door;

	*to = gate->as;
	to->id = gate - gates;
	to->flags = 0;
	to->refused = atomic64_read(&gate->refused);
	to->diverted = atomic64_read(&gate->diverted);
	list_for_each_entry(door, &doors, list)
		to->nodes += !door->unplugged && pv_door_gated(door) && door->gate == gate;
}

/* @wanted has been checked. */
int pv_gate_set(struct plateveil_gate *wanted)
{
	struct plateveil_gate old;
	struct pv_gate *gate;
	bool used;
	int err;

	mutex_lock(&pv_doors_lock);
	gate = slot_for(wanted);
	if (!gate) {
		mutex_unlock(&pv_doors_lock);
		return -ENOSPC;
	}
	used = gate->used;
	old = gate->as;
	if (!used) {
		atomic64_set(&gate->refused, 0);
		atomic64_set(&gate->diverted, 0);
	}
	gate->as = *wanted;
	gate->used = true;
	err = settle_all(used ? NULL : gate, wanted->flags & PLATEVEIL_GATE_FORCE);
	if (err) {
		gate->used = used;
		gate->as = old;
		settle_all(NULL, true);
	} else {
		tell(gate, wanted);
	}
	mutex_unlock(&pv_doors_lock);
	return err;
}

int pv_gate_end(u32 id)
{
	int err = -ENOENT;

	mutex_lock(&pv_doors_lock);
	if (id < PLATEVEIL_MAX_GATES && gates[id].used) {
		gates[id].used = false;
		settle_all(NULL, true);
		err = 0;
	}
	mutex_unlock(&pv_doors_lock);
	return err;
}

int pv_gate_info(struct plateveil_gate *to)
{
	u32 id = to->id;

	mutex_lock(&pv_doors_lock);
	while (id < PLATEVEIL_MAX_GATES && !gates[id].used)
		id++;
	if (id < PLATEVEIL_MAX_GATES)
		tell(&gates[id], to);
	mutex_unlock(&pv_doors_lock);
	return id < PLATEVEIL_MAX_GATES ? 0 : -ENOENT;
}

static void describe(const struct pv_door *door, struct plateveil_node *to)
{
	const struct video_device *vdev = door->vdev;

	memset(to, 0, sizeof(*to));
	to->minor = vdev->minor;
	strscpy(to->node, video_device_node_name(door->vdev), sizeof(to->node));
	strscpy(to->name, vdev->name, sizeof(to->name));
	strscpy(to->device, door->device, sizeof(to->device));
	strscpy(to->driver, door->driver, sizeof(to->driver));
	to->index = vdev->index;
	to->capabilities = vdev->vfl_type == VFL_TYPE_SUBDEV ? 0 : vdev->device_caps;
	to->passes = pv_pass_count(vdev);
	to->diverted = pv_divert_count(vdev);
	to->strangers = strangers(door);
	to->action = PLATEVEIL_GATE_NONE;
	if (!pv_door_gated(door))
		return;
	to->action = door->gate->as.action;
	to->gate = door->gate - gates;
}

int pv_gate_node(struct plateveil_node *to)
{
	struct pv_door *door, *found = NULL;

	mutex_lock(&pv_doors_lock);
	list_for_each_entry(door, &doors, list)
		if (!door->unplugged && (u32)door->vdev->minor >= to->minor &&
		    (!found || door->vdev->minor < found->vdev->minor))
			found = door;
	if (found)
		describe(found, to);
	mutex_unlock(&pv_doors_lock);
	return found ? 0 : -ENOENT;
}

/* What /dev/video@number is, if a gate may stand there; its device is its place. */
int pv_gate_camera(u32 number, dev_t *devt, struct plateveil_node *node)
{
	struct pv_door *door;
	int err = -ENODEV;

	mutex_lock(&pv_doors_lock);
	list_for_each_entry(door, &doors, list) {
		if (door->unplugged || door->vdev->vfl_type != VFL_TYPE_VIDEO ||
		    door->vdev->num != number)
			continue;
		*devt = door->vdev->dev.devt;
		describe(door, node);
		strscpy(node->device, pv_door_place(door), sizeof(node->device));
		err = 0;
	}
	mutex_unlock(&pv_doors_lock);
	return err;
}

/* --- beginning and end --------------------------------------------------- */

static int probe_open(struct file *file)
{
	return -ENODEV;
}

static const struct v4l2_file_operations probe_fops = {
	.owner = THIS_MODULE,
	.open = probe_open,
	.release = probe_open,
};

/* The class is the core's own; a node that is there for a moment tells of it. */
static int find_class(void)
{
	/* Static: who tries to open the node may hold on to it for a moment longer. */
	static struct v4l2_device v4l2_dev = { .name = "plateveil" };
	struct video_device *probe = video_device_alloc();
	int err;

	if (!probe)
		return -ENOMEM;
	err = v4l2_device_register(NULL, &v4l2_dev);
	if (err)
		goto free;
	strscpy(probe->name, "plateveil", sizeof(probe->name));
	probe->v4l2_dev = &v4l2_dev;
	probe->fops = &probe_fops;
	probe->release = video_device_release;
	/* As a subdevice, so that no camera misses a number. */
	err = __video_register_device(probe, VFL_TYPE_SUBDEV, -1, 0, THIS_MODULE);
	if (err) {
		v4l2_device_unregister(&v4l2_dev);
		goto free;
	}
	interface.class = probe->dev.class;
	video_unregister_device(probe);
	v4l2_device_unregister(&v4l2_dev);
	return 0;
free:
	video_device_release(probe);
	return err;
}

int pv_gate_init(void)
{
	int err = find_class();

	return err ?: class_interface_register(&interface);
}

/* Nobody has a pass or is diverted: they would keep the module. */
void pv_gate_exit(void)
{
	struct pv_door *door, *next;

	mutex_lock(&pv_doors_lock);
	memset(gates, 0, sizeof(gates));
	list_for_each_entry_safe(door, next, &doors, list) {
		if (pv_door_gated(door))
			pv_door_unshut(door);
		if (door->unplugged)
			pv_door_forget(door);
	}
	mutex_unlock(&pv_doors_lock);
	class_interface_unregister(&interface);
	pv_door_wait();
}
