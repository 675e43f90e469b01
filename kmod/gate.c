// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gates: what stands on cameras' own nodes. A node with a gate has a copy of its driver's file
 * operations, with ours around theirs; it gets that before it can be opened. Since the core
 * calls through vdev->fops each time, that holds for files that are open already, too.
 */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-event.h>

#include "compat.h"
#include "control.h"
#include "divert.h"
#include "gate.h"
#include "pass.h"
#include "trace.h"
#include "veil.h"

/* The slots stay where they are, so what stands on a node can be followed without a lock. */
struct pv_gate {
	bool used;
	struct plateveil_gate as;	/* its pattern and action */
	atomic64_t refused, diverted;
};

/* A node that a gate may stand on, gated or not. */
struct pv_door {
	struct list_head list;
	struct rcu_head rcu;
	struct video_device *vdev;
	struct pv_gate *gate;		/* that stands there, or last stood */
	const struct v4l2_file_operations *theirs;
	struct v4l2_file_operations ours;
	void (*their_release)(struct video_device *vdev);
	bool unplugged;			/* only open files keep it */
	char device[PLATEVEIL_DEVICE_LEN];	/* the parent's, and its */
	char driver[PLATEVEIL_NAME_LEN];
};

/* Inside the core's videodev_lock, which is held while nodes come and go; outside none. */
static DEFINE_MUTEX(doors_lock);
static LIST_HEAD(doors);
static struct pv_gate gates[PLATEVEIL_MAX_GATES];
static bool ever_gated;

/* Who is inside one of the functions below that the core calls. */
DEFINE_STATIC_SRCU(calls);

/* --- what strangers meet ------------------------------------------------- */

static int gate_open(struct file *file);

/*
 * The door of a node whose operations were ours when we were called; NULL when the gate has
 * gone since. Until the caller sleeps the door is there: see forget().
 */
static struct pv_door *door_of(struct video_device *vdev)
{
	const struct v4l2_file_operations *fops = READ_ONCE(vdev->fops);

	return fops->open == gate_open ? container_of(fops, struct pv_door, ours) : NULL;
}

static int refuse(struct pv_door *door, int err)
{
	struct pv_gate *gate = READ_ONCE(door->gate);

	atomic64_inc(&gate->refused);
	trace_gate(video_device_node_name(door->vdev), PV_GATE_REFUSED, err);
	return err;
}

/* The view instead; where there is none to show, nothing. */
static int divert(struct pv_door *door, struct file *file)
{
	struct video_device *vdev = door->vdev;
	struct pv_gate *gate = READ_ONCE(door->gate);
	struct pv_veil *veil;
	char device[PLATEVEIL_DEVICE_LEN];
	int err;

	if (!(vdev->device_caps & V4L2_CAP_VIDEO_CAPTURE))
		return refuse(door, -EACCES);
	strscpy(device, door->device, sizeof(device));
	veil = pv_control_veil_of(device, vdev->index);
	if (!veil) {
		atomic64_inc(&gate->refused);
		trace_gate(video_device_node_name(vdev), PV_GATE_REFUSED, -EACCES);
		return -EACCES;
	}
	err = pv_divert_open(file, vdev, veil);
	v4l2_device_put(&veil->v4l2_dev);
	if (!err)
		atomic64_inc(&gate->diverted);
	trace_gate(video_device_node_name(vdev), PV_GATE_DIVERTED, err);
	return err;
}

static int gate_open(struct file *file)
{
	struct video_device *vdev = video_devdata(file);
	int idx = srcu_read_lock(&calls), err;
	struct pv_door *door = door_of(vdev);

	if (!door)
		err = READ_ONCE(vdev->fops)->open(file);
	else if (pv_pass_opening())
		err = door->theirs->open(file);
	else if (READ_ONCE(door->gate)->as.action == PLATEVEIL_GATE_DIVERT)
		err = divert(door, file);
	else
		err = refuse(door, -EACCES);
	srcu_read_unlock(&calls, idx);
	return err;
}

