// SPDX-License-Identifier: GPL-2.0-only
/* The view: the capture node that applications open, a queue for each of them. */

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-vmalloc.h>

#include "feed.h"
#include "format.h"
#include "relay.h"
#include "veil.h"
#include "view.h"

#define MAX_STREAMING	32	/* viewers of a veil: what they cost, the relay pays */

static struct pv_viewer *viewer_of(struct file *file)
{
	return container_of(file->private_data, struct pv_viewer, fh);
}

/* --- the queue ----------------------------------------------------------- */

static int queue_setup(struct vb2_queue *q, unsigned int *buffers, unsigned int *planes,
		       unsigned int sizes[], struct device *alloc_devs[])
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	u32 size;

	mutex_lock(&viewer->veil->lock);
	size = pv_mode_size(&viewer->veil->mode);
	mutex_unlock(&viewer->veil->lock);
	/* Larger buffers are allowed, but not so large that they hurt others. */
	if (*planes)
		return sizes[0] < size || sizes[0] > 2 * size ? -EINVAL : 0;
	*planes = 1;
	sizes[0] = size;
	/* read() asks for one, and would miss what comes while it copies. */
	if (q->fileio)
		*buffers = max(*buffers, 3U);
	return 0;
}

static int buf_prepare(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);
	u32 size;

	mutex_lock(&viewer->veil->lock);
	size = pv_mode_size(&viewer->veil->mode);
	mutex_unlock(&viewer->veil->lock);
	if (vb2_plane_size(vb, 0) < size || !vb2_plane_vaddr(vb, 0))
		return -EINVAL;
	vb2_set_plane_payload(vb, 0, size);
	return 0;
}

static void buf_queue(struct vb2_buffer *vb)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(vb->vb2_queue);

	spin_lock(&viewer->buffer_lock);
	list_add_tail(&pv_buffer_of(vb)->node, &viewer->buffers);
	spin_unlock(&viewer->buffer_lock);
}

static struct pv_buffer *take_buffer(struct pv_viewer *viewer)
{
	struct pv_buffer *buf = NULL;

	spin_lock(&viewer->buffer_lock);
	if (!list_empty(&viewer->buffers)) {
		buf = list_first_entry(&viewer->buffers, struct pv_buffer, node);
		list_del(&buf->node);
	}
	spin_unlock(&viewer->buffer_lock);
	return buf;
}

static void return_buffers(struct pv_viewer *viewer, enum vb2_buffer_state state)
{
	struct pv_buffer *buf;

	while ((buf = take_buffer(viewer)))
		vb2_buffer_done(&buf->vb.vb2_buf, state);
}

/* Copies a picture into the viewer's next buffer; false when it has none. */
bool pv_viewer_deal(struct pv_viewer *viewer, const void *picture, u32 size,
		    u64 timestamp, u32 sequence)
{
	struct pv_buffer *buf = take_buffer(viewer);

	if (!buf)
		return false;
	memcpy(vb2_plane_vaddr(&buf->vb.vb2_buf, 0), picture, size);
	vb2_set_plane_payload(&buf->vb.vb2_buf, 0, size);
	buf->vb.vb2_buf.timestamp = timestamp;
	buf->vb.sequence = sequence - viewer->first_sequence;
	buf->vb.field = V4L2_FIELD_NONE;
	vb2_buffer_done(&buf->vb.vb2_buf, VB2_BUF_STATE_DONE);
	return true;
}

static int start_streaming(struct vb2_queue *q, unsigned int count)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	struct pv_veil *veil = viewer->veil;

	mutex_lock(&veil->lock);
	if (veil->gone || veil->streaming == MAX_STREAMING) {
		int err = veil->gone ? -ENODEV : -EBUSY;

		mutex_unlock(&veil->lock);
		return_buffers(viewer, VB2_BUF_STATE_QUEUED);
		return err;
	}
	viewer->first_sequence = veil->sequence;
	viewer->streaming = true;
	veil->streaming++;
	pv_feed_announce(veil);
	pv_relay_kick(veil);
	mutex_unlock(&veil->lock);
	return 0;
}

