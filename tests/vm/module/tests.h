// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the module alone: what they share. Each test is a process of its own with a time limit. */
#ifndef TESTS_H
#define TESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/plateveil.h"

/* Prints "ok - what" or "not ok - what". */
void check(bool ok, const char *what, ...) __attribute__((format(printf, 2, 3)));
/* The call must fail, and so. */
void refused(int got, int why, const char *what);
/* What a test cannot go on without. */
void need(bool ok, const char *what);

/* --- veils ---------------------------------------------------------------- */

struct veil {
	uint32_t id, view, feed;
};

int control_fd(void);		/* /dev/plateveil */
struct veil veil_make(const char *name);
void veil_remove(const struct veil *v);
struct plateveil_info veil_info(const struct veil *v);
struct plateveil_mode mode_of(uint32_t format, uint32_t width, uint32_t height, uint32_t rate);
int set_modes(const struct veil *v, const struct plateveil_mode *modes, uint32_t count,
	      uint32_t lease_ms);
int open_node(uint32_t number);	/* O_NONBLOCK; needs it */

/* --- streams: a node with buffers ----------------------------------------- */

#define MAX_BUFFERS 8

struct stream {
	int fd;
	uint32_t type, memory;
	struct v4l2_format format;
	uint32_t count;
	void *start[MAX_BUFFERS];
	size_t length[MAX_BUFFERS];
	int dmabuf[MAX_BUFFERS];	/* V4L2_MEMORY_DMABUF: to import, from the caller */
};

/* A view's, on which it chooses (0: whatever is), without buffers. */
struct stream view_open(const struct veil *v, uint32_t format, uint32_t width, uint32_t height);
/* Such a one, or a feed's. Buffers, and STREAMON. */
struct stream view_start(const struct veil *v, uint32_t format, uint32_t width, uint32_t height);
struct stream feed_start(const struct veil *v);
/* The parts of it. 0 or -1 with errno. */
int stream_format(struct stream *s, uint32_t format, uint32_t width, uint32_t height);
int stream_buffers(struct stream *s, uint32_t memory, uint32_t count);
int stream_queue(struct stream *s, uint32_t index, uint32_t bytesused);
int stream_on(struct stream *s);
int stream_off(struct stream *s);
void stream_unmap(struct stream *s);
void stream_end(struct stream *s);	/* that, and close */

/* The next buffer within `ms`: 0, or -1 with errno (ETIME). */
int stream_take(struct stream *s, struct v4l2_buffer *b, int ms);
/* Queues all a capture stream has. */
void stream_fill(struct stream *s);

/* Seals a picture in the feed's next buffer; 0 or -1 with errno. */
int seal(struct stream *feed, const void *picture, size_t size);

/* Seals `picture` again and again until the view shows it byte for byte; cards may come between,
 * nothing else. The buffer it came in, already queued again, is described in `b`. */
bool shows(struct stream *view, struct stream *feed, const void *picture, size_t size,
	   struct v4l2_buffer *b);

/* A picture of `size` bytes that is like no card and no other seed's. */
uint8_t *make_picture(size_t size, unsigned seed);

/* --- the tests ------------------------------------------------------------ */

void test_feed(void);
void test_jpeg(void) __attribute__((weak));	/* 32-bit: there is no libturbojpeg */
void test_card(void) __attribute__((weak));	/* likewise */
void test_zones(void);
void test_watched(void);
void test_controls(void);
void test_modes(void);
void test_life(void);
void test_buffers(void);
void test_uapi(void);
void test_gate(void);
void test_pass(void);
void test_divert(void);
void test_turns(void);
void test_lock(void);

#endif
