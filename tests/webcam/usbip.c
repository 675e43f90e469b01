// SPDX-License-Identifier: GPL-2.0-or-later
#include "usbip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define VHCI "/sys/devices/platform/vhci_hcd.0"

enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { HEADER = 48, SETUP_AT = 40 };

/* Index of each 32-bit word in the header. */
enum {
	W_COMMAND,
	W_SEQ,
	W_DEVID,
	W_DIRECTION,
	W_ENDPOINT,
	W_FLAGS, /* of a SUBMIT; what an UNLINK cancels; a reply's status */
	W_LENGTH,
	W_START_FRAME,
	W_PACKETS,
	W_ERRORS,
};

static uint32_t word(const uint8_t *header, unsigned index)
{
	const uint8_t *p = header + 4 * index;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void set_word(uint8_t *header, unsigned index, uint32_t value)
{
	uint8_t *p = header + 4 * index;

	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

static int read_all(int fd, void *data, size_t size)
{
	uint8_t *p = data;

	while (size) {
		ssize_t n = read(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Blocking is safe here: vhci reads and writes in separate threads. */
static int write_all(int fd, struct iovec *iov, int count)
{
	while (count) {
		struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)count};
		ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		while (count && (size_t)n >= iov->iov_len) {
			n -= (ssize_t)iov->iov_len;
			iov++;
			count--;
		}
		if (count) {
			iov->iov_base = (uint8_t *)iov->iov_base + n;
			iov->iov_len -= (size_t)n;
		}
	}
	return 0;
}

static int reply_submit(struct usbip *u, uint32_t seq, int status, uint32_t actual,
			struct iovec *data, int count)
{
	uint8_t header[HEADER] = {0};
	struct iovec iov[3] = {{header, HEADER}};

	set_word(header, W_COMMAND, RET_SUBMIT);
	set_word(header, W_SEQ, seq);
	set_word(header, W_FLAGS, (uint32_t)status);
	set_word(header, W_LENGTH, actual);
	for (int i = 0; i < count; i++)
		iov[1 + i] = data[i];
	return write_all(u->fd, iov, 1 + count);
}

static int reply_unlink(struct usbip *u, uint32_t seq, int status)
{
	uint8_t header[HEADER] = {0};
	struct iovec iov = {header, HEADER};

	set_word(header, W_COMMAND, RET_UNLINK);
	set_word(header, W_SEQ, seq);
	set_word(header, W_FLAGS, (uint32_t)status);
	return write_all(u->fd, &iov, 1);
}

static int write_attach(const char *line)
{
	int fd = open(VHCI "/attach", O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, line, strlen(line)) < 0)
		err = errno;
	close(fd);
	return err;
}

int usbip_attach(struct usbip *u, unsigned port, enum usb_speed speed)
{
	int pair[2];
	char line[64];
	int err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		perror("webcam: socketpair");
		return -1;
	}
	snprintf(line, sizeof(line), "%u %d %u %d", port, pair[1], 0x10001 + port, speed);
	err = write_attach(line);
	/* A camera just unplugged frees its port a moment later. */
	for (int tries = 0; err == EBUSY && tries < 30; tries++) {
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		err = write_attach(line);
	}
	close(pair[1]);
	if (!err) {
		u->fd = pair[0];
		return 0;
	}
	close(pair[0]);
	if (err == ENOENT)
		fprintf(stderr, "webcam: vhci_hcd is not loaded; modprobe vhci-hcd\n");
	else if (err == EBUSY)
		fprintf(stderr, "webcam: port %u is busy; choose another with --port\n", port);
	else if (err == EINVAL)
		fprintf(stderr, "webcam: vhci_hcd has no port %u\n", port);
	else
		fprintf(stderr, "webcam: %s/attach: %s\n", VHCI, strerror(err));
	return -1;
}

void usbip_detach(struct usbip *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static int receive_control(struct usbip *u, const uint8_t *header)
{
	uint8_t data[USBIP_CONTROL_MAX];
	uint32_t length = word(header, W_LENGTH);
	bool in = word(header, W_DIRECTION);
	struct iovec iov;
	int n;

	if (length > sizeof(data) || (!in && read_all(u->fd, data, length)))
		return -1;
	n = u->control(u->ctx, header + SETUP_AT, data, length);
	if (n < 0)
		return reply_submit(u, word(header, W_SEQ), -EPIPE, 0, NULL, 0);
	if (!in)
		return reply_submit(u, word(header, W_SEQ), 0, length, NULL, 0);
	iov = (struct iovec){data, (size_t)n};
	return reply_submit(u, word(header, W_SEQ), 0, (uint32_t)n, &iov, 1);
}

/* Takes an UNLINK that waited for this SUBMIT, if there is one. */
static bool take_held(struct usbip *u, uint32_t victim, uint32_t *seq)
{
	for (size_t i = 0; i < u->n_held; i++) {
		if (u->held[i].victim != victim)
			continue;
		*seq = u->held[i].seq;
		u->held[i] = u->held[--u->n_held];
		return true;
	}
	return false;
}

static int drop_out_data(struct usbip *u, uint32_t length)
{
	uint8_t scratch[USBIP_CONTROL_MAX];

	return length > sizeof(scratch) ? -1 : read_all(u->fd, scratch, length);
}

static int receive_submit(struct usbip *u, const uint8_t *header)
{
	uint32_t seq = word(header, W_SEQ), length = word(header, W_LENGTH), unlink_seq;
	bool in = word(header, W_DIRECTION);

	u->last_submit = seq;
	u->any_submit = true;
	if (take_held(u, seq, &unlink_seq)) {
		if (!in && drop_out_data(u, length))
			return -1;
		return reply_unlink(u, unlink_seq, -ECONNRESET);
	}
	if (word(header, W_ENDPOINT) == 0)
		return receive_control(u, header);
	if (word(header, W_ENDPOINT) != 1 || !in || u->n_urbs == USBIP_QUEUE) {
		if (!in && drop_out_data(u, length))
			return -1;
		return reply_submit(u, seq, -EPIPE, 0, NULL, 0);
	}
	u->urbs[u->n_urbs++] = (struct usbip_urb){seq, length};
	return 0;
}

static void remove_urb(struct usbip *u, size_t index)
{
	u->n_urbs--;
	memmove(&u->urbs[index], &u->urbs[index + 1], (u->n_urbs - index) * sizeof(u->urbs[0]));
}

static int receive_unlink(struct usbip *u, const uint8_t *header)
{
	uint32_t seq = word(header, W_SEQ), victim = word(header, W_FLAGS);

	for (size_t i = 0; i < u->n_urbs; i++) {
		if (u->urbs[i].seq == victim) {
			remove_urb(u, i);
			return reply_unlink(u, seq, -ECONNRESET);
		}
	}
	/*
	 * vhci sends UNLINKs before SUBMITs when both are waiting. To say "no
	 * such URB" now and complete the URB later makes vhci drop the device,
	 * so the answer waits for the SUBMIT. Sequence numbers wrap.
	 */
	if (!u->any_submit || (int32_t)(victim - u->last_submit) > 0) {
		if (u->n_held == USBIP_QUEUE)
			return -1;
		u->held[u->n_held++] = (struct usbip_unlink){seq, victim};
		return 0;
	}
	return reply_unlink(u, seq, 0); /* answered already; the two crossed */
}

int usbip_receive(struct usbip *u)
{
	uint8_t header[HEADER];

	if (read_all(u->fd, header, HEADER))
		return -1;
	switch (word(header, W_COMMAND)) {
	case CMD_SUBMIT:
		return receive_submit(u, header);
	case CMD_UNLINK:
		return receive_unlink(u, header);
	}
	fprintf(stderr, "webcam: message of unknown kind %u\n", word(header, W_COMMAND));
	return -1;
}

int usbip_send(struct usbip *u, const void *head, size_t head_size, const void *body,
	       size_t body_size)
{
	struct iovec iov[2] = {{(void *)(uintptr_t)head, head_size},
			       {(void *)(uintptr_t)body, body_size}};
	uint32_t seq = u->urbs[0].seq;

	remove_urb(u, 0);
	return reply_submit(u, seq, 0, (uint32_t)(head_size + body_size), iov, 2);
}
