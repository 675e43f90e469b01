// SPDX-License-Identifier: GPL-2.0-or-later
/* Where libjpeg writes a picture to: memory of a fixed size, such as a buffer of the feed. */
#ifndef PV_TARGET_H
#define PV_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "source.h"

struct pv_target {
	struct jpeg_compress_struct out;
	struct jpeg_destination_mgr manager;
	struct pv_source *source;	/* whose errors it shares */
	uint8_t *to;
	size_t room, size;		/* bytes; size counts once the picture is finished */
};

/* Begins a picture; a larger one than there is room for fails. Errors leave by source->failed;
 * then, and in the end, pv_target_close(). */
void pv_target_open(struct pv_target *t, struct pv_source *source, uint8_t *to, size_t room);
void pv_target_close(struct pv_target *t);
/* Fails for want of room. */
void pv_target_overflow(struct pv_target *t) __attribute__((noreturn));

#endif
