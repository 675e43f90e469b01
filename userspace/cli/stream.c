// SPDX-License-Identifier: GPL-2.0-or-later
/* Streams through pipes: MJPEG (JPEGs one after another) and YUV4MPEG2. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "detect/pair.h"
#include "redact.h"

#define MOST (64u << 20)	/* bytes of a JPEG */
#define LOOKAHEAD 3		/* frames, at least, of a file */
#define FRAME_NS 33333333u	/* an MJPEG stream does not say how long a frame lasts */

struct source {
	const char *name;
	const char *to;
	FILE *in, *out;		/* out: NULL till there is something to write */
	uint8_t *data;		/* what is read: a JPEG or more, or a raw frame */
	size_t got, room;
	size_t jpeg;		/* length of the JPEG that begins data; 0: raw */
	size_t scanned;		/* bytes of data that hold no end of it */
	size_t largest;		/* JPEG so far */
	int width, height, shift_x, shift_y;
	bool raw, grey, full_range;
	bool single;		/* one picture is wanted, whatever comes behind it */
	bool broken;		/* what comes next cannot be read; the reason is told */
	char why[200];		/* the first damaged picture is that */
	char header[256];	/* of YUV4MPEG2 */
	uint64_t frame_ns, taken, written, damaged;
};

/* --- reading ------------------------------------------------------------- */

static bool fail(struct source *s, const char *why)
{
	if (s->broken)
		return false;
	s->broken = true;
	pv_fail("%s: %s, after %llu pictures", s->name, why, (unsigned long long)s->taken);
	return false;
}

/* Reads on; false at the end, or with the reason told. */
static bool read_more(struct source *s)
{
	if (s->got == s->room) {
		size_t room = s->room ? 2 * s->room : 1 << 18;
		if (room > 2 * MOST)
			return fail(s, "a picture of more than 64 MiB");
		uint8_t *data = realloc(s->data, room);
		if (!data)
			return fail(s, "not enough memory");
		s->data = data;
		s->room = room;
	}
	/* What is there, at once: a live stream's picture is not to wait for the next. */
	ssize_t n = read(fileno(s->in), s->data + s->got, s->room - s->got);
	if (n < 0)
		return fail(s, strerror(errno));
	s->got += (size_t)n;
	return n > 0;
}

/*
 * The length of the JPEG that begins d; 0 if its end has not come yet. Segments are passed over by
 * their length, since a thumbnail in one of them has an end of its own. Where the next picture
 * begins this one ends, too: some cameras send no end, and of a cut one it is missing. *from is how far it was
 * looked at, 2 to begin with.
 */
static size_t jpeg_length(const uint8_t *d, size_t n, size_t *from)
{
	size_t at = *from;

	for (; at + 4 <= n; *from = at) {
		if (d[at] != 0xff) {		/* entropy-coded data, or damage */
			const uint8_t *next = memchr(d + at, 0xff, n - at);
			at = next ? (size_t)(next - d) : n;
			continue;
		}
		int marker = d[at + 1];
		if (marker == 0xd9)
			return at + 2;
		if (marker == 0xd8)
			return at;
		if (marker == 0xff)
			at++;
		else if (!marker || (marker >= 0xd0 && marker <= 0xd7) || marker == 1)
			at += 2;
		else
			at += 2 + ((size_t)d[at + 2] << 8 | d[at + 3]);
	}
	at += at < n && d[at] != 0xff;	/* of three bytes that are left */
	return at <= n && n - at >= 2 && d[at] == 0xff && d[at + 1] == 0xd9 ? at + 2 : 0;
}

