// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

#define EMPTY_ROOT "/run"	/* any directory: what is in it is hidden from the veiler alone */
#define NOBODY 65534
#define MOST_MEMORY (2ull << 30)	/* all of it is locked, so there is an end to it */

static int fail(char *error, size_t size, const char *what)
{
	snprintf(error, size, "sandbox: %s: %s", what, strerror(errno));
	return -1;
}

/* No core dump, whoever asks for one: neither this process nor any part of its memory. */
static int forbid_dumps(void)
{
	struct rlimit none = { 0, 0 };
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "0", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok && !setrlimit(RLIMIT_CORE, &none) ? 0 : -1;
}

/* A file system that has nothing, and no way out of it: the old one is not mounted any more. */
static int enter_empty_root(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", EMPTY_ROOT, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0555,size=4k,nr_inodes=1") ||
	    chdir(EMPTY_ROOT))
		return -1;
	/* The new root comes to lie on the old one's place, and the old one on top of it. */
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		return -1;
	return 0;
}

static int set_limits(void)
{
	struct rlimit none = { 0, 0 }, few = { 64, 64 }, memory = { MOST_MEMORY, MOST_MEMORY },
		      all = { RLIM_INFINITY, RLIM_INFINITY };

	/* No processes, no files: what a file system without room would not stop. */
	return setrlimit(RLIMIT_NPROC, &none) || setrlimit(RLIMIT_FSIZE, &none) ||
	       setrlimit(RLIMIT_NOFILE, &few) || setrlimit(RLIMIT_AS, &memory) ||
	       setrlimit(RLIMIT_MEMLOCK, &all) ? -1 : 0;
}

static uid_t user = NOBODY;
static gid_t group = NOBODY;

static int drop_privileges(void)
{
	/* The last one the kernel knows is followed by EINVAL. */
	for (int c = 0; !prctl(PR_CAPBSET_DROP, c, 0, 0, 0); c++)
		;
	if (errno != EINVAL || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -1;
	if (setgroups(0, NULL) || setresgid(group, group, group) || setresuid(user, user, user))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -1;
	return 0;
}

int pv_sandbox_isolate(char *error, size_t size)
{
	/* While there still is a file that says so. */
	const struct passwd *own = getpwnam(PV_SANDBOX_USER);

	if (own) {
		user = own->pw_uid;
		group = own->pw_gid;
	}
	if (forbid_dumps())
		return fail(error, size, "core dumps cannot be forbidden");
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP))
		return fail(error, size, "no namespaces of its own");
	if (enter_empty_root())
		return fail(error, size, "no empty file system");
	return 0;
}

int pv_sandbox_enter(int socket, char *error, size_t size)
{
	pid_t parent = getppid();

	if (set_limits())
		return fail(error, size, "limits");
	if (drop_privileges())
		return fail(error, size, "privileges");
	/* Changing users cleared this. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		return fail(error, size, "plateveild is gone");
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return fail(error, size, "its memory cannot be locked");
	/* The journal is no way out either; but first it may hold why this failed. */
	int journal = dup(STDERR_FILENO);
	if (dup2(STDIN_FILENO, STDOUT_FILENO) < 0 || dup2(STDIN_FILENO, STDERR_FILENO) < 0 ||
	    pv_filter_calls(socket)) {
		fail(error, size, "system call filter");
		dup2(journal, STDERR_FILENO);
		return -1;
	}
	close(journal);
	return 0;
}
