// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diverted files: opened as a camera's node, and ever after a file of the view. The camera's
 * driver never meets them. They outlive the gate and the camera, as files of the view do.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "compat.h"
#include "divert.h"
#include "node.h"
#include "veil.h"

struct pv_diverted {
	struct list_head list;
	struct file *outer;		/* what the application holds */
	struct file *inner;		/* the view's */
	struct video_device *vdev;	/* the core's reference, or NULL: it is given back */
};

static DEFINE_MUTEX(files_lock);
static LIST_HEAD(files);

/* The file to forward to. What fcntl() sets, it sets on the outer one alone. */
static struct file *inner_of(struct file *file)
{
	struct file *inner = ((struct pv_diverted *)file->private_data)->inner;

	spin_lock(&inner->f_lock);
	inner->f_flags = (inner->f_flags & ~O_NONBLOCK) | (file->f_flags & O_NONBLOCK);
	spin_unlock(&inner->f_lock);
	return inner;
}

static ssize_t divert_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	struct file *inner = inner_of(file);

	return inner->f_op->read(inner, to, count, pos);
}

static __poll_t divert_poll(struct file *file, struct poll_table_struct *wait)
{
	return vfs_poll(inner_of(file), wait);
}

static long divert_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct file *inner = inner_of(file);

	return inner->f_op->unlocked_ioctl(inner, cmd, arg);
}

#ifdef CONFIG_COMPAT
static long divert_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct file *inner = inner_of(file);

	return inner->f_op->compat_ioctl(inner, cmd, arg);
}
#endif

/* The mapping is one of the view's file, which it keeps open. */
static int divert_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct file *inner = inner_of(file);

	vma_set_file(vma, inner);
	return vfs_mmap(inner, vma);
}

static int divert_release(struct inode *inode, struct file *file)
{
	struct pv_diverted *d = file->private_data;

	mutex_lock(&files_lock);
	list_del(&d->list);
	mutex_unlock(&files_lock);
	fput(d->inner);
	if (d->vdev)
		put_device(&d->vdev->dev);
	kfree(d);
	return 0;
}

static const struct file_operations divert_fops = {
	.owner = THIS_MODULE,
	.release = divert_release,
	.read = divert_read,
	.poll = divert_poll,
	.unlocked_ioctl = divert_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = divert_compat_ioctl,
#endif
	.mmap = divert_mmap,
};

static struct file *open_view(struct pv_veil *veil, unsigned int flags)
{
	struct file *inner = pv_node_open(veil->view.dev.devt,
					  flags & (O_ACCMODE | O_NONBLOCK | O_LARGEFILE));

	/* The veil may have gone, and another device have its number. */
	if (!IS_ERR(inner) && video_devdata(inner) != &veil->view) {
		fput(inner);
		return ERR_PTR(-ENODEV);
	}
	return inner;
}

/*
 * Called as the driver's open() would be: that @file is open is told by its operations, ours
 * from now on. @vdev is what the core holds a reference to until the file closes.
 */
int pv_divert_open(struct file *file, struct video_device *vdev, struct pv_veil *veil)
{
	struct pv_diverted *d;
	int err = -ENOMEM;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		goto put_module;
	d->inner = open_view(veil, file->f_flags);
	err = PTR_ERR_OR_ZERO(d->inner);
	if (err)
		goto free;
	d->outer = file;
	d->vdev = vdev;
	file->private_data = d;
	replace_fops(file, &divert_fops);
	mutex_lock(&files_lock);
	list_add(&d->list, &files);
	mutex_unlock(&files_lock);
	return 0;
free:
	kfree(d);
put_module:
	module_put(THIS_MODULE);
	return err;
}

/*
 * The camera goes. Applications may stay with the view for long, and must not keep its number
 * from it until it is plugged in again. Those that are still inside open(), where the core
 * needs the reference, give it back when they close. The caller has one, too.
 */
void pv_divert_unplug(struct video_device *vdev)
{
	struct pv_diverted *d;

	mutex_lock(&files_lock);
	list_for_each_entry(d, &files, list) {
		if (d->vdev != vdev || !(READ_ONCE(d->outer->f_mode) & FMODE_OPENED))
			continue;
		d->vdev = NULL;
		put_device(&vdev->dev);
	}
	mutex_unlock(&files_lock);
}

unsigned int pv_divert_count(const struct video_device *vdev)
{
	struct pv_diverted *d;
	unsigned int n = 0;

	mutex_lock(&files_lock);
	list_for_each_entry(d, &files, list)
		n += d->vdev == vdev;
	mutex_unlock(&files_lock);
	return n;
}
