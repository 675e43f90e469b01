// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program in the veiler's sandbox that wants out of it, in every way there is. Each attempt has
 * to be its last, and its supervisor has to hear which call it was. Also looks at the sandbox from
 * outside. A line a check, "ok - " or "not ok - "; needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "veild/link.h"
#include "veild/sandbox.h"

static pid_t outside;	/* whoever watches */
static int inside;	/* this side of the socket */
static int failures;

/* The names here and the kernel's own are the same; libc's functions may call others. */
#define TRY(name, ...) static void try_##name(void) { __VA_ARGS__; }
TRY(openat, syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY))
TRY(mkdirat, mkdirat(AT_FDCWD, "/way", 0700))
TRY(memfd_create, memfd_create("way", 0))
TRY(socket, socket(AF_INET, SOCK_STREAM, 0))
TRY(socketpair, int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p))
TRY(connect, struct sockaddr_un a = { AF_UNIX, "/run/way" };
    connect(inside, (struct sockaddr *)&a, sizeof(a)))
TRY(bind, struct sockaddr_un a = { AF_UNIX, "way" }; bind(inside, (struct sockaddr *)&a, sizeof(a)))
TRY(sendto, sendto(inside, "", 1, 0, NULL, 0))
TRY(execve, char *none[] = { NULL }; execve("/bin/sh", none, none))
#ifdef SYS_vfork /* arm64 has it not */
TRY(vfork, syscall(SYS_vfork))
#endif
TRY(clone, syscall(SYS_clone, CLONE_FS | SIGCHLD, NULL, NULL, NULL, 0))
TRY(clone3, syscall(SYS_clone3, NULL, 0))
TRY(kill, kill(outside, SIGKILL))
TRY(tgkill, syscall(SYS_tgkill, outside, outside, SIGKILL))
TRY(pidfd_open, syscall(SYS_pidfd_open, outside, 0))
TRY(pidfd_getfd, syscall(SYS_pidfd_getfd, inside, 1, 0))
TRY(ptrace, ptrace(PTRACE_ATTACH, outside, NULL, NULL))
TRY(process_vm_readv, char c; struct iovec v = { &c, 1 }; process_vm_readv(outside, &v, 1, &v, 1, 0))
TRY(mmap, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
TRY(mprotect, void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p, 4096, PROT_READ | PROT_EXEC))
TRY(ioctl, ioctl(0, TIOCSTI, "x"))
TRY(ioctl_expbuf, struct v4l2_exportbuffer e = { .type = 1 }; ioctl(0, VIDIOC_EXPBUF, &e))
TRY(dup, dup(inside))
TRY(write, write(STDIN_FILENO, "x", 1) < 0 ? (void)0 : (void)0)
TRY(read, char c; read(inside, &c, 1) < 0 ? (void)0 : (void)0)
TRY(unshare, unshare(CLONE_NEWUSER))
TRY(mount, mount("none", "/", "proc", 0, NULL))
TRY(chroot, chroot("..") ? (void)0 : (void)0)
TRY(setresuid, syscall(SYS_setresuid, 0, 0, 0))
TRY(prctl, prctl(PR_SET_DUMPABLE, 1))
TRY(rt_sigaction, signal(SIGSYS, SIG_IGN))
TRY(io_uring_setup, syscall(SYS_io_uring_setup, 1, NULL))
TRY(bpf, syscall(SYS_bpf, 0, NULL, 0))
TRY(userfaultfd, syscall(SYS_userfaultfd, 0))
TRY(sendmsg, struct pv_message m = { .word = PV_REPORT }; pv_link_send(inside, &m, STDERR_FILENO))
/* These do not get as far as the report. */
TRY(mute, sigset_t s; sigfillset(&s); sigprocmask(SIG_BLOCK, &s, NULL); socket(AF_INET, SOCK_STREAM, 0))
#ifdef __x86_64__
TRY(int80, __asm__ volatile("int $0x80" : : "a"(20) : "memory"))
TRY(x32, syscall(SYS_getpid | 0x40000000))
#endif

