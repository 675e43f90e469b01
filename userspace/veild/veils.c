// SPDX-License-Identifier: GPL-2.0-or-later
#include "veils.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "access.h"
#include "adopt.h"
#include "camera/gates.h"
#include "control.h"
#include "gate.h"
#include "hear.h"
#include "notify.h"
#include "offer.h"
#include "pipeline.h"
#include "veiler.h"

#define RESTART_NS 200000000u		/* a veiler that ended is back after this */
#define SLOWEST_NS 10000000000u		/* or this, where none has worked for long */
#define SILENCE_NS 1000000000u		/* a veiler that says nothing for so long hangs */
#define SLOW_START_NS 30000000000u	/* unless it said that it would */
#define HASTE_NS 200000000u	/* a veiler asks for its camera no more often, but for viewers that come and go: */
#define MOST_HASTY 20		/* so often in a row it is given */
#define NEVER_HASTY 200		/* none asks so often that is told to wait */
#define CONTROLS_NS 1000000000u	/* what of a camera's controls is of use is looked at no more often */
#define ASK_BOXES_NS 1000000000u	/* a veiler is asked for boxes no more often */
#define MOST_PATIENCE_NS 30000000000u	/* however long a search once took */
#define MESSAGES 16			/* of a veiler's, before others have their turn */

/* --- up and down --------------------------------------------------------- */

/* What the rules say for this camera at this time. */
static void find_rules(struct pv_veils *v, struct pv_veil *veil)
{
	time_t now = time(NULL);
	struct tm t;

	pv_ruleset_apply(v->rules, veil->camera.name, veil->camera.bus, &veil->rules);
	tzset();	/* it may have been set to another */
	localtime_r(&now, &t);
	veil->rules.resting = !pv_schedule_allows(&veil->rules.schedule, t.tm_hour * 60 + t.tm_min);
}

/* Tells the module of the camera's controls, and where they stand too, unless they `stay` what viewers have made of
 * them, who may have set what the camera has yet to be told. A veiler that met other ones ends, for one that meets
 * these. */
static void set_controls(struct pv_veils *v, struct pv_veil *veil, int camera_fd, bool stay)
{
	static struct pv_controls now;
	struct plateveil_controls c = { .id = veil->id, .controls = (uintptr_t)now.list,
					.items = (uintptr_t)now.items };

	pv_notify_alive();
	/* Of one that takes too long there is a part, and another the next time. */
	if (!pv_controls_read(camera_fd, &now) && veil->controls.count)
		return;
	bool alike = pv_controls_alike(&now, &veil->controls);
	c.count = (uint32_t)now.count;
	c.item_count = (uint32_t)now.items_used;
	c.flags = stay ? PLATEVEIL_CONTROLS_STAY : 0;
	veil->controls = now;
	if (ioctl(v->control, PLATEVEIL_IOC_SET_CONTROLS, &c))
		fprintf(stderr, "plateveild: %s: controls: %s\n", veil->camera.path, strerror(errno));
	if (!alike && veil->veiler)
		kill(veil->veiler, SIGKILL);
}

