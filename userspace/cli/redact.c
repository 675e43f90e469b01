// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "codec/coefs.h"
#include "veild/pipeline.h"

#define MAX_FILE (256u << 20)

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long n = -1;

	if (f && !fseek(f, 0, SEEK_END) && (n = ftell(f)) >= 0 && (size_t)n <= MAX_FILE &&
	    !fseek(f, 0, SEEK_SET))
		data = malloc((size_t)n + 1);
	if (data && fread(data, 1, (size_t)n, f) == (size_t)n) {
		*size = (size_t)n;
	} else {
		if (n > (long)MAX_FILE)
			errno = EFBIG;
		pv_fail("%s cannot be read: %s", path, strerror(errno ? errno : EIO));
		free(data);
		data = NULL;
	}
	if (f)
		fclose(f);
	return data;
}

/* A pipe or device, /dev/stdout for one, is written to; renaming would put a file in its place. */
static int write_device(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(data, 1, size, f) == size && !fflush(f);
	int why = errno;

	if (f && fclose(f))
		ok = false;
	return ok ? 0 : pv_fail("%s cannot be written: %s", path, strerror(why));
}

/* All or nothing: a full disk leaves no half picture, and an old OUT.jpg as it was. */
static int write_file(const char *path, const uint8_t *data, size_t size)
{
	char fresh[4096];
	struct stat st;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return write_device(path, data, size);
	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return pv_fail("%s: the name is too long", path);
	FILE *f = fopen(fresh, "wb");
	bool ok = f && fwrite(data, 1, size, f) == size && !fflush(f) && !fsync(fileno(f));
	int why = errno;
	if (f && fclose(f)) {
		ok = false;
		why = errno;
	}
	if (ok && !rename(fresh, path))
		return 0;
	if (ok)
		why = errno;
	if (f)
		unlink(fresh);
	return pv_fail("%s cannot be written: %s", path, strerror(why));
}

/* The veiled photo, in new memory; returns how many regions, or -1. */
static int veil(const char *name, struct pv_pipeline *p, struct pv_coefs *c, const uint8_t *data,
		size_t size, uint8_t **out, size_t *made)
{
	size_t room = 2 * size + 65536;
	struct pv_frame f = { .width = 0 };
	int n = -1;

	*out = NULL;
	int err = pv_coefs_read(c, data, size, 1, &f);
	if (!err)
		n = pv_pipeline_run(p, &f);
	if (err)
		pv_fail("%s: %s", name, pv_coefs_error(c));
	else if (n < 0)
		pv_fail("%s: %s; nothing written", name, p->error);
	pv_frame_free(&f);
	if (n < 0)
		return -1;
	*out = malloc(room);
	if (*out && !pv_coefs_write(c, *out, room, made))
		return n;
	pv_fail("%s: %s", name, *out ? pv_coefs_error(c) : "not enough memory");
	free(*out);
	*out = NULL;
	return -1;
}

static int redact(const char *in, const char *out, struct pv_pipeline *p, struct pv_coefs *c)
{
	size_t size, made;
	uint8_t *data = read_file(in, &size), *veiled;

	if (!data)
		return 1;
	int n = veil(in, p, c, data, size, &veiled, &made), err = n < 0;
	free(data);
	if (!err)
		err = write_file(out, veiled, made);
	free(veiled);
	for (int i = 0; i < n && !err; i++) {
		const struct pv_box *b = &p->regions[i];
		printf("%d %d %d %d\n", b->x0, b->y0, b->x1 - b->x0, b->y1 - b->y0);
	}
	return err;
}

int pv_cmd_redact(int argc, char **argv)
{
	struct pv_pipeline p = { .photos = true };
	char why[400], name[64];
	int i = 1;

	if (!pv_rules_load(&p.rules, PV_RULES_FILE, why, sizeof(why)))
		return pv_fail("%s", why);
	p.rules.zone_count = 0;		/* they are places in a camera's picture */
	for (; i + 1 < argc && !strcmp(argv[i], "--rule"); i += 2) {
		const char *equals = strchr(argv[i + 1], '=');
		if (!equals || equals - argv[i + 1] >= (long)sizeof(name))
			return pv_usage("redact");
		snprintf(name, sizeof(name), "%.*s", (int)(equals - argv[i + 1]), argv[i + 1]);
		if (!pv_rules_set(&p.rules, name, equals + 1, why, sizeof(why)))
			return pv_fail("%s", why);
	}
	if (argc - i != 2)
		return pv_usage("redact");
	struct pv_coefs *c = pv_coefs_new_photo();
	int err = c ? redact(argv[i], argv[i + 1], &p, c) : pv_fail("not enough memory");
	pv_pipeline_free(&p);
	pv_coefs_free(c);
	return err;
}
