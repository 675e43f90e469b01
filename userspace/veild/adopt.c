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
#define PLACE_LEN (sizeof(((struct pv_device *)0)->bus) + sizeof(((struct pv_device *)0)->name) + 16)

/* What the nth of the views whose cameras are called so is called: as the camera, so that people find it in an
 * app's menu. */
static void view_name(const struct pv_device *camera, int nth, char *name, size_t size)
{
	char suffix[32];

	if (nth > 1)
		snprintf(suffix, sizeof(suffix), " %d (veiled)", nth);
	else
		snprintf(suffix, sizeof(suffix), " (veiled)");
	snprintf(name, size, "%.*s", (int)(size - 1 - strlen(suffix)), camera->name);
	pv_device_text(name);	/* it may end in the middle of a character */
	size_t n = strlen(name);
	snprintf(name + n, size - n, "%s", suffix);
}

/* plateveild's own veil of that id; NULL: it has none. */
static const struct pv_veil *own(const struct pv_veils *v, uint32_t id)
{
	for (int i = 0; i < v->count; i++)
		if (v->list[i]->id == id)
			return v->list[i];
	return NULL;
}

/* Is the camera gone whose veil that is? It may be this very one that is at another place now. */
static bool is_gone(const struct pv_veils *v, uint32_t id)
{
	const struct pv_veil *veil = own(v, id);

	return veil && veil->gone_ns;
}

/* One that no view has. Both cameras of a laptop, say, may have one name, or differ in what does not fit alone. */
static void free_name(const struct pv_veils *v, const struct pv_device *camera, char *name, size_t size)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(v->control, infos);
	bool taken = true;

	for (int nth = 1; taken; nth++) {
		view_name(camera, nth, name, size);
		taken = false;
		for (int i = 0; i < n; i++)
			taken |= !strcmp(infos[i].name, name) && !is_gone(v, infos[i].id);
	}
}

/* Where a camera is plugged in, its name, and which of its device's nodes it is: one may have several cameras, and
 * those may all be called the same. */
static void describe_place(const struct pv_device *camera, char place[PLACE_LEN])
{
	snprintf(place, PLACE_LEN, "%s\n%s\n%d", camera->bus, camera->name, camera->index);
}

static void name_place(uint32_t id, char path[64])
{
	snprintf(path, 64, PLACES "/%u", id);
}

/* As a link, which is made and replaced whole, and read without opening. */
static void note_place(const struct pv_veil *veil)
{
	char path[64], place[PLACE_LEN];

	mkdir(PLACES, 0755);
	name_place(veil->id, path);
	describe_place(&veil->camera, place);
	unlink(path);
	if (*veil->camera.bus && symlink(place, path))
		perror(path);
}

/* False: nobody noted it down. */
static bool read_place(uint32_t id, char place[PLACE_LEN])
{
	char path[64];

	name_place(id, path);
	ssize_t n = readlink(path, place, PLACE_LEN - 1);
	place[n < 0 ? 0 : n] = 0;
	return n >= 0;
}

/* Was the veil made for this camera? Of one that nobody noted down, its name says so. */
static bool is_of(const struct plateveil_info *veil, const struct pv_device *camera)
{
	char noted[PLACE_LEN], its[PLACE_LEN], name[PLATEVEIL_NAME_LEN];

	describe_place(camera, its);
	view_name(camera, 1, name, sizeof(name));
	return read_place(veil->id, noted) ? !strcmp(noted, its) : !strcmp(veil->name, name);
}

static void take(struct pv_veil *veil, uint32_t id, uint32_t view, uint32_t feed)
{
	veil->id = id;
	veil->view = (int)view;
	veil->feed = (int)feed;
	note_place(veil);
}

/* A veil that was made for this camera and that nobody has; the first, but rather one whose feed is free. */
static bool find(const struct pv_veils *v, const struct pv_device *camera, struct plateveil_info *out)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(v->control, infos);
	bool found = false;

	for (int i = 0; i < n; i++) {
		if (own(v, infos[i].id) || !is_of(&infos[i], camera))
			continue;
		if (!found || (out->feed_open && !infos[i].feed_open))
			*out = infos[i];
		found = true;
	}
	return found;
}

int pv_adopt(const struct pv_veils *v, struct pv_veil *veil)
{
	struct plateveil_create c = { .lease_ms = (uint32_t)veil->rules.lease };
	struct plateveil_info o;

	bool found = find(v, &veil->camera, &o);
	/* Whoever has its feed open, a veiler that is ending or one who looks at all nodes, is about to be done. */
	for (int i = 0; i < 30 && found && o.feed_open; i++) {
		usleep(100000);
		found = find(v, &veil->camera, &o);
	}
	if (found && !o.feed_open) {
		take(veil, o.id, o.view, o.feed);
		return 0;
	}
	free_name(v, &veil->camera, c.name, sizeof(c.name));
	if (ioctl(v->control, PLATEVEIL_IOC_CREATE, &c))
		return -1;
	take(veil, c.id, c.view, c.feed);
	return 0;
}

bool pv_adopt_waits(const struct pv_veils *v, const struct pv_device *camera)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(v->control, infos);
	char noted[PLACE_LEN], its[PLACE_LEN];
	bool waits = false;

	describe_place(camera, its);
	for (int i = 0; i < n; i++)
		waits |= !own(v, infos[i].id) && read_place(infos[i].id, noted) && !strcmp(noted, its);
	return waits;
}

/* Is the camera there that a veil was made for, to have it again? */
static bool is_awaited(const struct pv_veils *v, const char *place, const struct pv_device *list, int n)
{
	char its[PLACE_LEN];

	for (int i = 0; i < n; i++) {
		describe_place(&list[i], its);
		if (list[i].node == PV_NODE_CAMERA && !strcmp(its, place) && !pv_veils_find(v, list[i].path))
			return true;
	}
	return false;
}

bool pv_adopt_orphans(const struct pv_veils *v, const struct pv_device *list, int n, bool remove)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int veils = pv_control_list(v->control, infos);
	char path[64], place[PLACE_LEN];
	bool left = false;

	if (pv_gates_guard(v->control) & PLATEVEIL_GUARD_LOCKED)
		return false;
	for (int i = 0; i < veils; i++) {
		if (!read_place(infos[i].id, place) || own(v, infos[i].id) || is_awaited(v, place, list, n))
			continue;
		name_place(infos[i].id, path);
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