/* Opens and checks the camera; -1 with the reason, and whether that stays. */
static int open_camera(int control, const char *path, struct pv_device *d, bool *stays, char *error, size_t size)
{
	struct v4l2_requestbuffers req = { .count = 1, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					   .memory = V4L2_MEMORY_MMAP };
	int fd = pv_gates_open(control, path, PLATEVEIL_NO_VEIL);

	memset(d, 0, sizeof(*d));
	snprintf(d->path, sizeof(d->path), "%s", path);
	if (fd < 0) {
		snprintf(error, size, "%s cannot be opened: %s%s", path, strerror(errno),
			 errno == ENOENT ? "; `plateveil devices` lists the cameras" : "");
		return -1;
	}
	pv_device_query(fd, d);
	if (d->node != PV_NODE_CAMERA) {
		snprintf(error, size, "%s is %s; `plateveil devices` lists the cameras", path,
			 d->node == PV_NODE_VIEW ? "a veiled view already" :
			 d->node == PV_NODE_FEED ? "the feed of a veil" : "not a camera");
		goto fail;
	}
	/* Does somebody else stream from it? Ask for a buffer and let it go. */
	if (ioctl(fd, VIDIOC_REQBUFS, &req)) {
		if (errno == EBUSY)
			snprintf(error, size, "the camera %s is busy; close the application that uses "
					      "it (`fuser -v %s` names it) and try again", path, path);
		else
			snprintf(error, size, "%s cannot stream: %s; `plateveil devices` lists the "
					      "cameras", path, strerror(errno));
		goto fail;
	}
	req.count = 0;
	ioctl(fd, VIDIOC_REQBUFS, &req);
	/* Before anything is made for it: nodes that come and go would be news, and have it tried again. */
	if (!pv_offer_any(fd)) {
		*stays = true;
		snprintf(error, size, "%s offers no picture size that can be veiled; `plateveil devices` "
				      "lists other cameras", path);
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

struct pv_veil *pv_veils_up(struct pv_veils *v, const char *path, bool *stays, char *error, size_t size)
{
	struct pv_device camera;

	*stays = false;
	if (pv_veils_find(v, path)) {
		snprintf(error, size, "%s is veiled already", path);
		return NULL;
	}
	if (v->count == PLATEVEIL_MAX_VEILS) {
		snprintf(error, size, "no more than %d cameras can be veiled", PLATEVEIL_MAX_VEILS);
		return NULL;
	}
	int fd = open_camera(v->control, path, &camera, stays, error, size);
	if (fd < 0)
		return NULL;
	struct pv_veil *veil = calloc(1, sizeof(*veil));
	if (!veil) {
		snprintf(error, size, "not enough memory");
		goto fail;
	}
	veil->camera = camera;
	veil->socket = -1;
	find_rules(v, veil);
	if (pv_adopt(v, veil)) {
		snprintf(error, size, "the module makes no veil: %s", strerror(errno));
		goto fail;
	}
	v->list[v->count++] = veil;
	/* The veil's id is known only now, and with it what a gate that diverts is to show. */
	int shown = pv_veils_open_same(v, &camera, veil->id);
	if (shown >= 0)
		close(shown);
	set_controls(v, veil, fd, false);
	pv_offer_look(v->control, veil->id, &veil->rules, NULL, veil->zone_trouble, sizeof(veil->zone_trouble));
	if (pv_offer_modes(v->control, veil->id, fd, &veil->rules)) {
		snprintf(error, size, "the module takes none of %s's picture sizes: %s", path,
			 strerror(errno));
		pv_veils_down(v, veil);
		veil = NULL;
		goto fail;
	}
	close(fd);
	return veil;
fail:
	close(fd);
	free(veil);
	return NULL;
}

void pv_veils_end(struct pv_veils *v)
{
	for (int i = 0; i < v->count; i++)
		if (v->list[i]->veiler)
			kill(v->list[i]->veiler, SIGKILL);
}

void pv_veils_down(struct pv_veils *v, struct pv_veil *veil)
{
	int i = 0;

	while (v->list[i] != veil)
		i++;
	v->list[i] = v->list[--v->count];
	if (veil->veiler) {
		kill(veil->veiler, SIGKILL);
		waitpid(veil->veiler, NULL, 0);
	}
	if (veil->socket >= 0)
		close(veil->socket);
	/* Where a gate showed the view on the camera's own node, that is the camera's again, and no one's. */
	if (!veil->gone_ns)
		pv_access_shut(veil->camera.path);
	if (ioctl(v->control, PLATEVEIL_IOC_REMOVE, &veil->id))	/* locked: whose it is must still be known */
		fprintf(stderr, "plateveild: veil %u: %s\n", veil->id, strerror(errno));
	else
		pv_adopt_forget(veil);
	free(veil);
}

/* --- veilers ------------------------------------------------------------- */

static void be_veiler(int feed, int socket, const struct pv_rules *rules)
{
	sigset_t none;

	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	dup2(null, 0);
	dup2(null, 1);
	prctl(PR_SET_NAME, "plateveil-veil");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Nothing of plateveild's comes along but these two and stderr. */
	for (int fd = 3; fd < 1024; fd++)
		if (fd != feed && fd != socket)
			close(fd);
	_exit(pv_veiler_run(feed, socket, rules));
}

static bool start_veiler(struct pv_veil *veil)
{
	struct pv_device node;
	int pair[2];

	snprintf(node.path, sizeof(node.path), "/dev/video%d", veil->feed);
	int feed = open(node.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (feed < 0) {
		fprintf(stderr, "plateveild: feed %s: %s\n", node.path, strerror(errno));
		return false;
	}
	/* Somebody may have removed the veil, and the number may be a camera's now. */
	pv_device_query(feed, &node);
	bool ours = node.node == PV_NODE_FEED;
	if (!ours || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		fprintf(stderr, "plateveild: feed %s: %s\n", node.path, ours ? strerror(errno) : "its veil was removed");
		close(feed);
		return false;
	}
	/* One that does not read must not hold up the other: plateveild would all cameras. */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	pid_t pid = fork();
	if (!pid)
		be_veiler(feed, pair[1], &veil->rules);
	close(feed);
	close(pair[1]);
	if (pid < 0) {
		fprintf(stderr, "plateveild: no veiler for %s: %s\n", veil->camera.path, strerror(errno));
		close(pair[0]);
		return false;
	}
	veil->veiler = pid;
	veil->socket = pair[0];
	veil->starts++;
	memset(&veil->report, 0, sizeof(veil->report));
	veil->report.preparing = 1;
	veil->heard_ns = veil->rate_ns = veil->began_ns = pv_now_ns();
	veil->asked_boxes_ns = veil->gave_ns = 0;
	veil->hasty = 0;
	veil->breached = false;
	veil->rate_sealed = 0;
	return true;
}

int pv_veils_start(struct pv_veils *v)
{
	uint64_t now = pv_now_ns();
	int wait = -1;

	for (int i = 0; i < v->count; i++) {
		struct pv_veil *veil = v->list[i];
		if (veil->veiler)
			continue;
		if (now >= veil->start_ns) {
			veil->delay_ns = veil->delay_ns ? 2 * veil->delay_ns : RESTART_NS;
			if (veil->delay_ns > SLOWEST_NS)
				veil->delay_ns = SLOWEST_NS;
			veil->start_ns = now + veil->delay_ns;
			if (start_veiler(veil))
				continue;
		}
		int ms = (int)((veil->start_ns - now) / 1000000u) + 1;
		if (wait < 0 || ms < wait)
			wait = ms;
	}
	return wait;
}

void pv_veils_reap(struct pv_veils *v, pid_t pid, int status)
{
	for (int i = 0; i < v->count; i++) {
		struct pv_veil *veil = v->list[i];
		if (veil->veiler != pid)
			continue;
		fprintf(stderr, "plateveild: the veiler of %s ended (%s %d); starting another\n",
			veil->camera.path, WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		veil->veiler = 0;
		pv_veils_hear(v, veil);	/* its last words */
		close(veil->socket);
		veil->socket = -1;
		veil->start_ns = pv_now_ns() + veil->delay_ns;
	}
}

/* A veiler that cannot be told things is no use; the next is born with the rules in force. */
static void tell(struct pv_veil *veil, const struct pv_message *m, int fd)
{
	if (veil->socket >= 0 && pv_link_send(veil->socket, m, fd) && veil->veiler)
		kill(veil->veiler, SIGKILL);
}

static void give_camera(struct pv_veils *v, struct pv_veil *veil)
{
	struct pv_message m = { .word = PV_CAMERA };
	bool hasty = veil->heard_ns - veil->gave_ns < HASTE_NS;

	/* "Not now" is cheap, and lets it wait. */
	veil->hasty = hasty ? veil->hasty + 1 : 0;
	int fd = veil->hasty > MOST_HASTY ? -1 : pv_veils_open_camera(v, veil);

	if (fd < 0)
		m.word = PV_NO_CAMERA;
	else	/* the lease may have changed while it was away */
		pv_offer_modes(v->control, veil->id, fd, &veil->rules);
	/* It may be another camera with the same name, or another firmware. */
	if (fd >= 0)
		set_controls(v, veil, fd, true);
	tell(veil, &m, fd);
	if (fd >= 0)
		close(fd);
	veil->gave_ns = pv_now_ns();
}

void pv_veils_hear(struct pv_veils *v, struct pv_veil *veil)
{
	struct pv_message m;
	int fd, got = 0;

	/* Of one that has ended there is an end to what it said, its breach last. */
	for (int i = 0; (i < MESSAGES || !veil->veiler) && (got = pv_link_receive(veil->socket, &m, &fd)) > 0; i++) {
		if (fd >= 0)
			close(fd);
		veil->heard_ns = pv_now_ns();
		if (m.word != PV_WANT_CAMERA)
			pv_hear(veil, &m);
		else if (veil->veiler)
			give_camera(v, veil);
	}
	/* One that breaks out or keeps plateveild busy has something else in mind than veiling. */
	if (veil->hasty > NEVER_HASTY && veil->veiler)
		fprintf(stderr, "plateveild: the veiler of %s asks without end; ending it\n", veil->camera.path);
	if (veil->breached || veil->hasty > NEVER_HASTY)
		got = -1;
	/* It has closed its end: it is ending, or means no good. Either way, a new one. */
	if (got < 0 && veil->veiler)
		kill(veil->veiler, SIGKILL);
}

void pv_veils_ask_boxes(struct pv_veil *veil)
{
	struct pv_message m = { .word = PV_ASK_BOXES };
	uint64_t now = pv_now_ns();

	/* Whoever may ask must not be able to fill its socket. */
	if (veil->socket < 0 || now - veil->asked_boxes_ns < ASK_BOXES_NS)
		return;
	veil->asked_boxes_ns = now;
	pv_link_send(veil->socket, &m, -1);
}

static void send_rules(struct pv_veil *veil)
{
	struct pv_message m = { .word = PV_RULES };

	m.rules = veil->rules;
	tell(veil, &m, -1);
}

/* Tells the module of what has changed since `was`. */
static void offer(struct pv_veils *v, struct pv_veil *veil, const struct pv_rules *was)
{
	pv_offer_look(v->control, veil->id, &veil->rules, was, veil->zone_trouble, sizeof(veil->zone_trouble));
	if (pv_offer_modes_alike(was, &veil->rules))
		return;
	int fd = pv_veils_open_camera(v, veil);
	if (fd < 0)
		return;
	pv_offer_modes(v->control, veil->id, fd, &veil->rules);
	close(fd);
}

void pv_veils_rule(struct pv_veils *v, struct pv_ruleset *rules)
{
	static struct pv_rules was[PLATEVEIL_MAX_VEILS];

	pv_ruleset_free(v->rules);
	v->rules = rules;
	/* First what the next frame is veiled by, of all cameras: the rest may wait for one of them. */
	for (int i = 0; i < v->count; i++) {
		was[i] = v->list[i]->rules;
		find_rules(v, v->list[i]);
		send_rules(v->list[i]);
	}
	for (int i = 0; i < v->count; i++) {
		offer(v, v->list[i], &was[i]);
		pv_gate_follow(v, v->list[i]);
	}
}

/* Tells the module which of the camera's controls are of use now. */
static void follow_controls(struct pv_veils *v, struct pv_veil *veil)
{
	uint64_t now = pv_now_ns();

	if (!veil->other_controls || now - veil->controls_ns < CONTROLS_NS)
		return;
	veil->other_controls = false;
	veil->controls_ns = now;
	int fd = pv_veils_open_camera(v, veil);
	if (fd < 0)
		return;
	set_controls(v, veil, fd, true);
	close(fd);
}

/* How long a veiler may be silent: it reports twice a second, and between two reports searches
 * and prepares. A clock that stood still with the machine is no silence: pv_now_ns() stands too. */
static uint64_t patience(const struct pv_veil *veil)
{
	const struct pv_report *r = &veil->report;

	if (r->preparing)
		return SLOW_START_NS;
	uint64_t search = r->detect_ns_slowest < MOST_PATIENCE_NS / 4 ? 4 * r->detect_ns_slowest : MOST_PATIENCE_NS;
	return SILENCE_NS + search + (uint64_t)veil->rules.deadline * 1000000u;
}

/* What it said may wait to be heard while another camera took its time. */
static bool has_spoken(const struct pv_veil *veil)
{
	struct pollfd p = { .fd = veil->socket, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & POLLIN;
}

int pv_veils_watch(struct pv_veils *v)
{
	uint64_t now = pv_now_ns();

	for (int i = 0; i < v->count; i++) {
		struct pv_veil *veil = v->list[i];
		bool rested = veil->rules.resting;
		if (veil->rules.schedule.spans)
			find_rules(v, veil);
		if (veil->rules.resting != rested)
			send_rules(veil);
		pv_gate_follow(v, veil);
		follow_controls(v, veil);
		if (!veil->veiler || now - veil->heard_ns < patience(veil) || has_spoken(veil))
			continue;
		fprintf(stderr, "plateveild: the veiler of %s hangs; ending it\n", veil->camera.path);
		kill(veil->veiler, SIGKILL);
		veil->heard_ns = now;
	}
	return v->count ? 250 : -1;
}
