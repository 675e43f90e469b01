// SPDX-License-Identifier: GPL-2.0-or-later
/* A picture from a view, taken as any application would. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"
#include "codec/jpeg.h"
#include "veild/control.h"
#include "veild/pipeline.h"

/* The view of the camera that `word` means: its path (`real` at the end of its links, if there is any), its name, or
 * where it is plugged in. */
static enum pv_asked ask_view(const char *word, const char *real, char *view, size_t size, bool *found)
{
	const cJSON *veil;
	cJSON *status;
	enum pv_asked asked = pv_ask("status", NULL, &status);

	cJSON_ArrayForEach(veil, cJSON_GetObjectItem(status, "veils")) {
		bool here = pv_truth(veil, "plugged_in");	/* or its path is another's by now */
		bool named = !strcmp(pv_text(veil, "camera_name"), word) || !strcmp(pv_text(veil, "bus"), word);
		bool at = real && !strcmp(pv_text(veil, "camera"), real);
		if (!(here && at) && !(named && (here || !*found)))
			continue;
		snprintf(view, size, "%s", pv_text(veil, "view"));
		*found = true;
	}
	cJSON_Delete(status);
	return asked;
}

bool pv_view_find(const char *camera, char *view, size_t size)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	char why[400], *real = camera ? realpath(camera, NULL) : NULL;
	int control = pv_control_open(why, sizeof(why)), n = 0;
	enum pv_asked asked = PV_ASKED;
	bool found = false;

	if (control >= 0) {
		n = pv_control_list(control, infos);
		close(control);
	}
	for (int i = 0; i < n && !found; i++) {
		snprintf(view, size, "/dev/video%u", infos[i].view);
		found = !camera || (real && !strcmp(real, view));
	}
	if (camera && n && !found)
		asked = ask_view(camera, real, view, size, &found);
	free(real);
	if (control < 0)
		pv_fail("%s", why);
	else if (!found && asked == PV_ASKED_FORBIDDEN)
		pv_fail("which view is %s's, root and the group plateveil may ask; name the view, or use sudo",
			camera);
	else if (!found && asked == PV_ASKED_NOBODY)
		pv_fail("which view was %s's, only plateveild knows, and it does not run; name the view", camera);
	else if (!found && asked == PV_ASKED && camera)
		pv_fail("%s is not veiled; `plateveil status` lists what is", camera);
	else if (!found && asked == PV_ASKED)
		pv_fail("nothing is veiled; `sudo plateveil up` veils the first camera");
	return found;
}

/* The module's card has one hue all over, and its edge all round one shade of it. */
static bool is_card(const struct pv_frame *f)
{
	for (int i = 1; i < 3 && !f->grey; i++)
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			for (int x = 0; x < pv_frame_plane_width(f, i); x++)
				if (abs(f->plane[i][y * f->stride[i] + x] - f->plane[i][0]) > 1)
					return false;
	for (int x = 0; x < f->width; x++)
		if (f->plane[0][x] != f->plane[0][0])
			return false;
	return true;
}

static int decode(const struct pv_camera *c, const uint8_t *data, size_t size, struct pv_frame *f)
{
	struct pv_jpeg *j;
	int err;

	if (c->pixelformat != V4L2_PIX_FMT_MJPEG) {
		err = pv_frame_unpack(f, c->pixelformat, c->width, c->height, c->stride, data, size);
		f->full_range = c->full_range;
		if (!err)
			pv_frame_widen(f);	/* it will be a JPEG file */
		return err;
	}
	j = pv_jpeg_new();
	err = j ? pv_jpeg_decode(j, data, size, f) : -1;
	pv_jpeg_free(j);
	return err;
}

/* Pictures until one is no card; 0, or -1 for a view that went away. */
static int look(struct pv_camera *c, uint64_t until, struct pv_view_picture *out)
{
	const uint8_t *data;
	uint64_t time_ns;
	size_t size;
	bool any = false;

	while (pv_now_ns() < until || !any) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		poll(&p, 1, 200);
		int got = pv_camera_next(c, &data, &size, &time_ns);
		if (got < 0 || pv_now_ns() > until + 5000000000u)
			return -1;
		if (!got)
			continue;
		any = !decode(c, data, size, &out->frame);
		pv_camera_done(c);
		out->time_us = time_ns / 1000;
		out->card = any && is_card(&out->frame);
		if (any && !out->card)
			return 0;
	}
	return 0;
}

int pv_view_take(const char *view, int seconds, struct pv_view_picture *out)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	int fd = open(view, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct pv_camera c;
	char why[200];

	memset(out, 0, sizeof(*out));
	if (fd < 0 || ioctl(fd, VIDIOC_G_FMT, &format) || ioctl(fd, VIDIOC_G_PARM, &parm)) {
		pv_fail("%s cannot be opened: %s", view, strerror(errno));
		if (fd >= 0)
			close(fd);
		return PV_FAILED;
	}
	pv_camera_quiet();
	if (pv_camera_open(&c, fd, why, sizeof(why)))
		return pv_fail("%s", why);
	/* The size and pace in force. */
	const struct v4l2_fract *pace = &parm.parm.capture.timeperframe;
	bool begun = !pv_camera_start(&c, (int)format.fmt.pix.width, (int)format.fmt.pix.height,
				      pace->numerator, pace->denominator, why, sizeof(why));
	if (!begun || look(&c, pv_now_ns() + (uint64_t)seconds * 1000000000u, out)) {
		pv_camera_close(&c);
		pv_frame_free(&out->frame);
		return pv_fail("%s gives no picture%s%s", view, begun ? "" : ": ", begun ? "" : why);
	}
	pv_camera_close(&c);
	return PV_DONE;
}
