// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil doctor: what stands in the way, each with the mend. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "camera/camera.h"
#include "cli.h"
#include "doors.h"
#include "detect/detect.h"
#include "rules/rules.h"
#include "veild/control.h"
#include "veild/pipeline.h"

#define INDENT 15

static int troubles;

enum verdict { FINE, NOTE, TROUBLE };

static void say(enum verdict v, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say(enum verdict v, const char *what, const char *format, ...)
{
	static const enum pv_look looks[] = { PV_GOOD, PV_WARN, PV_BAD };
	static const char *const marks[] = { "ok", "note", "MEND" };
	char text[800];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("%s%-4s%s  %-7s  ", pv_look(looks[v]), marks[v], pv_look(PV_PLAIN), what);
	pv_print_wrapped(NULL, INDENT, text);
	troubles += v == TROUBLE;
}

/* --- kernel and module --------------------------------------------------- */

/* The first byte of an EFI variable's value, or -1. */
static int efi_byte(const char *name)
{
	char path[300];
	uint8_t data[5];

	snprintf(path, sizeof(path), "/sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		 name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, data, sizeof(data));
	close(fd);
	return n == 5 ? data[4] : -1;
}

static void check_kernel(const struct utsname *u)
{
	int major = 0, minor = 0;

	sscanf(u->release, "%d.%d", &major, &minor);
	if (major < 6 || (major == 6 && minor < 1))
		say(TROUBLE, "kernel", "%s is older than 6.1, which the module needs: install a newer one",
		    u->release);
	else
		say(FINE, "kernel", "%s", u->release);
}

static void check_headers(const struct utsname *u, bool loaded)
{
	char path[300];

	snprintf(path, sizeof(path), "/lib/modules/%s/build", u->release);
	if (!access(path, F_OK))
		say(FINE, "headers", "%s", path);
	else
		say(loaded ? NOTE : TROUBLE, "headers",
		    "the headers of this kernel are not there, so the module cannot be built for it: "
		    "sudo apt install linux-headers-%s", u->release);
}

static void check_secure_boot(bool loaded)
{
	int on = efi_byte("SecureBoot");

	if (on < 0)
		say(FINE, "boot", "no Secure Boot: modules need no signature");
	else if (!on)
		say(FINE, "boot", "Secure Boot is off: modules need no signature");
	else if (loaded)
		say(FINE, "boot", "Secure Boot is on, and the module was accepted");
	else
		say(NOTE, "boot", "Secure Boot is on: the kernel takes the module only if its signature's "
				  "key is enrolled; for DKMS's: sudo mokutil --import "
				  "/var/lib/dkms/mok.pub, then boot again and follow the blue screen");
}

static void check_module(void)
{
	char why[400];
	int fd = pv_control_open(why, sizeof(why));

	if (fd < 0)
		say(TROUBLE, "module", "%s", why);
	else
		say(FINE, "module", "loaded, speaks version %d", PLATEVEIL_VERSION);
	if (fd >= 0)
		close(fd);

}

/* --- plateveild and the rules -------------------------------------------- */

static void check_supervisor(void)
{
	cJSON *status, *w;

	switch (pv_ask("status", NULL, &status)) {
	case PV_ASKED:
		say(FINE, "service", "plateveild runs, process %.0f; %d veiled",
		    pv_number(status, "pid"),
		    cJSON_GetArraySize(cJSON_GetObjectItem(status, "veils")));
		cJSON_ArrayForEach(w, cJSON_GetObjectItem(status, "warnings"))
			say(TROUBLE, "service", "%s", w->valuestring);
		cJSON_Delete(status);
		break;
	case PV_ASKED_FORBIDDEN:
		say(NOTE, "service", "plateveild runs; to ask it more, use sudo or join the group plateveil "
				     "(sudo adduser $USER plateveil)");
		break;
	case PV_ASKED_NOBODY:
		say(TROUBLE, "service", "plateveild does not run: sudo systemctl enable --now plateveild, "
					"or sudo plateveil up");
		break;
	case PV_ASKED_REFUSED:
		troubles++;
	}
}

static void check_rules(void)
{
	char why[800];
	struct pv_ruleset *set = pv_ruleset_read(PV_RULES_FILE, why, sizeof(why));

	if (!set)
		say(TROUBLE, "rules", "%s", why);
	else
		say(FINE, "rules", "%s%s", PV_RULES_FILE,
		    access(PV_RULES_FILE, F_OK) ? " does not exist: all defaults" : " is good");
	pv_ruleset_free(set);
}

/* --- cameras ------------------------------------------------------------- */

/* Who has this node open, as "NAME (process N)", as far as we may see. */
static void holders(const char *path, char *text, size_t size)
{
	DIR *proc = opendir("/proc");
	struct dirent *p, *f;
	char folder[300], link[600], to[64], comm[40];
	size_t n = 0;

	text[0] = 0;
	while (proc && (p = readdir(proc))) {
		snprintf(folder, sizeof(folder), "/proc/%s/fd", p->d_name);
		DIR *fds = atoi(p->d_name) > 0 ? opendir(folder) : NULL;
		bool holds = false;
		while (fds && (f = readdir(fds))) {
			snprintf(link, sizeof(link), "%s/%s", folder, f->d_name);
			ssize_t got = readlink(link, to, sizeof(to) - 1);
			to[got > 0 ? got : 0] = 0;
			holds |= !strcmp(to, path);
		}
		if (fds)
			closedir(fds);
		if (!holds || n >= size)
			continue;
		snprintf(link, sizeof(link), "/proc/%s/comm", p->d_name);
		FILE *c = fopen(link, "r");
		if (!c || !fgets(comm, sizeof(comm), c))
			strcpy(comm, "?");
		if (c)
			fclose(c);
		comm[strcspn(comm, "\n")] = 0;
		pv_device_text(comm);
		n += (size_t)snprintf(text + n, size - n, "%s%s (process %s)", n ? ", " : "", comm,
				      p->d_name);
	}
	if (proc)
		closedir(proc);
}

static void check_camera(const struct pv_device *d)
{
	char who[400];
	struct stat st;

	holders(d->path, who, sizeof(who));
	if (strstr(who, "plateveil"))
		say(FINE, "camera", "%s (%s) is held by %s", d->path, d->name, who);
	else if (*who)
		say(TROUBLE, "camera", "%s (%s) is held by %s: close it, or it cannot be veiled", d->path,
		    d->name, who);
	else
		say(FINE, "camera", "%s (%s) is free", d->path, d->name);
	if (!stat(d->path, &st) && st.st_mode & 0066)
		say(NOTE, "camera", "%s can be opened by others than root (mode %04o), who then get the raw "
				    "picture: a gate or the packaged udev rules keep them out", d->path,
		    st.st_mode & 07777);
}

static void check_cameras(void)
{
	struct pv_device d[64];
	int n = pv_device_list(-1, d, 64), cameras = 0;

	for (int i = 0; i < n; i++) {
		if (d[i].node != PV_NODE_CAMERA)
			continue;
		check_camera(&d[i]);
		cameras++;
	}
	if (!cameras && !access("/dev/video0", F_OK) && access("/dev/video0", R_OK | W_OK))
		say(TROUBLE, "camera", "you may not open the cameras: use sudo, or join the group video");
	else if (!cameras)
		say(NOTE, "camera", "none is plugged in; one that only libcamera can drive is not handled");
}

/* How fast this machine searches a picture that is all new, against a usual camera's pace. */
static void check_speed(void)
{
	enum { WIDTH = 1280, HEIGHT = 720, RUNS = 5 };
	char why[200] = "not enough memory";
	uint8_t *luma = malloc(WIDTH * HEIGHT);
	struct pv_detector *d = luma ? pv_detector_new(WIDTH, HEIGHT, PV_SEARCH_DEFAULT, why,
						       sizeof(why)) : NULL;
	struct pv_detection found[PV_MAX_DETECTIONS];
	uint64_t best = UINT64_MAX;

	if (!d) {
		say(TROUBLE, "speed", "%s", why);
		free(luma);
		return;
	}
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		luma[i] = (uint8_t)(i * 7 + i / WIDTH * 13);
	for (int i = 0; i < RUNS; i++) {
		uint64_t begun = pv_now_ns();
		pv_detector_run(d, luma, WIDTH, 0.35f, found, PV_MAX_DETECTIONS);
		uint64_t took = pv_now_ns() - begun;
		best = took < best ? took : best;
	}
	pv_detector_free(d);
	free(luma);
	double ms = (double)best / 1e6;
	if (ms < 33)
		say(FINE, "speed", "%.0f ms to search all of a 1280x720 picture: 30 frames/s are kept", ms);
	else
		say(NOTE, "speed", "%.0f ms to search all of a 1280x720 picture: of a camera at 30 frames/s "
				   "some are dropped when much moves; `plateveil rules set search 960` or "
				   "`maximum-rate 15` helps", ms);
}

static void tell_door(void *context, enum pv_door door, const char *text)
{
	(void)context;
	say(door == PV_DOOR_SHUT ? FINE : NOTE, door == PV_DOOR_ROOT ? "to root" : "door", "%s", text);
}

/* Every way left to the raw picture: what is open there is for its owner to judge. */
static void check_doors(void)
{
	int control = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);

	pv_doors_look(control, tell_door, NULL);
	if (control >= 0)
		close(control);
}

int pv_cmd_doctor(int argc, char **argv)
{
	struct utsname u;

	(void)argv;
	if (argc > 1)
		return pv_usage("doctor");
	uname(&u);
	check_kernel(&u);
	bool loaded = !access(PLATEVEIL_DEVICE, F_OK);
	check_headers(&u, loaded);
	check_secure_boot(loaded);
	check_module();
	check_supervisor();
	check_rules();
	check_cameras();
	check_doors();
	check_speed();
	if (troubles)
		printf("\n%d thing%s to mend\n", troubles, troubles == 1 ? "" : "s");
	return troubles ? PV_FAILED : PV_DONE;
}
