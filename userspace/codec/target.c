// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <string.h>

static void begin(j_compress_ptr c)
{
	struct pv_target *t = (struct pv_target *)c;	/* its first member */

	t->manager.next_output_byte = t->to;
	t->manager.free_in_buffer = t->room;
}

void pv_target_overflow(struct pv_target *t)
{
	pv_source_fail(t->source, "the veiled picture does not fit its buffer");
}

static boolean overflow(j_compress_ptr c)
{
	pv_target_overflow((struct pv_target *)c);
}

static void end(j_compress_ptr c)
{
	struct pv_target *t = (struct pv_target *)c;

	t->size = t->room - t->manager.free_in_buffer;
}

void pv_target_open(struct pv_target *t, struct pv_source *source, uint8_t *to, size_t room)
{
	pv_target_close(t);
	t->source = source;
	t->to = to;
	t->room = room;
	t->out.err = pv_source_manager(source);
	t->out.client_data = source;
	jpeg_create_compress(&t->out);
	t->manager.init_destination = begin;
	t->manager.empty_output_buffer = overflow;
	t->manager.term_destination = end;
	t->out.dest = &t->manager;
	if (!room)	/* libjpeg looks only once it has written a byte */
		pv_target_overflow(t);
}

void pv_target_close(struct pv_target *t)
{
	jpeg_destroy((j_common_ptr)&t->out);
	memset(t, 0, sizeof(*t));
}