/* Drops the last picture, and what lies before the next one. */
static bool to_next_jpeg(struct source *s)
{
	if (s->jpeg)
		memmove(s->data, s->data + s->jpeg, s->got - s->jpeg);
	s->got -= s->jpeg;
	s->jpeg = 0;
	for (;;) {
		size_t at = 0;
		while (at + 1 < s->got && !(s->data[at] == 0xff && s->data[at + 1] == 0xd8))
			at++;
		if (s->got) {
			memmove(s->data, s->data + at, s->got - at);
			s->got -= at;
		}
		if (s->got >= 2)
			return true;
		if (!read_more(s))
			return false;
	}
}

static int begin_jpeg(struct source *s, int first)
{
	s->room = 1 << 18;
	s->data = malloc(s->room);
	if (!s->data)
		return pv_fail("not enough memory");
	if (first != EOF)
		s->data[s->got++] = (uint8_t)first;
	return PV_DONE;
}

/* The next picture into s->data; false at the end. */
static bool next_jpeg(struct source *s)
{
	if (!to_next_jpeg(s))
		return false;
	s->scanned = 2;
	while (!(s->jpeg = jpeg_length(s->data, s->got, &s->scanned))) {
		if (read_more(s))
			continue;
		/* The last one has no end: whether it is whole, decoding tells. */
		s->jpeg = s->got;
		return !s->broken && s->got > 2;
	}
	return true;
}

static size_t raw_size(const struct source *s)
{
	size_t chroma = (size_t)((s->width + (1 << s->shift_x) - 1) >> s->shift_x) *
			(size_t)((s->height + (1 << s->shift_y) - 1) >> s->shift_y);
	return (size_t)s->width * (size_t)s->height + (s->grey ? 0 : 2 * chroma);
}

static bool next_raw(struct source *s)
{
	char line[256];
	size_t size = raw_size(s);

	if (!fgets(line, sizeof(line), s->in))
		return ferror(s->in) ? fail(s, strerror(errno)) : false;
	if (strncmp(line, "FRAME", 5) || !strchr(line, '\n'))
		return fail(s, "what follows is no frame");
	s->got = fread(s->data, 1, size, s->in);
	if (ferror(s->in))
		return fail(s, strerror(errno));
	s->damaged += s->got != size;
	return s->got == size;
}

static void note(struct source *s, const char *why)
{
	if (!*s->why)
		snprintf(s->why, sizeof(s->why), "%s", why);
}

/* The picture in s->data to a frame; false if it is damaged. */
static bool decode(struct source *s, struct pv_redaction *r)
{
	struct pv_frame *f = &r->frame;
	const uint8_t *from = s->data;

	s->largest = s->jpeg > s->largest ? s->jpeg : s->largest;
	if (!s->raw && !f->coefs) {
		f->coefs = pv_coefs_new();
		if (f->coefs)
			pv_coefs_heed(f->coefs, PV_HEED_TURN);
	}
	if (!s->raw && (!f->coefs || pv_coefs_read(f->coefs, s->data, s->jpeg, 1, f))) {
		note(s, f->coefs ? pv_coefs_error(f->coefs) : "not enough memory");
		return false;
	}
	if (!s->raw)
		return true;
	if (pv_frame_shape(f, s->width, s->height, s->shift_x, s->shift_y, s->grey))
		return false;
	f->full_range = s->full_range;
	f->block_x = f->block_y = PV_JPEG_BLOCK;	/* it may have been decoded */
	for (int i = 0; i < (s->grey ? 1 : 3); i++) {
		int w = pv_frame_plane_width(f, i), h = pv_frame_plane_height(f, i);
		for (int y = 0; y < h; y++, from += w)
			memcpy(f->plane[i] + (size_t)y * (size_t)f->stride[i], from, (size_t)w);
	}
	return true;
}

/* --- YUV4MPEG2's header -------------------------------------------------- */

