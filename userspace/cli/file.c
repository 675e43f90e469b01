// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole files in and out. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define MAX_FILE (256u << 20)

uint8_t *pv_file_read(const char *path, size_t *size)
{
	bool standard = !strcmp(path, "-");
	FILE *f = standard ? stdin : fopen(path, "rb");
	size_t n = 0, room = 0, got = 1;
	uint8_t *data = NULL;
	int why = f ? 0 : errno;

	while (f && got && n <= MAX_FILE) {
		if (n == room) {
			room = room ? 2 * room : 1 << 18;
			uint8_t *more = realloc(data, room);
			if (!more) {
				why = ENOMEM;
				break;
			}
			data = more;
		}
		got = fread(data + n, 1, room - n, f);
		n += got;
	}
	if (f && ferror(f))
		why = errno;
	if (!why && n > MAX_FILE)
		why = EFBIG;
	if (f && !standard)
		fclose(f);
	*size = n;
	if (!why)
		return data;
	pv_fail("%s cannot be read: %s", path, strerror(why));
	free(data);
	return NULL;
}

const char *pv_file_line(const char *path)
{
	static char line[256];
	FILE *f = fopen(path, "r");

	if (!f || !fgets(line, sizeof(line), f))
		*line = 0;
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = 0;
	return line;
}

bool pv_file_is_output(const char *path)
{
	struct stat its, standard;

	return !strcmp(path, "-") || (!stat(path, &its) && !fstat(STDOUT_FILENO, &standard) &&
				      its.st_dev == standard.st_dev && its.st_ino == standard.st_ino);
}

/* A pipe or device is written to; renaming would put a file in its place. */
static int write_device(const char *path, const void *data, size_t size)
{
	bool standard = pv_file_is_output(path);
	FILE *f = standard ? stdout : fopen(path, "wb");
	bool ok = f && fwrite(data, 1, size, f) == size && !fflush(f);
	int why = errno;

	if (f && !standard && fclose(f))
		ok = false;
	return ok ? 0 : pv_fail("%s cannot be written: %s", path, strerror(why));
}

FILE *pv_file_tell(const char *path)
{
	return pv_file_is_output(path) ? stderr : stdout;
}

static mode_t mask(void)
{
	mode_t m = umask(0);

	umask(m);
	return m;
}

int pv_file_write(const char *path, const void *data, size_t size)
{
	char fresh[PATH_MAX + 8], real[PATH_MAX];
	struct stat st;
	bool known = !stat(path, &st);

	if (pv_file_is_output(path) || (known && !S_ISREG(st.st_mode)))
		return write_device(path, data, size);
	/* What a link leads to is written, and the link stays. */
	if (known && realpath(path, real))
		path = real;
	if (snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path) >= (int)sizeof(fresh))
		return pv_fail("%s: the name is too long", path);
	int fd = mkostemp(fresh, O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
	/* Who might read the old one may read this, and nobody else: another group, for one. */
	if (f && known)
		fchmod(fd, fchown(fd, st.st_uid, st.st_gid) ? st.st_mode & 0707 : st.st_mode & 0777);
	else if (f)
		fchmod(fd, 0666 & ~mask());
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
	if (!f && fd >= 0)
		close(fd);
	if (fd >= 0)
		unlink(fresh);
	return pv_fail("%s cannot be written: %s", path, strerror(why));
}
