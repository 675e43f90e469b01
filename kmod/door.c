// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doors: a camera's node with its gate shut. It has a copy of its driver's file operations, with
 * ours around theirs. Since the core calls through vdev->fops each time, that holds for files
 * that are open already, too.
 */

#include <linux/device.h>
#include <linux/kcsan-checks.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <media/v4l2-device.h>
#include <media/v4l2-event.h>

#include "compat.h"
#include "control.h"
#include "divert.h"
#include "door.h"
#include "pass.h"
#include "trace.h"
#include "veil.h"

DEFINE_MUTEX(pv_doors_lock);	/* see door.h */
static bool ever_shut;

/* Who is inside one of the functions below that the core calls. */
DEFINE_STATIC_SRCU(calls);

/* --- what strangers meet ------------------------------------------------- */

static int gate_open(struct file *file);

/*
 * The door of a node whose operations were ours when we were called; NULL when the gate has
 * gone since. Until the caller sleeps the door is there: see pv_door_forget().
 */
static struct pv_door *door_of(struct video_device *vdev)
{
	const struct v4l2_file_operations *fops = READ_ONCE(vdev->fops);

	return fops->open == gate_open ? container_of(fops, struct pv_door, ours) : NULL;
}

static int refuse(struct pv_gate *gate, struct video_device *vdev, int err)
{
	atomic64_inc(&gate->refused);
	trace_gate(video_device_node_name(vdev), PV_GATE_REFUSED, err);
	return err;
}

/* Where the camera is plugged in; of one that is nowhere, which node it is. */
const char *pv_door_place(const struct pv_door *door)
{
	return *door->device ? door->device : video_device_node_name(door->vdev);
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
		return refuse(gate, vdev, -EACCES);
	strscpy(device, pv_door_place(door), sizeof(device));
	veil = pv_control_veil_of(device, vdev->index);
	if (!veil)
		return refuse(gate, vdev, -EACCES);
	err = pv_divert_open(file, vdev, veil);
	v4l2_device_put(&veil->v4l2_dev);
	/* The veil may be going. */
	if (err)
		return refuse(gate, vdev, err == -ENODEV ? -EACCES : err);
	atomic64_inc(&gate->diverted);
	trace_gate(video_device_node_name(vdev), PV_GATE_DIVERTED, 0);
	return 0;
}

static int let_in(const struct v4l2_file_operations *fops, struct file *file)
{
	return fops->open ? fops->open(file) : 0;
}

static int gate_open(struct file *file)
{
	struct video_device *vdev = video_devdata(file);
	int idx = srcu_read_lock(&calls), err;
	struct pv_door *door = door_of(vdev);

	if (!door)
		err = let_in(READ_ONCE(vdev->fops), file);
	else if (pv_pass_opening())
		err = let_in(door->theirs, file);
	else if (READ_ONCE(door->gate)->as.action == PLATEVEIL_GATE_DIVERT)
		err = divert(door, file);
	else
		err = refuse(READ_ONCE(door->gate), door->vdev, -EACCES);
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
	refuse(READ_ONCE(door->gate), door->vdev, -ENODEV);
	return NULL;
}

static ssize_t gate_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	ssize_t ret = fops ? fops->read(file, to, count, pos) : -ENODEV;

	srcu_read_unlock(&calls, idx);
	return ret;
}

static ssize_t gate_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	ssize_t ret = fops ? fops->write(file, from, count, pos) : -ENODEV;

	srcu_read_unlock(&calls, idx);
	return ret;
}

static __poll_t gate_poll(struct file *file, struct poll_table_struct *wait)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	__poll_t ret = fops ? fops->poll(file, wait) : EPOLLERR | EPOLLHUP;

	srcu_read_unlock(&calls, idx);
	return ret;
}

static long gate_unlocked_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	long ret = fops ? fops->unlocked_ioctl(file, cmd, arg) : -ENODEV;

	srcu_read_unlock(&calls, idx);
	return ret;
}

#ifdef CONFIG_COMPAT
static long gate_compat_ioctl32(struct file *file, unsigned int cmd, unsigned long arg)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	long ret = fops ? fops->compat_ioctl32(file, cmd, arg) : -ENODEV;

	srcu_read_unlock(&calls, idx);
	return ret;
}
#endif

static int gate_mmap(struct file *file, struct vm_area_struct *vma)
{
	int idx = srcu_read_lock(&calls);
	const struct v4l2_file_operations *fops = let_through(file);
	int ret = fops ? fops->mmap(file, vma) : -ENODEV;

	srcu_read_unlock(&calls, idx);
	return ret;
}

