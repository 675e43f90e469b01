// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"

static bool is_path_of(const char *word, const char *path)
{
	struct stat a, b;

	return !stat(word, &a) && !stat(path, &b) && S_ISCHR(a.st_mode) && a.st_rdev == b.st_rdev;
}

int pv_camera_meant(const char *word, struct pv_meant *out)
{
	static struct pv_device d[PV_MAX_DEVICES];
	int n = pv_device_list(-1, d, PV_MAX_DEVICES), at = -1, alike = 0;

	if (strlen(word) >= (*word == '/' ? PATH_MAX : sizeof(out->name)) || strpbrk(word, "\"]\n") || !*word)
		return pv_fail("'%.80s' is no camera's name; `plateveil devices` lists them", word);
	for (int i = 0; i < n && at < 0; i++)
		if (d[i].node == PV_NODE_CAMERA && (!strcmp(d[i].name, word) || !strcmp(d[i].bus, word) ||
						    is_path_of(word, d[i].path)))
			at = i;
	if (at < 0 && *word == '/')
		return pv_fail("%s is no camera that is plugged in; `plateveil devices` lists them", word);
	for (int i = 0; i < n && at >= 0; i++)
		alike += d[i].node == PV_NODE_CAMERA && !strcmp(d[i].name, d[at].name) && strcmp(d[i].bus, d[at].bus);
	snprintf(out->name, sizeof(out->name), "%s", at < 0 ? word : d[at].name);
	snprintf(out->bus, sizeof(out->bus), "%s", at < 0 ? word : d[at].bus);
	snprintf(out->word, sizeof(out->word), "%s", *word != '/' ? word : alike ? out->bus : out->name);
	out->here = at >= 0;
	return PV_DONE;
}

int pv_cmd_devices(int argc, char **argv)
{
	static const char *const kinds[] = { "", "other", "camera", "view", "feed" };
	bool json = pv_option(&argc, argv, "--json");
	struct pv_device d[PV_MAX_DEVICES];
	cJSON *list = NULL;

	if (argc > 1)
		return pv_usage("devices");
	int n = pv_device_list(-1, d, PV_MAX_DEVICES), shown = 0;
	if (json)
		list = cJSON_CreateArray();
	for (int i = 0; i < n; i++) {
		/* Feeds and metadata nodes are not for people. */
		if (d[i].node != PV_NODE_CAMERA && d[i].node != PV_NODE_VIEW)
			continue;
		if (!json)
			printf("%-13s %-7s %-32s %s\n", d[i].path, kinds[d[i].node], d[i].name,
			       d[i].node == PV_NODE_CAMERA ? d[i].bus : "");
		shown++;
		cJSON *j = json ? cJSON_CreateObject() : NULL;
		cJSON_AddStringToObject(j, "path", d[i].path);
		cJSON_AddStringToObject(j, "kind", kinds[d[i].node]);
		cJSON_AddStringToObject(j, "name", d[i].name);
		cJSON_AddStringToObject(j, "bus", d[i].bus);
		cJSON_AddStringToObject(j, "driver", d[i].driver);
		cJSON_AddItemToArray(list, j);
	}
	if (json) {
		pv_print_json(list);
		cJSON_Delete(list);
	}
	if (shown || json)
		return PV_DONE;
	if (!access("/dev/video0", F_OK) && access("/dev/video0", R_OK | W_OK))
		return pv_fail("you may not open the cameras: %s; where plateveil is installed they are root's, and "
			       "their views everyone's: `sudo plateveil doctor` says what is missing", strerror(errno));
	puts("No camera found. A camera that only libcamera can drive is not handled.");
	return PV_DONE;
}
