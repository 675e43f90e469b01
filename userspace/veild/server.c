// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pipeline.h"

#define PATIENCE_NS 10000000000u	/* with a client that neither asks nor reads */

cJSON *pv_answer_ok(void)
{
	cJSON *j = cJSON_CreateObject();

	cJSON_AddNumberToObject(j, "version", PV_PROTOCOL);
	cJSON_AddBoolToObject(j, "ok", true);
	return j;
}

cJSON *pv_answer_error(const char *format, ...)
{
	cJSON *j = cJSON_CreateObject();
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cJSON_AddNumberToObject(j, "version", PV_PROTOCOL);
	cJSON_AddBoolToObject(j, "ok", false);
	cJSON_AddStringToObject(j, "error", text);
	return j;
}

/* Is somebody there already? */
static bool is_served(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd >= 0 && !connect(fd, (const struct sockaddr *)a, sizeof(*a));

	if (fd >= 0)
		close(fd);
	return served;
}

int pv_server_open(struct pv_server *s, pv_answer *answer, void *user, char *error, size_t size)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = PV_SOCKET };
	const struct group *group = getgrnam("plateveil");

	*s = (struct pv_server){ .listener = -1, .answer = answer, .user = user };
	if (is_served(&a)) {
		snprintf(error, size, "plateveild runs already");
		return -1;
	}
	mkdir(PV_RUN_DIR, 0755);
	unlink(a.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old = umask(0177);
	bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 8);
	umask(old);
	if (ok) {
		/* Without the group it stays root's alone. */
		if (group && !chown(a.sun_path, (uid_t)-1, group->gr_gid))
			chmod(a.sun_path, 0660);
		s->listener = fd;
		return 0;
	}
	snprintf(error, size, "%s: %s%s", a.sun_path, strerror(errno),
		 errno == EACCES || errno == EPERM ? "; run plateveild as root" : "");
	if (fd >= 0)
		close(fd);
	return -1;
}

static void drop(struct pv_server *s, int i)
{
	struct pv_client *c = s->clients[i];

	close(c->fd);
	free(c->out);
	free(c);
	s->clients[i] = s->clients[--s->count];
}

void pv_server_close(struct pv_server *s)
{
	while (s->count)
		drop(s, 0);
	close(s->listener);
	unlink(PV_SOCKET);
}

static void welcome(struct pv_server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct pv_client *c = fd >= 0 ? calloc(1, sizeof(*c)) : NULL;
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);
	int oldest = 0;

	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	/* A full house: who was silent the longest goes. */
	for (int i = 1; i < s->count; i++)
		if (s->clients[i]->since_ns < s->clients[oldest]->since_ns)
			oldest = i;
	if (s->count == PV_MAX_CLIENTS)
		drop(s, oldest);
	c->fd = fd;
	c->root = !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) && !who.uid;
	c->since_ns = pv_now_ns();
	s->clients[s->count++] = c;
}

static bool write_on(struct pv_client *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->size - c->sent, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	c->since_ns = pv_now_ns();
	if (c->sent == c->size) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

/* The end of the line that c->in begins with; NULL: it is not whole. */
static char *line_end(struct pv_client *c)
{
	return memchr(c->in, '\n', c->got);
}

/* Answers the line that begins c->in, if it is whole and no answer waits; false: drop it. One a turn: others have
 * theirs. */
static bool answer(struct pv_server *s, struct pv_client *c)
{
	struct pv_request request;
	char why[200], *end = line_end(c);

	if (c->out)
		return true;
	if (!end)
		return c->got < sizeof(c->in);
	size_t used = (size_t)(end - c->in) + 1;
	bool bad = pv_request_parse(c->in, used - 1, &request, why, sizeof(why));
	cJSON *j = bad ? pv_answer_error("%s", why) : s->answer(s->user, &request, c->root);
	char *text = cJSON_PrintUnformatted(j);
	cJSON_Delete(j);
	if (!text)
		return false;
	c->size = strlen(text) + 1;
	text[c->size - 1] = '\n';	/* in place of its end */
	c->out = text;
	c->sent = 0;
	c->since_ns = pv_now_ns();
	memmove(c->in, c->in + used, c->got - used);
	c->got -= used;
	return write_on(c);
}

static bool read_on(struct pv_client *c)
{
	ssize_t n = read(c->fd, c->in + c->got, sizeof(c->in) - c->got);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->got += (size_t)n;
	return true;
}

int pv_server_poll(const struct pv_server *s, struct pollfd *p)
{
	p[0] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
	for (int i = 0; i < s->count; i++) {
		struct pv_client *c = s->clients[i];
		p[1 + i] = (struct pollfd){ .fd = c->fd, .events = c->out || line_end(c) ? POLLOUT : POLLIN };
	}
	return 1 + s->count;
}

void pv_server_serve(struct pv_server *s, const struct pollfd *p, int n)
{
	uint64_t now = pv_now_ns();

	/* From the last, since drop() fills a gap with the last. */
	for (int i = n - 2; i >= 0; i--) {
		struct pv_client *c = s->clients[i];
		bool stay = now - c->since_ns < PATIENCE_NS;
		if (p[1 + i].revents)
			stay = (c->out ? write_on(c) : line_end(c) || read_on(c)) && answer(s, c);
		if (!stay)
			drop(s, i);
	}
	if (p[0].revents)
		welcome(s);
}