static const struct {
	const char *what, *call;
	void (*attempt)(void);
} attempts[] = {
	{ "opening a file", "openat", try_openat },
	{ "making a directory", "mkdirat", try_mkdirat },
	{ "a file of memory", "memfd_create", try_memfd_create },
	{ "a socket", "socket", try_socket },
	{ "a pair of sockets", "socketpair", try_socketpair },
	{ "connecting", "connect", try_connect },
	{ "binding", "bind", try_bind },
	{ "sendto", "sendto", try_sendto },
	{ "sending a descriptor", "sendmsg", try_sendmsg },
	{ "a program", "execve", try_execve },
#ifdef SYS_vfork
	{ "vfork", "vfork", try_vfork },
#endif
	{ "fork", "clone", try_clone },
	{ "clone3", "clone3", try_clone3 },
	{ "killing its supervisor", "kill", try_kill },
	{ "another process's thread", "tgkill", try_tgkill },
	{ "a process's descriptor", "pidfd_open", try_pidfd_open },
	{ "another's descriptor", "pidfd_getfd", try_pidfd_getfd },
	{ "tracing its supervisor", "ptrace", try_ptrace },
	{ "another's memory", "process_vm_readv", try_process_vm_readv },
	{ "new memory as code", "mmap", try_mmap },
	{ "old memory as code", "mprotect", try_mprotect },
	{ "typing on a terminal", "ioctl 0x5412", try_ioctl },
	{ "exporting a buffer", "ioctl 0xc0405610", try_ioctl_expbuf },
	{ "a second descriptor", "dup", try_dup },
	{ "writing elsewhere", "write", try_write },
	{ "reading", "read", try_read },
	{ "namespaces", "unshare", try_unshare },
	{ "mounting", "mount", try_mount },
	{ "another root", "chroot", try_chroot },
	{ "being root", "setresuid", try_setresuid },
	{ "being dumped", "prctl", try_prctl },
	{ "ignoring the filter's signal", "rt_sigaction", try_rt_sigaction },
	{ "io_uring", "io_uring_setup", try_io_uring_setup },
	{ "bpf", "bpf", try_bpf },
	{ "userfaultfd", "userfaultfd", try_userfaultfd },
	{ "with all signals blocked, a socket", NULL, try_mute },
#ifdef __x86_64__
	{ "a 32-bit program's call", NULL, try_int80 },
	{ "an x32 program's call", NULL, try_x32 },
#endif
};

static void check(bool good, const char *what, const char *more)
{
	printf("%sok - sandbox: %s%s\n", good ? "" : "not ", what, more);
	failures += !good;
}

/* A veiler's second thread: it, too, builds detectors and lets them go. */
static sem_t begin, end;

static void *use_memory(void *data)
{
	void *pieces[256];

	(void)data;
	while (sem_wait(&begin))
		;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		pieces[i] = calloc(1, 64 << 10);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		free(pieces[i]);
	sem_post(&end);
	return NULL;
}

static void give_back(void)
{
	sem_post(&begin);
	while (sem_wait(&end))
		;
}

/* What libraries ask for and can do without: libjpeg on arm64 asks in every thread. */
static void ask_idly(void)
{
	static const char *const files[] = { "/proc/cpuinfo", "/proc/sys/vm/overcommit_memory",
					     "/sys/class/video4linux" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (open(files[i], O_RDONLY) >= 0 || errno != ENOENT)
			_exit(1);
}

static pid_t start(int *socket, void (*attempt)(void))
{
	char why[200];
	int pair[2];

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	pid_t pid = fork();
	if (pid) {
		close(pair[1]);
		*socket = pair[0];
		return pid;
	}
	close(pair[0]);
	inside = pair[1];
	dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
	pthread_t other;
	if (pv_sandbox_isolate(why, sizeof(why)) || sem_init(&begin, 0, 0) || sem_init(&end, 0, 0) ||
	    pthread_create(&other, NULL, use_memory, NULL) || pv_sandbox_enter(inside, why, sizeof(why))) {
		fprintf(stderr, "breakout: %s\n", why);
		_exit(1);
	}
	if (attempt)
		attempt();
	/* Still here: tell so, and wait for the end. */
	struct pv_message m = { .word = PV_REPORT };
	pv_link_send(inside, &m, -1);
	struct timespec long_time = { .tv_sec = 60 };
	clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL);
	_exit(0);
}

