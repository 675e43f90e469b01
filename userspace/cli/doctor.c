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
#include "camera/gates.h"
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
	pv_print_wrapped(stdout, NULL, INDENT, text);
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

/* As Debian's packages call it. */
static const char *architecture(const struct utsname *u)
{
	return strcmp(u->machine, "aarch64") ? "amd64" : "arm64";
}

/* Is it one that there is a module for? */
static bool check_kernel(const struct utsname *u, bool loaded)
{
	static const char *const tested[] = { "6.1.", "6.12.", "7.2." };	/* kmod/compat.h */
	bool known = false;

	for (int i = 0; i < 3; i++)
		known |= !strncmp(u->release, tested[i], strlen(tested[i])) ||
			 (!strncmp(u->release, tested[i], strlen(tested[i]) - 1) &&
			  u->release[strlen(tested[i]) - 1] == '-');
	if (known || loaded)
		say(FINE, "kernel", "%s", u->release);
	else
		say(TROUBLE, "kernel", "%s is none that the module is tested on, and DKMS builds it for no "
				       "other: start Debian's own 6.1, 6.12 or 7.2 (sudo apt install "
				       "linux-image-%s)", u->release, architecture(u));
	return known || loaded;
}

static void check_headers(const struct utsname *u, bool built)
{
	char path[300];

	snprintf(path, sizeof(path), "/lib/modules/%s/build", u->release);
	if (!access(path, F_OK))
		say(FINE, "headers", "%s", path);
	else
		say(built ? NOTE : TROUBLE, "headers",
		    "the headers of this kernel are not there, so DKMS cannot build the module for it: "
		    "sudo apt install linux-headers-%s; linux-headers-%s brings those of every kernel to "
		    "come", u->release, architecture(u));
}

/* The first line that a command prints; empty: none, or there is no such command. */
static const char *output_of(const char *command, char *line, size_t size)
{
	FILE *f = popen(command, "r");

	if (!f || !fgets(line, (int)size, f))
		line[0] = 0;
	if (f)
		pclose(f);
	line[strcspn(line, "\n")] = 0;
	return line;
}

static bool file_has(const char *path, const char *text)
{
	return strstr(pv_file_line(path), text);
}

/* Why the kernel wants modules signed; NULL: it does not. */
static const char *signature_wanted(void)
{
	if (efi_byte("SecureBoot") > 0)
		return "Secure Boot is on";
	if (file_has("/sys/module/module/parameters/sig_enforce", "Y"))
		return "the kernel was started with module.sig_enforce";
	if (file_has("/sys/kernel/security/lockdown", "[integrity]") ||
	    file_has("/sys/kernel/security/lockdown", "[confidentiality]"))
		return "the kernel is locked down";
	return NULL;
}

#define MOK "/var/lib/dkms/mok.pub"	/* DKMS's own key */

static void check_signature(bool loaded, bool built)
{
	const char *why = signature_wanted();
	char line[400];

	if (!why)
		say(FINE, "signing", "no Secure Boot: modules need no signature");
	else if (loaded)
		say(FINE, "signing", "%s, and the module was accepted", why);
	else if (built && !*output_of("/sbin/modinfo -F signer plateveil 2>/dev/null", line, sizeof(line)))
		say(TROUBLE, "signing", "%s, and the module is not signed: DKMS signs what it builds (sudo "
					"dkms build --force plateveil/" PV_VERSION " && sudo dkms install "
					"--force plateveil/" PV_VERSION "), and makes a key, " MOK
					", if it has none (and openssl is installed)", why);
	else if (!access(MOK, R_OK) && strstr(output_of("mokutil --test-key " MOK " 2>&1", line,
							sizeof(line)), "already enrolled"))
		say(FINE, "signing", "%s, and DKMS's key is enrolled", why);
	else
		say(TROUBLE, "signing", "%s: it takes the module only if its signature's key is enrolled: sudo "
					"mokutil --import " MOK ", then start anew and follow the blue screen",
		    why);
}

static void check_module(bool built)
{
	const char *version = pv_file_line("/sys/module/plateveil/version");
	char why[400];
	int fd = pv_control_open(why, sizeof(why));

	if (fd >= 0)
		close(fd);
	if (fd < 0 && !built && access(PLATEVEIL_DEVICE, F_OK))
		say(TROUBLE, "module", "there is none for this kernel: sudo dkms autoinstall, where `dkms "
				       "status` knows plateveil; else install plateveil-dkms, or from source");
	else if (fd < 0 && access(PLATEVEIL_DEVICE, F_OK))
		say(TROUBLE, "module", "it is there, but not loaded: sudo modprobe plateveil");
	else if (fd < 0)
		say(TROUBLE, "module", "%s", why);
	else if (strcmp(version, PV_VERSION))
		say(TROUBLE, "module", "version %s is loaded, and these programs are " PV_VERSION
				       ": start the machine anew, or, while nobody looks at a view, sudo "
				       "systemctl stop plateveild, sudo modprobe -r plateveil, sudo systemctl "
				       "start plateveild", version);
	else
		say(FINE, "module", "version %s is loaded", version);
}

