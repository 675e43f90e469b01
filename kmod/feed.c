// SPDX-License-Identifier: GPL-2.0-only
/* The feed: the output node through which one helper at a time seals frames. */

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-vmalloc.h>

#include "buffer.h"
#include "compat.h"
#include "controls.h"
#include "feed.h"
#include "format.h"
#include "jpeg.h"
#include "relay.h"
#include "trace.h"
#include "veil.h"

/* One open feed. That first one whose queue has buffers is the helper. */
struct pv_helper {
	struct v4l2_fh fh;		/* first: the core frees it */
	struct pv_controls *controls;	/* the fh's, or NULL */
	u32 generation;			/* it is bound to; 0: to none. feed_lock */
};

static struct pv_helper *helper_of(void *fh)
{
	return container_of(fh, struct pv_helper, fh);
}

/* --- the queue ----------------------------------------------------------- */

static int queue_setup(struct vb2_queue *q, unsigned int *buffers, unsigned int *planes,
		       unsigned int sizes[], struct device *alloc_devs[])
{
	struct pv_veil *veil = vb2_get_drv_priv(q);
	u32 size = pv_veil_frame_size(veil);

	if (*planes)
		return pv_buffer_check(sizes[0], size);
	*planes = 1;
	sizes[0] = size;
	return 0;
}

/* Is the picture one of the mode in force? */
static int check_seal(struct pv_veil *veil, struct vb2_buffer *vb)
{
	u32 size, used = vb2_get_plane_payload(vb, 0);
	const u8 *picture = vb2_plane_vaddr(vb, 0);
	struct plateveil_mode mode;
	bool stale, unzoned;

	spin_lock(&veil->mode_lock);
	mode = veil->mode;
	stale = pv_buffer_of(vb)->generation != veil->generation;
	unzoned = pv_veil_unzoned(veil);
	spin_unlock(&veil->mode_lock);
	if (stale)
		return -ESTALE;
	if (unzoned)
		return -EPERM;
	size = pv_mode_size(&mode);
	if (!picture || vb2_plane_size(vb, 0) < size || used > size)
		return -EINVAL;
	if (pv_mode_compressed(&mode) ? !pv_jpeg_check(picture, used, mode.width, mode.height) :
					used != size)
		return -EINVAL;
	return 0;
}

/*
 * Runs inside VIDIOC_QBUF: what it refuses, the helper hears of at once. What changes
 * from here on, the relay looks at again.
 */
static int buf_prepare(struct vb2_buffer *vb)
{
	struct pv_veil *veil = vb2_get_drv_priv(vb->vb2_queue);
	struct pv_buffer *seal = pv_buffer_of(vb);
	int err;

	err = pv_buffer_begin(vb, DMA_FROM_DEVICE);
	if (err)
		return err;
	seal->sealed_ns = ktime_get_boottime_ns();
	seal->generation = helper_of(vb->vb2_queue->owner)->generation;
	err = check_seal(veil, vb);
	if (!err)
		return 0;
	mutex_lock(&veil->lock);
	veil->refused++;
	trace_refuse(veil->id, seal->generation, vb2_get_plane_payload(vb, 0), err);
	mutex_unlock(&veil->lock);
	pv_buffer_end(vb, DMA_FROM_DEVICE);
	return err;
}

static void buf_finish(struct vb2_buffer *vb)
{
	pv_buffer_end(vb, DMA_FROM_DEVICE);
}

static int buf_out_validate(struct vb2_buffer *vb)
{
	to_vb2_v4l2_buffer(vb)->field = V4L2_FIELD_NONE;
	return 0;
}

static void buf_queue(struct vb2_buffer *vb)
{
	struct pv_veil *veil = vb2_get_drv_priv(vb->vb2_queue);

	list_add_tail(&pv_buffer_of(vb)->node, &veil->arriving);
}

/*
 * The relay is quick: it gets what was queued when the ioctl is through with it, or
 * the caller would be told that the buffer it just queued is done. feed_lock held.
 */
static void hand_over(struct pv_veil *veil)
{
	spin_lock(&veil->seal_lock);
	list_splice_tail_init(&veil->arriving, &veil->seals);
	spin_unlock(&veil->seal_lock);
	pv_relay_kick(veil);
}

/* The oldest seal not yet dealt, or NULL. */
struct pv_buffer *pv_feed_take(struct pv_veil *veil)
{
	return pv_buffer_pop(&veil->seals, &veil->seal_lock);
}

static int start_streaming(struct vb2_queue *q, unsigned int count)
{
	return 0;
}

static void stop_streaming(struct vb2_queue *q)
{
	struct pv_veil *veil = vb2_get_drv_priv(q);
	struct pv_buffer *seal;

	hand_over(veil);
	/* Under the lock no seal is half dealt. */
	mutex_lock(&veil->lock);
	while ((seal = pv_feed_take(veil)))
		vb2_buffer_done(&seal->vb.vb2_buf, VB2_BUF_STATE_ERROR);
	veil->feed_sequence = 0;
	pv_relay_expire(veil);
	mutex_unlock(&veil->lock);
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	.buf_out_validate = buf_out_validate,
	.buf_prepare = buf_prepare,
	.buf_finish = buf_finish,
	.buf_queue = buf_queue,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
	PV_COMPAT_VB2_OPS
};

