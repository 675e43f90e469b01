// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"
#include "rules/rules.h"

static bool is_path_of(const char *word, const char *path)
{
	struct stat a, b;

	return !stat(word, &a) && !stat(path, &b) && S_ISCHR(a.st_mode) && a.st_rdev == b.st_rdev;
}

/* Can it stand in a rules file, as a section's name and as a value? */
static bool is_sayable(const char *name)
{
	size_t n = strlen(name);

	return n && n < PV_NAME_LEN && !strpbrk(name, "\"];\n") && *name != ' ' && name[n - 1] != ' ';
}

/* A camera behind a gate cannot be asked, and the kernel's name for it may differ from its own. plateveild has asked
 * those that it veils, and goes by what they said. */
static int list_devices(struct pv_device d[PV_MAX_DEVICES], const cJSON *status)
{
	int n = pv_device_list(-1, d, PV_MAX_DEVICES);
	const cJSON *veil;

	cJSON_ArrayForEach(veil, cJSON_GetObjectItem(status, "veils")) {
		for (int i = 0; i < n; i++) {
			if (d[i].node != PV_NODE_CAMERA || strcmp(d[i].path, pv_text(veil, "camera")) ||
			    !pv_truth(veil, "plugged_in"))
				continue;
			snprintf(d[i].name, sizeof(d[i].name), "%s", pv_text(veil, "camera_name"));
			snprintf(d[i].bus, sizeof(d[i].bus), "%s", pv_text(veil, "bus"));
		}
	}
	return n;
}

/* What plateveild says, to be deleted; NULL without it. */
static cJSON *ask_status(void)
{
	cJSON *status;

	pv_ask_briefly("status", &status);
	return status;
}

/* The camera's path of the view at this one, kept until the next call; or itself. */
static const char *behind_view(const char *path, const cJSON *status)
{
	static char camera[64];
	const cJSON *veil;

	cJSON_ArrayForEach(veil, cJSON_GetObjectItem(status, "veils")) {
		if (!is_path_of(path, pv_text(veil, "view")) || !pv_truth(veil, "plugged_in"))
			continue;
		snprintf(camera, sizeof(camera), "%s", pv_text(veil, "camera"));
		path = camera;
	}
	return path;
}

static bool is_path(const char *word)
{
	return *word == '/' || *word == '.';
}

static bool is_called(const struct pv_device *d, const char *word)
{
	return d->node == PV_NODE_CAMERA && (!strcmp(d->name, word) || !strcmp(d->bus, word));
}

void pv_camera_path(const char *word, char *path, size_t size)
{
	static struct pv_device d[PV_MAX_DEVICES];
	cJSON *status = is_path(word) ? NULL : ask_status();
	int n = is_path(word) ? 0 : list_devices(d, status), i = 0;

	cJSON_Delete(status);
	while (i < n && !is_called(&d[i], word))
		i++;
	char *real = i < n ? NULL : realpath(word, NULL);
	snprintf(path, size, "%s", i < n ? d[i].path : real ? real : word);
	free(real);
}

bool pv_cameras_are_roots(void)
{
	return !access("/usr/lib/udev/rules.d/72-plateveil.rules", F_OK) ||
	       !access("/usr/local/lib/udev/rules.d/72-plateveil.rules", F_OK);
}

int pv_camera_meant(const char *word, struct pv_meant *out)
{
	static struct pv_device d[PV_MAX_DEVICES];
	cJSON *status = ask_status();
	int n = list_devices(d, status), at = -1, alike = 0;
	bool path = is_path(word);

	if (path)
		word = behind_view(word, status);
	cJSON_Delete(status);

	for (int i = 0; i < n && at < 0; i++) {
		bool by_path = is_path_of(word, d[i].path);
		if ((by_path && d[i].node == PV_NODE_CAMERA) || is_called(&d[i], word)) {
			path = by_path;
			at = i;
		}
	}
	if (at < 0 && path)
		return pv_fail("%s is no camera that is plugged in; `plateveil devices` lists them", word);
	for (int i = 0; i < n && at >= 0; i++)
		alike += d[i].node == PV_NODE_CAMERA && !strcmp(d[i].name, d[at].name) && strcmp(d[i].bus, d[at].bus);
	/* By its name, if that says which it is, and else by its place. */
	if (path)
		word = alike || !is_sayable(d[at].name) ? d[at].bus : d[at].name;
	if (!is_sayable(word))
		return pv_fail("'%.80s' is no camera's name that rules can have; `plateveil devices` lists them, and "
			       "the places where they are plugged in", word);
	snprintf(out->word, sizeof(out->word), "%.31s", word);
	snprintf(out->name, sizeof(out->name), "%.31s", at < 0 ? word : d[at].name);
	snprintf(out->bus, sizeof(out->bus), "%.31s", at < 0 ? word : d[at].bus);
	out->here = at >= 0;
	return PV_DONE;
}

int pv_cmd_devices(int argc, char **argv)
{
	bool json = pv_option(&argc, argv, "--json");
	struct pv_device d[PV_MAX_DEVICES];
	cJSON *list = NULL;

	if (argc > 1)
		return pv_usage("devices");
	cJSON *status = ask_status();
	int n = list_devices(d, status), shown = 0;
	cJSON_Delete(status);
	if (json)
		list = cJSON_CreateArray();
	for (int i = 0; i < n; i++) {
		const char *kind = d[i].node == PV_NODE_CAMERA ? "camera" : "view";
		/* Feeds and metadata nodes are not for people. */
		if (d[i].node != PV_NODE_CAMERA && d[i].node != PV_NODE_VIEW)
			continue;
		if (!json)
			printf("%-13s %-7s %-32s %s\n", d[i].path, kind, d[i].name,
			       d[i].node == PV_NODE_CAMERA ? d[i].bus : "");
		shown++;
		cJSON *j = json ? cJSON_CreateObject() : NULL;
		cJSON_AddStringToObject(j, "path", d[i].path);
		cJSON_AddStringToObject(j, "kind", kind);
		cJSON_AddStringToObject(j, "name", d[i].name);
		cJSON_AddStringToObject(j, "bus", d[i].bus);
		cJSON_AddStringToObject(j, "driver", d[i].driver);
		cJSON_AddItemToArray(list, j);
	}
	if (json) {
		pv_print_json(list, true);
		cJSON_Delete(list);
	}
	if (shown || json)
		return PV_DONE;
	if (!access("/dev/video0", F_OK) && access("/dev/video0", R_OK | W_OK))
		return pv_fail("you may not open the cameras: %s; where plateveil is installed they are root's, and "
			       "their views everyone's: `sudo plateveil doctor` says what is missing", strerror(errno));
	puts("No camera found. One of several planes, or that only libcamera can drive, is\nnot handled.");
	return PV_DONE;
}
