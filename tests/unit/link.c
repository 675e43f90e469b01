// SPDX-License-Identifier: GPL-2.0-or-later
#include "veild/link.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "camera/camera.h"
#include "unit.h"

static int ends[2];
static struct pv_message sent, got;

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);	/* as plateveild does */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	memset(&sent, 0, sizeof(sent));
	sent.word = PV_RULES;
	pv_rules_default(&sent.rules);
}

static void teardown(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* What comes from drivers, devices and veilers is text when it is told. */
START_TEST(text)
{
	static const char *const names[][2] = {
		{ "Webcam", "Webcam" }, { "a\nb\x7f\x1b", "a?b??" }, { "Caf\xc3\xa9", "Caf\xc3\xa9" },
		{ "Caf\xc3", "Caf" }, { "\xe9\x95\x9c\xe5\xa4", "\xe9\x95\x9c" }, { "\xe9 x", "? x" },
		{ "\x80\xff\xc0\xaf", "????" }, { "\xf0\x9f\x93\xb7!", "\xf0\x9f\x93\xb7!" }, { "\xf0\x9f\x93", "" },
		{ "a\xc2\x9b" "31m\xc2\xa0", "a?31m\xc2\xa0" }, { "\xe2\x80\xaex\xe2\x81\xa9", "?x?" },
		{ "\xe2\x80\xa6", "\xe2\x80\xa6" },
	};
	char name[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		strcpy(name, names[i][0]);
		pv_device_text(name);
		ck_assert_str_eq(name, names[i][1]);
	}
}
END_TEST

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;
	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

START_TEST(without_descriptor)
{
	int fd = 99;

	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 0);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(pv_link_send(ends[0], &sent, -1), 0);
	sent.word = PV_NO_CAMERA;
	ck_assert_int_eq(pv_link_send(ends[0], &sent, -1), 0);
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 1);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(got.word, PV_RULES);
	ck_assert_mem_eq(&got.rules, &sent.rules, sizeof(got.rules));
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 1);
	ck_assert_int_eq(got.word, PV_NO_CAMERA);
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 0);
}
END_TEST

START_TEST(with_descriptor)
{
	int fd = -1, zero = open("/dev/zero", O_RDONLY);
	char c = 1;

	sent.word = PV_CAMERA;
	ck_assert_int_eq(pv_link_send(ends[0], &sent, zero), 0);
	close(zero);
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 1);
	ck_assert_int_eq(got.word, PV_CAMERA);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, &c, 1), 1);
	ck_assert_int_eq(c, 0);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	/* The next message has none: the old one is not handed out twice. */
	ck_assert_int_eq(pv_link_send(ends[0], &sent, -1), 0);
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 1);
	ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(short_packets)
{
	int fd;

	for (size_t n = 1; n < sizeof(sent); n += n < 16 ? 1 : 97) {
		ck_assert_int_eq(write(ends[0], &sent, n), n);
		ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), -1);
		ck_assert_int_eq(fd, -1);
	}
}
END_TEST

/* Sends `size` bytes with `count` descriptors. */
static void send_raw(size_t size, int count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { .iov_base = &sent, .iov_len = size };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			    .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int fds[4] = { 0, 1, 2, 0 };

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
	ck_assert_int_eq(sendmsg(ends[0], &h, 0), size);
}

/* A peer that misbehaves must not fill up our table of open files. */
START_TEST(stray_descriptors)
{
	int before = open_files(), fd;

	for (int count = 1; count <= 4; count++) {
		send_raw(8, count);
		ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), -1);
		ck_assert_int_eq(fd, -1);
		ck_assert_int_eq(open_files(), before);
	}
	for (int count = 2; count <= 4; count++) {
		send_raw(sizeof(sent), count);
		if (pv_link_receive(ends[1], &got, &fd) == 1 && fd >= 0)
			close(fd);
		ck_assert_msg(open_files() == before, "%d descriptors: %d stay open", count,
			      open_files() - before);
	}
}
END_TEST

START_TEST(closed_peer)
{
	int fd;

	ck_assert_int_eq(pv_link_send(ends[0], &sent, -1), 0);
	close(ends[0]);
	/* What was said before the end is still heard. */
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), 1);
	ck_assert_int_eq(pv_link_receive(ends[1], &got, &fd), -1);
	ck_assert_int_eq(pv_link_send(ends[1], &sent, -1), -1);
	ck_assert_int_eq(pv_link_send(ends[1], &sent, 0), -1);
	ck_assert_int_eq(pv_link_receive(-1, &got, &fd), -1);
	ends[0] = open("/dev/null", O_RDONLY);
}
END_TEST

Suite *link_suite(void)
{
	Suite *s = suite_create("link");
	TCase *c = unit_case(s, "link");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, without_descriptor);
	tcase_add_test(c, with_descriptor);
	tcase_add_test(c, short_packets);
	tcase_add_test(c, stray_descriptors);
	tcase_add_test(c, closed_peer);
	tcase_add_test(c, text);
	return s;
}
