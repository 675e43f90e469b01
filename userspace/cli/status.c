// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"
#include "doors.h"
#include "veild/control.h"

/* The daemon's line about veil `id`, or NULL. */
static const char *line_of(const char *text, unsigned id)
{
	char word[32];
	snprintf(word, sizeof(word), "veil id=%u ", id);
	return strstr(text, word);
}

static long long number_of(const char *line, const char *key)
{
	const char *p = strstr(line, key);
	return p ? atoll(p + strlen(key)) : 0;
}

static void print_camera(const char *line)
{
	const char *camera = strstr(line, "camera="), *note = strstr(line, "note=");
	int end = (int)strcspn(line, "\n");

	if (camera)
		printf("  camera   %.*s, %s\n", (int)strcspn(camera + 7, " \n"), camera + 7,
		       number_of(line, "camera_open=") ? "open" : "closed");
	printf("  search   %.1f ms a frame, slowest %.1f ms; latency %.1f ms\n",
	       (double)number_of(line, "detect_us=") / 1000,
	       (double)number_of(line, "slowest_us=") / 1000,
	       (double)number_of(line, "latency_us=") / 1000);
	printf("  frames   %lld searched, %lld regions veiled, %lld veiled whole, %lld dropped\n",
	       number_of(line, " frames="), number_of(line, "regions="), number_of(line, "whole="),
	       number_of(line, "dropped="));
	if (note && note < line + end && note[5] != '\n' && note[5])
		printf("  trouble  %.*s\n", (int)strcspn(note + 5, "\n"), note + 5);
}

/* Who streams, by name. */
static void print_viewers(int control, uint32_t id)
{
	static struct plateveil_viewer viewers[PLATEVEIL_MAX_VIEWERS];
	int n = pv_control_viewers(control, id, viewers);

	for (int i = 0; i < n; i++) {
		const struct plateveil_viewer *v = &viewers[i];
		char name[sizeof(v->comm)];
		if (!v->streaming)
			continue;
		snprintf(name, sizeof(name), "%s", v->comm);
		pv_device_text(name);
		printf("  viewer   %s (process %d), %llu veiled, %llu cards\n", name, v->pid,
		       (unsigned long long)v->dealt, (unsigned long long)v->cards);
	}
}

static void print_veil(int control, const struct plateveil_info *v, const char *text)
{
	const char *line = line_of(text, v->id);
	const struct plateveil_mode *m = &v->mode;
	const char *state = v->live && v->viewers ? "veiled" : v->viewers ? "card" : "idle";

	printf("%s\n  view     /dev/video%u, %ux%u %.4s, %.4g frames a second\n", v->name, v->view,
	       m->width, m->height, (const char *)&m->pixelformat,
	       (double)m->denominator / m->numerator);
	printf("  state    %s, %u viewer%s\n", state, v->viewers, v->viewers == 1 ? "" : "s");
	print_viewers(control, v->id);
	printf("  dealt    %llu veiled, %llu cards (of %llu sealed, %llu refused)\n",
	       (unsigned long long)v->dealt, (unsigned long long)v->cards,
	       (unsigned long long)v->sealed, (unsigned long long)v->refused);
	if (line)
		print_camera(line);
	else if (!v->feed_open)
		printf("  trouble  no helper seals for it; applications see the card\n");
}

int pv_cmd_status(int argc, char **argv)
{
	struct plateveil_info veils[PLATEVEIL_MAX_VEILS];
	static char text[16384];
	char why[400];

	(void)argv;
	if (argc > 1)
		return pv_usage("status");
	int control = pv_control_open(why, sizeof(why));
	if (control < 0)
		return pv_fail("%s", why);
	int n = pv_control_list(control, veils);
	pv_doors_gates(control);
	if (!n) {
		close(control);
		puts("Nothing is veiled. `sudo plateveil up` veils the first camera.");
		return 0;
	}
	if (pv_ask("status", text, sizeof(text)) < 0 && !geteuid())
		puts("plateveild does not run: applications see the card.\n"
		     "`sudo plateveil up` starts it.");
	for (int i = 0; i < n; i++)
		print_veil(control, &veils[i], text);
	close(control);
	if (geteuid())
		puts("(as root there is more)");
	return 0;
}
