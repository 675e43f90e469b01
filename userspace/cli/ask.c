// SPDX-License-Identifier: GPL-2.0-or-later
/* Talking to plateveild. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "camera/gates.h"
#include "cli.h"
#include "veild/control.h"

#define PATIENCE 15	/* seconds */
#define BRIEFLY 1	/* where there is an answer without plateveild, too */

static bool send_request(int fd, const char *request, const char *camera)
{
	cJSON *j = cJSON_CreateObject();

	cJSON_AddNumberToObject(j, "version", PV_PROTOCOL);
	cJSON_AddStringToObject(j, "request", request);
	if (camera)
		cJSON_AddStringToObject(j, "camera", camera);
	char *text = cJSON_PrintUnformatted(j);
	cJSON_Delete(j);
	size_t n = text ? strlen(text) : 0;
	if (n)
		text[n++] = '\n';	/* in place of its end */
	bool sent = n && send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
	free(text);
	return sent;
}

/* The line that answers; NULL if none came. To be freed. */
static char *read_answer(int fd)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f) {
		close(fd);
		return NULL;
	}
	if (getline(&line, &room, f) <= 0) {
		free(line);
		line = NULL;
	}
	fclose(f);
	return line;
}

/* -1 with errno. */
static int call(int seconds)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = PV_SOCKET };
	struct timeval patience = { .tv_sec = seconds };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* Connecting may have to wait, too. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return -1;
}

/* A socket may be left of one that ended, and is forbidden all the same. */
static bool is_running(void)
{
	char why[400];
	int control = pv_control_open(why, sizeof(why));
	bool runs = control >= 0 && pv_gates_guard(control) & PLATEVEIL_GUARD_CLAIMED;

	if (control >= 0)
		close(control);
	return runs;
}

static cJSON *talk(int fd, const char *request, const char *camera)
{
	send_request(fd, request, camera);
	char *line = read_answer(fd);
	cJSON *j = line ? cJSON_Parse(line) : NULL;
	free(line);
	return j;
}

enum pv_asked pv_ask(const char *request, const char *camera, cJSON **answer)
{
	int fd = call(PATIENCE);

	*answer = NULL;
	if (fd < 0) {
		int why = errno;
		if (why == EAGAIN) {
			pv_fail("plateveild hangs: it has not answered anyone for %d seconds", PATIENCE);
			return PV_ASKED_REFUSED;
		}
		return why == EACCES && is_running() ? PV_ASKED_FORBIDDEN : PV_ASKED_NOBODY;
	}
	cJSON *j = talk(fd, request, camera);
	if (pv_truth(j, "ok")) {
		*answer = j;
		return PV_ASKED;
	}
	if (*pv_text(j, "error"))
		pv_fail("%s", pv_text(j, "error"));
	else
		pv_fail("plateveild does not answer, or ended; its log may say why (journalctl -u "
			"plateveild, or %s)", PV_LOG);
	cJSON_Delete(j);
	return PV_ASKED_REFUSED;
}

enum pv_asked pv_ask_briefly(const char *request, cJSON **answer)
{
	int fd = call(BRIEFLY);

	*answer = fd >= 0 ? talk(fd, request, NULL) : NULL;
	if (pv_truth(*answer, "ok"))
		return PV_ASKED;
	cJSON_Delete(*answer);
	*answer = NULL;
	return PV_ASKED_NOBODY;
}

const char *pv_text(const cJSON *object, const char *member)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
	return cJSON_IsString(item) ? item->valuestring : "";
}

double pv_number(const cJSON *object, const char *member)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

bool pv_truth(const cJSON *object, const char *member)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, member));
}
