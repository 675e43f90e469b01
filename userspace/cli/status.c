// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "veild/control.h"

#define INDENT 12

static enum pv_look look_of(const char *state)
{
	return !strcmp(state, "veiled") ? PV_GOOD : !strcmp(state, "card") ? PV_BAD : PV_FAINT;
}

static void print_viewers(const cJSON *veil)
{
	char text[400] = "";
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach(v, cJSON_GetObjectItem(veil, "viewers"))
		if (pv_truth(v, "streaming") && n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s (process %.0f)",
					      n ? ", " : "", pv_text(v, "name"), pv_number(v, "pid"));
	pv_print_wrapped(stdout, "  viewers", INDENT, n ? text : "none");
}

/* What plateveild adds to what the module knows. */
static void print_camera(const cJSON *veil)
{
	printf("  camera    %s, %s; gate %s\n", pv_text(veil, "camera"),
	       pv_truth(veil, "camera_open") ? "open" : "closed", pv_text(veil, "gate"));
	printf("  pace      %.1f frames/s, latency %.0f ms; search %.1f ms, slowest %.1f ms\n",
	       pv_number(veil, "frame_rate"), pv_number(veil, "latency_ms"),
	       pv_number(veil, "search_ms"), pv_number(veil, "slowest_ms"));
	printf("  plates    %.0f now; %.0f frames searched, %.0f veiled whole, %.0f late\n",
	       pv_number(veil, "plates"), pv_number(veil, "frames"), pv_number(veil, "whole"),
	       pv_number(veil, "late"));
}

static void print_warnings(const cJSON *object, const char *label)
{
	const cJSON *w;

	cJSON_ArrayForEach(w, cJSON_GetObjectItem(object, "warnings")) {
		fputs(pv_look(PV_WARN), stdout);
		pv_print_wrapped(stdout, label, INDENT, w->valuestring);
		fputs(pv_look(PV_PLAIN), stdout);
	}
}

static void print_veil(const cJSON *veil)
{
	const cJSON *mode = cJSON_GetObjectItem(veil, "mode");
	const char *state = pv_text(veil, "state");

	printf("%s%-54.54s%s %12s  %s%s%s\n", pv_look(PV_BOLD), pv_text(veil, "name"),
	       pv_look(PV_PLAIN), pv_text(veil, "view"), pv_look(look_of(state)), state,
	       pv_look(PV_PLAIN));
	printf("  mode      %.0fx%.0f %s, %.4g frames/s\n", pv_number(mode, "width"),
	       pv_number(mode, "height"), pv_text(mode, "format"), pv_number(mode, "rate"));
	if (*pv_text(veil, "camera"))
		print_camera(veil);
	print_viewers(veil);
	printf("  dealt     %.0f veiled, %.0f cards (of %.0f sealed, %.0f refused)\n",
	       pv_number(veil, "dealt"), pv_number(veil, "cards"), pv_number(veil, "sealed"),
	       pv_number(veil, "refused"));
	print_warnings(veil, "  warning");
}

/* Without plateveild, or without its leave: what the module itself says. NULL with the reason told. */
static cJSON *ask_module(bool forbidden)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	char why[400];
	int control = pv_control_open(why, sizeof(why));

	if (control < 0) {
		pv_fail("%s", why);
		return NULL;
	}
	cJSON *j = cJSON_CreateObject(), *list, *warnings;
	cJSON_AddNumberToObject(j, "version", PV_PROTOCOL);
	cJSON_AddBoolToObject(j, "ok", true);
	pv_control_gates(control, j);
	list = cJSON_AddArrayToObject(j, "veils");
	warnings = cJSON_AddArrayToObject(j, "warnings");
	int n = pv_control_list(control, infos);
	for (int i = 0; i < n; i++)
		cJSON_AddItemToArray(list, pv_control_describe(control, &infos[i]));
	close(control);
	if (n && !forbidden)
		cJSON_AddItemToArray(warnings, cJSON_CreateString(
			"plateveild does not run: applications see the card; `sudo plateveil up` starts "
			"it"));
	else if (n)
		cJSON_AddItemToArray(warnings, cJSON_CreateString(
			"root and the group plateveil are told more"));
	return j;
}

static void print_page(const cJSON *status)
{
	const cJSON *veils = cJSON_GetObjectItem(status, "veils"), *veil;
	const cJSON *gate;

	cJSON_ArrayForEach(veil, veils)
		print_veil(veil);
	if (!cJSON_GetArraySize(veils))
		puts("Nothing is veiled. `sudo plateveil up` veils the first camera.");
	cJSON_ArrayForEach(gate, cJSON_GetObjectItem(status, "gates"))
		printf("gate        %s: %s, on %.0f node%s; %.0f refused, %.0f diverted\n",
		       pv_text(gate, "on"), pv_text(gate, "action"), pv_number(gate, "nodes"),
		       pv_number(gate, "nodes") == 1 ? "" : "s", pv_number(gate, "refused"),
		       pv_number(gate, "diverted"));
	if (pv_truth(status, "lock"))
		puts("lock        gates, veils and module stay until the machine starts anew");
	print_warnings(status, "warning");
}

/* line: JSON on one. */
static int show(bool json, bool line)
{
	cJSON *status;
	enum pv_asked got = pv_ask("status", NULL, &status);

	if (got == PV_ASKED_REFUSED)
		return PV_FAILED;
	if (got != PV_ASKED)
		status = ask_module(got == PV_ASKED_FORBIDDEN);
	if (!status)
		return PV_FAILED;
	if (json)
		pv_print_json(status, !line);
	else
		print_page(status);
	cJSON_Delete(status);
	return PV_DONE;
}

int pv_cmd_status(int argc, char **argv)
{
	bool json = pv_option(&argc, argv, "--json"), watch = pv_option(&argc, argv, "--watch");
	struct timespec second = { .tv_sec = 1 };

	if (argc > 1)
		return pv_usage("status");
	if (!watch)
		return show(json, false);
	for (;;) {
		if (!json && isatty(1))
			fputs("\033[H\033[2J", stdout);
		int err = show(json, true);
		if (err)
			return err;
		if (fflush(stdout))	/* nobody reads any more */
			return PV_FAILED;
		nanosleep(&second, NULL);
	}
}
