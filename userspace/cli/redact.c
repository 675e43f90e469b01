// SPDX-License-Identifier: GPL-2.0-or-later
/* plateveil redact: photos, folders of them, and streams. */
#include "redact.h"

#include <errno.h>
#include <fts.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "detect/pair.h"

#define SEARCH_MOST 4096	/* as of the rule */

void pv_redaction_free(struct pv_redaction *r)
{
	pv_pipeline_free(&r->pipeline);
	pv_pair_free(r->pipeline.pair);
	if (r->frame.coefs != r->coefs)
		pv_coefs_free(r->frame.coefs);	/* of a stream, whose frames lend it to one another */
	pv_frame_free(&r->frame);
	pv_coefs_free(r->coefs);
}

/* Nobody waits for a photo: it is searched as large as it is, and larger, as far as the machine has memory for that,
 * 40 bytes a pixel at most, and the rules do not say how large. */
static void choose_search(struct pv_redaction *r)
{
	int width = r->frame.width, height = r->frame.height, side = SEARCH_MOST + 1;
	double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE), by;
	bool room;

	do {
		side = pv_detector_side(width, height, side - 1, PV_PHOTOS);
		by = side / fmax(width, height);
		/* Of all sizes, each twice the one before. */
		room = 40 * (by > 1 ? 2 * by * by - 1 : by * by) * width * height < memory / 2;
	} while (!room && by > 1);
	r->pipeline.rules.search = !r->said_search && room ? side : r->search;
}

int pv_redact_photo(struct pv_redaction *r, const char *in, const uint8_t *data, size_t size,
		    uint8_t **out, size_t *made)
{
	size_t room = PV_REDACTED_ROOM(size);
	int regions = -1;

	if (pv_coefs_read(r->coefs, data, size, 1, &r->frame)) {
		bool jpeg = size > 1 && data[0] == 0xff && data[1] == 0xd8;
		if (pv_is_other_image(data, size))
			pv_fail("%s: %s", in, PV_OTHER_IMAGE);
		else
			pv_fail("%s: %s%s", in, pv_coefs_error(r->coefs), jpeg ? "" : PV_OTHER_VIDEO);
		return -1;
	}
	choose_search(r);
	*out = malloc(room);
	if (!*out)
		pv_fail("not enough memory");
	else if ((regions = pv_pipeline_run(&r->pipeline, &r->frame)) < 0)
		pv_fail("%s: %s; nothing written", in, r->pipeline.error);
	else if (!pv_coefs_write(r->coefs, *out, room, made))
		return regions;
	else
		pv_fail("%s: %s", in, pv_coefs_error(r->coefs));
	free(*out);
	return -1;
}

bool pv_is_other_image(const uint8_t *data, size_t size)
{
	static const struct {
		size_t at, n;
		const char *bytes;
	} images[] = { { 0, 4, "\x89PNG" }, { 8, 4, "WEBP" }, { 0, 4, "GIF8" }, { 0, 2, "BM" }, { 0, 4, "II*\0" },
		       { 0, 4, "MM\0*" }, { 4, 8, "ftyphei" }, { 4, 8, "ftypavif" }, { 4, 8, "ftypmif1" } };

	for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++)
		if (size >= images[i].at + images[i].n && !memcmp(data + images[i].at, images[i].bytes, images[i].n))
			return true;
	return false;
}