/* --- the door; pv_doors_lock held ---------------------------------------- */

static void gate_release(struct video_device *vdev);

/* Ours has just what theirs has: the core looks whether there is one, and then calls it. */
static void wrap(struct pv_door *door)
{
	const struct v4l2_file_operations *theirs = door->theirs;
	struct v4l2_file_operations *ours = &door->ours;

	*ours = *theirs;
	ours->open = gate_open;
	ours->read = theirs->read ? gate_read : NULL;
	ours->write = theirs->write ? gate_write : NULL;
	ours->poll = theirs->poll ? gate_poll : NULL;
	ours->unlocked_ioctl = theirs->unlocked_ioctl ? gate_unlocked_ioctl : NULL;
#ifdef CONFIG_COMPAT
	ours->compat_ioctl32 = theirs->compat_ioctl32 ? gate_compat_ioctl32 : NULL;
#endif
	ours->mmap = theirs->mmap ? gate_mmap : NULL;
}

bool pv_door_gated(const struct pv_door *door)
{
	return door->vdev->fops == &door->ours;
}

/*
 * The core reads this pointer without a lock and calls through it: whichever it finds is good.
 * KCSAN would call it a race, as the core does not mark its reads.
 */
static void put_fops(struct video_device *vdev, const struct v4l2_file_operations *fops)
{
	kcsan_disable_current();
	/* Who meets ours meets all of it. */
	smp_store_release(&vdev->fops, fops);
	kcsan_enable_current();
}

int pv_door_shut(struct pv_door *door)
{
	struct video_device *vdev = door->vdev;

	if (vdev->fops != door->theirs || vdev->release != door->their_release) {
		pr_err("plateveil: %s is not like a node we know: no gate stands there\n",
		       video_device_node_name(vdev));
		return -EOPNOTSUPP;
	}
	ever_shut = true;
	vdev->release = gate_release;
	put_fops(vdev, &door->ours);
	if (test_bit(V4L2_FL_USES_V4L2_FH, &vdev->flags))
		v4l2_event_wake_all(vdev);
	trace_gate(video_device_node_name(vdev), PV_GATE_SHUT, 0);
	return 0;
}

void pv_door_unshut(struct pv_door *door)
{
	struct video_device *vdev = door->vdev;

	put_fops(vdev, door->theirs);
	WRITE_ONCE(vdev->release, door->their_release);
	trace_gate(video_device_node_name(vdev), PV_GATE_OFF, 0);
}

static void free_door(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct pv_door, rcu));
}

/*
 * Somebody may be about to call what they found in ours, or have found the door and not slept
 * since: of such tasks a grace period of tasks RCU waits for every one.
 */
void pv_door_forget(struct pv_door *door)
{
	/* Ours still, where somebody has put other operations in place of ours. */
	if (door->vdev->release == gate_release)
		WRITE_ONCE(door->vdev->release, door->their_release);
	list_del(&door->list);
	call_rcu_tasks(&door->rcu, free_door);
}

/* Nobody has the node open any more, and nobody can: the driver may have it. */
static void gate_release(struct video_device *vdev)
{
	int idx = srcu_read_lock(&calls);
	struct pv_door *door;

	mutex_lock(&pv_doors_lock);
	door = door_of(vdev);
	if (door) {
		pv_door_unshut(door);
		pv_door_forget(door);
	}
	mutex_unlock(&pv_doors_lock);
	vdev->release(vdev);
	srcu_read_unlock(&calls, idx);
}

/* Cannot fail: the core would go on without us, and the camera would be open. */
struct pv_door *pv_door_new(struct video_device *vdev)
{
	struct pv_door *door = kzalloc(sizeof(*door), GFP_KERNEL | __GFP_NOFAIL);
	struct device *parent = vdev->dev.parent;

	door->vdev = vdev;
	door->theirs = vdev->fops;
	door->their_release = vdev->release;
	if (parent) {
		strscpy(door->device, dev_name(parent), sizeof(door->device));
		strscpy(door->driver, dev_driver_string(parent), sizeof(door->driver));
	}
	wrap(door);
	return door;
}

void pv_door_wait(void)
{
	if (ever_shut) {
		/* Who was on the way in is in or out; then out; then off our code. */
		synchronize_rcu_tasks();
		synchronize_srcu(&calls);
		synchronize_rcu_tasks();
	}
	rcu_barrier_tasks();
}
