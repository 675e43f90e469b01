// SPDX-License-Identifier: GPL-2.0-or-later
/* Cameras come back at other numbers: where is a veil's now? */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "camera/camera.h"
#include "camera/gates.h"
#include "control.h"
#include "pipeline.h"
#include "veils.h"

struct pv_veil *pv_veils_find(const struct pv_veils *v, const char *path)
{
	char view[32];

	for (int i = 0; i < v->count; i++) {
		snprintf(view, sizeof(view), "/dev/video%d", v->list[i]->view);
		bool there = !v->list[i]->gone_ns;	/* or the number is another camera's by now */
		if ((there && !strcmp(v->list[i]->camera.path, path)) || !strcmp(view, path))
			return v->list[i];
	}
	return NULL;
}

static void trace(struct pv_veils *v, struct pv_veil *veil, const struct pv_device *list, int n)
{
	const struct pv_device *found = NULL;

	for (int i = 0; i < n; i++) {
		struct pv_veil *owner = pv_veils_find(v, list[i].path);
		bool own = !strcmp(list[i].path, veil->camera.path);
		if (list[i].node != PV_NODE_CAMERA || strcmp(list[i].name, veil->camera.name) ||
		    strcmp(list[i].bus, veil->camera.bus) || list[i].index != veil->camera.index ||
		    (owner && owner != veil))
			continue;
		/* One device may have several cameras: rather the one it was. */
		if (!found || own)
			found = &list[i];
	}
	if (found) {
		veil->camera = *found;
		veil->gone_ns = 0;
	} else if (!veil->gone_ns) {
		veil->gone_ns = pv_now_ns();
	}
}

void pv_veils_trace(struct pv_veils *v, const struct pv_device *list, int n)
{
	/* Where cameras have changed numbers, the one whose number is another's by now is found once that one is. */
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < v->count; i++)
			trace(v, v->list[i], list, n);
}

bool pv_veils_same(const struct pv_device *a, const struct pv_device *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->bus, b->bus) && a->index == b->index && !strcmp(a->path, b->path);
}

int pv_veils_open_same(const struct pv_veils *v, const struct pv_device *d, uint32_t veil)
{
	int fd = pv_gates_open(v->control, d->path, veil);
	struct pv_device now = *d;

	if (fd < 0)
		return -1;
	pv_device_query(fd, &now);
	if (now.node == d->node && pv_veils_same(&now, d))
		return fd;
	close(fd);
	return -1;
}

int pv_veils_open_camera(struct pv_veils *v, struct pv_veil *veil)
{
	struct pv_device list[PV_MAX_DEVICES];
	int n = pv_device_list(v->control, list, PV_MAX_DEVICES);

	pv_veils_trace(v, list, n);
	return veil->gone_ns ? -1 : pv_veils_open_same(v, &veil->camera, veil->id);
}