/*
 * The operations to go on with: the driver's, for who has a pass and where the gate has just
 * gone. NULL for a file that was open before: it finds the camera gone, which is what
 * applications know how to meet.
 */
static const struct v4l2_file_operations *let_through(struct file *file)
{
	struct video_device *vdev = video_devdata(file);
	struct pv_door *door = door_of(vdev);

	if (!door)
		return READ_ONCE(vdev->fops);
	if (pv_pass_holds(file))
		return door->theirs;
	refuse(door, -ENODEV);
	return NULL;
}

#define GATED(type, name, params, args, refusal)			\
static type gate_##name params						\
{									\
	int idx = srcu_read_lock(&calls);				\
	const struct v4l2_file_operations *fops = let_through(file);	\
	type ret = fops ? fops->name args : (refusal);			\
									\
	srcu_read_unlock(&calls, idx);					\
	return ret;							\
}

GATED(ssize_t, read, (struct file *file, char __user *to, size_t count, loff_t *pos),
      (file, to, count, pos), -ENODEV)
GATED(ssize_t, write, (struct file *file, const char __user *from, size_t count, loff_t *pos),
      (file, from, count, pos), -ENODEV)
GATED(__poll_t, poll, (struct file *file, struct poll_table_struct *wait),
      (file, wait), EPOLLERR | EPOLLHUP)
GATED(long, unlocked_ioctl, (struct file *file, unsigned int cmd, unsigned long arg),
      (file, cmd, arg), -ENODEV)
#ifdef CONFIG_COMPAT
GATED(long, compat_ioctl32, (struct file *file, unsigned int cmd, unsigned long arg),
      (file, cmd, arg), -ENODEV)
#endif
GATED(int, mmap, (struct file *file, struct vm_area_struct *vma), (file, vma), -ENODEV)

/* --- gates come and go; doors_lock held ---------------------------------- */

static void gate_release(struct video_device *vdev);

#define WRAP(ops, name)	((ops)->name = (ops)->name ? gate_##name : NULL)

/* Ours has just what theirs has: the core looks whether there is one, and then calls it. */
static void wrap(struct pv_door *door)
{
	struct v4l2_file_operations *ops = &door->ours;

	*ops = *door->theirs;
	ops->open = gate_open;
	WRAP(ops, read);
	WRAP(ops, write);
	WRAP(ops, poll);
	WRAP(ops, unlocked_ioctl);
#ifdef CONFIG_COMPAT
	WRAP(ops, compat_ioctl32);
#endif
	WRAP(ops, mmap);
}

static bool gated(const struct pv_door *door)
{
	return door->vdev->fops == &door->ours;
}

/* The gate that is to stand there: the one that names it most closely. */
static struct pv_gate *gate_for(const struct pv_door *door)
{
	struct pv_gate *best = NULL, *gate;

	for (gate = gates; gate < gates + PLATEVEIL_MAX_GATES; gate++) {
		const struct plateveil_gate *as = &gate->as;
		struct device *dev = &door->vdev->dev;
		bool fits = gate->used;

		if (as->pattern == PLATEVEIL_GATE_NODE)
			fits &= door->vdev->vfl_type == VFL_TYPE_VIDEO &&
				door->vdev->num == as->node;
		else if (as->pattern == PLATEVEIL_GATE_DRIVER)
			fits &= !strcmp(door->driver, as->name);
		else if (as->pattern == PLATEVEIL_GATE_DEVICE && fits)
			while (dev && strcmp(dev_name(dev), as->name))
				dev = dev->parent;
		if (fits && dev && (!best || as->pattern > best->as.pattern))
			best = gate;
	}
	return best;
}

