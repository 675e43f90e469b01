/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_BUFFER_H
#define PV_BUFFER_H

#include <linux/dma-buf.h>
#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <media/videobuf2-v4l2.h>

/* A buffer of either node. */
struct pv_buffer {
	struct vb2_v4l2_buffer vb;
	struct list_head node;		/* while the driver has it */
	u64 sealed_ns;			/* feed: boot time of the seal, */
	u32 generation;			/* and whose mode its picture is of */
};

static inline struct pv_buffer *pv_buffer_of(struct vb2_buffer *vb)
{
	return container_of(to_vb2_v4l2_buffer(vb), struct pv_buffer, vb);
}

static inline void pv_buffer_push(struct list_head *list, spinlock_t *lock, struct vb2_buffer *vb)
{
	spin_lock(lock);
	list_add_tail(&pv_buffer_of(vb)->node, list);
	spin_unlock(lock);
}

/* The oldest buffer of a list, or NULL. */
static inline struct pv_buffer *pv_buffer_pop(struct list_head *list, spinlock_t *lock)
{
	struct pv_buffer *buf;

	spin_lock(lock);
	buf = list_first_entry_or_null(list, struct pv_buffer, node);
	if (buf)
		list_del(&buf->node);
	spin_unlock(lock);
	return buf;
}

/*
 * Another device's memory must be told that the processor uses it, and may let us
 * wait for that device: so this is for who queues and takes buffers, not for the relay.
 */
static inline int pv_buffer_begin(struct vb2_buffer *vb, enum dma_data_direction direction)
{
	struct dma_buf *dbuf = vb->planes[0].dbuf;

	return dbuf ? dma_buf_begin_cpu_access(dbuf, direction) : 0;
}

static inline void pv_buffer_end(struct vb2_buffer *vb, enum dma_data_direction direction)
{
	struct dma_buf *dbuf = vb->planes[0].dbuf;

	if (dbuf)
		dma_buf_end_cpu_access(dbuf, direction);
}

/* Larger buffers than a picture takes are allowed, but not so large that they hurt others. */
static inline int pv_buffer_check(u32 wanted, u32 size)
{
	return wanted < size || wanted > 2 * size + SZ_1M ? -EINVAL : 0;
}

#endif
