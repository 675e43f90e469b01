// SPDX-License-Identifier: GPL-2.0-or-later
#include "veiler.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera/camera.h"
#include "codec/coefs.h"
#include "codec/jpeg.h"
#include "feed.h"
#include "flow.h"
#include "link.h"
#include "sandbox.h"

#define RETRY_NS 300000000u	/* between asking for a camera that is not there */
#define REPORT_NS 500000000u
#define BOXES_NS 30000000000u	/* how long boxes are told of, once asked for */
#define SILENCE_NS 5000000000u	/* a camera that sends nothing for so long is opened anew */

struct veiler {
	int socket;
	struct pv_feed feed;
	struct plateveil_state state;
	uint32_t bound;			/* generation the feed is bound to; 0 none */
	struct pv_camera camera;
	bool asked;			/* for the camera, and not answered yet */
	uint64_t ask_again_ns, report_ns;
	uint64_t heard_ns;		/* when the camera last sent something */
	uint64_t slept_ns;		/* how long the machine has slept */
	uint64_t woke_ns;		/* when that was last seen to have grown */
	struct pv_jpeg *jpeg;
	struct pv_rules rules;
	struct pv_flow *flow;
	uint64_t damaged;		/* frames that were refused or came too late */
	uint64_t tell_boxes_ns;		/* until when plateveild wants to know of boxes */
	uint64_t told_ns;		/* the frame it was told of last */
	int plates;			/* veiled in that one */
	char note[160];
};

static void note(struct veiler *v, const char *text)
{
	if (strcmp(v->note, text))
		v->report_ns = 0;	/* say so at once */
	snprintf(v->note, sizeof(v->note), "%s", text);
}

/* How much smaller the luma is read that is searched: a picture of pixels is at its full size. */
static int shrink_of(const struct veiler *v)
{
	return v->feed.pixelformat != V4L2_PIX_FMT_MJPEG ? 1 :
	       pv_pipeline_shrink(&v->rules, v->feed.width, v->feed.height);
}

/* Looks at what the frame sealed last was veiled for, and tells where that is asked for. */
static void tell_boxes(struct veiler *v, uint64_t now)
{
	static struct pv_message m;	/* large, and all of it is sent */

	m.word = PV_BOXES;
	m.boxes.count = pv_flow_seen(v->flow, m.boxes.box, PV_MAX_DETECTIONS, &m.boxes.time_ns);
	if (now < v->tell_boxes_ns && m.boxes.time_ns != v->told_ns)
		pv_link_send(v->socket, &m, -1);
	v->told_ns = m.boxes.time_ns;
	v->plates = m.boxes.count;
}

/* Only plateveild may say which of the view's controls are of use. */
static void tell_controls(struct veiler *v)
{
	struct pv_message m = { .word = PV_CONTROLS };

	if (v->feed.mirror.others)
		v->feed.mirror.others = pv_link_send(v->socket, &m, -1) != 0;
}

static void report(struct veiler *v, uint64_t now, bool preparing)
{
	static struct pv_message m;	/* large, and all of it is sent */
	struct pv_report *r = &m.report;
	struct pv_flow_stats stats;

	if (now < v->report_ns)
		return;
	v->report_ns = preparing ? 0 : now + REPORT_NS;	/* and again when that is over */
	pv_flow_stats(v->flow, &stats);
	memset(&m, 0, sizeof(m));
	m.word = PV_REPORT;
	r->frames = stats.frames;
	r->whole = stats.whole;
	r->regions = stats.regions;
	r->dropped = stats.dropped + v->damaged;
	if (stats.searched)
		r->detect_ns_mean = stats.search_ns / stats.searched;
	r->detect_ns_slowest = stats.slowest_ns;
	if (stats.sealed)
		r->latency_ns_mean = stats.latency_ns / stats.sealed;
	r->late = stats.late;
	r->search = stats.search;
	r->step = stats.step;
	r->sealed = stats.sealed;
	r->plates = v->plates;
	r->preparing = preparing;
	r->camera_open = v->camera.fd >= 0;
	memcpy(r->note, v->note[0] ? v->note : stats.note, sizeof(r->note));
	pv_link_send(v->socket, &m, -1);
}

/* What comes may take seconds: cameras do, when they are told to start, to stop or to turn. */
static void report_slow(struct veiler *v)
{
	v->report_ns = 0;
	report(v, pv_now_ns(), true);
}

static void close_camera(struct veiler *v)
{
	/* Flushing waits for a search, which may be building a smaller detector (pace.h). */
	report_slow(v);
	pv_camera_close(&v->camera);
	v->asked = false;
	v->ask_again_ns = pv_now_ns() + RETRY_NS;
	pv_flow_flush(v->flow);
}

