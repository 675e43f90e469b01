// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tests of gates share: a camera of the kernel's vivid, and calls. */
#ifndef GATE_H
#define GATE_H

#include "tests.h"

/* The first node there that captures video: false if there is none. */
bool find_camera(struct plateveil_node *node);
int number_of(const struct plateveil_node *node);	/* N of /dev/videoN */
int open_camera(const struct plateveil_node *node);	/* -1 with errno; O_NONBLOCK */
/* As the owner of the gates, on control_fd(). */
int open_pass(const struct plateveil_node *node, uint32_t veil);
int gate_set(uint32_t pattern, const char *name, uint32_t node, uint32_t action, uint32_t flags);
int gate_end(int id);
struct plateveil_gate gate_info(int id);
struct plateveil_node node_info(const struct plateveil_node *node);
const char *driver_of(int fd);	/* by VIDIOC_QUERYCAP; "" if it is refused */
/* Streams `frames` of its own format. */
bool streams(int fd, int frames);
bool write_text(const char *path, const char *text);
/* A descriptor through a socket. */
void send_fd(int socket, int fd);
int receive_fd(int socket);
/* Binds vivid's driver to its device again, or only unbinds it. */
void rebind(const char *device);
void unbind(const char *device);

#endif
