// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define WRITTEN (IN_CLOSE_WRITE | IN_MOVED_TO)
#define CHANGES (WRITTEN | IN_MOVED_FROM | IN_DELETE | IN_CREATE)

struct pv_watch {
	struct udev *udev;
	struct udev_monitor *monitor;
	int rules;		/* inotify's */
	char path[600];
	char folder[600];	/* path's */
	int parent;		/* watch of the folder's own, while that is not there; or -1 */
	char unsettled[256];	/* the file that went or was begun; or empty */
};

/* From udevd once its rules are done with a node; where none runs, from the kernel itself. */
static void watch_devices(struct pv_watch *w)
{
	const char *source = access("/run/udev/control", F_OK) ? "kernel" : "udev";

	w->udev = udev_new();
	w->monitor = w->udev ? udev_monitor_new_from_netlink(w->udev, source) : NULL;
	if (w->monitor &&
	    !udev_monitor_filter_add_match_subsystem_devtype(w->monitor, "video4linux", NULL) &&
	    !udev_monitor_enable_receiving(w->monitor))
		return;
	fprintf(stderr, "plateveild: cameras that are plugged in are noticed late: %s\n",
		strerror(errno));
	if (w->monitor)
		udev_monitor_unref(w->monitor);
	w->monitor = NULL;
}

static void tell_unwatched(const char *what)
{
	fprintf(stderr, "plateveild: %s cannot be watched: %s; after a change: systemctl reload plateveild\n", what,
		strerror(errno));
}

/* False: it is not there. */
static bool watch_rules(struct pv_watch *w, const char *folder)
{
	if (w->rules < 0 || inotify_add_watch(w->rules, folder, CHANGES) >= 0)
		return true;
	if (errno != ENOENT)
		tell_unwatched(folder);
	return errno != ENOENT;
}

/* Where a path's last part begins. */
static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The folder's own, till it is there. */
static void watch_parent(struct pv_watch *w)
{
	char parent[600];

	snprintf(parent, sizeof(parent), "%.*s", (int)(last_of(w->folder) - w->folder), w->folder);
	w->parent = inotify_add_watch(w->rules, *parent ? parent : ".", IN_CREATE | IN_MOVED_TO);
}

/* The folders rather than the files: editors put new files in place of old ones. */
void pv_watch_again(struct pv_watch *w)
{
	char drop_ins[610];
	bool there = watch_rules(w, w->folder);

	if (there && w->parent >= 0) {
		inotify_rm_watch(w->rules, w->parent);
		w->parent = -1;
	} else if (!there && w->parent < 0) {
		watch_parent(w);
	}
	snprintf(drop_ins, sizeof(drop_ins), "%s.d", w->path);
	watch_rules(w, drop_ins);
}

struct pv_watch *pv_watch_new(const char *rules_path)
{
	struct pv_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	snprintf(w->path, sizeof(w->path), "%s", rules_path);
	const char *last = last_of(w->path);
	snprintf(w->folder, sizeof(w->folder), "%.*s", last == w->path ? 1 : (int)(last - w->path) - 1,
		 last == w->path ? "." : w->path);
	w->parent = -1;
	w->rules = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->rules < 0)
		tell_unwatched(rules_path);
	watch_devices(w);
	pv_watch_again(w);
	return w;
}

void pv_watch_free(struct pv_watch *w)
{
	if (!w)
		return;
	if (w->rules >= 0)
		close(w->rules);
	if (w->monitor)
		udev_monitor_unref(w->monitor);
	if (w->udev)
		udev_unref(w->udev);
	free(w);
}

int pv_watch_devices_fd(const struct pv_watch *w)
{
	return w->monitor ? udev_monitor_get_fd(w->monitor) : -1;
}

int pv_watch_rules_fd(const struct pv_watch *w)
{
	return w->rules;
}

bool pv_watch_devices(struct pv_watch *w)
{
	struct udev_device *d;
	bool any = false;

	while (w->monitor && (d = udev_monitor_receive_device(w->monitor))) {
		udev_device_unref(d);
		any = true;
	}
	return any;
}

/* A file that is being written has another name: see save.c. */
static bool is_rules(const struct pv_watch *w, const char *name)
{
	const char *dot = strrchr(name, '.');

	return !strcmp(name, last_of(w->path)) || (dot && (!strcmp(dot, ".conf") || !strcmp(dot, ".d")));
}

/* While one is not settled, another that is whole does not make the rules so. */
static enum pv_watched judge(struct pv_watch *w, const struct inotify_event *e)
{
	bool written = e->mask & WRITTEN;

	if (written && *w->unsettled && strcmp(w->unsettled, e->name))
		return PV_UNSETTLED;
	snprintf(w->unsettled, sizeof(w->unsettled), "%s", written ? "" : e->name);
	return written ? PV_WRITTEN : PV_UNSETTLED;
}

void pv_watch_settled(struct pv_watch *w)
{
	*w->unsettled = 0;
}

enum pv_watched pv_watch_rules(struct pv_watch *w)
{
	char room[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	enum pv_watched what = PV_SAME;
	ssize_t n;

	while ((n = read(w->rules, room, sizeof(room))) > 0) {
		for (char *p = room; p < room + n;) {
			const struct inotify_event *e = (const struct inotify_event *)(void *)p;
			/* A folder that came or went; in one that came there may be rules by now. */
			bool above = w->parent >= 0 && e->wd == w->parent;
			if (e->mask & IN_IGNORED && above)
				w->parent = -1;
			else if (e->mask & IN_IGNORED)
				pv_watch_again(w);
			else if (above)
				what = e->len && !strcmp(e->name, last_of(w->folder)) ? PV_UNSETTLED : what;
			else if (e->len && is_rules(w, e->name))
				what = judge(w, e);
			p += sizeof(*e) + e->len;
		}
	}
	if (what)	/* the folder of drop-ins may be a new one */
		pv_watch_again(w);
	return what;
}