/* --- plateveild and the rules -------------------------------------------- */

/* Where applications see the card for it, it is to be mended; else it is only to be known. */
static void tell_warnings(const cJSON *veil)
{
	enum verdict v = strcmp(pv_text(veil, "state"), "card") ? NOTE : TROUBLE;
	const cJSON *w;

	cJSON_ArrayForEach(w, cJSON_GetObjectItem(veil, "warnings"))
		say(v, "veil", "%s: %s", pv_text(veil, "name"), w->valuestring);
}

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
		cJSON_ArrayForEach(w, cJSON_GetObjectItem(status, "veils"))
			tell_warnings(w);
		cJSON_Delete(status);
		break;
	case PV_ASKED_FORBIDDEN:
		say(NOTE, "service", "plateveild runs; to ask it more, use sudo or join the group plateveil "
				     "(sudo adduser $USER plateveil, and log in anew)");
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

/* Has this process the device open? By number: what the module opened has no name to look up. */
static bool holds(const char *process, dev_t device)
{
	char folder[300], link[600];
	struct stat held;
	bool found = false;
	struct dirent *f;

	snprintf(folder, sizeof(folder), "/proc/%s/fd", process);
	DIR *fds = atoi(process) > 0 ? opendir(folder) : NULL;
	while (fds && !found && (f = readdir(fds))) {
		snprintf(link, sizeof(link), "%s/%s", folder, f->d_name);
		found = !stat(link, &held) && S_ISCHR(held.st_mode) && held.st_rdev == device;
	}
	if (fds)
		closedir(fds);
	return found;
}

/* Who has this node open, as "NAME (process N)", as far as we may see. True: others than plateveil's, too. */
static bool holders(const char *path, char *text, size_t size)
{
	DIR *proc = opendir("/proc");
	char link[300], comm[40];
	struct stat camera;
	bool strangers = false;
	struct dirent *p;
	size_t n = 0;

	text[0] = 0;
	if (stat(path, &camera))
		camera.st_rdev = 0;
	while (proc && (p = readdir(proc))) {
		if (!holds(p->d_name, camera.st_rdev) || n >= size)
			continue;
		snprintf(link, sizeof(link), "/proc/%s/comm", p->d_name);
		snprintf(comm, sizeof(comm), "%s", pv_file_line(link));
		if (!*comm)
			strcpy(comm, "?");
		pv_device_text(comm);
		strangers |= strcmp(comm, "plateveild") && strcmp(comm, "plateveil-veil");
		n += (size_t)snprintf(text + n, size - n, "%s%s (process %s)", n ? ", " : "", comm,
				      p->d_name);
	}
	if (proc)
		closedir(proc);
	return strangers;
}

static void check_camera(int control, const struct pv_device *d)
{
	uint32_t gate = pv_gates_action(control, d->path);
	char who[400];

	/* Whoever has it open has its view. */
	if (gate == PLATEVEIL_GATE_DIVERT) {
		say(FINE, "camera", "%s (%s) shows its veiled view", d->path, d->name);
		return;
	}
	bool strangers = holders(d->path, who, sizeof(who));
	if (*who && !strangers)
		say(FINE, "camera", "%s (%s) is held by %s", d->path, d->name, who);
	else if (*who)
		say(TROUBLE, "camera", "%s (%s) is held by %s: close it, or it cannot be veiled", d->path,
		    d->name, who);
	else
		say(FINE, "camera", "%s (%s)%s", d->path, d->name,
		    geteuid() ? "; sudo plateveil doctor sees who holds it" : " is free");
	if (gate == PLATEVEIL_GATE_NONE && pv_others_may(d->path, PV_READ | PV_WRITE) > 0)
		say(NOTE, "camera", "%s can be opened by others than root, who then get the raw picture: a gate or "
				    "the packaged udev rules keep them out", d->path);
}

static int list_veils(struct plateveil_info infos[PLATEVEIL_MAX_VEILS])
{
	char why[400];
	int control = pv_control_open(why, sizeof(why));
	int n = control < 0 ? 0 : pv_control_list(control, infos);

	if (control >= 0)
		close(control);
	return n;
}

/* May who asks look at them? */
static void check_views(void)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = list_veils(infos);
	char path[32];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/dev/video%u", infos[i].view);
		pv_device_text(infos[i].name);
		if (!access(path, R_OK | W_OK))
			say(FINE, "view", "%s (%s) is there for you", path, infos[i].name);
		else
			say(TROUBLE, "view", "you may not open %s (%s): sudo adduser $USER video, and log "
					     "in anew", path, infos[i].name);
	}
}