static bool same_file(const char *a, const char *b)
{
	struct stat s, t;

	return !stat(a, &s) && !stat(b, &t) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* How many regions, or -1 with the reason told. */
static int redact_data(struct pv_redaction *r, const char *in, const char *out, const uint8_t *data, size_t size)
{
	size_t made;
	uint8_t *jpeg;

	if (!pv_is_photo(out) && pv_is_misnamed(out, ".jpg", ".jpeg"))
		return -1;
	int n = pv_redact_photo(r, in, data, size, &jpeg, &made);
	if (n < 0)
		return -1;
	if (pv_file_write(out, jpeg, made))
		n = -1;
	free(jpeg);
	return n;
}

/* The same. */
static int redact_file(struct pv_redaction *r, const char *in, const char *out)
{
	bool in_place = same_file(in, out);
	struct stat st;
	size_t size;
	uint8_t *data;

	if (!r->overwrite && in_place) {
		pv_fail("%s would be overwritten; name another file, or ask for it with --overwrite",
			out);
		return -1;
	}
	data = pv_file_read(in, &size);
	if (!data)
		return -1;
	bool others = in_place && !stat(in, &st) && st.st_nlink > 1;
	int n = redact_data(r, in, out, data, size);
	free(data);
	if (n >= 0 && others)
		fprintf(stderr, "plateveil: %s had other names (hard links), %lu: they may still lead to what it was\n", in,
			(unsigned long)st.st_nlink - 1);
	return n;
}

/* A line a region, and the exit status. */
static int tell(const struct pv_redaction *r, const char *out, int n)
{
	for (int i = 0; i < n; i++) {
		const struct pv_box *b = &r->pipeline.regions[i];
		fprintf(pv_file_tell(out), "%d %d %d %d\n", b->x0, b->y0,
			b->x1 - b->x0, b->y1 - b->y0);
	}
	return n < 0 ? PV_FAILED : PV_DONE;
}

int pv_redact_one(struct pv_redaction *r, const char *in, const char *out, const uint8_t *data, size_t size)
{
	return tell(r, out, redact_data(r, in, out, data, size));
}

/* --- folders ------------------------------------------------------------- */

static bool has_ending(const char *path, const char *const *endings)
{
	const char *dot = strrchr(path, '.');

	for (; dot && *endings; endings++)
		if (!strcasecmp(dot, *endings))
			return true;
	return false;
}

/* Other pictures and videos, which somebody may think were veiled. */
static bool is_footage(const char *path)
{
	static const char *const endings[] = { ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff",
					       ".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts",
					       ".dng", ".raw", ".3gp", NULL };

	return pv_is_stream(path) || has_ending(path, endings);
}

bool pv_is_misnamed(const char *out, const char *a, const char *b)
{
	const char *dot = strrchr(out, '.');

	if (!is_footage(out) && !pv_is_photo(out))
		return false;
	if (!strcasecmp(dot, a) || !strcasecmp(dot, b))
		return false;
	pv_fail("%s: what is written is %s; name it so", out, a);
	return true;
}

bool pv_is_photo(const char *path)
{
	static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".jfif", NULL };

	return has_ending(path, endings);
}

bool pv_is_stream(const char *path)
{
	static const char *const endings[] = { ".mjpeg", ".mjpg", ".y4m", NULL };

	return has_ending(path, endings);
}

static bool is_photo(const FTSENT *e)
{
	struct stat st;

	/* What a link leads to is a photo of this folder, too. */
	return pv_is_photo(e->fts_name) &&
	       (e->fts_info == FTS_F || (e->fts_info == FTS_SL && !stat(e->fts_accpath, &st) && S_ISREG(st.st_mode)));
}

/* Links to folders are not followed, nor those to nothing; and in place it would be a photo that lies elsewhere, and
 * is some other name's, too. */
static bool leads_away(const FTSENT *e, const char *out)
{
	struct stat st;

	if (e->fts_info != FTS_SL && e->fts_info != FTS_SLNONE)
		return false;
	bool there = !stat(e->fts_accpath, &st);
	if (there && S_ISDIR(st.st_mode))
		pv_fail("%s is a link to a folder, which is not followed; name that folder", e->fts_path);
	else if (!there && pv_is_photo(e->fts_name))
		pv_fail("%s is a link to what is not there", e->fts_path);
	else if (there && pv_is_photo(e->fts_name) && same_file(e->fts_path, out))
		pv_fail("%s is a link; veil what it leads to", e->fts_path);
	else
		return false;
	return true;
}

static bool is_too_long(const FTSENT *e, int n, size_t size)
{
	if (n < (int)size || (e->fts_info != FTS_D && !is_photo(e)))
		return false;
	pv_fail("%s: the name in the other folder is too long", e->fts_path);
	return true;
}

/* What could not be looked at may hold photos that were to be veiled. */
static bool is_unread(const FTSENT *e)
{
	if (e->fts_info != FTS_DNR && e->fts_info != FTS_ERR && e->fts_info != FTS_NS)
		return false;
	pv_fail("%s cannot be read: %s", e->fts_path, strerror(e->fts_errno));
	return true;
}

