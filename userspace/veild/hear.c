// SPDX-License-Identifier: GPL-2.0-or-later
#include "hear.h"

#include <stdio.h>

#include "pipeline.h"

#define WORKS_NS 10000000000u	/* a veiler that lives so long works, though it has sealed nothing */
#define RATE_NS 900000000u	/* the frame rate is taken over */

static void take_report(struct pv_veil *veil, const struct pv_report *r)
{
	uint64_t now = veil->heard_ns;

	/* It works: what comes first has not felled it. */
	if (r->sealed || now - veil->began_ns > WORKS_NS)
		veil->delay_ns = 0;
	veil->report = *r;
	veil->report.note[sizeof(veil->report.note) - 1] = 0;
	pv_device_text(veil->report.note);
	if (r->sealed < veil->rate_sealed)
		veil->rate_sealed = r->sealed;
	if (now - veil->rate_ns < RATE_NS)
		return;
	veil->rate = (double)(r->sealed - veil->rate_sealed) * 1e9 / (double)(now - veil->rate_ns);
	veil->rate_sealed = r->sealed;
	veil->rate_ns = now;
}

static void take_boxes(struct pv_veil *veil, const struct pv_boxes *b)
{
	struct pv_boxes *to = &veil->seen[veil->seen_next];

	*to = *b;
	if (b->count < 0 || b->count > PV_MAX_DETECTIONS)
		to->count = 0;
	veil->seen_next = (veil->seen_next + 1) % PV_SEEN;
}

/* Once: it is about to end, or lies. */
static void tell_breach(struct pv_veil *veil, const struct pv_breach *b)
{
	char text[160];

	if (veil->breached)
		return;
	veil->breached = true;
	pv_breach_text(b, text, sizeof(text));
	fprintf(stderr, "plateveild: the veiler of %s broke its sandbox: %s\n", veil->camera.path, text);
}

void pv_hear(struct pv_veil *veil, const struct pv_message *m)
{
	switch (m->word) {
	case PV_REPORT:
		take_report(veil, &m->report);
		break;
	case PV_BOXES:
		take_boxes(veil, &m->boxes);
		break;
	case PV_CONTROLS:
		veil->other_controls = true;
		break;
	case PV_BREACH:
		tell_breach(veil, &m->breach);
		break;
	default:
		break;
	}
}
