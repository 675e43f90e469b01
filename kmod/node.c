// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a character device by its number alone: no path, so it matters not what the caller's
 * /dev is, and nobody can put another file there.
 */

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "node.h"

#define MAGIC	0x76656c20	/* "vel " */

static int init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, MAGIC) ? 0 : -ENOMEM;
}

/* Has one inode for each open file, and is gone with the last. */
static struct file_system_type nodes_fs = {
	.owner = THIS_MODULE,
	.name = "plateveil",
	.init_fs_context = init_fs_context,
	.kill_sb = kill_anon_super,
};

static struct vfsmount *nodes_mount;
static int nodes_users;

static struct dentry *make_dentry(dev_t devt)
{
	struct inode *inode = new_inode(nodes_mount->mnt_sb);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_ino = get_next_ino();
	inode->i_flags |= S_PRIVATE;
	inode->i_mode = S_IFCHR | 0600;
	init_special_inode(inode, inode->i_mode, devt);
	return d_obtain_alias(inode);
}

struct file *pv_node_open(dev_t devt, int flags)
{
	struct path path;
	struct file *file;
	int err = simple_pin_fs(&nodes_fs, &nodes_mount, &nodes_users);

	if (err)
		return ERR_PTR(err);
	path.mnt = nodes_mount;
	path.dentry = make_dentry(devt);
	if (IS_ERR(path.dentry)) {
		file = ERR_CAST(path.dentry);
	} else {
		file = dentry_open(&path, flags, current_cred());
		dput(path.dentry);
	}
	simple_release_fs(&nodes_mount, &nodes_users);
	return file;
}
