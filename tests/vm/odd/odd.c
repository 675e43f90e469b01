// SPDX-License-Identifier: GPL-2.0-only
/*
 * A camera's node that no gate knows how to stand on: its operations are others than those it was
 * registered with, as if somebody else had put themselves before it.
 */

#include <linux/module.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fh.h>
#include <media/v4l2-ioctl.h>

#define OPERATIONS {				\
	.owner = THIS_MODULE,			\
	.open = v4l2_fh_open,			\
	.release = v4l2_fh_release,		\
	.unlocked_ioctl = video_ioctl2,		\
}

static const struct v4l2_file_operations first = OPERATIONS, second = OPERATIONS;

static const struct v4l2_ioctl_ops ioctl_ops = {};

static struct v4l2_device v4l2_dev;
static struct video_device vdev = {
	.name = "odd",
	.fops = &first,
	.ioctl_ops = &ioctl_ops,
	.release = video_device_release_empty,
	.v4l2_dev = &v4l2_dev,
	.device_caps = V4L2_CAP_VIDEO_CAPTURE,
};

static int __init odd_init(void)
{
	int err;

	strscpy(v4l2_dev.name, "odd", sizeof(v4l2_dev.name));
	err = v4l2_device_register(NULL, &v4l2_dev);
	if (err)
		return err;
	err = video_register_device(&vdev, VFL_TYPE_VIDEO, 60);
	if (err)
		v4l2_device_unregister(&v4l2_dev);
	else
		vdev.fops = &second;
	return err;
}

static void __exit odd_exit(void)
{
	video_unregister_device(&vdev);
	v4l2_device_unregister(&v4l2_dev);
}

module_init(odd_init);
module_exit(odd_exit);

MODULE_DESCRIPTION("A node that changed");
MODULE_LICENSE("GPL");
