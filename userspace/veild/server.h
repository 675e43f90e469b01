// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket: requests in, answers out, and no client that can hold up another. */
#ifndef PV_SERVER_H
#define PV_SERVER_H

#include <poll.h>
#include <stdbool.h>

#include "control.h"

#define PV_MAX_CLIENTS 16

struct pv_client {
	int fd;
	bool root;
	uint64_t since_ns;		/* of its last whole request or answer */
	char in[PV_MAX_REQUEST];
	size_t got;
	char *out;			/* what is yet to be sent, or NULL */
	size_t size, sent;
};

/* Makes the answer to a request; `root` says whether root asks. Never NULL but for want of memory. */
typedef cJSON *pv_answer(void *user, const struct pv_request *request, bool root);

struct pv_server {
	int listener;
	pv_answer *answer;
	void *user;
	int count;
	struct pv_client *clients[PV_MAX_CLIENTS];
};

/* Listens at PV_SOCKET, for root and the group plateveil; -1 with the reason. */
int pv_server_open(struct pv_server *s, pv_answer *answer, void *user, char *error, size_t size);
void pv_server_close(struct pv_server *s);

/* What to poll for; at most PV_MAX_CLIENTS + 1. Returns how many. */
int pv_server_poll(const struct pv_server *s, struct pollfd *p);

/* What poll() said of these. */
void pv_server_serve(struct pv_server *s, const struct pollfd *p, int n);

/* The answers to all requests: {"version": 1, "ok": true}, and one with a reason. */
cJSON *pv_answer_ok(void);
cJSON *pv_answer_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