/* Follows what the module says: mode, and whether anyone watches. -1: it is gone. */
static int follow_state(struct veiler *v)
{
	int got = pv_feed_state(&v->feed, &v->state);

	if (got < 0)
		return -1;
	uint32_t viewers = v->rules.resting ? 0 : v->state.viewers;
	if (!viewers)	/* of what was, nobody need know any more */
		note(v, "");
	if (!viewers || v->state.generation != v->bound) {
		if (v->camera.fd >= 0) {
			close_camera(v);
			v->ask_again_ns = 0;
		}
		pv_feed_unbind(&v->feed);
		v->bound = 0;
	}
	if (!viewers || v->bound)
		return 0;
	/* The mode may change while we bind: the next state says so, and seals are refused. */
	if (pv_feed_bind(&v->feed)) {
		note(v, "the feed refuses its mode");
		return errno == ENODEV ? -1 : 0;
	}
	v->bound = v->state.generation;
	/* Building the network takes a while: do it before frames wait for it. */
	report_slow(v);
	pv_flow_prepare(v->flow, v->feed.width, v->feed.height, shrink_of(v));
	return 0;
}

static void ask_for_camera(struct veiler *v, uint64_t now)
{
	struct pv_message m = { .word = PV_WANT_CAMERA };

	/* Outside its hours nobody wakes it, or turns it. */
	bool wants = v->bound || (!v->rules.resting && pv_mirror_wants(&v->feed.mirror));

	if (!wants || v->camera.fd >= 0 || v->asked || now < v->ask_again_ns)
		return;
	v->asked = pv_link_send(v->socket, &m, -1) == 0;
}

static void take_camera(struct veiler *v, int fd)
{
	char why[160];

	v->asked = false;
	v->ask_again_ns = pv_now_ns() + RETRY_NS;
	if (v->camera.fd >= 0) {
		close(fd);
		return;
	}
	report_slow(v);
	if (pv_camera_open(&v->camera, fd, why, sizeof(why))) {
		note(v, why);
		return;
	}
	pv_mirror_meet(&v->feed.mirror, v->camera.fd);
	/* Nobody watches, or no more: setting its controls was all. */
	if (!v->bound) {
		pv_camera_close(&v->camera);
		return;
	}
	if (pv_camera_start(&v->camera, v->feed.width, v->feed.height, v->feed.numerator,
			    v->feed.denominator, why, sizeof(why))) {
		note(v, why);
		pv_camera_close(&v->camera);
		return;
	}
	if (v->feed.pixelformat == V4L2_PIX_FMT_MJPEG && !pv_camera_gives_jpeg(&v->camera)) {
		note(v, "the camera gives no JPEG of this size any more");
		pv_camera_close(&v->camera);
		return;
	}
	v->heard_ns = pv_now_ns();
	note(v, "");
}

/* Messages from plateveild; -1: it is gone. */
static int follow_socket(struct veiler *v)
{
	struct pv_message m;
	int fd, got;

	while ((got = pv_link_receive(v->socket, &m, &fd)) > 0) {
		if (m.word == PV_CAMERA && fd >= 0) {
			take_camera(v, fd);
			continue;
		}
		if (fd >= 0)
			close(fd);
		if (m.word == PV_RULES) {
			v->rules = m.rules;
			pv_flow_rule(v->flow, &v->rules);
		} else if (m.word == PV_ASK_BOXES) {
			v->tell_boxes_ns = pv_now_ns() + BOXES_NS;
		} else if (m.word == PV_NO_CAMERA) {
			v->asked = false;
			v->ask_again_ns = pv_now_ns() + RETRY_NS;
			note(v, "the camera is unplugged, or cannot be opened");
		}
	}
	return got;
}

/* One picture from the camera's buffer into f. NULL, or why it cannot be shown. */
static const char *decode(struct veiler *v, struct pv_frame *f, const uint8_t *data, size_t size)
{
	const struct pv_camera *c = &v->camera;

	if (v->feed.pixelformat == V4L2_PIX_FMT_MJPEG) {
		if (!f->coefs)
			f->coefs = pv_coefs_new();
		if (!f->coefs)
			return "not enough memory";
		pv_coefs_expect(f->coefs, v->feed.width, v->feed.height);
		if (pv_coefs_read(f->coefs, data, size, shrink_of(v), f))
			return pv_coefs_error(f->coefs);
	} else if (pv_camera_gives_jpeg(c)) {
		pv_jpeg_expect(v->jpeg, v->feed.width, v->feed.height);
		if (pv_jpeg_decode(v->jpeg, data, size, f))
			return pv_jpeg_error(v->jpeg);
	} else {
		if (pv_frame_unpack(f, c->pixelformat, c->width, c->height, c->stride, data, size))
			return "a piece is missing";
		f->full_range = c->full_range;
		if (c->bt709)
			pv_frame_from_bt709(f);
		/* Every other row is another picture's: what two of one share lies among four. */
		if (V4L2_FIELD_IS_INTERLACED(c->field) && f->block_y > 1)
			f->block_y = 4;
		if (c->emulated)
			f->block_x = f->block_y = PV_JPEG_BLOCK;
	}
	return f->width == v->feed.width && f->height == v->feed.height ? NULL : "of another size than was set";
}

