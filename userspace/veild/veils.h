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

#define PV_SEEN 8		/* frames whose boxes are kept */

struct pv_veil {
	struct pv_device camera;	/* as it was last seen; found again by name and bus */
	uint32_t id;			/* the module's */
	int view, feed;			/* N of /dev/videoN */
	struct pv_rules rules;		/* its own */
	pid_t veiler;			/* 0: none runs */
	int socket;			/* to it, or -1 */
	uint64_t start_ns;		/* when to start the next one */
	uint64_t delay_ns;		/* doubles while they end before they work */
	int starts;
	struct pv_report report;
	uint64_t began_ns;		/* when the veiler was started */
	uint64_t asked_boxes_ns;
	uint64_t gave_ns;		/* when it last got an answer to PV_WANT_CAMERA */
	int hasty;			/* how often it has asked again at once */
	uint64_t controls_ns;		/* when the module was last told anew of controls */
	bool breached;			/* it broke its sandbox */
	uint64_t heard_ns;		/* when the veiler last said anything, or began */
	uint64_t rate_ns;		/* when the frame rate was last taken */
	uint64_t rate_sealed;
	double rate;			/* frames sealed a second */
	uint64_t gone_ns;		/* since when the camera is not there; 0: it is */
	struct pv_boxes seen[PV_SEEN];	/* a ring */
	int seen_next;
	struct pv_controls controls;	/* as the module was told */
	bool other_controls;		/* the module is to be told anew */
	int gate;			/* enum pv_gate: what its rule has set up */
	char gate_trouble[200];		/* why that is not what the rule says now; or empty */
	char zone_trouble[200];		/* the same of burned zones */
};

/* A camera that should be veiled and is not. */
struct pv_refusal {
	struct pv_device camera;
	char why[200];			/* empty: `down` asked for it */
};

struct pv_veils {
	int control;			/* /dev/plateveil */
	uint64_t began_ns;		/* when cameras were first looked for */
	struct pv_ruleset *rules;
	struct pv_refusal refusals[PV_MAX_DEVICES];
	int refused;
	struct pv_veil *list[PLATEVEIL_MAX_VEILS];
	int count;
};

/* Veils the camera at path; NULL with a reason that names the mend, and whether it will be so again: *stays. The veils
 * there are have been traced. */
struct pv_veil *pv_veils_up(struct pv_veils *v, const char *path, bool *stays, char *error, size_t size);

/* By the view's path or the camera's, if that is there; NULL if there is none. */
struct pv_veil *pv_veils_find(const struct pv_veils *v, const char *path);

/* Which of the veils' cameras are among these n devices, and at what number? The veils take note of both. */
void pv_veils_trace(struct pv_veils *v, const struct pv_device *list, int n);

/* Are they one camera at one number? */
bool pv_veils_same(const struct pv_device *a, const struct pv_device *b);

/* Opens it for a veil (or PLATEVEIL_NO_VEIL); -1 if it cannot be, or if the number is another's by now. */
int pv_veils_open_same(const struct pv_veils *v, const struct pv_device *d, uint32_t veil);

/* The veil's camera, wherever it is now: unplugged and replugged it may have another number; -1 if it is gone. */
int pv_veils_open_camera(struct pv_veils *v, struct pv_veil *veil);

void pv_veils_down(struct pv_veils *v, struct pv_veil *veil);

/* Veils every camera that the rules want veiled and forgets what is gone. True: again soon, since
 * one could not be veiled yet or went away a moment ago. */
bool pv_veils_gather(struct pv_veils *v);
/* The second half of that alone. */
bool pv_veils_forget(struct pv_veils *v);

/* Ends all veilers, for who takes all veils down: together they need no longer than the slowest. */
void pv_veils_end(struct pv_veils *v);

/* `down` asked for it: not veiled by itself again until it is plugged in anew. */
void pv_veils_leave(struct pv_veils *v, const struct pv_device *camera);

/* It may be, again. */
void pv_veils_forgive(struct pv_veils *v, const struct pv_device *camera);

/* Ends veilers that hang, and follows schedules; returns ms until it is to be called again. */
int pv_veils_watch(struct pv_veils *v);

/* Starts veilers that are due; returns ms until the next is, or -1. */
int pv_veils_start(struct pv_veils *v);

/* A child ended. */
void pv_veils_reap(struct pv_veils *v, pid_t pid, int status);

/* Something came from a veiler. */
void pv_veils_hear(struct pv_veils *v, struct pv_veil *veil);

/* From now on the veiler says what it veils, for some seconds: see `seen`. */
void pv_veils_ask_boxes(struct pv_veil *veil);

/* New rules for everyone; takes them over. */
void pv_veils_rule(struct pv_veils *v, struct pv_ruleset *rules);

#endif
