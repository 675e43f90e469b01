// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "camera/gates.h"

int pv_control_open(char *error, size_t size)
{
	int fd = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	uint32_t version = 0;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
			snprintf(error, size, "the plateveil module is not loaded; load it with "
					      "`sudo modprobe plateveil`, and `plateveil doctor` says why "
					      "that fails");
		else
			snprintf(error, size, "%s cannot be opened: %s", PLATEVEIL_DEVICE,
				 strerror(errno));
		return -1;
	}
	if (ioctl(fd, PLATEVEIL_IOC_VERSION, &version) || version != PLATEVEIL_VERSION) {
		snprintf(error, size, "the loaded module speaks version %u, this program %d; install "
				      "both from the same release and load the module again",
			 version, PLATEVEIL_VERSION);
		close(fd);
		return -1;
	}
	return fd;
}

int pv_control_list(int control, struct plateveil_info out[PLATEVEIL_MAX_VEILS])
{
	uint32_t id = 0;
	int n = 0;

	for (; n < PLATEVEIL_MAX_VEILS; n++) {
		memset(&out[n], 0, sizeof(out[n]));
		out[n].id = id;
		if (ioctl(control, PLATEVEIL_IOC_GET_VEIL, &out[n]))
			break;
		id = out[n].id + 1;
	}
	return n;
}

int pv_control_viewers(int control, uint32_t id, struct plateveil_viewer out[PLATEVEIL_MAX_VIEWERS])
{
	struct plateveil_viewers v = { .id = id, .count = PLATEVEIL_MAX_VIEWERS,
				       .viewers = (uintptr_t)out };

	if (ioctl(control, PLATEVEIL_IOC_GET_VIEWERS, &v))
		return 0;
	return v.count < PLATEVEIL_MAX_VIEWERS ? (int)v.count : PLATEVEIL_MAX_VIEWERS;
}

static cJSON *describe_mode(const struct plateveil_mode *m)
{
	cJSON *j = cJSON_CreateObject();
	char format[5] = "";

	memcpy(format, &m->pixelformat, 4);
	cJSON_AddStringToObject(j, "format", format);
	cJSON_AddNumberToObject(j, "width", m->width);
	cJSON_AddNumberToObject(j, "height", m->height);
	cJSON_AddNumberToObject(j, "rate", m->numerator ? (double)m->denominator / m->numerator : 0);
	return j;
}

static cJSON *describe_viewers(int control, uint32_t id)
{
	static struct plateveil_viewer viewers[PLATEVEIL_MAX_VIEWERS];
	cJSON *list = cJSON_CreateArray();
	int n = pv_control_viewers(control, id, viewers);

	for (int i = 0; i < n; i++) {
		struct plateveil_viewer *v = &viewers[i];
		cJSON *j = cJSON_CreateObject();
		v->comm[sizeof(v->comm) - 1] = 0;
		for (char *c = v->comm; *c; c++)	/* a process names itself as it likes */
			if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
				*c = '?';
		cJSON_AddStringToObject(j, "name", v->comm);
		cJSON_AddNumberToObject(j, "pid", v->pid);
		cJSON_AddBoolToObject(j, "streaming", v->streaming);
		cJSON_AddNumberToObject(j, "dealt", (double)v->dealt);
		cJSON_AddNumberToObject(j, "cards", (double)v->cards);
		cJSON_AddNumberToObject(j, "dropped", (double)v->dropped);
		cJSON_AddItemToArray(list, j);
	}
	return list;
}

cJSON *pv_control_describe(int control, const struct plateveil_info *info)
{
	cJSON *j = cJSON_CreateObject();
	char view[32];

	snprintf(view, sizeof(view), "/dev/video%u", info->view);
	cJSON_AddNumberToObject(j, "id", info->id);
	cJSON_AddStringToObject(j, "name", info->name);
	cJSON_AddStringToObject(j, "view", view);
	cJSON_AddStringToObject(j, "state", info->live && info->viewers ? "veiled" :
					    info->viewers ? "card" : "idle");
	cJSON_AddItemToObject(j, "mode", describe_mode(&info->mode));
	cJSON_AddItemToObject(j, "viewers", describe_viewers(control, info->id));
	cJSON_AddNumberToObject(j, "lease_ms", info->lease_ms);
	cJSON_AddBoolToObject(j, "helper", info->feed_open > 0);
	cJSON_AddNumberToObject(j, "sealed", (double)info->sealed);
	cJSON_AddNumberToObject(j, "refused", (double)info->refused);
	cJSON_AddNumberToObject(j, "dealt", (double)info->dealt);
	cJSON_AddNumberToObject(j, "cards", (double)info->cards);
	cJSON_AddNumberToObject(j, "dropped", (double)info->dropped);
	return j;
}

static cJSON *describe_gate(const struct plateveil_gate *g)
{
	cJSON *j = cJSON_CreateObject();
	char on[96] = "all cameras";

	if (g->pattern == PLATEVEIL_GATE_NODE)
		snprintf(on, sizeof(on), "/dev/video%u", g->node);
	else if (g->pattern != PLATEVEIL_GATE_ALL)
		snprintf(on, sizeof(on), "%s %.63s",
			 g->pattern == PLATEVEIL_GATE_DRIVER ? "driver" : "camera at", g->name);
	cJSON_AddStringToObject(j, "on", on);
	cJSON_AddStringToObject(j, "action", g->action == PLATEVEIL_GATE_DENY ? "deny" : "divert");
	cJSON_AddNumberToObject(j, "nodes", g->nodes);
	cJSON_AddNumberToObject(j, "refused", (double)g->refused);
	cJSON_AddNumberToObject(j, "diverted", (double)g->diverted);
	return j;
}

void pv_control_gates(int control, cJSON *status)
{
	struct plateveil_gate gates[PLATEVEIL_MAX_GATES];
	int n = pv_gates_list(control, gates);
	cJSON *list = cJSON_AddArrayToObject(status, "gates");

	for (int i = 0; i < n; i++)
		cJSON_AddItemToArray(list, describe_gate(&gates[i]));
	cJSON_AddBoolToObject(status, "lock", pv_gates_guard(control) & PLATEVEIL_GUARD_LOCKED);
}