/* --- ioctls -------------------------------------------------------------- */

static int querycap(struct file *file, void *fh, struct v4l2_capability *cap)
{
	struct pv_veil *veil = video_drvdata(file);

	strscpy(cap->driver, KBUILD_MODNAME, sizeof(cap->driver));
	snprintf(cap->card, sizeof(cap->card), "feed of %.23s", veil->name);
	snprintf(cap->bus_info, sizeof(cap->bus_info), "platform:plateveil-%03u", veil->id);
	return 0;
}

static int enum_fmt(struct file *file, void *fh, struct v4l2_fmtdesc *f)
{
	struct pv_veil *veil = video_drvdata(file);

	if (f->index)
		return -EINVAL;
	mutex_lock(&veil->lock);
	f->pixelformat = veil->mode.pixelformat;
	mutex_unlock(&veil->lock);
	return 0;
}

/* The feed never chooses: get and try answer with the mode in force. */
static int get_fmt(struct file *file, void *fh, struct v4l2_format *f)
{
	struct pv_veil *veil = video_drvdata(file);

	mutex_lock(&veil->lock);
	pv_mode_fill(&veil->mode, &f->fmt.pix);
	mutex_unlock(&veil->lock);
	return 0;
}

static int set_fmt(struct file *file, void *fh, struct v4l2_format *f)
{
	struct pv_veil *veil = video_drvdata(file);

	if (vb2_is_busy(&veil->feed_queue))
		return -EBUSY;
	mutex_lock(&veil->lock);
	pv_mode_fill(&veil->mode, &f->fmt.pix);
	helper_of(file_to_v4l2_fh(file))->generation = veil->generation;
	mutex_unlock(&veil->lock);
	return 0;
}

/* Who did not ask for the mode takes it as it is. */
static void bind_to_mode(struct pv_veil *veil, struct pv_helper *helper)
{
	mutex_lock(&veil->lock);
	if (!helper->generation)
		helper->generation = veil->generation;
	mutex_unlock(&veil->lock);
}

static int reqbufs(struct file *file, void *fh, struct v4l2_requestbuffers *p)
{
	bind_to_mode(video_drvdata(file), helper_of(file_to_v4l2_fh(file)));
	return vb2_ioctl_reqbufs(file, fh, p);
}

static int create_bufs(struct file *file, void *fh, struct v4l2_create_buffers *p)
{
	bind_to_mode(video_drvdata(file), helper_of(file_to_v4l2_fh(file)));
	return vb2_ioctl_create_bufs(file, fh, p);
}

static int qbuf(struct file *file, void *fh, struct v4l2_buffer *b)
{
	int err = vb2_ioctl_qbuf(file, fh, b);

	hand_over(video_drvdata(file));
	return err;
}

static int streamon(struct file *file, void *fh, enum v4l2_buf_type type)
{
	int err = vb2_ioctl_streamon(file, fh, type);

	hand_over(video_drvdata(file));
	return err;
}

static int get_parm(struct file *file, void *fh, struct v4l2_streamparm *p)
{
	struct pv_veil *veil = video_drvdata(file);

	if (p->type != V4L2_BUF_TYPE_VIDEO_OUTPUT)
		return -EINVAL;
	memset(&p->parm, 0, sizeof(p->parm));
	p->parm.output.capability = V4L2_CAP_TIMEPERFRAME;
	mutex_lock(&veil->lock);
	p->parm.output.timeperframe.numerator = veil->mode.numerator;
	p->parm.output.timeperframe.denominator = veil->mode.denominator;
	mutex_unlock(&veil->lock);
	return 0;
}

static int enum_output(struct file *file, void *fh, struct v4l2_output *out)
{
	if (out->index)
		return -EINVAL;
	out->type = V4L2_OUTPUT_TYPE_ANALOG;
	strscpy(out->name, "veil", sizeof(out->name));
	return 0;
}

static int get_output(struct file *file, void *fh, unsigned int *index)
{
	*index = 0;
	return 0;
}

static int set_output(struct file *file, void *fh, unsigned int index)
{
	return index ? -EINVAL : 0;
}

static void fill_state(struct pv_veil *veil, struct v4l2_event *event)
{
	struct plateveil_state state = {
		.viewers = veil->streaming,
		.generation = veil->generation,
	};

	event->type = PLATEVEIL_EVENT_STATE;
	memcpy(event->u.data, &state, sizeof(state));
}

/* Tells the helper how many stream and of what generation. veil->lock held. */
void pv_feed_announce(struct pv_veil *veil)
{
	struct v4l2_event event = {};

	fill_state(veil, &event);
	v4l2_event_queue(&veil->feed, &event);
}

static int event_add(struct v4l2_subscribed_event *sev, unsigned int elems)
{
	struct pv_veil *veil = video_get_drvdata(sev->fh->vdev);
	struct v4l2_event event = {};

	if (!(sev->flags & V4L2_EVENT_SUB_FL_SEND_INITIAL))
		return 0;
	mutex_lock(&veil->lock);
	fill_state(veil, &event);
	v4l2_event_queue_fh(sev->fh, &event);
	mutex_unlock(&veil->lock);
	return 0;
}

