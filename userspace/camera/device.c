// SPDX-License-Identifier: GPL-2.0-or-later
/* Which video nodes there are, and what a camera offers. */
#include <errno.h>
#include <fcntl.h>
#include <libv4lconvert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "camera.h"
#include "gates.h"

/* Bytes of the character that begins here: 0 it is none, -1 it is not all there. (RFC 3629; what is written with
 * more bytes than it takes, and surrogates, are left to who prints them.) */
static int character(const unsigned char *c)
{
	int n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;

	for (int i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return c[i] ? 0 : -1;
	return n;
}

/* Does it steer a terminal instead of being shown: control codes (C0, delete and C1), and marks that turn the
 * direction of what follows? n: its bytes. */
static bool steers(const unsigned char *c, int n)
{
	if (n == 1)
		return *c < ' ' || *c == 0x7f;
	if (n == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return n == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

void pv_device_text(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c) {
		int n = character(c);
		if (n < 0) {
			*c = 0;
		} else if (!n) {
			*c++ = '?';
		} else if (steers(c, n)) {
			*c++ = '?';
			memmove(c, c + n - 1, strlen((char *)c + n - 1) + 1);
		} else {
			c += n;
		}
	}
}

/* Which of its device's nodes it is, or -1. */
static int index_of(int fd)
{
	char path[64];
	struct stat st;
	int index = -1;

	if (fstat(fd, &st))
		return -1;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/index", major(st.st_rdev), minor(st.st_rdev));
	FILE *f = fopen(path, "re");
	if (f && fscanf(f, "%d", &index) != 1)
		index = -1;
	if (f)
		fclose(f);
	return index;
}

/* One that takes its formats from a media device's links can be used by what knows that device alone. */
static bool captures(uint32_t capabilities)
{
	return (capabilities & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_IO_MC)) == V4L2_CAP_VIDEO_CAPTURE;
}

void pv_device_query(int fd, struct pv_device *d)
{
	struct v4l2_capability cap = { .driver = "" };

	d->node = PV_NODE_NONE;
	d->index = index_of(fd);
	if (ioctl(fd, VIDIOC_QUERYCAP, &cap))
		return;
	snprintf(d->name, sizeof(d->name), "%.31s", (const char *)cap.card);
	snprintf(d->bus, sizeof(d->bus), "%.31s", (const char *)cap.bus_info);
	snprintf(d->driver, sizeof(d->driver), "%.15s", (const char *)cap.driver);
	pv_device_text(d->name);
	pv_device_text(d->bus);
	uint32_t caps = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
	bool ours = !strcmp(d->driver, "plateveil");
	if (captures(caps))
		d->node = ours ? PV_NODE_VIEW : PV_NODE_CAMERA;
	else
		d->node = ours && caps & V4L2_CAP_VIDEO_OUTPUT ? PV_NODE_FEED : PV_NODE_OTHER;
}

/* Where a USB device is plugged in, in the words that its driver uses for it (usb_make_path()); of
 * another device its own name. */
static void name_bus(const struct plateveil_node *n, struct pv_device *d)
{
	char device[PLATEVEIL_DEVICE_LEN], path[128], real[PATH_MAX], *slash;
	int bus, end = 0;

	pv_gates_camera(n, device);
	snprintf(d->bus, sizeof(d->bus), "%.31s", device);
	if (sscanf(device, "%d-%n", &bus, &end) != 1 || !end)
		return;
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/usb%d", bus);
	if (!realpath(path, real) || !(slash = strrchr(real, '/')))
		return;
	*slash = 0;
	slash = strrchr(real, '/');
	snprintf(d->bus, sizeof(d->bus), "usb-%.16s-%s", slash ? slash + 1 : real, device + end);
}

/* What the module knows of a node, if that has a gate or `any`: who is refused cannot ask, and who is
 * diverted would be told of the view. */
static bool ask_module(const struct plateveil_node *nodes, int count, bool any, struct pv_device *d)
{
	for (int i = 0; i < count; i++) {
		const struct plateveil_node *n = &nodes[i];
		if ((n->action == PLATEVEIL_GATE_NONE && !any) || strcmp(n->node, d->path + strlen("/dev/")))
			continue;
		snprintf(d->name, sizeof(d->name), "%.31s", n->name);
		name_bus(n, d);
		snprintf(d->driver, sizeof(d->driver), "%.15s", n->driver);
		pv_device_text(d->name);
		d->index = (int)n->index;
		d->node = captures(n->capabilities) ? PV_NODE_CAMERA : PV_NODE_OTHER;
		return true;
	}
	return false;
}

int pv_device_list(int owner, struct pv_device *out, int max)
{
	static struct plateveil_node nodes[PV_MAX_NODES];
	int control = owner < 0 ? open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC) : owner;
	int known = pv_gates_nodes(control, nodes, PV_MAX_NODES), n = 0;

	if (owner < 0 && control >= 0)
		close(control);

	for (int i = 0; i < PV_MAX_DEVICES && n < max; i++) {
		struct pv_device *d = &out[n];
		snprintf(d->path, sizeof(d->path), "/dev/video%d", i);
		if (owner < 0 && ask_module(nodes, known, false, d)) {
			n++;
			continue;
		}
		int fd = pv_gates_open(owner, d->path, PLATEVEIL_NO_VEIL);
		if (fd < 0) {
			/* One whose driver lets a single file be open is still there, too. */
			n += (errno == EACCES || errno == EBUSY) && ask_module(nodes, known, true, d);
			continue;
		}
		pv_device_query(fd, d);
		close(fd);
		if (d->node != PV_NODE_NONE)
			n++;
	}
	return n;
}