/* Files of the node that others than the owner have open. */
static unsigned int strangers(const struct pv_door *door)
{
	/* The node has a reference of its own, and one for each open file. */
	unsigned int files = kref_read(&door->vdev->cdev->kobj.kref) - 1;

	return files - min(files, pv_pass_count(door->vdev) + pv_divert_count(door->vdev));
}

static int shut(struct pv_door *door)
{
	struct video_device *vdev = door->vdev;

	if (vdev->fops != door->theirs || vdev->release != door->their_release ||
	    !door->theirs->open || !door->theirs->release) {
		pr_err("plateveil: %s is not like a node we know: no gate stands there\n",
		       video_device_node_name(vdev));
		return -EOPNOTSUPP;
	}
	ever_gated = true;
	vdev->release = gate_release;
	/* Who meets ours has to find it whole. */
	smp_store_release(&vdev->fops, &door->ours);
	if (test_bit(V4L2_FL_USES_V4L2_FH, &vdev->flags))
		v4l2_event_wake_all(vdev);
	trace_gate(video_device_node_name(vdev), PV_GATE_SHUT, 0);
	return 0;
}

static void unshut(struct pv_door *door)
{
	struct video_device *vdev = door->vdev;

	WRITE_ONCE(vdev->fops, door->theirs);
	WRITE_ONCE(vdev->release, door->their_release);
	trace_gate(video_device_node_name(vdev), PV_GATE_OFF, 0);
}

/* Brings the node in line with the gates there are. */
static int settle(struct pv_door *door)
{
	struct pv_gate *gate = gate_for(door);

	if (gate)
		WRITE_ONCE(door->gate, gate);
	if (gate && !gated(door))
		return shut(door);
	if (!gate && gated(door))
		unshut(door);
	return 0;
}

static void free_door(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct pv_door, rcu));
}

/*
 * Somebody may be about to call what they found in ours, or have found the door and not slept
 * since: of such tasks a grace period of tasks RCU waits for every one.
 */