static void run(const char *what, const char *call, void (*attempt)(void))
{
	char text[160] = "nothing";
	struct pv_message m;
	int socket, status = 0;
	pid_t pid = start(&socket, attempt);

	/* Its last words, or nothing at its end; or else it tells that it lives. */
	ssize_t n = recv(socket, &m, sizeof(m), 0);
	bool whole = n == (ssize_t)sizeof(m), alive = whole && m.word != PV_BREACH;
	if (alive)
		kill(pid, SIGKILL);
	else if (whole)
		pv_breach_text(&m.breach, text, sizeof(text));
	waitpid(pid, &status, 0);
	close(socket);
	check(!alive && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, what, " is the end");
	if (!call)
		return;
	size_t length = strlen(call);
	bool told = !strncmp(text, call, length) && !strncmp(text + length, " (", 2);
	check(told, what, " is told");
	if (!told)
		printf("# told: %s\n", text);
}

/* --- from outside -------------------------------------------------------- */

static bool says(pid_t pid, const char *file, const char *line)
{
	char path[64], text[256];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FILE *f = fopen(path, "r");
	while (f && fgets(text, sizeof(text), f))
		found |= !strncmp(text, line, strlen(line));
	if (f)
		fclose(f);
	return found;
}

static int lines(pid_t pid, const char *file)
{
	char path[64];
	int c, n = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FILE *f = fopen(path, "r");
	while (f && (c = fgetc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

/* As the same user, who could do all of this to an ordinary process of its own. */
static bool touched_by_its_user(pid_t pid)
{
	const struct passwd *own = getpwnam(PV_SANDBOX_USER);
	uid_t user = own ? own->pw_uid : 65534;
	char path[64];
	int status;

	fflush(stdout);
	pid_t other = fork();
	if (!other) {
		if (setresgid(user, user, user) || setresuid(user, user, user))
			_exit(1);
		snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
		_exit(!ptrace(PTRACE_SEIZE, pid, NULL, NULL) || open(path, O_RDONLY) >= 0);
	}
	waitpid(other, &status, 0);
	return status != 0;
}

static void look(void)
{
	struct pv_message m;
	char path[64], uid[64];
	struct stat st;
	int socket;
	pid_t pid = start(&socket, NULL);
	const struct passwd *own = getpwnam(PV_SANDBOX_USER);
	unsigned user = own ? own->pw_uid : 65534;

	if (recv(socket, &m, sizeof(m), 0) != (ssize_t)sizeof(m))
		return check(false, "it can be entered", "");
	snprintf(uid, sizeof(uid), "Uid:\t%u\t%u\t%u\t%u", user, user, user, user);
	check(says(pid, "status", uid), "a user of its own", "");
	check(says(pid, "status", "Groups:\t \n"), "no groups", "");
	check(says(pid, "status", "CapEff:\t0000000000000000") &&
	      says(pid, "status", "CapPrm:\t0000000000000000"), "no capabilities", "");
	check(says(pid, "status", "CapBnd:\t0000000000000000") &&
	      says(pid, "status", "NoNewPrivs:\t1"), "none to be had", "");
	check(says(pid, "coredump_filter", "00000000"), "no memory in a core dump", "");
	check(says(pid, "status", "VmLck:") && !says(pid, "status", "VmLck:\t       0 kB"),
	      "memory is locked", "");
	snprintf(path, sizeof(path), "/proc/%d/root/bin", (int)pid);
	check(lstat(path, &st) && errno == ENOENT, "an empty file system", "");
	check(lines(pid, "mountinfo") == 1, "which is all that is mounted", "");
	check(!touched_by_its_user(pid), "even its user cannot trace or read it", "");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(socket);
}

/* What a veiler does now and then. */
static void run_allowed(const char *what, void (*attempt)(void))
{
	struct pv_message m;
	int socket = -1;
	pid_t pid = start(&socket, attempt);

	check(recv(socket, &m, sizeof(m), 0) == (ssize_t)sizeof(m) && m.word == PV_REPORT, what, "");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(socket);
}

int main(void)
{
	outside = getpid();
	look();
	run_allowed("a thread may give memory back", give_back);
	run_allowed("a library may ask which processor this is, and is not told", ask_idly);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		run(attempts[i].what, attempts[i].call, attempts[i].attempt);
	return failures != 0;
}
