// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "link.h"

/* Whatever their arguments are. */
static const int allowed[] = {
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(sysinfo), /* how much memory qsort() may take */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* What it takes to stream from a camera and to seal, and what libv4l2 asks a camera. */
static const unsigned long ioctls[] = {
	VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_G_FMT, VIDIOC_S_FMT, VIDIOC_TRY_FMT,
	VIDIOC_ENUM_FRAMESIZES, VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_PARM, VIDIOC_S_PARM,
	VIDIOC_ENUMINPUT, VIDIOC_G_INPUT, VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_QBUF,
	VIDIOC_DQBUF, VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_QUERYCTRL, VIDIOC_QUERYMENU,
	VIDIOC_G_CTRL, VIDIOC_S_CTRL, VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS,
	VIDIOC_SUBSCRIBE_EVENT, VIDIOC_UNSUBSCRIBE_EVENT, VIDIOC_DQEVENT,
};

static const struct {
	const char *rule;
	int calls[12];
} rules[] = {
	{ "no file may be opened or made",
	  { SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat),
	    SCMP_SYS(open_by_handle_at), SCMP_SYS(mkdirat), SCMP_SYS(mknodat),
	    SCMP_SYS(memfd_create) } },
	{ "no network",
	  { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind),
	    SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto) } },
	{ "no descriptor may be handed on or made",
	  { SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(pidfd_getfd), SCMP_SYS(dup),
	    SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe2) } },
	{ "nothing but its socket may be written to or read from",
	  { SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(read), SCMP_SYS(recvmsg) } },
	{ "no program or process may be started",
	  { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	    SCMP_SYS(clone), SCMP_SYS(clone3) } },
	{ "no other process may be touched",
	  { SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(tgkill), SCMP_SYS(ptrace),
	    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	    SCMP_SYS(pidfd_send_signal), SCMP_SYS(pidfd_open) } },
	{ "no memory may become code",
	  { SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect) } },
	{ "no ioctl but those of streaming", { SCMP_SYS(ioctl) } },
};

void pv_breach_text(const struct pv_breach *b, char *text, size_t size)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, b->call);
	const char *rule = "it is not among the calls that are allowed";
	char request[32] = "";

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (size_t k = 0; k < sizeof(rules[i].calls) / sizeof(rules[i].calls[0]); k++)
			/* 0 fills the rows up, and is a call too: x86's read(), arm64's io_setup() */
			if (rules[i].calls[k] == b->call &&
			    (b->call || (b->call == SCMP_SYS(read) && rules[i].calls[0] == SCMP_SYS(write))))
				rule = rules[i].rule;
	if (b->call == SCMP_SYS(ioctl))
		snprintf(request, sizeof(request), " 0x%x", (unsigned)b->arguments[1]);
	snprintf(text, size, "%s%s (%s)", name ? name : "a call without a name", request, rule);
	free(name);
}

/* --- inside -------------------------------------------------------------- */

static struct pv_message report = { .word = PV_BREACH };
static int report_socket = -1;

/* What can be done without: libv4l2 looks what the camera is called in /sys, and for plugins; libc, before a thread's
 * memory is given back, how the kernel counts memory; libjpeg on arm64, in each thread that uses it, which processor
 * this is. */
static bool is_idle_question(int call, const char *path)
{
	static const char sys[] = "/sys/", plugins[] = "/libv4l/", memory[] = "/proc/sys/vm/overcommit_memory",
			  processor[] = "/proc/cpuinfo";

	if (call == SCMP_SYS(newfstatat) || call == SCMP_SYS(fstat) || call == SCMP_SYS(statx))
		return true;
	return call == SCMP_SYS(openat) && path &&
	       (!strncmp(path, sys, sizeof(sys) - 1) || strstr(path, plugins) || !strcmp(path, memory) ||
		!strcmp(path, processor));
}

/* Calls of the filter's own must be on its list. */
static void on_forbidden_call(int signal, siginfo_t *info, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
	int saved = errno;

	(void)signal;
	report.breach.call = info->si_syscall;
#if defined(__x86_64__)
	report.breach.arguments[0] = (uint64_t)m->gregs[REG_RDI];
	report.breach.arguments[1] = (uint64_t)m->gregs[REG_RSI];
	report.breach.arguments[2] = (uint64_t)m->gregs[REG_RDX];
	greg_t *result = &m->gregs[REG_RAX];
#elif defined(__aarch64__)
	for (size_t i = 0; i < sizeof(report.breach.arguments) / sizeof(report.breach.arguments[0]); i++)
		report.breach.arguments[i] = m->regs[i];
	unsigned long long *result = &m->regs[0];
#else
#error "which register holds what on this machine?"
#endif
	if (is_idle_question(info->si_syscall, (const char *)report.breach.arguments[1])) {
		*result = -ENOENT;
		errno = saved;
		return;
	}
	if (write(report_socket, &report, sizeof(report)) < 0)
		errno = saved;	/* then plateveild sees the signal alone */
	/* The signal is blocked in here, so that what is forbidden now kills. */
	syscall(SYS_getppid);
	_exit(1);
}

static int allow_values(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	/* The kernel looks at 32 bits of a request. */
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, ioctls[i]));
	return err;
}

static int allow_some(scmp_filter_ctx ctx, int socket)
{
	scmp_datum_t s = (scmp_datum_t)socket, self = (scmp_datum_t)getpid();
	const struct {
		int call;
		struct scmp_arg_cmp if_;
	} some[] = {
		{ SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, s) },
		{ SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO) },
		{ SCMP_SYS(recvmsg), SCMP_A0(SCMP_CMP_EQ, s) },
		{ SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, self) },	/* abort() */
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]) && !err; i++)
		err = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, some[i].call, 1, &some[i].if_);
	return err;
}

int pv_filter_calls(int socket)
{
	struct sigaction act = { .sa_sigaction = on_forbidden_call, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	/* For all threads. */
	int err = ctx ? seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;

	report_socket = socket;
	if (!err && sigaction(SIGSYS, &act, NULL))
		err = -errno;
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = allow_values(ctx);
	if (!err)
		err = allow_some(ctx, socket);
	if (!err)
		err = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	errno = -err;
	return err ? -1 : 0;
}
