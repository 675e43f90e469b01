/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's side of USB/IP, spoken to vhci-hcd over a socket pair: one USB
 * device with control requests on endpoint 0 and one bulk endpoint, 0x81.
 */
#ifndef WEBCAM_USBIP_H
#define WEBCAM_USBIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usb_speed { USB_HIGH = 3, USB_SUPER = 5 }; /* vhci-hcd's numbers */

#define USBIP_QUEUE 64
#define USBIP_CONTROL_MAX 4096

/* Answers a control request; data is what came, or room for what goes back.
 * Returns the bytes to send back (0 for an OUT request), or -1 to STALL. */
typedef int usbip_control_fn(void *ctx, const uint8_t setup[8], uint8_t *data, size_t size);

struct usbip_urb {
	uint32_t seq;
	uint32_t length;
};

struct usbip_unlink {
	uint32_t seq;
	uint32_t victim;
};

struct usbip {
	int fd;
	uint32_t last_submit;
	bool any_submit;
	usbip_control_fn *control;
	void *ctx;
	struct usbip_urb urbs[USBIP_QUEUE]; /* IN URBs waiting for data, oldest first */
	size_t n_urbs;
	struct usbip_unlink held[USBIP_QUEUE]; /* UNLINKs that overtook their SUBMIT */
	size_t n_held;
};

/* Plugs the device in. Says on stderr what is wrong and returns -1 if it cannot. */
int usbip_attach(struct usbip *u, unsigned port, enum usb_speed speed);

/* Unplugs it. */
void usbip_detach(struct usbip *u);

/* Takes one message from the host. Returns -1 once the host has hung up. */
int usbip_receive(struct usbip *u);

/* Gives the oldest waiting IN URB head and body. Returns -1 once the host has hung up. */
int usbip_send(struct usbip *u, const void *head, size_t head_size, const void *body,
	       size_t body_size);

#endif
