// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing one line or one section of the rules file, all or nothing. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules.h"

struct change {
	const char *section;	/* without its brackets */
	const char *name;	/* NULL: the whole section goes */
	const char *value;	/* NULL: the line goes */
	bool inside, done;	/* while the file is copied */
};

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

static bool begins(const char *line, const char *section)
{
	size_t n = strlen(section);
	return line[0] == '[' && !strncmp(line + 1, section, n) && line[1 + n] == ']';
}

static void put(struct change *c, FILE *out)
{
	if (!c->done && c->name && c->value)
		fprintf(out, "%s = %s\n", c->name, c->value);
	c->done = true;
}

/* One line of the old file: what becomes of it? */
static void copy_line(struct change *c, const char *line, size_t n, FILE *out)
{
	const char *p = line + strspn(line, " \t");
	bool drop = false;

	if (!strncmp(p, "\xef\xbb\xbf", 3))	/* a byte order mark */
		p += 3;
	if (*p == '[') {
		if (c->inside)
			put(c, out);
		c->inside = begins(p, c->section);
		drop = c->inside && !c->name;
	} else if (c->inside && !c->name) {
		/* A section goes with what it says; comments may be about what follows. */
		drop = *p && *p != '#' && *p != ';' && *p != '\n' && *p != '\r';
	} else if (c->inside && sets(line, c->name)) {
		put(c, out);
		drop = true;
	}
	if (drop)
		return;
	fwrite(line, 1, n, out);
	if (line[n - 1] != '\n')
		fputc('\n', out);
}

/* Copies the old file to the new with the change in place. False: it could not be read to its end. */
static bool rewrite(FILE *in, FILE *out, struct change *c)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	errno = 0;
	while (in && (n = getline(&line, &room, in)) > 0)
		copy_line(c, line, (size_t)n, out);
	bool whole = !in || (feof(in) && !ferror(in));
	int why = errno;
	if (!c->done && c->name && c->value) {
		if (!c->inside)
			fprintf(out, "[%s]\n", c->section);
		put(c, out);
	}
	free(line);
	errno = why;
	return whole;
}

static void make_parent(const char *path)
{
	char dir[512];
	const char *slash = strrchr(path, '/');
	if (slash && slash > path && (size_t)(slash - path) < sizeof(dir)) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = 0;
		if (!mkdir(dir, 0755))
			chmod(dir, 0755);	/* whatever the umask */
	}
}

/* With the drop-ins, which may be good beside the old file alone. */
static bool is_good(const char *fresh, const char *path, char *error, size_t size)
{
	char why[600];
	struct pv_ruleset *set = pv_ruleset_read_as(fresh, path, why, sizeof(why));

	if (!set) {
		/* The new file is gone in a moment, and its lines are not the old one's. */
		size_t n = strlen(fresh);
		const char *what = !strncmp(why, fresh, n) ? strstr(why + n, ": ") : NULL;
		snprintf(error, size, "this cannot be kept: %s", what ? what + 2 : why);
		return false;
	}
	pv_ruleset_free(set);
	return true;
}

/* The new file, which one at a time writes, from the old one as it then stands. NULL with errno. */
static FILE *begin(const char *fresh)
{
	struct stat mine, there;

	for (;;) {
		/* In a user's folder it may lead, by whatever kind of link, to a file that is root's. */
		int fd = open(fresh, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		if (fd < 0)
			return NULL;
		bool locked = !flock(fd, LOCK_EX) && !fstat(fd, &mine);
		/* Whoever had it before may have put it in the old one's place, or taken it away. */
		bool same = locked && !lstat(fresh, &there) && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
		bool plain = same && S_ISREG(mine.st_mode) && mine.st_nlink == 1;
		if (plain && !ftruncate(fd, 0))
			return fdopen(fd, "w");
		int why = same && !plain ? ELOOP : errno;
		close(fd);
		errno = why;
		if (same || !locked)
			return NULL;
	}
}

bool pv_rules_save(const char *path, const char *section, const char *name, const char *value,
		   char *error, size_t size)
{
	struct change c = { .section = section, .name = name, .value = value };
	char fresh[600], real[PATH_MAX];
	const char *named = path;
	struct stat st;

	make_parent(path);
	/* What a link leads to is written, and the link stays. */
	if (realpath(path, real))
		path = real;
	snprintf(fresh, sizeof(fresh), "%.580s.new", path);
	FILE *out = begin(fresh);
	if (!out) {
		snprintf(error, size, "%s: cannot be written: %s%s", fresh, strerror(errno),
			 errno == ELOOP ? "; it is a link, remove it" : geteuid() ? "; run it as root (sudo)" : "");
		return false;
	}
	FILE *in = fopen(path, "r");
	if (!in && errno != ENOENT) {
		snprintf(error, size, "%s: cannot be read: %s", path, strerror(errno));
		unlink(fresh);
		fclose(out);
		return false;
	}
	if (!rewrite(in, out, &c)) {
		snprintf(error, size, "%s: cannot be read: %s", path, strerror(errno));
		unlink(fresh);
		fclose(in);
		fclose(out);
		return false;
	}
	/* New ones can be read by all, as `plateveil rules` does, whatever the umask. */
	bool known = in && !fstat(fileno(in), &st);
	bool others = known && fchown(fileno(out), st.st_uid, st.st_gid);	/* its group would be another */
	fchmod(fileno(out), !known ? 0644 : others ? st.st_mode & 0707 : st.st_mode & 07777);
	if (in)
		fclose(in);
	bool ok = !ferror(out) && !fflush(out) && !fsync(fileno(out));
	/* What nobody could read would leave the next start without rules, and cameras unveiled. */
	bool good = ok && is_good(fresh, named, error, size);
	if (good && rename(fresh, path))
		good = ok = false;
	if (!ok)
		snprintf(error, size, "%s: cannot be written: %s; the old rules stay", path, strerror(errno));
	if (!good)
		unlink(fresh);
	fclose(out);	/* and now the next one may */
	return good;
}
