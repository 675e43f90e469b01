// SPDX-License-Identifier: GPL-2.0-or-later
#include "requests.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "camera/gates.h"
#include "gate.h"

bool pv_daemon_reload(struct pv_daemon *d)
{
	char error[sizeof(d->rules_error)];
	struct pv_ruleset *rules = pv_ruleset_read(d->rules_path, error, sizeof(error));

	if (rules) {
		d->rules_error[0] = 0;
		d->reloaded = true;
		pv_veils_rule(&d->veils, rules);
		return true;
	}
	if (strcmp(d->rules_error, error))
		fprintf(stderr, "plateveild: %s; the old rules stay in force\n", error);
	memcpy(d->rules_error, error, sizeof(error));
	return false;
}

/* --- status -------------------------------------------------------------- */

static void add_warning(cJSON *list, const char *text)
{
	cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

/* What stands on the camera's own node now, whoever set it up. */
static const char *gate_of(int control, const struct pv_veil *v)
{
	static const char *const gates[] = { [PLATEVEIL_GATE_NONE] = "off", [PLATEVEIL_GATE_DENY] = "deny",
					     [PLATEVEIL_GATE_DIVERT] = "divert" };

	return gates[pv_gates_action(control, v->camera.path)];
}

/* Adds what plateveild knows of a veil to what the module does. */
static void describe(int control, const struct pv_veil *v, cJSON *j)
{
	const struct pv_report *r = &v->report;
	cJSON *warnings = cJSON_AddArrayToObject(j, "warnings");
	char text[200];

	cJSON_AddStringToObject(j, "camera", v->camera.path);
	cJSON_AddStringToObject(j, "camera_name", v->camera.name);
	cJSON_AddStringToObject(j, "bus", v->camera.bus);
	cJSON_AddBoolToObject(j, "plugged_in", !v->gone_ns);
	cJSON_AddBoolToObject(j, "camera_open", r->camera_open);
	cJSON_AddStringToObject(j, "gate", gate_of(control, v));
	cJSON_AddNumberToObject(j, "veiler", v->veiler);
	cJSON_AddNumberToObject(j, "starts", v->starts);
	cJSON_AddNumberToObject(j, "frame_rate", r->camera_open ? v->rate : 0);
	cJSON_AddNumberToObject(j, "latency_ms", (double)r->latency_ns_mean / 1e6);
	cJSON_AddNumberToObject(j, "search_ms", (double)r->detect_ns_mean / 1e6);
	cJSON_AddNumberToObject(j, "slowest_ms", (double)r->detect_ns_slowest / 1e6);
	cJSON_AddNumberToObject(j, "plates", r->camera_open ? r->plates : 0);
	cJSON_AddNumberToObject(j, "frames", (double)r->frames);
	cJSON_AddNumberToObject(j, "regions", (double)r->regions);
	cJSON_AddNumberToObject(j, "whole", (double)r->whole);
	cJSON_AddNumberToObject(j, "dropped_frames", (double)r->dropped);
	cJSON_AddNumberToObject(j, "late", (double)r->late);
	cJSON_AddNumberToObject(j, "search", r->search);
	if (v->rules.resting) {
		cJSON_SetValuestring(cJSON_GetObjectItem(j, "state"), "rest");
		add_warning(warnings, "outside the hours of its schedule: applications see the card");
	} else if (*r->note) {
		add_warning(warnings, r->note);
	}
	if (pv_rules_veil_none(&v->rules, text, sizeof(text)))
		add_warning(warnings, text);
	if (*v->gate_trouble)
		add_warning(warnings, v->gate_trouble);
	if (*v->zone_trouble)
		add_warning(warnings, v->zone_trouble);
	if (!v->veiler)
		add_warning(warnings, "its veiler ended; another one starts");
}

static cJSON *describe_veils(struct pv_daemon *d)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(d->veils.control, infos);
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < n; i++) {
		cJSON *j = pv_control_describe(d->veils.control, &infos[i]);
		for (int k = 0; k < d->veils.count; k++)
			if (d->veils.list[k]->id == infos[i].id)
				describe(d->veils.control, d->veils.list[k], j);
		cJSON_AddItemToArray(list, j);
	}
	return list;
}

static cJSON *status(struct pv_daemon *d, const char *camera)
{
	cJSON *j = pv_answer_ok(), *warnings;

	(void)camera;
	cJSON_AddNumberToObject(j, "pid", getpid());
	cJSON_AddItemToObject(j, "veils", describe_veils(d));
	pv_control_gates(d->veils.control, j);
	warnings = cJSON_AddArrayToObject(j, "warnings");
	if (*d->rules_error) {
		char text[sizeof(d->rules_error) + 40];
		snprintf(text, sizeof(text), "%s; the old rules stay in force", d->rules_error);
		add_warning(warnings, text);
	}
	for (int i = 0; i < d->veils.refused; i++)
		if (*d->veils.refusals[i].why)
			add_warning(warnings, d->veils.refusals[i].why);
	return j;
}