/* How the C parameter samples chroma; false for one that is not 8 bits a sample of these. */
static bool take_sampling(struct source *s, const char *c)
{
	static const struct {
		const char *name;
		int x, y;
		bool grey;
	} known[] = { { "420jpeg", 1, 1, false }, { "420mpeg2", 1, 1, false },
		      { "420paldv", 1, 1, false }, { "420", 1, 1, false }, { "422", 1, 0, false },
		      { "444", 0, 0, false }, { "mono", 0, 0, true } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, c))
			continue;
		s->shift_x = known[i].x;
		s->shift_y = known[i].y;
		s->grey = known[i].grey;
		return true;
	}
	return false;
}

static int read_header(struct source *s)
{
	char words[256], *save, *word;
	int num = 0, den = 0;	/* of a rate that is not known */
	bool good = fgets(s->header, sizeof(s->header), s->in) && strchr(s->header, '\n');

	s->shift_x = s->shift_y = 1;
	snprintf(words, sizeof(words), "%.*s", (int)strcspn(s->header, "\n"), s->header);
	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (*word == 'W')
			s->width = atoi(word + 1);
		else if (*word == 'H')
			s->height = atoi(word + 1);
		else if (*word == 'F')
			good &= sscanf(word + 1, "%d:%d", &num, &den) == 2;
		else if (*word == 'C')
			good &= take_sampling(s, word + 1);
		else if (!strcmp(word, "XCOLORRANGE=FULL"))
			s->full_range = true;
	}
	if (!good || s->width < 1 || s->height < 1 || num < 0 || den < !!num)
		return pv_fail("%s: not a YUV4MPEG2 stream of 8 bits a sample, 4:2:0, 4:2:2, 4:4:4 or grey; ffmpeg "
			       "writes one with -pix_fmt yuv420p", s->name);
	if (s->width > PV_MAX_SIDE || s->height > PV_MAX_SIDE || (unsigned)(s->width * s->height) > PV_MAX_PIXELS)
		return pv_fail("%s: pictures of %dx%d are too large; let ffmpeg make them smaller", s->name, s->width,
			       s->height);
	s->frame_ns = num ? (uint64_t)den * 1000000000u / (uint64_t)num : FRAME_NS;
	s->data = calloc(1, raw_size(s));
	return s->data ? PV_DONE : pv_fail("not enough memory");
}

/* --- writing ------------------------------------------------------------- */

/* Not before there is something to write: what stands there may be all that is left of it. */
static bool open_out(struct source *s)
{
	if (s->out)
		return true;
	s->out = pv_file_is_output(s->to) ? stdout : fopen(s->to, "wb");
	return s->out && fputs(s->header, s->out) >= 0;
}

static bool write_jpeg(struct source *s, struct pv_coefs *c)
{
	size_t room = PV_REDACTED_ROOM(s->largest), size;
	uint8_t *jpeg = malloc(room);
	bool good = true;

	if (!jpeg) {
		errno = ENOMEM;
		good = false;
	} else if (!pv_coefs_write(c, jpeg, room, &size)) {
		good = open_out(s) && fwrite(jpeg, 1, size, s->out) == size;
	} else {
		note(s, pv_coefs_error(c));
		s->damaged++;
		s->written--;
	}
	free(jpeg);
	pv_coefs_drop(c);
	return good;
}

static bool write_raw(struct source *s, const struct pv_frame *f)
{
	if (!open_out(s))
		return false;
	fputs("FRAME\n", s->out);
	for (int i = 0; i < (s->grey ? 1 : 3); i++)
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			fwrite(f->plane[i] + (size_t)y * (size_t)f->stride[i], 1,
			       (size_t)pv_frame_plane_width(f, i), s->out);
	return !ferror(s->out);
}

static bool write_frame(struct source *s, const struct pv_frame *f)
{
	s->written++;
	return (s->raw ? write_raw(s, f) : write_jpeg(s, f->coefs)) && (!s->out || !fflush(s->out));
}

static bool push(struct source *s, struct pv_redaction *r)
{
	r->frame.time_ns = ++s->taken * s->frame_ns;
	struct pv_frame *due = pv_pipeline_push(&r->pipeline, &r->frame);

	return !due || write_frame(s, due);
}