static void forget(struct pv_door *door)
{
	list_del(&door->list);
	call_rcu_tasks(&door->rcu, free_door);
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
static int add_node(struct device *dev PV_COMPAT_INTERFACE)
{
	struct video_device *vdev = to_video_device(dev);
	struct pv_door *door;

	if (!may_be_gated(vdev))
		return 0;
	/* The core would go on without us. */
	door = kzalloc(sizeof(*door), GFP_KERNEL | __GFP_NOFAIL);
	door->vdev = vdev;
	door->theirs = vdev->fops;
	door->their_release = vdev->release;
	if (dev->parent) {
		strscpy(door->device, dev_name(dev->parent), sizeof(door->device));
		strscpy(door->driver, dev_driver_string(dev->parent), sizeof(door->driver));
	}
	wrap(door);
	mutex_lock(&doors_lock);
	list_add_tail(&door->list, &doors);
	settle(door);
	mutex_unlock(&doors_lock);
	return 0;
}

/* The gate stays: who has just passed the core's look at the node must not find it open. */
static void remove_node(struct device *dev PV_COMPAT_INTERFACE)
{
	struct video_device *vdev = to_video_device(dev);
	struct pv_door *door, *next;

	mutex_lock(&doors_lock);
	list_for_each_entry_safe(door, next, &doors, list) {
		if (door->vdev != vdev)
			continue;
		door->unplugged = true;
		if (!gated(door))
			forget(door);
	}
	mutex_unlock(&doors_lock);
	pv_divert_unplug(vdev);
}

static struct class_interface interface = {
	.add_dev = add_node,
	.remove_dev = remove_node,
};

/* Nobody has the node open any more, and nobody can: the driver may have it. */
static void gate_release(struct video_device *vdev)
{
	int idx = srcu_read_lock(&calls);
	struct pv_door *door;

	mutex_lock(&doors_lock);
	door = door_of(vdev);
	if (door) {
		unshut(door);
		forget(door);
	}
	mutex_unlock(&doors_lock);
	vdev->release(vdev);
	srcu_read_unlock(&calls, idx);
}

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

/* All nodes as the gates say; -EBUSY where a stranger has one open that had no gate before. */
static int settle_all(bool force)
{
	struct pv_door *door;
	int err = 0;

	list_for_each_entry(door, &doors, list) {
		bool before = gated(door);

		if (door->unplugged)
			continue;
		if (!force && !before && gate_for(door) && strangers(door))
			return -EBUSY;
		err = settle(door);
		/* Meanwhile somebody may have come in. */
		if (!err && !force && !before && gated(door) && strangers(door))
			err = -EBUSY;
		if (err)
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
		to->nodes += !door->unplugged && gated(door) && door->gate == gate;
}

/* @wanted has been checked. */
int pv_gate_set(struct plateveil_gate *wanted)
{
	struct plateveil_gate old;
	struct pv_gate *gate;
	bool used;
	int err;

	if (!pv_compat_fops_known())
		return -EOPNOTSUPP;
	mutex_lock(&doors_lock);
	gate = slot_for(wanted);
	if (!gate) {
		mutex_unlock(&doors_lock);
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
	err = settle_all(wanted->flags & PLATEVEIL_GATE_FORCE);
	if (err) {
		gate->used = used;
		gate->as = old;
		settle_all(true);
	} else {
		tell(gate, wanted);
	}
	mutex_unlock(&doors_lock);
	return err;
}

int pv_gate_end(u32 id)
{
	int err = -ENOENT;

	mutex_lock(&doors_lock);
	if (id < PLATEVEIL_MAX_GATES && gates[id].used) {
		gates[id].used = false;
		settle_all(true);
		err = 0;
	}
	mutex_unlock(&doors_lock);
	return err;
}

int pv_gate_info(struct plateveil_gate *to)
{
	u32 id = to->id;

	mutex_lock(&doors_lock);
	while (id < PLATEVEIL_MAX_GATES && !gates[id].used)
		id++;
	if (id < PLATEVEIL_MAX_GATES)
		tell(&gates[id], to);
	mutex_unlock(&doors_lock);
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
	if (!gated(door))
		return;
	to->action = door->gate->as.action;
	to->gate = door->gate - gates;
}

int pv_gate_node(struct plateveil_node *to)
{
	struct pv_door *door, *found = NULL;

	mutex_lock(&doors_lock);
	list_for_each_entry(door, &doors, list)
		if (!door->unplugged && door->vdev->minor >= (int)to->minor &&
		    (!found || door->vdev->minor < found->vdev->minor))
			found = door;
	if (found)
		describe(found, to);
	mutex_unlock(&doors_lock);
	return found ? 0 : -ENOENT;
}

/* What /dev/video@number is, if a gate may stand there. */
int pv_gate_camera(u32 number, dev_t *devt, struct plateveil_node *node)
{
	struct pv_door *door;
	int err = -ENODEV;

	mutex_lock(&doors_lock);
	list_for_each_entry(door, &doors, list) {
		if (door->unplugged || door->vdev->vfl_type != VFL_TYPE_VIDEO ||
		    door->vdev->num != number)
			continue;
		*devt = door->vdev->dev.devt;
		describe(door, node);
		err = 0;
	}
	mutex_unlock(&doors_lock);
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

	mutex_lock(&doors_lock);
	memset(gates, 0, sizeof(gates));
	list_for_each_entry_safe(door, next, &doors, list) {
		if (gated(door))
			unshut(door);
		if (door->unplugged)
			forget(door);
	}
	mutex_unlock(&doors_lock);
	class_interface_unregister(&interface);
	if (ever_gated) {
		/* Who was on the way in is in or out; then out; then off our code. */
		synchronize_rcu_tasks();
		synchronize_srcu(&calls);
		synchronize_rcu_tasks();
	}
	rcu_barrier_tasks();
}