static void check_cameras(void)
{
	struct pv_device d[PV_MAX_DEVICES];
	char why[400];
	int n = pv_device_list(-1, d, PV_MAX_DEVICES), cameras = 0, control = pv_control_open(why, sizeof(why));

	for (int i = 0; i < n; i++) {
		if (d[i].node != PV_NODE_CAMERA)
			continue;
		check_camera(control, &d[i]);
		cameras++;
	}
	if (control >= 0)
		close(control);
	if (!cameras && !access("/dev/video0", F_OK) && access("/dev/video0", R_OK | W_OK))
		say(TROUBLE, "camera", "you may not open the cameras: sudo plateveil doctor");
	else if (!cameras)
		say(NOTE, "camera", "none is plugged in; one of several planes, or that only libcamera can drive, is not handled");
}

/* What views show now is what must be searched in time; without any, a usual camera's mode. */
static void usual_mode(struct plateveil_mode *m)
{
	struct plateveil_info infos[PLATEVEIL_MAX_VEILS];
	int n = list_veils(infos);

	*m = (struct plateveil_mode){ .width = 1280, .height = 720, .numerator = 1, .denominator = 30 };
	for (int i = 0; i < n; i++)
		if (!i || infos[i].mode.width * infos[i].mode.height > m->width * m->height)
			*m = infos[i].mode;
}

/* The best of some searches of a picture that is all new, in ms; below 0: it cannot be. */
static double time_search(int width, int height, int search)
{
	enum { RUNS = 5, SLOW_NS = 200000000 };
	struct pv_detection found[PV_MAX_DETECTIONS];
	char why[200] = "not enough memory";
	uint8_t *luma = malloc((size_t)width * (size_t)height);
	struct pv_detector *d = luma ? pv_detector_new(width, height, search, PV_VIDEO, why, sizeof(why)) : NULL;
	uint64_t best = UINT64_MAX;

	for (int i = 0; d && i < width * height; i++)
		luma[i] = (uint8_t)(i * 7 + i / width * 13);
	for (int i = 0; d && i < RUNS && (!i || best < SLOW_NS); i++) {
		uint64_t begun = pv_now_ns();
		pv_detector_run(d, luma, width, 0.35f, found, PV_MAX_DETECTIONS);
		uint64_t took = pv_now_ns() - begun;
		best = took < best ? took : best;
	}
	if (!d)
		say(TROUBLE, "speed", "%s", why);
	pv_detector_free(d);
	free(luma);
	return d ? (double)best / 1e6 : -1;
}

static void check_speed(void)
{
	struct plateveil_mode m;
	struct pv_rules rules;
	char why[800];

	usual_mode(&m);
	if (!pv_rules_load(&rules, PV_RULES_FILE, why, sizeof(why)))
		pv_rules_default(&rules);	/* check_rules() has told */
	double rate = (double)m.denominator / m.numerator;
	int width = (int)m.width, height = (int)m.height;
	int side = pv_detector_side(width, height, rules.search, PV_VIDEO);
	double ms = time_search(width, height, rules.search);
	if (ms < 0)
		return;
	if (ms < 1000 / rate)
		say(FINE, "speed", "%.0f ms to search all of a %ux%u picture: %.4g frames/s are kept", ms,
		    m.width, m.height, rate);
	else
		say(NOTE, "speed", "%.0f ms to search all of a %ux%u picture: of a camera at %.4g frames/s some "
				   "are dropped when much moves; `sudo plateveil rules set maximum-rate %.0f`%s helps",
		    ms, m.width, m.height, rate, ms < 1000 ? 1000 / ms : 1,
		    pv_detector_side(width, height, 960, PV_VIDEO) < side ? " or `search 960`" :
		    pv_detector_side(width, height, 640, PV_VIDEO) < side ? " or `search 640`" : "");
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
	char where[400];

	(void)argv;
	if (argc > 1)
		return pv_usage("doctor");
	uname(&u);
	bool loaded = !access(PLATEVEIL_DEVICE, F_OK);
	bool supported = check_kernel(&u, loaded);
	bool built = loaded || *output_of("/sbin/modinfo -F filename plateveil 2>/dev/null", where, sizeof(where));
	if (supported || built)
		check_headers(&u, built);
	check_signature(loaded, built);
	if (supported || built)
		check_module(built);
	check_supervisor();
	check_rules();
	check_cameras();
	check_views();
	check_doors();
	check_speed();
	if (troubles)
		printf("\n%d thing%s to mend\n", troubles, troubles == 1 ? "" : "s");
	return troubles ? PV_FAILED : PV_DONE;
}
