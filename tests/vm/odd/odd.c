// SPDX-License-Identifier: GPL-2.0-only
/* A camera's node that no gate knows how to stand on: its driver leaves opening to the core. */

#include <linux/module.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-ioctl.h>

static const struct v4l2_file_operations fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = video_ioctl2,
};

static const struct v4l2_ioctl_ops ioctl_ops = {};

static struct v4l2_device v4l2_dev;
static struct video_device vdev = {
	.name = "odd",
	.fops = &fops,
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
	return err ?: video_register_device(&vdev, VFL_TYPE_VIDEO, 60);
}

static void __exit odd_exit(void)
{
	video_unregister_device(&vdev);
	v4l2_device_unregister(&v4l2_dev);
}

module_init(odd_init);
module_exit(odd_exit);

MODULE_DESCRIPTION("A node without an open of its own");
MODULE_LICENSE("GPL");
