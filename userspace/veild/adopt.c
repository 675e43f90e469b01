// SPDX-License-Identifier: GPL-2.0-or-later
#include "adopt.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/gates.h"
#include "control.h"

#define PLACES PV_RUN_DIR "/places"

/* The module's name for the veil: the camera's, so that people find it in an app's menu. */
static void view_name(const struct pv_device *camera, char *name, size_t size)
{
	static const char suffix[] = " (veiled)";

	snprintf(name, size, "%.*s", (int)(size - sizeof(suffix)), camera->name);
	pv_device_text(name);	/* it may end in the middle of a character */
	size_t n = strlen(name);
	snprintf(name + n, size - n, "%s", suffix);
}

static void name_place(uint32_t id, char path[64])
{
	snprintf(path, 64, PLACES "/%u", id);
}

/* A link to where the camera is plugged in: made and replaced whole, and read without opening. */
static void note_place(const struct pv_veil *veil)
{
	char path[64];

	mkdir(PLACES, 0755);
	name_place(veil->id, path);
	unlink(path);
	if (*veil->camera.bus && symlink(veil->camera.bus, path))
		perror(path);
}

/* Was the veil made for the camera that is plugged in here? Of one that nobody noted down, its name says so. */
static bool is_of(uint32_t id, const struct pv_device *camera)
{
	char path[64], bus[sizeof(camera->bus)];

	name_place(id, path);
	ssize_t n = readlink(path, bus, sizeof(bus) - 1);
	if (n < 0)
		return true;
	bus[n] = 0;
	return !strcmp(bus, camera->bus);
}

static bool is_own(const struct pv_veils *v, uint32_t id)
{
	for (int i = 0; i < v->count; i++)
		if (v->list[i]->id == id)
			return true;
	return false;
}

static void take(struct pv_veil *veil, uint32_t id, uint32_t view, uint32_t feed)
{
	veil->id = id;
	veil->view = (int)view;
	veil->feed = (int)feed;
	note_place(veil);
}

/* A veil that was made for this camera and that nobody has; rather one whose feed is free. */
static bool find(const struct pv_veils *v, const struct pv_veil *veil, const char *name, struct plateveil_info *out)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(v->control, infos);
	bool found = false;

	for (int i = 0; i < n; i++) {
		if (strcmp(infos[i].name, name) || is_own(v, infos[i].id) || !is_of(infos[i].id, &veil->camera))
			continue;
		if (!found || !infos[i].feed_open)
			*out = infos[i];
		found = true;
	}
	return found;
}

int pv_adopt(const struct pv_veils *v, struct pv_veil *veil)
{
	struct plateveil_create c = { .lease_ms = (uint32_t)veil->rules.lease };
	struct plateveil_info o;

	view_name(&veil->camera, c.name, sizeof(c.name));
	bool found = find(v, veil, c.name, &o);
	/* Whoever has its feed open, a veiler that is ending or one who looks at all nodes, is about to be done. */
	for (int i = 0; i < 10 && found && o.feed_open; i++) {
		usleep(100000);
		found = find(v, veil, c.name, &o);
	}
	if (found && !o.feed_open) {
		take(veil, o.id, o.view, o.feed);
		return 0;
	}
	if (ioctl(v->control, PLATEVEIL_IOC_CREATE, &c))
		return -1;
	take(veil, c.id, c.view, c.feed);
	return 0;
}

/* Is the camera there that a view of this name was made for, to have it again? */
static bool is_awaited(const struct pv_veils *v, const char *view, const char *bus, const struct pv_device *list, int n)
{
	char name[PLATEVEIL_NAME_LEN];

	for (int i = 0; i < n; i++) {
		if (list[i].node != PV_NODE_CAMERA || strcmp(list[i].bus, bus) || pv_veils_find(v, list[i].path))
			continue;
		view_name(&list[i], name, sizeof(name));
		if (!strcmp(name, view))
			return true;
	}
	return false;
}

bool pv_adopt_orphans(const struct pv_veils *v, const struct pv_device *list, int n, bool remove)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int veils = pv_control_list(v->control, infos);
	char path[64], bus[sizeof(list->bus)];
	bool left = false;

	if (pv_gates_guard(v->control) & PLATEVEIL_GUARD_LOCKED)
		return false;
	for (int i = 0; i < veils; i++) {
		name_place(infos[i].id, path);
		ssize_t length = readlink(path, bus, sizeof(bus) - 1);
		bus[length < 0 ? 0 : length] = 0;
		if (length < 0 || is_own(v, infos[i].id) || is_awaited(v, infos[i].name, bus, list, n))
			continue;
		if (infos[i].viewers || infos[i].feed_open || !remove)
			left = true;
		else if (!ioctl(v->control, PLATEVEIL_IOC_REMOVE, &infos[i].id))
			unlink(path);
	}
	return left;
}

void pv_adopt_forget(const struct pv_veil *veil)
{
	char path[64];

	name_place(veil->id, path);
	unlink(path);
}
