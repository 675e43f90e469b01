// SPDX-License-Identifier: GPL-2.0-or-later
/* A USB webcam for the kernel's own driver, made of pictures: see usage(). */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"
#include "stream.h"
#include "usbip.h"
#include "uvc.h"

struct options {
	unsigned port;
	enum usb_speed speed;
	const char *name, *state, *log;
	double fps;
	bool once, go_on, nv12, faulty;
};

/* What the state file says. */
struct report {
	bool streaming;
	unsigned starts;
	int16_t controls[UVC_CONTROLS];
	uint64_t frames;
};

static void usage(FILE *to)
{
	fputs("usage: webcam [options] SOURCE...\n"
	      "Plugs a UVC webcam into this machine (through vhci-hcd) that shows SOURCE, a\n"
	      "directory of *.jpg, in order of their names, or a file of JPEGs end to end, over\n"
	      "and over from its first frame. Runs until SIGINT or SIGTERM, which unplug it.\n"
	      "It offers MJPEG in 640x480, 1280x720 and 1920x1080 and YUYV in 640x480, from 30\n"
	      "frames a second to one in four seconds. A SOURCE that has the size asked for is\n"
	      "shown byte for byte; without one, the first is stretched to it, frame by frame as\n"
	      "needed, so the first round may be slow.\n"
	      "  --port N           vhci-hcd's port to plug into, 0 to 7 (0)\n"
	      "  --speed high|super USB 2 or USB 3 (high)\n"
	      "  --name TEXT        the camera's name (Emulated Webcam)\n"
	      "  --fps N            this many frames a second, whatever the host asks for\n"
	      "  --once             hold the last frame instead of beginning again\n"
	      "  --continue         go on where the last stream stopped\n"
	      "  --faulty           each third frame ends early, lacks a part or has the error bit\n"
	      "  --nv12             offer NV12, of BT.709, in 640x480 and nothing else\n"
	      "  --state FILE       keep in FILE what the host does, a word and a value a line:\n"
	      "                     streaming 0|1, starts N, frames N (sent so far), mode\n"
	      "                     FORMAT SIZE, interval N (100 ns), brightness N, contrast N\n"
	      "  --log FILE         writes to FILE when it begins to send a frame, a line each:\n"
	      "                     its number in SOURCE, from 0 on, and CLOCK_MONOTONIC's seconds\n"
	      "SIGUSR1 makes it hang, plugged in but sending nothing; SIGUSR2 ends that.\n"
	      "Prints \"attached\" once it is plugged in. Exit status: 0 after a signal, 1 if\n"
	      "something failed, 2 for wrong usage, 3 if the host unplugged it.\n",
	      to);
}

static int bad_option(const char *name, const char *value)
{
	fprintf(stderr, "webcam: --%s cannot be '%s'; see --help\n", name, value);
	return 2;
}

static int parse_value(struct options *o, const char *name, const char *value)
{
	char *end;

	if (!strcmp(name, "name")) {
		o->name = value;
	} else if (!strcmp(name, "state")) {
		o->state = value;
	} else if (!strcmp(name, "log")) {
		o->log = value;
	} else if (!strcmp(name, "speed")) {
		if (strcmp(value, "high") && strcmp(value, "super"))
			return bad_option(name, value);
		o->speed = *value == 'h' ? USB_HIGH : USB_SUPER;
	} else if (!strcmp(name, "port")) {
		unsigned long port = strtoul(value, &end, 10);

		if (*value < '0' || *value > '9' || *end || port > 255)
			return bad_option(name, value);
		o->port = (unsigned)port;
	} else {
		o->fps = strtod(value, &end);
		if (end == value || *end || !isfinite(o->fps) || o->fps < 0.001 || o->fps > 1000)
			return bad_option(name, value);
	}
	return 0;
}

