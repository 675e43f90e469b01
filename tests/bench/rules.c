// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long a changed rule takes to the picture: bench-rules FOLDER. From the first byte written to the
 * file of rules to the first frame that is sealed as it says: the file saved, read again by the
 * supervisor and sent to the veiler; which is the real one, 1080p JPEG to JPEG at 30 frames a second,
 * but that its camera, its feed and its sandbox are played here. Status 1 if one took over 200 ms.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "camera/camera.h"
#include "codec/coefs.h"
#include "frames.h"
#include "veild/feed.h"
#include "veild/pipeline.h"
#include "veild/sandbox.h"
#include "veild/veiler.h"
#include "veild/veils.h"

#define CHANGES 60
#define LIMIT_MS 200
#define PATIENCE_MS 20000
#define FRAME_NS 33333333

static struct bench_frame frames[MAX_FRAMES];
static int frame_count;

/* What the feed was given last: is the zone in the corner white? */
static struct sealed {
	volatile uint64_t when_ns;
	volatile int white, count;
} *sealed;

/* --- what the veiler meets: each stands before the real one ----------------- */

int __wrap_pv_sandbox_isolate(char *error, size_t size);
int __wrap_pv_sandbox_enter(int socket, char *error, size_t size);
int __wrap_pv_feed_open(struct pv_feed *f, int fd);
int __wrap_pv_feed_state(struct pv_feed *f, struct plateveil_state *state);
int __wrap_pv_feed_bind(struct pv_feed *f);
void __wrap_pv_feed_unbind(struct pv_feed *f);
int __wrap_pv_feed_seal(struct pv_feed *f, struct pv_frame *frame);
int __wrap_pv_camera_open(struct pv_camera *c, int fd, char *error, size_t size);
int __wrap_pv_camera_start(struct pv_camera *c, int width, int height, uint32_t numerator,
			   uint32_t denominator, char *error, size_t size);
bool __wrap_pv_camera_gives_jpeg(const struct pv_camera *c);
int __wrap_pv_camera_next(struct pv_camera *c, const uint8_t **data, size_t *size, uint64_t *time_ns);
void __wrap_pv_camera_done(struct pv_camera *c);

int __wrap_pv_sandbox_isolate(char *error, size_t size)
{
	(void)error, (void)size;
	return 0;
}

int __wrap_pv_sandbox_enter(int socket, char *error, size_t size)
{
	(void)socket, (void)error, (void)size;
	return 0;
}

int __wrap_pv_feed_open(struct pv_feed *f, int fd)
{
	f->fd = fd;
	return 0;
}

int __wrap_pv_feed_state(struct pv_feed *f, struct plateveil_state *state)
{
	(void)f;
	*state = (struct plateveil_state){ .viewers = 1, .generation = 1 };
	return 0;
}

int __wrap_pv_feed_bind(struct pv_feed *f)
{
	f->width = 1920;
	f->height = 1080;
	f->pixelformat = V4L2_PIX_FMT_MJPEG;
	f->numerator = 1;
	f->denominator = 30;
	return 0;
}

void __wrap_pv_feed_unbind(struct pv_feed *f)
{
	(void)f;
}

int __wrap_pv_feed_seal(struct pv_feed *f, struct pv_frame *frame)
{
	static uint8_t jpeg[4u << 20];
	size_t size;

	(void)f;
	bool white = pv_coefs_row(frame->coefs, 0, 0)[0] > 0;
	if (pv_coefs_write(frame->coefs, jpeg, sizeof(jpeg), &size))
		return 0;
	sealed->when_ns = pv_now_ns();
	sealed->white = white;
	sealed->count++;
	return 1;
}

int __wrap_pv_camera_open(struct pv_camera *c, int fd, char *error, size_t size)
{
	(void)error, (void)size;
	c->fd = fd;
	return 0;
}

int __wrap_pv_camera_start(struct pv_camera *c, int width, int height, uint32_t numerator,
			   uint32_t denominator, char *error, size_t size)
{
	(void)c, (void)width, (void)height, (void)numerator, (void)denominator, (void)error, (void)size;
	return 0;
}

bool __wrap_pv_camera_gives_jpeg(const struct pv_camera *c)
{
	(void)c;
	return true;
}

int __wrap_pv_camera_next(struct pv_camera *c, const uint8_t **data, size_t *size, uint64_t *time_ns)
{
	static int next;
	uint64_t beats;

	if (read(c->fd, &beats, sizeof(beats)) != sizeof(beats))
		return 0;
	*data = frames[next].data;
	*size = frames[next].size;
	*time_ns = pv_now_ns();
	next = (next + 1) % frame_count;
	return 1;
}

