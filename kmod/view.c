// SPDX-License-Identifier: GPL-2.0-only
/* The view: the capture node that applications open. */

#include <linux/capability.h>
#include <linux/module.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>

#include "compat.h"
#include "controls.h"
#include "format.h"
#include "veil.h"
#include "view.h"
#include "viewer.h"

static struct pv_viewer *viewer_of(struct file *file)
{
	return container_of(file_to_v4l2_fh(file), struct pv_viewer, fh);
}

/* --- buffers ------------------------------------------------------------- */

static int reqbufs(struct file *file, void *fh, struct v4l2_requestbuffers *p)
{
	struct pv_viewer *viewer = viewer_of(file);
	int err;

	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	err = pv_viewer_claim(viewer, p->count);
	if (!err) {
		err = vb2_reqbufs(&viewer->queue, p);
		pv_viewer_settle(viewer);
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
	/* Of no buffers it is a question. */
	err = p->count ? pv_viewer_claim(viewer, true) : 0;
	if (!err) {
		err = vb2_create_bufs(&viewer->queue, p);
		pv_compat_most_buffers(p, PV_VIEWER_BUFFERS);
		pv_viewer_settle(viewer);
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
	struct pv_viewer *viewer = viewer_of(file);
	struct pv_veil *veil = viewer->veil;

	mutex_lock(&veil->lock);
	viewer->told = veil->mode;
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

	if (vb2_is_busy(&viewer->queue))
		return -EBUSY;
	mutex_lock(&veil->lock);
	mode = nearest(veil, &f->fmt.pix);
	/* The same picture again keeps the interval that was chosen for it. */
	if (pv_mode_same_picture(&mode, &veil->mode))
		mode = veil->mode;
	pv_veil_mode_choose(veil, &mode, &viewer->fh);
	viewer->told = veil->mode;
	pv_mode_fill(&veil->mode, &f->fmt.pix);
	mutex_unlock(&veil->lock);
	return 0;
}

static void fill_parm(struct pv_veil *veil, struct v4l2_streamparm *p)
{
	memset(&p->parm, 0, sizeof(p->parm));
	p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
	p->parm.capture.timeperframe.numerator = veil->mode.numerator;
	p->parm.capture.timeperframe.denominator = veil->mode.denominator;
	p->parm.capture.readbuffers = PV_READ_BUFFERS;
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

/* Chooses the interval nearest to the one asked for, or the first one, of the mode's own size. */
static int set_parm(struct file *file, void *fh, struct v4l2_streamparm *p)
{
	struct pv_viewer *viewer = viewer_of(file);
	struct pv_veil *veil = viewer->veil;
	struct v4l2_fract want = p->parm.capture.timeperframe;
	bool any = !want.numerator || !want.denominator;
	const struct plateveil_mode *best = NULL, *m;
	u64 least = U64_MAX, us, asked;

	if (p->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	mutex_lock(&veil->lock);
	asked = any ? 0 : div_u64((u64)want.numerator * USEC_PER_SEC, want.denominator);
	for (m = veil->modes; m < veil->modes + veil->mode_count; m++) {
		if (!pv_mode_same_picture(m, &veil->mode))
			continue;
		us = div_u64((u64)m->numerator * USEC_PER_SEC, m->denominator);
		us = any ? 0 : us > asked ? us - asked : asked - us;
		if (us < least) {
			least = us;
			best = m;
		}
	}
	if (best && !pv_veil_busy(veil)) {
		struct plateveil_mode mode = *best;

		pv_veil_mode_choose(veil, &mode, &viewer->fh);
		viewer->told = veil->mode;
	}
	fill_parm(veil, p);
	mutex_unlock(&veil->lock);
	return 0;
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
	if (sub->type == V4L2_EVENT_CTRL)
		return v4l2_ctrl_subscribe_event(fh, sub);
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

static void let_go(struct pv_viewer *viewer, struct file *file)
{
	v4l2_fh_del(&viewer->fh, file);
	v4l2_fh_exit(&viewer->fh);
	pv_controls_put(viewer->controls);
	pv_viewer_free(viewer);
	module_put(THIS_MODULE);
}

static int view_open(struct file *file)
{
	struct pv_veil *veil = video_drvdata(file);
	struct pv_viewer *viewer;
	int err;

	/* The core does so, too; but of a file reached by an old inode it counts another. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	viewer = pv_viewer_new(veil);
	if (IS_ERR(viewer)) {
		module_put(THIS_MODULE);
		return PTR_ERR(viewer);
	}
	v4l2_fh_init(&viewer->fh, &veil->view);
	viewer->controls = pv_veil_controls(veil);
	viewer->fh.ctrl_handler = pv_controls_handler(viewer->controls);
	v4l2_fh_add(&viewer->fh, file);
	err = pv_viewer_add(viewer);
	if (err)
		let_go(viewer, file);
	return err;
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
	veil->open--;
	pv_veil_mode_settle(veil);
	mutex_unlock(&veil->lock);
	let_go(viewer, file);
	return 0;
}

static ssize_t view_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	struct pv_viewer *viewer = viewer_of(file);
	ssize_t ret;

	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	ret = pv_viewer_claim(viewer, true);
	if (!ret) {
		ret = vb2_read(&viewer->queue, to, count, pos, file->f_flags & O_NONBLOCK);
		pv_viewer_settle(viewer);
	}
	mutex_unlock(&viewer->lock);
	return ret;
}

/* It may have buffers yet, and epoll asks once what to wait for. */
static void wait_for_both(struct pv_viewer *viewer, struct file *file, poll_table *wait)
{
	poll_wait(file, &viewer->fh.wait, wait);
	poll_wait(file, &viewer->queue.done_wq, wait);
}

static __poll_t view_poll(struct file *file, struct poll_table_struct *wait)
{
	struct pv_viewer *viewer = viewer_of(file);
	__poll_t res;

	/* poll() starts reading by itself where nobody streams: that too claims. */
	if (mutex_lock_interruptible(&viewer->lock)) {
		wait_for_both(viewer, file, wait);
		return EPOLLERR;
	}
	if (!vb2_is_busy(&viewer->queue) && poll_requested_events(wait) & (EPOLLIN | EPOLLRDNORM) &&
	    pv_viewer_claim(viewer, true)) {
		wait_for_both(viewer, file, wait);
		res = EPOLLERR | (v4l2_event_pending(&viewer->fh) ? EPOLLPRI : 0);
	} else {
		res = vb2_poll(&viewer->queue, file, wait);
	}
	pv_viewer_settle(viewer);
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
	u32 priority;
	long ret;

	if (cmd != VIDIOC_S_PRIORITY)
		return video_ioctl2(file, cmd, arg);
	/* Read once: another thread may write there meanwhile. */
	if (get_user(priority, (u32 __user *)arg))
		return -EFAULT;
	if (priority > V4L2_PRIORITY_DEFAULT && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (mutex_lock_interruptible(&viewer->lock))
		return -ERESTARTSYS;
	/* As the core does: not while another's is higher. */
	ret = v4l2_prio_check(viewer->fh.vdev->prio, viewer->fh.prio);
	if (!ret)
		ret = v4l2_prio_change(viewer->fh.vdev->prio, &viewer->fh.prio, priority);
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
