// SPDX-License-Identifier: GPL-2.0-or-later
#include "pipeline.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t pv_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t pv_boot_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int pv_pipeline_prepare(struct pv_pipeline *p, int width, int height)
{
	if (p->detector && p->width == width && p->height == height &&
	    p->search == p->rules.search)
		return 0;
	/* Places in another size of picture mean nothing; another search does not move them. */
	if (p->width != width || p->height != height)
		pv_tracker_reset(&p->tracker);
	pv_detector_free(p->detector);
	p->width = width;
	p->height = height;
	p->search = p->rules.search;
	p->detector = pv_detector_new(width, height, p->search, p->error, sizeof(p->error));
	return p->detector ? 0 : -1;
}

void pv_pipeline_free(struct pv_pipeline *p)
{
	pv_detector_free(p->detector);
	p->detector = NULL;
	pv_redactor_free(&p->redactor);
}

/* What to veil in f; -1 with p->error when that is not known. */
static int verdict(struct pv_pipeline *p, const struct pv_frame *f)
{
	struct pv_detection found[PV_MAX_DETECTIONS], veiled[2 * PV_MAX_TRACKS];
	float least = p->photos ? (float)p->rules.minimum_score
				: pv_tracker_floor(p->rules.minimum_score);

	if (pv_pipeline_prepare(p, f->width, f->height))
		return -1;
	uint64_t begun = pv_now_ns();
	int n = pv_detector_run(p->detector, f->plane[0], (size_t)f->stride[0], least, found,
				PV_MAX_DETECTIONS);
	p->stats.detect_ns = pv_now_ns() - begun;
	p->stats.total_ns += p->stats.detect_ns;
	if (p->stats.detect_ns > p->stats.slowest_ns)
		p->stats.slowest_ns = p->stats.detect_ns;
	if (n < 0) {
		snprintf(p->error, sizeof(p->error), "detection failed");
		return -1;
	}
	if (!p->photos && p->stats.detect_ns > (uint64_t)p->rules.deadline * 1000000u) {
		snprintf(p->error, sizeof(p->error), "detection took %.0f ms, deadline %d ms",
			 (double)p->stats.detect_ns / 1e6, p->rules.deadline);
		return -1;
	}
	if (n == PV_MAX_DETECTIONS) {
		snprintf(p->error, sizeof(p->error), "more plates than can be followed");
		return -1;
	}
	if (p->photos)
		return pv_regions(f, &p->rules, found, n, p->regions);
	n = pv_tracker_update(&p->tracker, found, n, f->time_ns ? f->time_ns : begun,
			      p->rules.minimum_score, p->rules.hold, veiled);
	if (n < 0) {
		snprintf(p->error, sizeof(p->error), "more plates than can be followed");
		return -1;
	}
	return pv_regions(f, &p->rules, veiled, n, p->regions);
}

int pv_pipeline_run(struct pv_pipeline *p, struct pv_frame *f)
{
	int n = verdict(p, f);

	p->stats.frames++;
	if (n < 0) {
		p->stats.whole++;
		pv_redact_whole(f);
		return -1;
	}
	p->stats.regions += (uint64_t)n;
	if (pv_redact(&p->redactor, f, &p->rules, p->regions, n)) {
		snprintf(p->error, sizeof(p->error), "not enough memory");
		p->stats.whole++;
		return -1;
	}
	return n;
}