void __wrap_pv_camera_done(struct pv_camera *c)
{
	(void)c;
}

/* --- plateveild's part ------------------------------------------------------ */

static void fail(const char *why)
{
	fprintf(stderr, "bench-rules: %s\n", why);
	exit(1);
}

static void give_camera(const struct pv_veil *veil)
{
	struct itimerspec beat = { { 0, FRAME_NS }, { 0, FRAME_NS } };
	struct pv_message m = { .word = PV_CAMERA };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	timerfd_settime(fd, 0, &beat, NULL);
	if (pv_link_send(veil->socket, &m, fd))
		fail("the veiler is gone");
	close(fd);
}

/* Listens to the veiler for so long, or until a frame is (not) white, if that is asked for. */
static bool listen_to(const struct pv_veil *veil, int ms, int white)
{
	struct pollfd p = { .fd = veil->socket, .events = POLLIN };
	uint64_t end = pv_now_ns() + (uint64_t)ms * 1000000u;
	struct pv_message m;
	int fd, got;

	while (pv_now_ns() < end && (!sealed->count || sealed->white != white)) {
		poll(&p, 1, 1);
		while ((got = pv_link_receive(veil->socket, &m, &fd)) > 0)
			if (m.word == PV_WANT_CAMERA)
				give_camera(veil);
		if (got < 0)
			fail("the veiler ended");
	}
	return sealed->count && sealed->white == white;
}

static double change(struct pv_veils *v, const char *path, bool white)
{
	uint64_t begun = pv_now_ns();
	char why[400];

	if (!pv_rules_save(path, "veil", "colour", white ? "#ffffff" : "#000000", why, sizeof(why)))
		fail(why);
	struct pv_ruleset *rules = pv_ruleset_read(path, why, sizeof(why));
	if (!rules)
		fail(why);
	pv_veils_rule(v, rules);
	if (!listen_to(v->list[0], PATIENCE_MS, white))
		fail("no frame follows the rules");
	return (double)(sealed->when_ns - begun) / 1e6;
}

static void start(struct pv_veil *veil)
{
	int pair[2], feed[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || pipe(feed))
		fail("no sockets");
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(pv_veiler_run(feed[0], pair[1], &veil->rules));
	}
	close(pair[1]);
	veil->socket = pair[0];
}

int main(int argc, char **argv)
{
	static struct pv_veil veil = { .socket = -1 };
	struct pv_veils veils = { .control = -1, .list = { &veil }, .count = 1 };
	char folder[] = "/tmp/bench-rules.XXXXXX", path[80], why[400];
	double took[CHANGES];

	if (argc != 2)
		fail("usage: bench-rules FOLDER");
	frame_count = bench_load(argv[1], frames);
	sealed = mmap(NULL, sizeof(*sealed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sealed == MAP_FAILED || !mkdtemp(folder))
		fail("no memory, or no /tmp");
	snprintf(path, sizeof(path), "%s/rules", folder);
	FILE *f = fopen(path, "w");
	if (!f || fputs("[veil]\nstyle = fill\ncolour = #000000\ndeadline = 5000\n"
			"[zone \"corner\"]\nrectangle = 0 0 10 10\n", f) < 0 || fclose(f))
		fail("cannot write the rules");
	veils.rules = pv_ruleset_read(path, why, sizeof(why));
	if (!veils.rules)
		fail(why);
	pv_ruleset_apply(veils.rules, "", "", &veil.rules);
	start(&veil);
	if (!listen_to(&veil, PATIENCE_MS, 0))
		fail("no frame comes");
	for (int i = 0; i < CHANGES; i++) {
		listen_to(&veil, 100 + i * 7 % 34, 2);	/* at any moment between two frames */
		took[i] = change(&veils, path, !(i % 2));
	}
	unlink(path);
	rmdir(folder);
	qsort(took, CHANGES, sizeof(*took), bench_rising);
	printf("%d changes of a rule, from the file to the sealed frame, 1080p at 30 frames/s:\n"
	       "median %.0f ms, of 20 the slowest %.0f ms, worst %.0f ms (at most %d wanted)\n", CHANGES,
	       took[CHANGES / 2], took[CHANGES * 19 / 20], took[CHANGES - 1], LIMIT_MS);
	return took[CHANGES - 1] > LIMIT_MS;
}
