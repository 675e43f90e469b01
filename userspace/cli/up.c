// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"
#include "rules/rules.h"
#include "veild/control.h"
#include "veild/pipeline.h"

static void exec_daemon(void)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 2);
	int null = open("/dev/null", O_RDWR);
	int log = open(PV_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	/* Nothing of who calls is kept: neither its folder nor what it has open, a lock for one. */
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	if (chdir("/"))
		_exit(127);
	setsid();
	dup2(null, 0);
	dup2(null, 1);
	dup2(log >= 0 ? log : null, 2);
	if (n > 0) {	/* the one beside this program, else the installed one */
		self[n] = 'd';
		self[n + 1] = 0;
		execl(self, "plateveild", "--on-demand", (char *)NULL);
	}
	/* As installed: root's PATH may lack folders for system programs (su without -). */
	char *slash = n > 0 ? strrchr(self, '/') : NULL;
	if (slash) {
		snprintf(slash, sizeof(self) - (size_t)(slash - self), "/../sbin/plateveild");
		execl(self, "plateveild", "--on-demand", (char *)NULL);
	}
	execlp("plateveild", "plateveild", "--on-demand", (char *)NULL);
	_exit(127);
}

/* Starts plateveild and waits until it answers. */
static int start_daemon(void)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	cJSON *answer;
	int status;

	mkdir(PV_RUN_DIR, 0755);
	pid_t pid = fork();
	if (pid < 0)
		return pv_fail("cannot start plateveild: %s", strerror(errno));
	if (!pid)
		exec_daemon();
	for (int i = 0; i < 500; i++) {
		if (!pv_ask("status", NULL, &answer)) {
			cJSON_Delete(answer);
			return 0;
		}
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		nanosleep(&nap, NULL);
	}
	return pv_fail("plateveild did not start; `sudo plateveild` in a terminal says why");
}

static bool is_veiled(const cJSON *status, const char *camera)
{
	const cJSON *veil;

	cJSON_ArrayForEach(veil, cJSON_GetObjectItem(status, "veils"))
		if (!strcmp(pv_text(veil, "camera"), camera))
			return true;
	return false;
}

/* The first camera that is not veiled. */
static int first_camera(const cJSON *status, char *path, size_t size)
{
	struct pv_device d[PV_MAX_DEVICES];
	int n = pv_device_list(-1, d, PV_MAX_DEVICES), cameras = 0;

	for (int i = 0; i < n; i++) {
		if (d[i].node != PV_NODE_CAMERA)
			continue;
		cameras++;
		if (is_veiled(status, d[i].path))
			continue;
		snprintf(path, size, "%.31s", d[i].path);
		return 0;
	}
	return cameras ? pv_fail("every camera is veiled already; see `plateveil status`")
		       : pv_fail("no camera found; plug one in, or see `plateveil devices`");
}

#define PATIENCE_US 15000000u	/* with udev */

static bool is_view_of(const struct plateveil_info *infos, int n, const char *view)
{
	char path[32];
	bool found = false;

	for (int i = 0; i < n && !found; i++) {
		snprintf(path, sizeof(path), "/dev/video%u", infos[i].view);
		found = !strcmp(path, view);
	}
	return found;
}

/* Is udev done with the view that was made since then? Its number may have been another's before. */
static bool is_named(struct udev *udev, const char *view, uint64_t since)
{
	const char *slash = strrchr(view, '/');
	struct udev_device *d = udev_device_new_from_subsystem_sysname(udev, "video4linux", slash ? slash + 1 : view);
	bool named = d && udev_device_get_is_initialized(d) > 0 &&
		     udev_device_get_usec_since_initialized(d) <= pv_now_ns() / 1000 - since;

	udev_device_unref(d);
	return named;
}

/* Whoever called opens the view next: so it has its link and is its users' by then, or 15 s went by. */
static void wait_for_udev(const char *view, uint64_t since)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	struct udev *udev = access("/run/udev/control", F_OK) ? NULL : udev_new();

	while (udev && !is_named(udev, view, since) && pv_now_ns() / 1000 - since < PATIENCE_US)
		nanosleep(&nap, NULL);
	udev_unref(udev);
}

static int veil(int control, const char *camera)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = pv_control_list(control, infos);
	uint64_t began = pv_now_ns() / 1000;
	cJSON *answer;
	enum pv_asked got = pv_ask("up", camera, &answer);

	if (got)
		return got < 0 ? pv_fail("plateveild does not answer") : PV_FAILED;
	/* One that was there already was taken over. */
	if (!is_view_of(infos, n, pv_text(answer, "view")))
		wait_for_udev(pv_text(answer, "view"), began);
	printf("%s (%s) is veiled as %s\nPoint any camera application at %s.\n", camera,
	       pv_text(answer, "name"), pv_text(answer, "view"), pv_text(answer, "view"));
	cJSON_Delete(answer);
	return PV_DONE;
}

/* The camera that is meant, and a plateveild to ask; PV_DONE, or with the reason told. */
static int prepare(const char *word, char *camera, size_t size)
{
	cJSON *status;
	enum pv_asked got = pv_ask("status", NULL, &status);
	int err = got == PV_ASKED_REFUSED;

	if (!err && !word) {
		err = first_camera(status, camera, size);
	} else if (!err) {
		pv_camera_path(word, camera, size);
		if (access(camera, F_OK))
			err = pv_fail("%s does not exist; `plateveil devices` lists the cameras", word);
	}
	cJSON_Delete(status);
	if (!err && got < 0)
		err = start_daemon();
	return err;
}

int pv_cmd_up(int argc, char **argv)
{
	char camera[256], why[400];
	struct pv_rules rules;

	if (argc > 2 || (argc == 2 && pv_is_option(argv[1])))
		return pv_usage("up");
	int control = pv_control_open(why, sizeof(why)), err;
	if (control < 0)
		return pv_fail("%s", why);
	if (geteuid())
		err = pv_fail("veiling a camera needs root: run it with sudo");
	else if (!pv_rules_load(&rules, PV_RULES_FILE, why, sizeof(why)))
		err = pv_fail("%s", why);
	else
		err = prepare(argv[1], camera, sizeof(camera));
	if (!err)
		err = veil(control, camera);
	close(control);
	return err;
}