static void stop_streaming(struct vb2_queue *q)
{
	struct pv_viewer *viewer = vb2_get_drv_priv(q);
	struct pv_veil *veil = viewer->veil;

	mutex_lock(&veil->lock);
	viewer->streaming = false;
	veil->streaming--;
	pv_feed_announce(veil);
	mutex_unlock(&veil->lock);
	/* The relay no longer sees this viewer. */
	return_buffers(viewer, VB2_BUF_STATE_ERROR);
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	.buf_prepare = buf_prepare,
	.buf_queue = buf_queue,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
	.wait_prepare = vb2_ops_wait_prepare,
	.wait_finish = vb2_ops_wait_finish,
};

/* --- who owns buffers ---------------------------------------------------- */

/*
 * V4L2 has one owner of the buffers of a node. Here that holds in a process: a
 * second open in the same process is told EBUSY while the first owns buffers.
 * Other processes have queues of their own.
 */
static int claim_buffers(struct pv_viewer *viewer, bool claim)
{
	struct pv_veil *veil = viewer->veil;
	struct pv_viewer *other;
	unsigned int owners = 0;
	int err = 0;

	mutex_lock(&veil->lock);
	list_for_each_entry(other, &veil->viewers, node) {
		if (other == viewer)
			continue;
		if (other->owner == current->tgid)
			err = -EBUSY;
		owners += !!other->owner;
	}
	if (claim && !err && owners >= 2 * MAX_STREAMING)
		err = -ENOMEM;
	if (claim && !err)
		viewer->owner = current->tgid;
	mutex_unlock(&veil->lock);
	return err;
}

/* After anything that may have freed the viewer's buffers. */
static void settle_buffers(struct pv_viewer *viewer)
{
	struct pv_veil *veil = viewer->veil;

	if (vb2_is_busy(&viewer->queue))
		return;
	mutex_lock(&veil->lock);
	viewer->owner = 0;
	pv_veil_mode_settle(veil);
	mutex_unlock(&veil->lock);
}

static int reqbufs(struct file *file, void *fh, struct v4l2_requestbuffers *p)
{
	struct pv_viewer *viewer = viewer_of(file);
	int err;

	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	err = claim_buffers(viewer, p->count);
	if (!err) {
		err = vb2_reqbufs(&viewer->queue, p);
		settle_buffers(viewer);
	}
	mutex_unlock(&viewer->lock);
	return err;
}

static int create_bufs(struct file *file, void *fh, struct v4l2_create_buffers *p)
{
	struct pv_viewer *viewer = viewer_of(file);
	int err;

	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	err = claim_buffers(viewer, p->count);
	if (!err) {
		err = vb2_create_bufs(&viewer->queue, p);
		settle_buffers(viewer);
	}
	mutex_unlock(&viewer->lock);
	return err;
}

#define QUEUE_IOCTL(name, type)						\
static int name(struct file *file, void *fh, type p)			\
{									\
	struct pv_viewer *viewer = viewer_of(file);			\
	int err;							\
									\
	if (mutex_lock_interruptible(&viewer->lock))			\
		return -ERESTARTSYS;					\
	err = queue_##name(&viewer->queue, file, p);			\
	mutex_unlock(&viewer->lock);					\
	return err;							\
}

#define queue_querybuf(q, file, p)	vb2_querybuf(q, p)
#define queue_qbuf(q, file, p)		vb2_qbuf(q, NULL, p)
#define queue_dqbuf(q, file, p)		vb2_dqbuf(q, p, (file)->f_flags & O_NONBLOCK)
#define queue_prepare_buf(q, file, p)	vb2_prepare_buf(q, NULL, p)
#define queue_expbuf(q, file, p)	vb2_expbuf(q, p)
#define queue_streamon(q, file, p)	vb2_streamon(q, p)
#define queue_streamoff(q, file, p)	vb2_streamoff(q, p)

QUEUE_IOCTL(querybuf, struct v4l2_buffer *)
QUEUE_IOCTL(qbuf, struct v4l2_buffer *)
QUEUE_IOCTL(dqbuf, struct v4l2_buffer *)
QUEUE_IOCTL(prepare_buf, struct v4l2_buffer *)
QUEUE_IOCTL(expbuf, struct v4l2_exportbuffer *)
QUEUE_IOCTL(streamon, enum v4l2_buf_type)
QUEUE_IOCTL(streamoff, enum v4l2_buf_type)

/* --- formats ------------------------------------------------------------- */

static int querycap(struct file *file, void *fh, struct v4l2_capability *cap)
{
	struct pv_veil *veil = video_drvdata(file);

	strscpy(cap->driver, KBUILD_MODNAME, sizeof(cap->driver));
	strscpy(cap->card, veil->name, sizeof(cap->card));
	snprintf(cap->bus_info, sizeof(cap->bus_info), "platform:plateveil-%03u", veil->id);
	return 0;
}