static void progress(int done, int all)
{
	char bar[31] = "";

	if (!isatty(2) || !all)
		return;
	all = done > all ? done : all;	/* some came while the others were veiled */
	memset(bar, '#', (size_t)(30 * done / all));
	fprintf(stderr, "[%-30s] %d of %d\r", bar, done, all);	/* what is told of goes over it */
	if (done == all)
		fputs("\033[K", stderr);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int count_photos(char *const *in)
{
	FTS *tree = fts_open(in, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int n = 0;

	while (tree && (e = fts_read(tree)))
		n += is_photo(e);
	if (tree)
		fts_close(tree);
	return n;
}

static bool make_folder(const char *path)
{
	if (!mkdir(path, 0777) || errno == EEXIST)
		return true;
	pv_fail("%s cannot be made: %s", path, strerror(errno));
	return false;
}

/* IN's photos go to the same places in OUT. One that fails is told of, and the others go on. */
static int redact_folder(struct pv_redaction *r, char *in, const char *out)
{
	char *roots[] = { in, NULL }, path[4096];
	size_t skip = strlen(in);

	/* "IN/" is IN, and what is in it begins with a slash. */
	while (skip > 1 && in[skip - 1] == '/')
		in[--skip] = 0;
	if (in[skip - 1] == '/')
		skip = 0;
	int all = count_photos(roots), at = 0, done = 0, failed = 0, regions = 0, others = 0;
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	FTSENT *e;

	if (!tree)
		return pv_fail("%s cannot be read: %s", in, strerror(errno));
	while ((e = fts_read(tree))) {
		int n = snprintf(path, sizeof(path), "%s%s", out, e->fts_path + skip);
		if (e->fts_info == FTS_D && same_file(e->fts_path, out) && e->fts_level) {
			fts_set(tree, e, FTS_SKIP);	/* OUT lies in IN */
		} else if (is_too_long(e, n, sizeof(path)) || (e->fts_info == FTS_D && !make_folder(path))) {
			failed++;
			fts_set(tree, e, FTS_SKIP);
		} else if (is_unread(e) || leads_away(e, path)) {
			failed++;
		} else if (is_photo(e)) {
			n = redact_file(r, e->fts_path, path);
			failed += n < 0;
			done += n >= 0;
			regions += n > 0 ? n : 0;
			progress(++at, all);
		} else if (is_footage(e->fts_name) && (e->fts_info == FTS_F || e->fts_info == FTS_SL)) {
			pv_fail("%s: no .jpg; a folder's photos are veiled, other pictures and videos are not", e->fts_path);
			failed++;
		} else {
			others += e->fts_info == FTS_F || e->fts_info == FTS_SL || e->fts_info == FTS_SLNONE;
		}
	}
	fts_close(tree);
	if (!done && !failed)
		return pv_fail("%s: no photos (.jpg, .jpeg, .jpe or .jfif) in it", in);
	printf("%d photo%s, %d region%s veiled", done, done == 1 ? "" : "s", regions,
	       regions == 1 ? "" : "s");
	if (failed)
		printf(", %d failed: not veiled", failed);
	if (others)
		printf("; not veiled, as not .jpg, .jpeg, .jpe or .jfif: %d", others);
	putchar('\n');
	return failed ? PV_FAILED : PV_DONE;
}

/* --- the command --------------------------------------------------------- */

static int set_rules(struct pv_redaction *r, int *argc, char **argv)
{
	char why[400], name[64];
	const char *rule;

	if (!pv_rules_load(&r->pipeline.rules, PV_RULES_FILE, why, sizeof(why)))
		return pv_fail("%s", why);
	r->pipeline.rules.zone_count = 0;	/* they are places in a camera's picture */
	r->said_search = r->pipeline.rules.search != PV_SEARCH_DEFAULT;
	while ((rule = pv_option_value(argc, argv, "--rule"))) {
		const char *equals = strchr(rule, '=');
		if (!equals || equals - rule >= (long)sizeof(name))
			return pv_usage("redact");
		snprintf(name, sizeof(name), "%.*s", (int)(equals - rule), rule);
		if (!pv_rules_set(&r->pipeline.rules, name, equals + 1, why, sizeof(why)))
			return pv_fail("%s", why);
		r->said_lookahead |= !strcmp(name, "lookahead");
		r->said_search |= !strcmp(name, "search");
		if (pv_rule_list[pv_rule_find(pv_rule_list, name)].camera)
			return pv_fail("--rule %s: that is for cameras; photos and streams know no such thing", name);
	}
	r->search = r->pipeline.rules.search;
	if (pv_rules_veil_none(&r->pipeline.rules, why, sizeof(why)))
		return pv_fail("%s", why);
	return PV_DONE;
}

int pv_cmd_redact(int argc, char **argv)
{
	struct pv_redaction r = { .pipeline.photos = true };
	struct stat st;

	r.strip = pv_option(&argc, argv, "--strip");
	r.overwrite = pv_option(&argc, argv, "--overwrite");
	int err = set_rules(&r, &argc, argv);
	if (!err && (argc != 3 || pv_is_option(argv[1]) || pv_is_option(argv[2])))
		err = pv_usage("redact");
	if (err)
		return err;
	const char *in = argv[1], *out = argv[2];
	bool there = strcmp(in, "-") && !stat(in, &st), folder = there && S_ISDIR(st.st_mode);
	r.coefs = pv_coefs_new_photo();
	if (r.coefs && r.strip)
		pv_coefs_heed(r.coefs, PV_HEED_TURN);
	if (!r.coefs)
		err = pv_fail("not enough memory");
	else if (!strcmp(in, "-") || pv_is_stream(in) || (there && !folder && !pv_is_photo(in) && !r.overwrite))
		err = pv_redact_stream(&r, in, out);
	else if (folder)
		err = strcmp(out, "-") ? redact_folder(&r, argv[1], out) :
					 pv_fail("%s is a folder, whose photos go to another; name that one", in);
	else
		err = tell(&r, out, redact_file(&r, in, out));
	pv_redaction_free(&r);
	return err;
}
