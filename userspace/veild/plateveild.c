// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveild: starts, watches and restarts veilers, and serves the command line. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "veils.h"

struct daemon {
	struct pv_veils veils;
	const char *rules_path;
	int listener, signals;
};

static void answer(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void answer(int fd, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vdprintf(fd, format, args);
	va_end(args);
}

static void tell_status(struct daemon *d, int fd)
{
	for (int i = 0; i < d->veils.count; i++) {
		const struct pv_veil *v = d->veils.list[i];
		const struct pv_report *r = &v->report;
		answer(fd, "veil id=%u camera=%s view=/dev/video%d veiler=%d starts=%d frames=%llu "
			   "whole=%llu regions=%llu dropped=%llu detect_us=%llu slowest_us=%llu "
			   "latency_us=%llu late=%llu search=%d step=%d camera_open=%d note=%s\n",
		       v->id, v->camera.path, v->view, (int)v->veiler, v->starts,
		       (unsigned long long)r->frames, (unsigned long long)r->whole,
		       (unsigned long long)r->regions, (unsigned long long)r->dropped,
		       (unsigned long long)r->detect_ns_mean / 1000,
		       (unsigned long long)r->detect_ns_slowest / 1000,
		       (unsigned long long)r->latency_ns_mean / 1000, (unsigned long long)r->late,
		       r->search, r->step, r->camera_open, r->note);
	}
	answer(fd, "ok pid=%d\n", (int)getpid());
}

static void take_down(struct daemon *d, int fd, const char *what)
{
	struct pv_veil *v = pv_veils_find(&d->veils, what);

	if (v) {
		pv_veils_down(&d->veils, v);
		answer(fd, "ok %s is no longer veiled\n", what);
	} else if (strcmp(what, "all")) {
		answer(fd, "error %s is not veiled; `plateveil status` lists what is\n", what);
	} else {
		int n = d->veils.count;
		while (d->veils.count)
			pv_veils_down(&d->veils, d->veils.list[0]);
		answer(fd, "ok %d camera%s no longer veiled\n", n, n == 1 ? " is" : "s are");
	}
}

/* Obeys one line; false when there is no reason to stay. */
static bool obey(struct daemon *d, int fd, char *line)
{
	char error[400], *arg = strchr(line, ' ');
	struct pv_rules rules;

	if (arg)
		*arg++ = 0;
	if (!strcmp(line, "up") && arg) {
		struct pv_veil *v = pv_veils_up(&d->veils, arg, error, sizeof(error));
		if (v)
			answer(fd, "ok /dev/video%d %s\n", v->view, v->camera.name);
		else
			answer(fd, "error %s\n", error);
	} else if (!strcmp(line, "down") && arg) {
		take_down(d, fd, arg);
	} else if (!strcmp(line, "reload")) {
		if (pv_rules_load(&rules, d->rules_path, error, sizeof(error))) {
			pv_veils_rule(&d->veils, &rules);
			answer(fd, "ok the rules are in force\n");
		} else {
			answer(fd, "error %s; the old rules stay in force\n", error);
		}
	} else if (!strcmp(line, "status")) {
		tell_status(d, fd);
	} else {
		answer(fd, "error no such request\n");
	}
	/* It ends with the last veil, or when the first could not be made. */
	return d->veils.count > 0 || (strcmp(line, "up") && strcmp(line, "down"));
}

/* One request and its answer. The socket is root's alone, so a slow client is root's own. */
static bool serve(struct daemon *d)
{
	struct timeval patience = { .tv_sec = 2 };
	char line[512];
	size_t n = 0;
	int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return true;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	while (n < sizeof(line) - 1) {
		ssize_t got = read(fd, line + n, sizeof(line) - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		if (memchr(line, '\n', n))
			break;
	}
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	bool stay = obey(d, fd, line);
	close(fd);
	return stay;
}

static bool handle_signals(struct daemon *d)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(d->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo != SIGCHLD)
		return false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		pv_veils_reap(&d->veils, pid, status);
	return true;
}

static void loop(struct daemon *d)
{
	for (bool go = true; go;) {
		struct pollfd p[2 + PLATEVEIL_MAX_VEILS] = { { .fd = d->listener, .events = POLLIN },
							     { .fd = d->signals, .events = POLLIN } };
		struct pv_veil *who[PLATEVEIL_MAX_VEILS];
		int wait = pv_veils_start(&d->veils), n = 0;

		for (; n < d->veils.count; n++) {
			who[n] = d->veils.list[n];
			p[2 + n] = (struct pollfd){ .fd = who[n]->socket, .events = POLLIN };
		}
		if (poll(p, (nfds_t)(2 + n), wait) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < n; i++)
			if (p[2 + i].revents)
				pv_veils_hear(&d->veils, who[i]);
		if (p[1].revents)
			go = handle_signals(d);
		if (p[0].revents && go)
			go = serve(d);
	}
	while (d->veils.count)
		pv_veils_down(&d->veils, d->veils.list[0]);
}

static int listen_at(const char *path, char *error, size_t size)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		snprintf(error, size, "plateveild runs already");
		close(fd);
		return -1;
	}
	if (fd >= 0)
		close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mkdir(PV_RUN_DIR, 0755);
	unlink(path);
	mode_t old = umask(0177);
	bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 8);
	umask(old);
	if (ok)
		return fd;
	snprintf(error, size, "%s: %s%s", path, strerror(errno),
		 errno == EACCES || errno == EPERM ? "; run plateveild as root" : "");
	if (fd >= 0)
		close(fd);
	return -1;
}

int main(int argc, char **argv)
{
	struct daemon d = { .rules_path = PV_RULES_FILE };
	char error[400];
	sigset_t set;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--rules") && i + 1 < argc) {
			d.rules_path = argv[++i];
			continue;
		}
		bool help = !strcmp(argv[i], "--help");
		fprintf(help ? stdout : stderr,
			"usage: plateveild [--rules FILE]\n\n"
			"Starts and watches the veilers; `plateveil up` starts it, and it ends with\n"
			"the last veil. Rules: %s\n", PV_RULES_FILE);
		return help ? 0 : 2;
	}
	if (!pv_rules_load(&d.veils.rules, d.rules_path, error, sizeof(error)))
		goto fail;
	d.veils.control = pv_control_open(error, sizeof(error));
	if (d.veils.control < 0)
		goto fail;
	d.listener = listen_at(PV_SOCKET, error, sizeof(error));
	if (d.listener < 0)
		goto fail;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	d.signals = signalfd(-1, &set, SFD_CLOEXEC);
	loop(&d);
	unlink(PV_SOCKET);
	return 0;
fail:
	fprintf(stderr, "plateveild: %s\n", error);
	return 1;
}
