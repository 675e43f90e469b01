// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing one line of the rules file, all or nothing. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules.h"

/* Does this line set `name`? (also commented-out lines do not) */
static bool sets(const char *line, const char *name)
{
	size_t n = strlen(name);
	while (isspace((unsigned char)*line))
		line++;
	if (strncmp(line, name, n))
		return false;
	line += n;
	while (isspace((unsigned char)*line))
		line++;
	return *line == '=' || *line == ':';
}

/* Copies the old file to the new with the rule in place. */
static void rewrite(FILE *in, FILE *out, const char *name, const char *value)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	bool inside = false, done = false;

	while (in && (n = getline(&line, &room, in)) > 0) {
		const char *p = line + strspn(line, " \t");
		if (*p == '[') {
			if (inside && !done) {
				fprintf(out, "%s = %s\n", name, value);
				done = true;
			}
			inside = !strncmp(p, "[veil]", 6);
		} else if (inside && sets(line, name)) {
			if (!done)
				fprintf(out, "%s = %s\n", name, value);
			done = true;
			continue;
		}
		fwrite(line, 1, (size_t)n, out);
		if (line[n - 1] != '\n')
			fputc('\n', out);
	}
	if (!done)
		fprintf(out, "%s%s = %s\n", inside ? "" : "[veil]\n", name, value);
	free(line);
}

static void make_parent(const char *path)
{
	char dir[512];
	const char *slash = strrchr(path, '/');
	if (slash && slash > path && (size_t)(slash - path) < sizeof(dir)) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = 0;
		mkdir(dir, 0755);
	}
}

bool pv_rules_save(const char *path, const char *name, const char *value, char *error, size_t size)
{
	char fresh[600];
	struct stat st;

	make_parent(path);
	snprintf(fresh, sizeof(fresh), "%.580s.new", path);
	FILE *in = fopen(path, "r");
	if (!in && errno != ENOENT) {
		snprintf(error, size, "%s: cannot be read: %s", path, strerror(errno));
		return false;
	}
	FILE *out = fopen(fresh, "w");
	if (!out) {
		snprintf(error, size, "%s: cannot be written: %s%s", fresh, strerror(errno),
			 geteuid() ? "; run it as root (sudo)" : "");
		if (in)
			fclose(in);
		return false;
	}
	rewrite(in, out, name, value);
	if (in && !fstat(fileno(in), &st))
		fchmod(fileno(out), st.st_mode & 07777);
	if (in)
		fclose(in);
	bool ok = !ferror(out) && !fflush(out) && !fsync(fileno(out));
	int why = errno;
	if (fclose(out))
		ok = false;
	if (ok && rename(fresh, path)) {
		ok = false;
		why = errno;
	}
	if (!ok) {
		snprintf(error, size, "%s: cannot be written: %s; the old rules stay", path,
			 strerror(why));
		unlink(fresh);
	}
	return ok;
}
