// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <string.h>
#include <time.h>

enum { PAYLOAD_HEADER = 12 };
enum { HEAD_FID = 1, HEAD_EOF = 2, HEAD_PTS = 4, HEAD_ERR = 0x40, HEAD_EOH = 0x80 };

/* Of a bad cable: a frame ends early, lacks a part, or is said to be damaged. */
enum { WHOLE, ENDS_EARLY, HAS_HOLE, FLAGGED, FAULTS };

/* uvcvideo queues this many URBs. */
enum { HOST_URBS = 5 };

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What is wrong with the frame that is being sent: with each third something, by turns. */
static unsigned fault_of(const struct stream *s)
{
	return s->faulty && s->sent % 3 == 2 ? 1 + s->sent / 3 % (FAULTS - 1) : WHOLE;
}

static int send_payload(struct stream *s, struct usbip *usb, uint32_t payload_size)
{
	uint8_t head[PAYLOAD_HEADER] = {PAYLOAD_HEADER, HEAD_EOH | HEAD_PTS};
	uint32_t room = usb->urbs[0].length < payload_size ? usb->urbs[0].length : payload_size;
	uint32_t pts = (uint32_t)(s->due / 100); /* the 10 MHz clock of the descriptors */
	unsigned fault = fault_of(s);
	size_t third = s->frame->size / 3, end = fault == ENDS_EARLY ? third : s->frame->size;

	if (room <= PAYLOAD_HEADER)
		return -1;
	if (fault == HAS_HOLE && s->offset == third)
		s->offset = 2 * third;
	size_t left = (fault == HAS_HOLE && s->offset < third ? third : end) - s->offset;
	size_t size = left < room - PAYLOAD_HEADER ? left : room - PAYLOAD_HEADER;
	head[1] |= s->fid | (fault == FLAGGED ? HEAD_ERR : 0);
	if (s->offset + size == end)
		head[1] |= HEAD_EOF;
	for (unsigned i = 0; i < 4; i++)
		head[2 + i] = (uint8_t)(pts >> 8 * i);
	if (usbip_send(usb, head, sizeof(head), s->frame->data + s->offset, size))
		return -1;
	s->offset += size;
	if (s->offset == end) {
		s->frame = NULL;
		s->fid ^= HEAD_FID;
		s->sent++;
	}
	return 0;
}

static int begin_frame(struct stream *s, const struct uvc *camera, struct frames *frames,
		       uint64_t now)
{
	uint64_t interval = s->fixed_interval ? s->fixed_interval : camera->interval * 100ull;
	size_t count = frames_count(frames, camera->mode);

	if (s->next >= count)
		s->next = s->once ? count - 1 : 0;
	if (frames_get(frames, camera->mode, s->next, &s->frame))
		return -1;
	if (s->log)
		fprintf(s->log, "%zu %.6f\n", s->next, (double)now / 1e9);
	s->next++;
	s->offset = 0;
	/* Late frames do not make the next ones come faster than the interval. */
	s->due += interval;
	if (s->due < now)
		s->due = now;
	return 0;
}

uint64_t stream_run(struct stream *s, struct usbip *usb, const struct uvc *camera,
		    struct frames *frames, int *error)
{
	uint64_t now = now_ns();

	*error = 0;
	if (s->starts != camera->starts) {
		s->starts = camera->starts;
		s->frame = NULL;
		s->due = now;
		if (!s->go_on)
			s->next = 0;
	}
	if (!camera->streaming || s->paused)
		return UINT64_MAX;
	for (;;) {
		if (!s->frame) {
			/*
			 * uvcvideo copies URBs in parallel workers. If one of
			 * this frame met one of the last there, they would be
			 * swapped, so the last ones have to be back first.
			 */
			if (usb->n_urbs < HOST_URBS)
				return UINT64_MAX;
			now = now_ns();
			if (now < s->due)
				return s->due - now;
			if ((*error = begin_frame(s, camera, frames, now)))
				return 0;
		}
		if (!usb->n_urbs)
			return UINT64_MAX;
		if ((*error = send_payload(s, usb, uvc_payload_size(camera))))
			return 0;
	}
}