/* Returns -1 to go on, or the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{"port", required_argument, NULL, 'v'},	 {"speed", required_argument, NULL, 'v'},
		{"name", required_argument, NULL, 'v'},	 {"fps", required_argument, NULL, 'v'},
		{"state", required_argument, NULL, 'v'}, {"log", required_argument, NULL, 'v'},
		{"once", no_argument, NULL, 'o'},
		{"continue", no_argument, NULL, 'c'},	 {"help", no_argument, NULL, 'h'},
		{"nv12", no_argument, NULL, 'n'},	 {"faulty", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	int c, index, status;

	while ((c = getopt_long(argc, argv, "h", known, &index)) != -1) {
		switch (c) {
		case 'v':
			status = parse_value(o, known[index].name, optarg);
			if (status)
				return status;
			break;
		case 'o':
			o->once = true;
			break;
		case 'c':
			o->go_on = true;
			break;
		case 'n':
			o->nv12 = true;
			break;
		case 'f':
			o->faulty = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc)
		return -1;
	usage(stderr);
	return 2;
}

/* Readers never see half a file: it is put in place whole. */
static int write_state(const char *path, const struct uvc *c, const struct report *r)
{
	const struct uvc_mode *m = &uvc_modes[c->mode];
	char part[4096];
	FILE *file;

	if ((size_t)snprintf(part, sizeof(part), "%s.new", path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		goto failed;
	}
	file = fopen(part, "w");
	if (!file)
		goto failed;
	fprintf(file, "streaming %d\nstarts %u\nframes %llu\nmode %s %ux%u\ninterval %u\n",
		r->streaming, r->starts, (unsigned long long)r->frames,
		m->format == UVC_MJPEG ? "MJPG" : m->format == UVC_NV12 ? "NV12" : "YUYV", m->width, m->height, c->interval);
	fprintf(file, "brightness %d\ncontrast %d\n", r->controls[UVC_BRIGHTNESS],
		r->controls[UVC_CONTRAST]);
	if (!fclose(file) && !rename(part, path))
		return 0;
failed:
	fprintf(stderr, "webcam: %s: %s\n", path, strerror(errno));
	return -1;
}

static int report(const char *path, struct report *last, const struct uvc *c, uint64_t frames,
		  bool force)
{
	bool same = last->streaming == c->streaming && last->starts == c->starts &&
		    !memcmp(last->controls, c->controls, sizeof(last->controls));

	if (!path || (same && last->frames == frames && !force))
		return 0;
	last->streaming = c->streaming;
	last->starts = c->starts;
	last->frames = frames;
	memcpy(last->controls, c->controls, sizeof(last->controls));
	return write_state(path, c, last);
}

static int take_signal(int fd, struct stream *s)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo != SIGUSR1 && info.ssi_signo != SIGUSR2)
		return 1;
	s->paused = info.ssi_signo == SIGUSR1;
	return 0;
}

static int wait_for_events(struct pollfd fds[2], uint64_t ns)
{
	struct timespec t = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};

	if (ppoll(fds, 2, ns == UINT64_MAX ? NULL : &t, NULL) >= 0 || errno == EINTR)
		return 0;
	perror("webcam: poll");
	return -1;
}

/* Returns the exit status. */
static int run(struct usbip *usb, struct uvc *camera, struct stream *stream, struct frames *frames,
	       const char *state, int signals)
{
	struct pollfd fds[2] = {{usb->fd, POLLIN, 0}, {signals, POLLIN, 0}};
	struct report last = {0};
	uint64_t wait;
	int error;

	if (report(state, &last, camera, 0, true))
		return 1;
	for (;;) {
		wait = stream_run(stream, usb, camera, frames, &error);
		if (error || report(state, &last, camera, stream->sent, false))
			return 1;
		if (wait_for_events(fds, wait))
			return 1;
		if (fds[1].revents && take_signal(signals, stream))
			return 0;
		if (fds[0].revents && usbip_receive(usb)) {
			fprintf(stderr, "webcam: unplugged by the host\n");
			return 3;
		}
	}
}

/* Before plugging in, so that a signal always unplugs in good order. */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct options o = {.speed = USB_HIGH, .name = "Emulated Webcam"};
	struct frames frames = {.n_clips = 0};
	struct stream stream = {0};
	struct uvc camera;
	struct usbip usb = {.fd = -1, .control = uvc_control, .ctx = &camera};
	char serial[16];
	int signals, status = parse_options(argc, argv, &o);

	if (status >= 0)
		return status;
	status = 1;
	for (int i = optind; i < argc; i++)
		if (frames_load(&frames, argv[i]))
			goto out;
	if (frames_ready(&frames))
		goto out;
	snprintf(serial, sizeof(serial), "port%u", o.port);
	uvc_init(&camera, o.speed, o.name, serial, o.nv12);
	stream.once = o.once;
	stream.go_on = o.go_on;
	stream.faulty = o.faulty;
	stream.fixed_interval = o.fps > 0 ? (uint64_t)(1e9 / o.fps) : 0;
	stream.log = o.log ? fopen(o.log, "w") : NULL;
	if (o.log && !stream.log) {
		fprintf(stderr, "webcam: %s: %s\n", o.log, strerror(errno));
		goto out;
	}
	if (stream.log)
		setvbuf(stream.log, NULL, _IOLBF, 0);
	signals = block_signals();
	if (usbip_attach(&usb, o.port, o.speed))
		goto out;
	printf("attached\n");
	fflush(stdout);
	status = run(&usb, &camera, &stream, &frames, o.state, signals);
	usbip_detach(&usb);
	camera.streaming = false; /* whoever unplugs it, the light goes out */
	if (report(o.state, &(struct report){0}, &camera, stream.sent, true))
		status = 1;
out:
	if (stream.log)
		fclose(stream.log);
	frames_free(&frames);
	return status;
}