/* --- the others ---------------------------------------------------------- */

static cJSON *boxes(struct pv_daemon *d, const char *camera)
{
	struct pv_veil *v = pv_veils_find(&d->veils, camera);

	if (!v)
		return pv_answer_error("%s is not veiled; `plateveil status` lists what is", camera);
	pv_veils_ask_boxes(v);
	cJSON *j = pv_answer_ok(), *frames = cJSON_AddArrayToObject(j, "frames");
	for (int i = 0; i < PV_SEEN; i++) {
		const struct pv_boxes *b = &v->seen[i];
		if (!b->time_ns)
			continue;
		cJSON *frame = cJSON_CreateObject(), *list;
		uint64_t us = b->time_ns / 1000;	/* as in the buffer's timestamp */
		cJSON_AddNumberToObject(frame, "time", (double)us);
		list = cJSON_AddArrayToObject(frame, "boxes");
		for (int k = 0; k < b->count; k++)
			cJSON_AddItemToArray(list, cJSON_CreateFloatArray(&b->box[k].x0, 5));
		cJSON_AddItemToArray(frames, frame);
	}
	return j;
}

static cJSON *up(struct pv_daemon *d, const char *camera)
{
	struct pv_device list[PV_MAX_DEVICES];
	char error[400], view[32];
	bool stays;
	int n = pv_device_list(d->veils.control, list, PV_MAX_DEVICES);

	/* Numbers change hands: this one may have been a veiled camera's that is gone. */
	pv_veils_trace(&d->veils, list, n);
	struct pv_veil *v = pv_veils_up(&d->veils, camera, &stays, error, sizeof(error));
	if (!v)
		return pv_answer_error("%s", error);
	pv_veils_forgive(&d->veils, &v->camera);
	snprintf(view, sizeof(view), "/dev/video%d", v->view);
	cJSON *j = pv_answer_ok();
	cJSON_AddStringToObject(j, "view", view);
	cJSON_AddStringToObject(j, "name", v->camera.name);
	return j;
}

static cJSON *down(struct pv_daemon *d, const char *camera)
{
	struct pv_veil *v = pv_veils_find(&d->veils, camera);
	bool all = !strcmp(camera, "all");
	int n = 0;

	if (!v && !all)
		return pv_answer_error("%s is not veiled; `plateveil status` lists what is", camera);
	if (pv_gates_guard(d->veils.control) & PLATEVEIL_GUARD_LOCKED)
		return pv_answer_error("veils are locked until the machine starts anew");
	while (v || (all && d->veils.count)) {
		v = v ? v : d->veils.list[0];
		pv_veils_leave(&d->veils, &v->camera);
		pv_gate_end(&d->veils, v);
		pv_veils_down(&d->veils, v);
		v = NULL;
		n++;
	}
	cJSON *j = pv_answer_ok();
	cJSON_AddNumberToObject(j, "count", n);
	return j;
}

static cJSON *reload(struct pv_daemon *d, const char *camera)
{
	(void)camera;
	if (!pv_daemon_reload(d))
		return pv_answer_error("%s; the old rules stay in force", d->rules_error);
	cJSON *j = pv_answer_ok();
	cJSON_AddStringToObject(j, "rules", d->rules_path);
	return j;
}

/* The table: what there is to ask for, whether only root may, whether a camera must be named. */
static const struct {
	const char *name;
	bool root, camera;
	cJSON *(*answer)(struct pv_daemon *d, const char *camera);
} requests[] = {
	{ "status", false, false, status },
	{ "boxes", false, true, boxes },
	{ "up", true, true, up },
	{ "down", true, true, down },
	{ "reload", true, false, reload },
};

cJSON *pv_daemon_answer(void *user, const struct pv_request *request, bool root)
{
	struct pv_daemon *d = user;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(requests[i].name, request->name))
			continue;
		if (requests[i].root && !root)
			return pv_answer_error("%s needs root: run it with sudo", request->name);
		if (requests[i].camera && !*request->camera)
			return pv_answer_error("%s needs a camera", request->name);
		d->asked |= requests[i].root && requests[i].answer != reload;	/* of a veil */
		return requests[i].answer(d, request->camera);
	}
	return pv_answer_error("no such request");
}
