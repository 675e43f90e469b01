// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pass: a file of a camera's own node that its gate lets through. It is known by its file
 * operations, the V4L2 core's own with our name on them, so whoever is handed the descriptor
 * has it, and who opens the node anew, through /proc for one, has not.
 */

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <media/v4l2-dev.h>

#include "node.h"
#include "pass.h"

struct pv_pass {
	struct list_head list;
	struct file *file;
	struct video_device *vdev;
};

static DEFINE_MUTEX(open_lock);
static struct task_struct *opener;	/* in pv_pass_open() now; open_lock */

static DEFINE_SPINLOCK(passes_lock);
static LIST_HEAD(passes);

static const struct file_operations *core_fops;
static struct file_operations pass_fops;

static struct pv_pass *pass_of(const struct file *file)
{
	struct pv_pass *pass, *found = NULL;

	spin_lock(&passes_lock);
	list_for_each_entry(pass, &passes, list)
		if (pass->file == file)
			found = pass;
	spin_unlock(&passes_lock);
	return found;
}

/* A driver may take long to end its stream; until then the file is still one with a pass. */
static int pass_release(struct inode *inode, struct file *file)
{
	struct pv_pass *pass = pass_of(file);
	int err = core_fops->release(inode, file);

	spin_lock(&passes_lock);
	list_del(&pass->list);
	spin_unlock(&passes_lock);
	put_device(&pass->vdev->dev);
	kfree(pass);
	return err;
}

/* Is it this very call, in which pv_pass_open() opens a node? */
bool pv_pass_opening(void)
{
	return READ_ONCE(opener) == current;
}

bool pv_pass_holds(const struct file *file)
{
	return file->f_op == &pass_fops;
}

/* How many files of @vdev have a pass. */
unsigned int pv_pass_count(const struct video_device *vdev)
{
	struct pv_pass *pass;
	unsigned int n = 0;

	spin_lock(&passes_lock);
	list_for_each_entry(pass, &passes, list)
		n += pass->vdev == vdev;
	spin_unlock(&passes_lock);
	return n;
}

/* All nodes of V4L2 have the same operations; ours are made of the first that is seen. */
static void give(struct pv_pass *pass, struct file *file)
{
	if (!core_fops) {
		core_fops = file->f_op;
		pass_fops = *core_fops;
		pass_fops.owner = THIS_MODULE;
		pass_fops.release = pass_release;
	}
	pass->file = file;
	pass->vdev = video_devdata(file);
	get_device(&pass->vdev->dev);	/* until the file is none any more: see pass_release() */
	spin_lock(&passes_lock);
	list_add(&pass->list, &passes);
	spin_unlock(&passes_lock);
	/* We are in a call of our own, and the core is there for as long as we are. */
	__module_get(THIS_MODULE);
	replace_fops(file, &pass_fops);
}

struct file *pv_pass_open(dev_t devt, int flags)
{
	struct pv_pass *pass = kzalloc(sizeof(*pass), GFP_KERNEL);
	struct file *file;

	if (!pass)
		return ERR_PTR(-ENOMEM);
	if (mutex_lock_interruptible(&open_lock)) {
		kfree(pass);
		return ERR_PTR(-ERESTARTSYS);
	}
	WRITE_ONCE(opener, current);
	file = pv_node_open(devt, flags);
	WRITE_ONCE(opener, NULL);
	if (IS_ERR(file))
		kfree(pass);
	else
		give(pass, file);
	mutex_unlock(&open_lock);
	return file;
}
