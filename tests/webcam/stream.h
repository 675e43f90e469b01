/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends frames to the host, at the pace it asked for. */
#ifndef WEBCAM_STREAM_H
#define WEBCAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "frames.h"
#include "usbip.h"
#include "uvc.h"

struct stream {
	/* set by whoever makes the stream */
	uint64_t fixed_interval; /* ns; 0: what the host committed */
	bool once;		 /* hold the last frame instead of looping */
	bool go_on;		 /* do not begin at the first frame again */
	bool paused;		 /* a hung camera: there, but sends nothing */
	bool faulty;		 /* a third of its frames comes damaged */
	FILE *log;		 /* when which frame is begun, or NULL */
	/* its own */
	unsigned starts;
	size_t next; /* frame to play */
	const struct frame *frame; /* being sent, from offset on; NULL between frames */
	size_t offset;
	uint8_t fid;
	uint64_t due; /* ns, CLOCK_MONOTONIC */
	uint64_t sent; /* whole frames, ever */
};

/* Sends what can be sent now. Returns the ns until there is more to do, UINT64_MAX
 * if only the host can bring that about, or -1 in *error on failure. */
uint64_t stream_run(struct stream *s, struct usbip *usb, const struct uvc *camera,
		    struct frames *frames, int *error);

#endif
