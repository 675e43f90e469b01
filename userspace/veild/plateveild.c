// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveild: veils cameras, starts, watches and restarts veilers, and serves the command line. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "camera/gates.h"
#include "control.h"
#include "notify.h"
#include "pipeline.h"
#include "requests.h"
#include "watch.h"

#define LOOK_AGAIN_NS 2000000000u	/* for cameras that could not be veiled, or went */
#define SETTLE_NS 2000000000u	/* rules that went or began: an editor may be about to write them */
#define NOT_BEGUN_S 5			/* until systemd may try again, which it does without end */
#define OWN_FDS 3			/* that are polled, besides clients and veilers */

struct supervisor {
	struct pv_daemon daemon;
	struct pv_server server;
	struct pv_watch *watch;
	int signals;
	uint64_t look_ns;	/* when to look for cameras; 0: not before there is news */
	uint64_t reload_ns;	/* when to read the rules; 0: likewise */
};

/* False: time to end. */
static bool handle_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGHUP)
		pv_daemon_reload(&s->daemon);
	else if (info.ssi_signo != SIGCHLD)
		return false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		pv_veils_reap(&s->daemon.veils, pid, status);
	return true;
}

static void look_for_cameras(struct supervisor *s)
{
	if (s->daemon.reloaded) {
		s->daemon.reloaded = false;
		s->look_ns = pv_now_ns();
		pv_watch_again(s->watch);
	}
	if (!s->look_ns || pv_now_ns() < s->look_ns)
		return;
	/* On demand those are veiled that were asked for. */
	bool again = s->daemon.on_demand ? pv_veils_forget(&s->daemon.veils) : pv_veils_gather(&s->daemon.veils);
	/* Without news of devices there is but looking. */
	s->look_ns = again || pv_watch_devices_fd(s->watch) < 0 ? pv_now_ns() + LOOK_AGAIN_NS : 0;
}

static int sooner(int a, int b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* What is due by the clock; returns ms until it is again. */
static int tend(struct supervisor *s)
{
	static uint64_t fed;
	int interval = pv_notify_interval();
	uint64_t now = pv_now_ns();

	if (s->reload_ns && now >= s->reload_ns) {
		s->reload_ns = 0;
		pv_watch_settled(s->watch);
		pv_daemon_reload(&s->daemon);
	}
	look_for_cameras(s);
	if (interval > 0 && now - fed >= (uint64_t)interval * 500000u) {
		pv_notify("WATCHDOG=1");
		fed = now;
	}
	int wait = sooner(pv_veils_start(&s->daemon.veils), pv_veils_watch(&s->daemon.veils));
	if (s->look_ns || s->reload_ns)
		wait = sooner(wait, 500);
	return sooner(wait, interval > 0 ? interval / 2 + 1 : -1);
}

static bool heed(struct supervisor *s, const struct pollfd *p)
{
	if (p[1].revents && pv_watch_devices(s->watch))
		s->look_ns = pv_now_ns();
	enum pv_watched rules = p[2].revents ? pv_watch_rules(s->watch) : PV_SAME;
	if (rules != PV_SAME)
		s->reload_ns = pv_now_ns() + SETTLE_NS;
	if (rules == PV_WRITTEN) {
		s->reload_ns = 0;
		pv_daemon_reload(&s->daemon);
	}
	return !p[0].revents || handle_signals(s);
}

static void loop(struct supervisor *s)
{
	struct pv_daemon *d = &s->daemon;

	/* One that was started for a veil ends with the last of them. */
	while (!d->on_demand || !d->asked || d->veils.count) {
		struct pollfd p[OWN_FDS + PLATEVEIL_MAX_VEILS + PV_MAX_CLIENTS + 1] = {
			{ .fd = s->signals, .events = POLLIN },
			{ .fd = pv_watch_devices_fd(s->watch), .events = POLLIN },
			{ .fd = pv_watch_rules_fd(s->watch), .events = POLLIN },
		};
		struct pv_veil *who[PLATEVEIL_MAX_VEILS];
		int wait = tend(s), n = d->veils.count;
		struct pollfd *veilers = p + OWN_FDS, *clients = veilers + n;

		for (int i = 0; i < n; i++) {
			who[i] = d->veils.list[i];
			veilers[i] = (struct pollfd){ .fd = who[i]->socket, .events = POLLIN };
		}
		int served = pv_server_poll(&s->server, clients);
		if (poll(p, (nfds_t)(OWN_FDS + n + served), wait) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < n; i++)
			if (veilers[i].revents)
				pv_veils_hear(&d->veils, who[i]);
		if (!heed(s, p))
			break;
		pv_server_serve(&s->server, clients, served);
	}
}

static void block_signals(struct supervisor *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC);
}

static int usage(bool asked)
{
	fprintf(asked ? stdout : stderr,
		"usage: plateveild [--on-demand] [--rules FILE]\n\n"
		"Veils every camera that the rules want veiled (%s), as they come and go.\n"
		"--on-demand   veil what `plateveil up` asks for, and end with the last veil\n"
		"--rules FILE  read the rules from there\n", PV_RULES_FILE);
	return asked ? 0 : 2;
}

int main(int argc, char **argv)
{
	static struct supervisor s = { .daemon.rules_path = PV_RULES_FILE, .look_ns = 1 };
	struct pv_daemon *d = &s.daemon;
	const char *named = NULL;
	char error[400] = "not enough memory";

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--rules") && i + 1 < argc)
			d->rules_path = named = argv[++i];
		else if (!strcmp(argv[i], "--on-demand"))
			d->on_demand = true;
		else
			return usage(!strcmp(argv[i], "--help"));
	}
	tzset();
	/* libv4l2 adds controls of its own to a camera whose pictures it converts, and keeps them in a file, which
	 * no sandbox lets it open. */
	setenv("LIBV4LCONTROL_CONTROLS", "0", 1);
	/* There need be no rules, but those that were named. */
	if (named && access(named, R_OK)) {
		snprintf(error, sizeof(error), "%s: cannot be read: %s", named, strerror(errno));
		goto fail;
	}
	d->veils.rules = pv_ruleset_read(d->rules_path, error, sizeof(error));
	if (!d->veils.rules)
		goto fail;
	d->veils.control = pv_control_open(error, sizeof(error));
	if (d->veils.control < 0)
		goto fail;
	/* First what only one can have. */
	if (pv_gates_claim(d->veils.control, error, sizeof(error)) ||
	    pv_server_open(&s.server, pv_daemon_answer, d, error, sizeof(error)))
		goto fail;
	block_signals(&s);
	s.watch = pv_watch_new(d->rules_path);
	if (!s.watch)
		goto fail;
	look_for_cameras(&s);
	pv_notify("READY=1");
	loop(&s);
	pv_notify("STOPPING=1");
	pv_veils_end(&d->veils);
	while (d->veils.count)
		pv_veils_down(&d->veils, d->veils.list[0]);
	pv_server_close(&s.server);
	pv_watch_free(s.watch);
	pv_ruleset_free(d->veils.rules);
	return 0;
fail:
	fprintf(stderr, "plateveild: %s\n", error);
	if (getenv("NOTIFY_SOCKET"))
		sleep(NOT_BEGUN_S);
	return 1;
}