/* Has an earlier mode already shown what modes[i] adds to an enumeration? */
static bool seen_before(struct pv_veil *veil, unsigned int i, bool size)
{
	const struct plateveil_mode *m = &veil->modes[i], *e;

	for (e = veil->modes; e < m; e++)
		if (e->pixelformat == m->pixelformat &&
		    (!size || (e->width == m->width && e->height == m->height)))
			return true;
	return false;
}

static int enum_fmt(struct file *file, void *fh, struct v4l2_fmtdesc *f)
{
	struct pv_veil *veil = video_drvdata(file);
	unsigned int i, n = 0;
	int err = -EINVAL;

	mutex_lock(&veil->lock);
	for (i = 0; i < veil->mode_count && err; i++) {
		if (seen_before(veil, i, false) || n++ < f->index)
			continue;
		f->pixelformat = veil->modes[i].pixelformat;
		err = 0;
	}
	mutex_unlock(&veil->lock);
	return err;
}

static int enum_framesizes(struct file *file, void *fh, struct v4l2_frmsizeenum *f)
{
	struct pv_veil *veil = video_drvdata(file);
	unsigned int i, n = 0;
	int err = -EINVAL;

	mutex_lock(&veil->lock);
	for (i = 0; i < veil->mode_count && err; i++) {
		if (veil->modes[i].pixelformat != f->pixel_format ||
		    seen_before(veil, i, true) || n++ < f->index)
			continue;
		f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
		f->discrete.width = veil->modes[i].width;
		f->discrete.height = veil->modes[i].height;
		err = 0;
	}
	mutex_unlock(&veil->lock);
	return err;
}

static int enum_frameintervals(struct file *file, void *fh, struct v4l2_frmivalenum *f)
{
	struct pv_veil *veil = video_drvdata(file);
	unsigned int i, n = 0;
	int err = -EINVAL;

	mutex_lock(&veil->lock);
	for (i = 0; i < veil->mode_count && err; i++) {
		if (veil->modes[i].pixelformat != f->pixel_format ||
		    veil->modes[i].width != f->width ||
		    veil->modes[i].height != f->height || n++ < f->index)
			continue;
		f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
		f->discrete.numerator = veil->modes[i].numerator;
		f->discrete.denominator = veil->modes[i].denominator;
		err = 0;
	}
	mutex_unlock(&veil->lock);
	return err;
}

static int get_fmt(struct file *file, void *fh, struct v4l2_format *f)
{
	struct pv_veil *veil = video_drvdata(file);

	mutex_lock(&veil->lock);
	pv_mode_fill(&veil->mode, &f->fmt.pix);
	mutex_unlock(&veil->lock);
	return 0;
}

/* The offered mode nearest to what was asked: format first, then area. */
static struct plateveil_mode nearest(struct pv_veil *veil, const struct v4l2_pix_format *pix)
{
	const struct plateveil_mode *best = NULL, *m;
	u64 least = U64_MAX;

	if (pv_veil_busy(veil))
		return veil->mode;
	for (m = veil->modes; m < veil->modes + veil->mode_count; m++) {
		u64 dw = abs((s64)m->width - (s64)pix->width);
		u64 dh = abs((s64)m->height - (s64)pix->height);
		u64 far = dw + dh;

		if (m->pixelformat != pix->pixelformat)
			far += 1ULL << 34;
		if (far < least) {
			least = far;
			best = m;
		}
	}
	return *best;
}

static int try_fmt(struct file *file, void *fh, struct v4l2_format *f)
{
	struct pv_veil *veil = video_drvdata(file);
	struct plateveil_mode mode;

	mutex_lock(&veil->lock);
	mode = nearest(veil, &f->fmt.pix);
	mutex_unlock(&veil->lock);
	pv_mode_fill(&mode, &f->fmt.pix);
	return 0;
}