/* --- modes --------------------------------------------------------------- */

/* The first is the default; JPEG comes before those that few ask for, should there be no room. */
static const uint32_t offered[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_NV12,
				    V4L2_PIX_FMT_YUV420 };

/* Sizes and intervals gathered from the camera, each once. */
struct gathered {
	struct v4lconvert_data *converter;	/* NULL: every size is taken to be one that can be had */
	struct plateveil_mode modes[PV_CAMERA_RATES];	/* flags: of JPEG's range, if it gives JPEG there */
	int count;
};

static bool has_size(const struct gathered *g, uint32_t w, uint32_t h)
{
	for (int i = 0; i < g->count; i++)
		if (g->modes[i].width == w && g->modes[i].height == h)
			return true;
	return false;
}

/* Can libv4l2 make a picture of this size? Of H.264 and depths it cannot. */
static bool can_convert(const struct gathered *g, uint32_t w, uint32_t h)
{
	struct v4l2_frmsizeenum fs = { .pixel_format = V4L2_PIX_FMT_YUV420 };
	bool can = !g->converter;

	for (; !can && !v4lconvert_enum_framesizes(g->converter, &fs); fs.index++) {
		const struct v4l2_frmsize_stepwise *s = &fs.stepwise;
		if (fs.type == V4L2_FRMSIZE_TYPE_DISCRETE)
			can = fs.discrete.width == w && fs.discrete.height == h;
		else
			can = w >= s->min_width && w <= s->max_width && h >= s->min_height && h <= s->max_height;
	}
	return can;
}

static void add(struct gathered *g, uint32_t w, uint32_t h, struct v4l2_fract interval, bool jpeg)
{
	struct plateveil_mode *m = &g->modes[g->count];

	/* The module's bounds. */
	if (g->count == (int)(sizeof(g->modes) / sizeof(g->modes[0])) || (w | h) & 1 ||
	    w < PLATEVEIL_MIN_SIDE || h < PLATEVEIL_MIN_SIDE || w > PLATEVEIL_MAX_SIDE ||
	    h > PLATEVEIL_MAX_SIDE || !interval.numerator || !interval.denominator ||
	    interval.numerator * 1000ull < interval.denominator ||
	    interval.numerator > interval.denominator * 60ull)
		return;
	memset(m, 0, sizeof(*m));
	m->width = w;
	m->height = h;
	m->numerator = interval.numerator;
	m->denominator = interval.denominator;
	m->flags = jpeg ? PLATEVEIL_MODE_FULL_RANGE : 0;
	g->count++;
}

/* For qsort(): the faster first. */
static int by_interval(const void *one, const void *other)
{
	const struct plateveil_mode *a = one, *b = other;
	uint64_t p = (uint64_t)a->numerator * b->denominator, q = (uint64_t)b->numerator * a->denominator;

	return p < q ? -1 : p > q;
}

static void add_size(struct gathered *g, int fd, uint32_t format, uint32_t w, uint32_t h)
{
	struct v4l2_frmivalenum iv = { .pixel_format = format, .width = w, .height = h };
	struct v4l2_fract usual = { 1, 30 };
	bool jpeg = format == V4L2_PIX_FMT_MJPEG || format == V4L2_PIX_FMT_JPEG;
	int begun = g->count;

	for (iv.index = 0; iv.index < 16 && !ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &iv); iv.index++) {
		if (iv.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
			bool slow = iv.stepwise.min.numerator * 30ull > iv.stepwise.min.denominator;
			add(g, w, h, slow ? iv.stepwise.min : usual, jpeg);
			break;
		}
		add(g, w, h, iv.discrete, jpeg);
	}
	if (g->count == begun)
		add(g, w, h, usual, jpeg);
	/* The fastest first: a view stands at the first mode of all. */
	qsort(&g->modes[begun], (size_t)(g->count - begun), sizeof(g->modes[0]), by_interval);
}

