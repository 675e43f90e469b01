// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveild's veils: a camera, the module's veil for it, and its veiler process. */
#ifndef PV_VEILS_H
#define PV_VEILS_H

#include <stdbool.h>
#include <sys/types.h>

#include "camera/camera.h"
#include "camera/controls.h"
#include "link.h"
#include "rules/rules.h"

struct pv_veil {
	struct pv_device camera;	/* as it was when veiled; found again by name and bus */
	uint32_t id;			/* the module's */
	int view, feed;			/* N of /dev/videoN */
	pid_t veiler;			/* 0: none runs */
	int socket;			/* to it, or -1 */
	uint64_t start_ns;		/* when to start the next one */
	uint64_t delay_ns;		/* doubles while they end before they work */
	int starts;
	struct pv_report report;
	struct pv_controls controls;	/* as the module was told */
};

struct pv_veils {
	int control;			/* /dev/plateveil */
	struct pv_rules rules;
	struct pv_veil *list[PLATEVEIL_MAX_VEILS];
	int count;
};

/* Veils the camera at path; NULL with a reason that names the mend. */
struct pv_veil *pv_veils_up(struct pv_veils *v, const char *path, char *error, size_t size);

/* By the camera's or the view's path; NULL if there is none. */
struct pv_veil *pv_veils_find(struct pv_veils *v, const char *path);

void pv_veils_down(struct pv_veils *v, struct pv_veil *veil);

/* Starts veilers that are due; returns ms until the next is, or -1. */
int pv_veils_start(struct pv_veils *v);

/* A child ended. */
void pv_veils_reap(struct pv_veils *v, pid_t pid, int status);

/* Something came from a veiler. */
void pv_veils_hear(struct pv_veils *v, struct pv_veil *veil);

/* New rules for everyone. */
void pv_veils_rule(struct pv_veils *v, const struct pv_rules *rules);

#endif