/* Those that wait for a later one: there is none, or it is of another size. */
static bool drain(struct source *s, struct pv_redaction *r)
{
	struct pv_frame *due;
	bool good = true;

	while (good && (due = pv_pipeline_drain(&r->pipeline)))
		good = write_frame(s, due);
	return good;
}

/* Phones put a second picture behind a photo, a smaller one or one of how bright it is, and say so in a segment
 * (CIPA DC-007, Multi-Picture Format). It would not be searched as the same, and goes. */
static bool has_others(const uint8_t *jpeg, size_t size)
{
	const uint8_t *mark = jpeg;

	while ((mark = memmem(mark, (size_t)(jpeg + size - mark), "MPF", 4)))
		if (mark++ - jpeg >= 4 && mark[-5] == 0xff && mark[-4] == 0xe2)
			return true;
	return false;
}

/* Does a picture begin there, and not some bytes by chance? What follows the first marker is another. */
static bool another_in(const uint8_t *data, size_t size)
{
	static const uint8_t firsts[] = { 0xc0, 0xc2, 0xc4, 0xdb, 0xdd, 0xfe };	/* or an application's segment */
	const uint8_t *at = data, *end = data + size;

	for (; (at = memmem(at, (size_t)(end - at), "\xff\xd8\xff", 3)); at++)
		if (at + 3 < end && (at[3] >> 4 == 0xe || memchr(firsts, at[3], sizeof(firsts))))
			return true;
	return false;
}

/* The length of a JPEG alone, or of one of which no more is wanted, which is a photo: its metadata stays. 0: there
 * are more, or it is as a camera sends them, whose slips are tolerated. */
static size_t photo_length(struct source *s, struct pv_redaction *r)
{
	bool photo = next_jpeg(s);
	size_t length = s->jpeg;

	s->single = pv_is_photo(s->to) || (!pv_is_stream(s->to) && photo && has_others(s->data, length));
	bool alone = photo && !another_in(s->data + length, s->got - length);
	while (alone && !s->single && read_more(s)) {
		alone = !another_in(s->data + length, s->got - length);
		/* What follows and is no picture, a phone's film for one, is not kept. */
		if (alone && s->got - length > 3) {
			memmove(s->data + length, s->data + s->got - 3, 3);
			s->got = length + 3;
		}
	}
	photo = photo && !s->broken && (s->single || alone);
	if (photo && pv_coefs_read(r->coefs, s->data, length, 1, &r->frame)) {
		note(s, pv_coefs_error(r->coefs));
		photo = false;
	}
	pv_coefs_drop(r->coefs);
	r->frame.coefs = NULL;
	s->jpeg = 0;	/* begins with what is there */
	return photo ? length : 0;
}

/* Of a single picture reads the rest away, whose writer need not hear of it; the user does, if there was more. A live
 * source has no end: after a second it is closed. */
static void read_away(struct source *s, size_t length)
{
	struct pollfd p = { .fd = fileno(s->in), .events = POLLIN };
	bool more = another_in(s->data + length, s->got - length);
	uint64_t until = pv_now_ns() + 1000000000u;
	ssize_t n;

	do {
		n = poll(&p, 1, 1000) == 1 ? read(p.fd, s->data, s->room) : 0;
		more |= n > 0 && another_in(s->data, (size_t)n);
	} while (n > 0 && pv_now_ns() < until);
	if (more)
		fprintf(stderr, "plateveil: %s: more pictures came behind the first; they are left out\n", s->name);
}