static const struct v4l2_subscribed_event_ops event_ops = {
	.add = event_add,
};

static int subscribe(struct v4l2_fh *fh, const struct v4l2_event_subscription *sub)
{
	if (sub->type == V4L2_EVENT_CTRL)
		return v4l2_ctrl_subscribe_event(fh, sub);
	if (sub->type != PLATEVEIL_EVENT_STATE || sub->id)
		return -EINVAL;
	/* Only the latest state matters. */
	return v4l2_event_subscribe(fh, sub, 1, &event_ops);
}

static const struct v4l2_ioctl_ops ioctl_ops = {
	.vidioc_querycap = querycap,
	.vidioc_enum_fmt_vid_out = enum_fmt,
	.vidioc_g_fmt_vid_out = get_fmt,
	.vidioc_try_fmt_vid_out = get_fmt,
	.vidioc_s_fmt_vid_out = set_fmt,
	.vidioc_g_parm = get_parm,
	.vidioc_enum_output = enum_output,
	.vidioc_g_output = get_output,
	.vidioc_s_output = set_output,
	.vidioc_reqbufs = reqbufs,
	.vidioc_create_bufs = create_bufs,
	.vidioc_querybuf = vb2_ioctl_querybuf,
	.vidioc_qbuf = qbuf,
	.vidioc_dqbuf = vb2_ioctl_dqbuf,
	.vidioc_streamon = streamon,
	.vidioc_streamoff = vb2_ioctl_streamoff,
	.vidioc_subscribe_event = subscribe,
	.vidioc_unsubscribe_event = v4l2_event_unsubscribe,
};

/* --- the node ------------------------------------------------------------ */

static int feed_open(struct file *file)
{
	struct pv_veil *veil = video_drvdata(file);
	struct pv_helper *helper;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!try_module_get(THIS_MODULE))	/* as in view.c */
		return -ENODEV;
	helper = kzalloc(sizeof(*helper), GFP_KERNEL);
	if (!helper) {
		module_put(THIS_MODULE);
		return -ENOMEM;
	}
	v4l2_fh_init(&helper->fh, &veil->feed);
	helper->controls = pv_veil_controls(veil);
	helper->fh.ctrl_handler = pv_controls_handler(helper->controls);
	v4l2_fh_add(&helper->fh, file);
	mutex_lock(&veil->lock);
	veil->feed_opens++;
	mutex_unlock(&veil->lock);
	return 0;
}

static int feed_release(struct file *file)
{
	struct pv_controls *controls = helper_of(file_to_v4l2_fh(file))->controls;
	struct pv_veil *veil = video_drvdata(file);
	int err;

	mutex_lock(&veil->lock);
	veil->feed_opens--;
	mutex_unlock(&veil->lock);
	/* If this was the helper, its queue stops, and with it the lease. */
	err = vb2_fop_release(file);
	pv_controls_put(controls);
	module_put(THIS_MODULE);
	return err;
}

/* Nobody else may write to what the helper has sealed. */
static int feed_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pv_veil *veil = video_drvdata(file);

	if (READ_ONCE(veil->feed_queue.owner) != file->private_data)
		return -EBUSY;
	return vb2_fop_mmap(file, vma);
}

static const struct v4l2_file_operations fops = {
	.owner = THIS_MODULE,
	.open = feed_open,
	.release = feed_release,
	.poll = vb2_fop_poll,
	.mmap = feed_mmap,
	.unlocked_ioctl = video_ioctl2,
};

/* Readies feed and queue for video_register_device(). */
int pv_feed_init(struct pv_veil *veil)
{
	struct vb2_queue *q = &veil->feed_queue;
	struct video_device *vdev = &veil->feed;

	mutex_init(&veil->feed_lock);
	spin_lock_init(&veil->seal_lock);
	INIT_LIST_HEAD(&veil->arriving);
	INIT_LIST_HEAD(&veil->seals);
	q->type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	q->io_modes = VB2_MMAP | VB2_DMABUF;
	q->drv_priv = veil;
	q->buf_struct_size = sizeof(struct pv_buffer);
	q->ops = &queue_ops;
	q->mem_ops = &vb2_vmalloc_memops;
	q->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
	q->allow_zero_bytesused = 1;	/* nothing is no picture, and not a whole one */
	q->lock = &veil->feed_lock;

	snprintf(vdev->name, sizeof(vdev->name), "plateveil feed %u", veil->id);
	vdev->v4l2_dev = &veil->v4l2_dev;
	vdev->fops = &fops;
	vdev->ioctl_ops = &ioctl_ops;
	vdev->release = video_device_release_empty;
	vdev->vfl_dir = VFL_DIR_TX;
	vdev->device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING;
	vdev->queue = q;
	vdev->lock = &veil->feed_lock;
	v4l2_prio_init(&veil->feed_prio);
	vdev->prio = &veil->feed_prio;
	video_set_drvdata(vdev, veil);
	return vb2_queue_init(q);
}
