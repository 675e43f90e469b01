// SPDX-License-Identifier: GPL-2.0-or-later
/* The contract: the same layout for 32 and 64 bits, sizes that count, privilege. */
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* This file is compiled for both. */
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
SIZE(plateveil_mode, 32);
SIZE(plateveil_create, 64);
SIZE(plateveil_modes, 32);
SIZE(plateveil_zone, 16);
SIZE(plateveil_zones, 32);
SIZE(plateveil_card, 56);
SIZE(plateveil_control, 88);
SIZE(plateveil_menu_item, 40);
SIZE(plateveil_controls, 48);
SIZE(plateveil_viewer, 64);
SIZE(plateveil_viewers, 32);
SIZE(plateveil_info, 168);
SIZE(plateveil_state, 8);
SIZE(plateveil_gate, 136);
SIZE(plateveil_node, 224);
SIZE(plateveil_open, 32);

#define CALL(name, privileged) { #name, PLATEVEIL_IOC_##name, privileged }
static const struct {
	const char *name;
	unsigned long cmd;
	bool privileged;
} calls[] = {
	CALL(VERSION, false), CALL(CREATE, true), CALL(REMOVE, true), CALL(SET_MODES, true),
	CALL(GET_VEIL, false), CALL(SET_ZONES, true), CALL(GET_VIEWERS, false),
	CALL(SET_CONTROLS, true), CALL(SET_CARD, true), CALL(CLAIM, true), CALL(OPEN, true), CALL(GATE, true),
	CALL(UNGATE, true), CALL(GET_GATE, false), CALL(GET_NODE, false), CALL(LOCK, true),
	CALL(GET_GUARD, false),
};
#define N (sizeof(calls) / sizeof(calls[0]))

static unsigned long with_size(unsigned long cmd, unsigned long size)
{
	return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size);
}

static bool fails(unsigned long cmd, void *arg, int why)
{
	return ioctl(control_fd(), cmd, arg) == -1 && errno == why;
}

/* As nobody. */
static bool privilege(void)
{
	static char any[4096];
	int status;
	pid_t pid = fork();

	if (!pid) {
		int bad = setuid(65534) != 0;
		for (size_t i = 0; i < N; i++)
			bad += calls[i].privileged != fails(calls[i].cmd, any, EPERM);
		_exit(bad);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

void test_uapi(void)
{
	static char any[4096];
	uint32_t version = 0;

	need(!ioctl(control_fd(), PLATEVEIL_IOC_VERSION, &version), "the version");
	check(version == PLATEVEIL_VERSION, "version %u, %zu bits", version, sizeof(void *) * 8);
	for (size_t i = 0; i < N; i++) {
		unsigned long size = _IOC_SIZE(calls[i].cmd);
		check(fails(with_size(calls[i].cmd, size - 4), any, ENOTTY) &&
		      fails(with_size(calls[i].cmd, size + 4), any, ENOTTY) &&
		      fails(with_size(calls[i].cmd, 0), any, ENOTTY) &&
		      fails(calls[i].cmd ^ 1ul << _IOC_DIRSHIFT, any, ENOTTY),
		      "%s of another size or direction is no call", calls[i].name);
		check(fails(calls[i].cmd, (void *)8, EFAULT), "%s to nowhere", calls[i].name);
	}
	check(fails(_IO(0xbe, 99), any, ENOTTY), "another number is no call");
	check(privilege(), "what changes anything takes privilege, what asks does not");
}