static int set_fmt(struct file *file, void *fh, struct v4l2_format *f)
{
	struct pv_viewer *viewer = viewer_of(file);
	struct pv_veil *veil = viewer->veil;
	struct plateveil_mode mode;
	int err;

	if (vb2_is_busy(&viewer->queue))
		return -EBUSY;
	mutex_lock(&veil->lock);
	mode = nearest(veil, &f->fmt.pix);
	/* The same picture again keeps the interval that was chosen for it. */
	if (mode.pixelformat == veil->mode.pixelformat && mode.width == veil->mode.width &&
	    mode.height == veil->mode.height)
		mode = veil->mode;
	err = pv_veil_mode_choose(veil, &mode, &viewer->fh);
	pv_mode_fill(&veil->mode, &f->fmt.pix);
	mutex_unlock(&veil->lock);
	return err;
}

static void fill_parm(struct pv_veil *veil, struct v4l2_streamparm *p)
{
	memset(&p->parm, 0, sizeof(p->parm));
	p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
	p->parm.capture.timeperframe.numerator = veil->mode.numerator;
	p->parm.capture.timeperframe.denominator = veil->mode.denominator;
	p->parm.capture.readbuffers = 2;
}

static int get_parm(struct file *file, void *fh, struct v4l2_streamparm *p)
{
	struct pv_veil *veil = video_drvdata(file);

	if (p->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	mutex_lock(&veil->lock);
	fill_parm(veil, p);
	mutex_unlock(&veil->lock);
	return 0;
}

/* Chooses the interval nearest to the one asked for, of the mode's own size. */
static int set_parm(struct file *file, void *fh, struct v4l2_streamparm *p)
{
	struct pv_veil *veil = video_drvdata(file);
	struct v4l2_fract want = p->parm.capture.timeperframe;
	const struct plateveil_mode *best = NULL, *m;
	u64 least = U64_MAX, us, asked;
	int err = 0;

	if (p->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	mutex_lock(&veil->lock);
	asked = want.numerator && want.denominator ?
		div_u64((u64)want.numerator * USEC_PER_SEC, want.denominator) : 0;
	for (m = veil->modes; m < veil->modes + veil->mode_count; m++) {
		if (m->pixelformat != veil->mode.pixelformat ||
		    m->width != veil->mode.width || m->height != veil->mode.height)
			continue;
		us = div_u64((u64)m->numerator * USEC_PER_SEC, m->denominator);
		us = us > asked ? us - asked : asked - us;
		if (us < least) {
			least = us;
			best = m;
		}
	}
	if (best && asked && !pv_veil_busy(veil)) {
		struct plateveil_mode mode = *best;

		err = pv_veil_mode_choose(veil, &mode, fh);
	}
	fill_parm(veil, p);
	mutex_unlock(&veil->lock);
	return err;
}

static int enum_input(struct file *file, void *fh, struct v4l2_input *in)
{
	if (in->index)
		return -EINVAL;
	in->type = V4L2_INPUT_TYPE_CAMERA;
	strscpy(in->name, "Veiled camera", sizeof(in->name));
	return 0;
}

static int get_input(struct file *file, void *fh, unsigned int *index)
{
	*index = 0;
	return 0;
}

static int set_input(struct file *file, void *fh, unsigned int index)
{
	return index ? -EINVAL : 0;
}

static int subscribe(struct v4l2_fh *fh, const struct v4l2_event_subscription *sub)
{
	return sub->id ? -EINVAL : v4l2_src_change_event_subscribe(fh, sub);
}

static const struct v4l2_ioctl_ops ioctl_ops = {
	.vidioc_querycap = querycap,
	.vidioc_enum_fmt_vid_cap = enum_fmt,
	.vidioc_enum_framesizes = enum_framesizes,
	.vidioc_enum_frameintervals = enum_frameintervals,
	.vidioc_g_fmt_vid_cap = get_fmt,
	.vidioc_try_fmt_vid_cap = try_fmt,
	.vidioc_s_fmt_vid_cap = set_fmt,
	.vidioc_g_parm = get_parm,
	.vidioc_s_parm = set_parm,
	.vidioc_enum_input = enum_input,
	.vidioc_g_input = get_input,
	.vidioc_s_input = set_input,
	.vidioc_reqbufs = reqbufs,
	.vidioc_create_bufs = create_bufs,
	.vidioc_prepare_buf = prepare_buf,
	.vidioc_querybuf = querybuf,
	.vidioc_qbuf = qbuf,
	.vidioc_dqbuf = dqbuf,
	.vidioc_expbuf = expbuf,
	.vidioc_streamon = streamon,
	.vidioc_streamoff = streamoff,
	.vidioc_subscribe_event = subscribe,
	.vidioc_unsubscribe_event = v4l2_event_unsubscribe,
};

/* --- the node ------------------------------------------------------------ */

static int view_open(struct file *file)
{
	struct pv_veil *veil = video_drvdata(file);
	struct pv_viewer *viewer;
	struct vb2_queue *q;
	int err;

	viewer = kzalloc(sizeof(*viewer), GFP_KERNEL);
	if (!viewer)
		return -ENOMEM;
	viewer->veil = veil;
	mutex_init(&viewer->lock);
	spin_lock_init(&viewer->buffer_lock);
	INIT_LIST_HEAD(&viewer->buffers);
	q = &viewer->queue;
	q->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	q->io_modes = VB2_MMAP | VB2_USERPTR | VB2_DMABUF | VB2_READ;
	q->drv_priv = viewer;
	q->buf_struct_size = sizeof(struct pv_buffer);
	q->ops = &queue_ops;
	q->mem_ops = &vb2_vmalloc_memops;
	q->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	q->lock = &viewer->lock;
	err = vb2_queue_init(q);
	if (err) {
		kfree(viewer);
		return err;
	}
	v4l2_fh_init(&viewer->fh, &veil->view);
	file->private_data = &viewer->fh;
	v4l2_fh_add(&viewer->fh);
	mutex_lock(&veil->lock);
	list_add_tail(&viewer->node, &veil->viewers);
	mutex_unlock(&veil->lock);
	return 0;
}

static int view_release(struct file *file)
{
	struct pv_viewer *viewer = viewer_of(file);
	struct pv_veil *veil = viewer->veil;

	mutex_lock(&viewer->lock);
	vb2_queue_release(&viewer->queue);
	mutex_unlock(&viewer->lock);
	mutex_lock(&veil->lock);
	list_del(&viewer->node);
	pv_veil_mode_settle(veil);
	mutex_unlock(&veil->lock);
	v4l2_fh_del(&viewer->fh);
	v4l2_fh_exit(&viewer->fh);
	kfree(viewer);
	return 0;
}

static ssize_t view_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	struct pv_viewer *viewer = viewer_of(file);
	ssize_t ret;

	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	ret = claim_buffers(viewer, true);
	if (!ret) {
		ret = vb2_read(&viewer->queue, to, count, pos, file->f_flags & O_NONBLOCK);
		settle_buffers(viewer);
	}
	mutex_unlock(&viewer->lock);
	return ret;
}

static __poll_t view_poll(struct file *file, struct poll_table_struct *wait)
{
	struct pv_viewer *viewer = viewer_of(file);
	__poll_t res;

	/* poll() starts reading by itself where nobody streams: that too claims. */
	if (mutex_lock_interruptible(&viewer->lock))
		return EPOLLERR;
	if (!vb2_is_busy(&viewer->queue) && poll_requested_events(wait) & (EPOLLIN | EPOLLRDNORM) &&
	    claim_buffers(viewer, true))
		res = EPOLLERR;
	else
		res = vb2_poll(&viewer->queue, file, wait);
	settle_buffers(viewer);
	mutex_unlock(&viewer->lock);
	return res;
}

static int view_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vb2_mmap(&viewer_of(file)->queue, vma);
}

/*
 * Priority: with it one viewer could keep all others from streaming, so raising
 * one's own takes privilege. The core leaves the serialising to us.
 */
static long view_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pv_viewer *viewer = viewer_of(file);
	long ret;

	if (cmd != VIDIOC_S_PRIORITY)
		return video_ioctl2(file, cmd, arg);
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	ret = video_ioctl2(file, cmd, arg);
	mutex_unlock(&viewer->lock);
	return ret;
}

static const struct v4l2_file_operations fops = {
	.owner = THIS_MODULE,
	.open = view_open,
	.release = view_release,
	.read = view_read,
	.poll = view_poll,
	.mmap = view_mmap,
	.unlocked_ioctl = view_ioctl,
};

/* Readies the view for video_register_device(). */
void pv_view_init(struct pv_veil *veil)
{
	struct video_device *vdev = &veil->view;

	strscpy(vdev->name, veil->name, sizeof(vdev->name));
	vdev->v4l2_dev = &veil->v4l2_dev;
	vdev->fops = &fops;
	vdev->ioctl_ops = &ioctl_ops;
	vdev->release = video_device_release_empty;
	vdev->vfl_dir = VFL_DIR_RX;
	vdev->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
	video_set_drvdata(vdev, veil);
}