static int copy_frames(struct source *s, struct pv_redaction *r)
{
	int width = 0, height = 0, orientation = 0;
	bool good = true;

	for (bool begun = false; good && !(begun && s->single) && (s->raw ? next_raw(s) : next_jpeg(s)); begun = true) {
		/* What does not parse is not passed on. */
		if (!decode(s, r)) {
			s->damaged++;
			continue;
		}
		if (r->frame.width != width || r->frame.height != height || r->frame.orientation != orientation)
			good = drain(s, r);
		orientation = r->frame.orientation;
		width = r->frame.width;
		height = r->frame.height;
		good = good && push(s, r);
	}
	if (!good || !drain(s, r))
		return pv_fail("%s cannot be written: %s", s->to, strerror(errno));
	if (s->damaged)
		fprintf(stderr, "plateveil: damaged pictures left out: %llu\n", (unsigned long long)s->damaged);
	if (s->written)
		fprintf(stderr, "frames: %llu, regions veiled: %llu, frames veiled whole: %llu\n",
			(unsigned long long)s->written, (unsigned long long)r->pipeline.stats.regions,
			(unsigned long long)r->pipeline.stats.whole);
	else if (!s->broken)
		return pv_fail("%s: no picture in it that can be veiled%s%s%s", s->name, *s->why ? ": " : "", s->why,
			       PV_OTHER_VIDEO);
	return s->broken ? PV_FAILED : PV_DONE;
}

/* What comes, and what is to be written. An exit status. */
static int check_kind(struct source *s)
{
	while (!s->raw && s->got < 12 && read_more(s))
		;
	if (!s->raw && pv_is_other_image(s->data, s->got))
		return pv_fail("%s: %s", s->name, PV_OTHER_IMAGE);
	if (!s->raw && (pv_is_photo(s->to) || !s->got))
		return PV_DONE;
	return pv_is_misnamed(s->to, s->raw ? ".y4m" : ".mjpeg", s->raw ? ".y4m" : ".mjpg") ? PV_FAILED : PV_DONE;
}

int pv_redact_stream(struct pv_redaction *r, const char *in, const char *out)
{
	struct source s = { .name = in, .to = out, .frame_ns = FRAME_NS };
	struct stat a, b;
	int err = PV_DONE;

	s.in = strcmp(in, "-") ? fopen(in, "rb") : stdin;
	if (!s.in)
		return pv_fail("%s cannot be read: %s", in, strerror(errno));
	if (strcmp(out, "-") && !stat(out, &a) && !fstat(fileno(s.in), &b) && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino) {
		fclose(s.in);
		return pv_fail("%s would be overwritten while it is read; name another file (--overwrite is for "
			       "photos)", out);
	}
	setvbuf(s.in, NULL, _IONBF, 0);
	/* Whoever started this may have made it one that does not wait. */
	int flags = fcntl(fileno(s.in), F_GETFL);
	if (flags >= 0 && flags & O_NONBLOCK)
		fcntl(fileno(s.in), F_SETFL, flags & ~O_NONBLOCK);
	int first = getc(s.in);
	s.raw = first == 'Y';
	if (s.raw)
		ungetc(first, s.in);
	err = s.raw ? read_header(&s) : begin_jpeg(&s, first);
	if (!err)
		err = check_kind(&s);
	size_t photo = err || s.raw ? 0 : photo_length(&s, r);
	if (photo) {
		err = pv_redact_one(r, in, out, s.data, photo);
	} else if (!err) {
		r->pipeline.photos = false;
		r->pipeline.rules.deadline = 60000;
		/* For what a file has nobody waits. */
		if (!fstat(fileno(s.in), &b) && S_ISREG(b.st_mode) && r->pipeline.rules.lookahead < LOOKAHEAD && !r->said_lookahead)
			r->pipeline.rules.lookahead = LOOKAHEAD;
		r->pipeline.pair = pv_pair_new();
		err = copy_frames(&s, r);
	}
	if (s.single)
		read_away(&s, photo ? photo : s.jpeg);
	free(s.data);
	fclose(s.in);
	if (s.out && s.out != stdout && fclose(s.out) && !err)
		err = pv_fail("%s cannot be written: %s", out, strerror(errno));
	return err;
}
