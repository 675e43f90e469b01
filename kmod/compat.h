/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernel versions, and nowhere else. The module is written for the
 * newest; here the older ones get what they lack.
 */
#ifndef PV_COMPAT_H
#define PV_COMPAT_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

#if LINUX_VERSION_CODE >> 8 != KERNEL_VERSION(6, 1, 0) >> 8 &&	\
	LINUX_VERSION_CODE >> 8 != KERNEL_VERSION(6, 12, 0) >> 8 &&	\
	LINUX_VERSION_CODE >> 8 != KERNEL_VERSION(7, 2, 0) >> 8
#error "plateveil.ko is tested on Linux 6.1, 6.12 and 7.2 only"
#endif

/* Since 6.18 a file handle knows its file and the file its handle. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
static inline struct v4l2_fh *file_to_v4l2_fh(struct file *file)
{
	return file->private_data;
}

static inline void pv_compat_fh_add(struct v4l2_fh *fh, struct file *file)
{
	file->private_data = fh;
	v4l2_fh_add(fh);
}

#define v4l2_fh_add(fh, file)	pv_compat_fh_add(fh, file)
#define v4l2_fh_del(fh, file)	v4l2_fh_del(fh)

/* Here a driver may do without handles, and the core believes the flag. */
#define pv_compat_uses_fh(vdev)	((void)(vdev))
#else
/* And the core releases at once what is open on a node that has never had a handle. */
static inline void pv_compat_uses_fh(struct video_device *vdev)
{
	set_bit(V4L2_FL_USES_V4L2_FH, &vdev->flags);
}
#endif

/* Since 7.0 vb2 lets go of the queue's lock by itself while it waits. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define PV_COMPAT_VB2_OPS			\
	.wait_prepare = vb2_ops_wait_prepare,	\
	.wait_finish = vb2_ops_wait_finish,
#else
#define PV_COMPAT_VB2_OPS
#endif

/* Since 6.8 a queue's buffers are counted by a function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define vb2_get_num_buffers(q)	((q)->num_buffers)
#define pv_compat_most_buffers(p, n)	((void)(p))
#else
/* And CREATE_BUFS tells how many there may be: fewer than vb2 itself could have. */
static inline void pv_compat_most_buffers(struct v4l2_create_buffers *p, u32 n)
{
	p->max_num_buffers = n;
}
#endif

/* Since 6.4 who watches a class is not told again what it asked for. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define PV_COMPAT_INTERFACE	struct device *dev, struct class_interface *unused
#else
#define PV_COMPAT_INTERFACE	struct device *dev
#endif

/* Since 6.16 a file may map in either of two ways. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define vfs_mmap(file, vma)	call_mmap(file, vma)
#endif

/* Those operations of a node that kmod/door.c wraps, or knows to leave alone, are all there are. */
static_assert(sizeof(struct v4l2_file_operations) ==
	      (9 + IS_ENABLED(CONFIG_COMPAT)) * sizeof(void *));

/*
 * A kernel that preempts nobody (Debian's for arm64, to 6.12) has no tasks RCU:
 * call_rcu_tasks() is call_rcu() there.
 */
#ifndef CONFIG_TASKS_RCU
#define rcu_barrier_tasks	rcu_barrier
#endif

/*
 * "Used by": while another module uses this one, not even force unloads it. Since 7.0 the
 * struct is the module loader's own.
 */
struct pv_compat_use {
	struct list_head source_list, target_list;
	struct module *source, *target;
};

/* Since 6.13 the name of a namespace is a string. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define PV_IMPORT_DMA_BUF	MODULE_IMPORT_NS(DMA_BUF)
#else
#define PV_IMPORT_DMA_BUF	MODULE_IMPORT_NS("DMA_BUF")
#endif

#endif