static uint64_t interval_ns(const struct veiler *v)
{
	return v->feed.denominator ? 1000000000ull * v->feed.numerator / v->feed.denominator : 0;
}

/* -1: the camera is gone. */
static int take_frame(struct veiler *v)
{
	const uint8_t *data;
	uint64_t time_ns;
	char text[sizeof(v->note)] = "";
	size_t size;
	int got = pv_camera_next(&v->camera, &data, &size, &time_ns);
	uint64_t now = pv_now_ns(), boot = pv_boot_ns();
	struct pv_frame *f = pv_flow_frame(v->flow);

	/* What the camera's buffers held when the machine went to sleep comes now. */
	if (pv_slept_since(v->slept_ns))
		v->woke_ns = now;
	v->slept_ns = boot - now;
	if (got <= 0)
		return got;
	v->heard_ns = now;
	const char *why = decode(v, f, data, size);
	pv_camera_done(&v->camera);
	f->time_ns = time_ns && time_ns <= now ? time_ns : now;
	/* What waited while this process or the machine stood still is not of now. A camera may send for as long as
	 * a picture lasts, and the time be when it began. */
	bool late = now - f->time_ns > (uint64_t)(v->rules.lease + v->rules.deadline) * 1000000u + interval_ns(v) ||
		    f->time_ns <= v->woke_ns;
	if (why)
		snprintf(text, sizeof(text), "the camera's pictures are refused: %s", why);
	note(v, why ? text : late ? "frames come too late" : "");
	if (!why && !late)
		pv_flow_offer(v->flow, boot, now);
	else
		v->damaged++;
	return 0;
}

/* In a thread of the flow's. A refused seal: no room, or the mode moved on; the state tells. */
static int seal(void *context, struct pv_frame *f)
{
	return pv_feed_seal(&((struct veiler *)context)->feed, f);
}

/* A camera that failed without going away, or fell silent. */
static bool is_dead(const struct veiler *v, short events)
{
	uint64_t patience = SILENCE_NS + 4 * interval_ns(v), now = pv_now_ns();

	return v->camera.fd >= 0 && ((events & POLLERR && now - v->heard_ns > RETRY_NS) ||
				     now - v->heard_ns > patience);
}

static void loop(struct veiler *v)
{
	for (;;) {
		struct pollfd p[3] = { { .fd = v->socket, .events = POLLIN },
				       { .fd = v->feed.fd, .events = POLLPRI },
				       { .fd = v->camera.fd, .events = POLLIN | POLLPRI } };
		if (poll(p, 3, 100) < 0 && errno != EINTR)
			return;
		if (follow_socket(v) < 0 || follow_state(v) < 0)
			return;
		/* Ask the camera itself, whatever poll says: libv4l2 may hold a frame. */
		if (v->camera.fd >= 0 && pv_mirror_wants(&v->feed.mirror))
			report_slow(v);
		if (v->camera.fd >= 0)
			pv_mirror_follow(&v->feed.mirror, v->camera.fd);
		if (v->camera.fd >= 0 && take_frame(v) < 0) {
			note(v, "the camera went away");
			close_camera(v);
		} else if (is_dead(v, p[2].revents)) {
			note(v, "the camera sends nothing");
			close_camera(v);
		}
		uint64_t now = pv_now_ns();
		ask_for_camera(v, now);
		tell_boxes(v, now);
		tell_controls(v);
		report(v, now, false);
	}
}

int pv_veiler_run(int feed_fd, int socket, const struct pv_rules *rules)
{
	struct veiler *v = calloc(1, sizeof(*v));
	char why[200] = "not enough memory";
	struct pv_detector *warm;

	if (!v)
		goto fail;
	v->socket = socket;
	v->camera.fd = v->camera.held = -1;
	v->rules = *rules;
	v->slept_ns = pv_boot_ns() - pv_now_ns();
	v->jpeg = pv_jpeg_new();
	if (!v->jpeg)
		goto fail;
	if (pv_feed_open(&v->feed, feed_fd)) {
		snprintf(why, sizeof(why), "feed: %s", strerror(errno));
		goto fail;
	}
	pv_jpeg_tolerate(v->jpeg);
	/* XNNPACK looks at the processor in /proc once: while there still is a /proc. */
	warm = pv_detector_new(64, 64, 64, PV_VIDEO, why, sizeof(why));
	if (!warm)
		goto fail;
	pv_detector_free(warm);
	/* The sandbox lets no thread begin: those that are needed begin before, but in its walls. */
	if (pv_sandbox_isolate(why, sizeof(why)))
		goto fail;
	v->flow = pv_flow_new(rules, seal, v);
	if (!v->flow)
		goto fail;
	if (pv_sandbox_enter(socket, why, sizeof(why)))
		goto fail;
	loop(v);
	return 0;
fail:
	fprintf(stderr, "veiler: %s\n", why);
	if (v) {
		pv_flow_free(v->flow);
		pv_jpeg_free(v->jpeg);
	}
	free(v);
	return 1;
}