/* Drivers round to steps as they like, and may bound the area, too. */
static bool gives(int fd, uint32_t format, uint32_t w, uint32_t h)
{
	struct v4l2_format f = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	f.fmt.pix.width = w;
	f.fmt.pix.height = h;
	f.fmt.pix.pixelformat = format;
	if (ioctl(fd, VIDIOC_TRY_FMT, &f))
		return errno == ENOTTY;		/* it is not known then */
	return f.fmt.pix.width == w && f.fmt.pix.height == h && f.fmt.pix.pixelformat == format;
}

static uint32_t at_most(uint32_t side)
{
	return side < PLATEVEIL_MAX_SIDE ? side : PLATEVEIL_MAX_SIDE;
}

/* Of a camera that takes any size between two: usual ones, what it stands at, and the largest. */
static void add_some(struct gathered *g, int fd, const struct v4l2_frmsizeenum *fs)
{
	const struct v4l2_frmsize_stepwise *s = &fs->stepwise;
	struct v4l2_format now = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	uint32_t sizes[][2] = { { 640, 480 }, { 1280, 720 }, { 1920, 1080 }, { 0, 0 },
			       { at_most(s->max_width), at_most(s->max_height) } };

	if (!ioctl(fd, VIDIOC_G_FMT, &now)) {
		sizes[3][0] = now.fmt.pix.width;
		sizes[3][1] = now.fmt.pix.height;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t w = sizes[i][0], h = sizes[i][1];
		if (w >= s->min_width && w <= s->max_width && h >= s->min_height && h <= s->max_height &&
		    !has_size(g, w, h) && can_convert(g, w, h) && gives(fd, fs->pixel_format, w, h))
			add_size(g, fd, fs->pixel_format, w, h);
	}
}

/* False: it enumerates no sizes. */
static bool add_format(struct gathered *g, int fd, uint32_t format)
{
	struct v4l2_frmsizeenum fs = { .pixel_format = format };
	bool any = false;

	for (fs.index = 0; fs.index < 64 && !ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &fs); fs.index++) {
		any = true;
		if (fs.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
			add_some(g, fd, &fs);
			break;
		}
		if (!has_size(g, fs.discrete.width, fs.discrete.height) &&
		    can_convert(g, fs.discrete.width, fs.discrete.height))
			add_size(g, fd, format, fs.discrete.width, fs.discrete.height);
	}
	return any;
}

static bool is_preferred(uint32_t format)
{
	for (int i = 0; i < PV_CAMERA_FORMATS; i++)
		if (pv_camera_formats[i] == format)
			return true;
	return false;
}

/* Of a size, the rates are those of the format that a picture of it will be asked for in. False: no sizes. */
static bool add_formats(struct gathered *g, int fd)
{
	struct v4l2_fmtdesc d = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	bool sizes = false;

	for (int i = 0; i < PV_CAMERA_FORMATS; i++)
		sizes |= add_format(g, fd, pv_camera_formats[i]);
	for (; !ioctl(fd, VIDIOC_ENUM_FMT, &d); d.index++) {
		/* Which libv4l2 has other programs decode: the sandbox knows of none. */
		if (d.pixelformat == V4L2_PIX_FMT_OV511 || d.pixelformat == V4L2_PIX_FMT_OV518)
			sizes = true;
		else if (!is_preferred(d.pixelformat))
			sizes |= add_format(g, fd, d.pixelformat);
	}
	return sizes;
}

int pv_camera_modes(int fd, struct plateveil_mode *out, int max)
{
	struct gathered g = { .count = 0 };
	struct v4l2_format now = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	int n = 0;

	g.converter = v4lconvert_create(fd);
	bool sizes = add_formats(&g, fd);
	if (g.converter)
		v4lconvert_destroy(g.converter);
	/* A camera that enumerates no size has the one it stands at. */
	if (!g.count && !sizes && !ioctl(fd, VIDIOC_G_FMT, &now))
		add_size(&g, fd, now.fmt.pix.pixelformat, now.fmt.pix.width, now.fmt.pix.height);
	for (size_t f = 0; f < sizeof(offered) / sizeof(offered[0]); f++) {
		bool jpeg = offered[f] == V4L2_PIX_FMT_MJPEG;
		for (int i = 0; i < g.count && n < max; i++) {
			if (jpeg && !g.modes[i].flags)
				continue;
			out[n] = g.modes[i];
			out[n].flags = jpeg ? g.modes[i].flags : 0;
			out[n++].pixelformat = offered[f];
		}
	}
	return n;
}
