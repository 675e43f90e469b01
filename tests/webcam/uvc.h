/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A UVC 1.1 camera without its pictures: what it says of itself, and what the
 * host's control requests do to it.
 */
#ifndef WEBCAM_UVC_H
#define WEBCAM_UVC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usbip.h"

enum uvc_format { UVC_MJPEG = 1, UVC_YUYV, UVC_NV12 }; /* the descriptors' format indices */

struct uvc_mode {
	enum uvc_format format;
	uint8_t frame; /* the descriptors' frame index */
	uint16_t width, height;
};

#define UVC_MODES 5
extern const struct uvc_mode uvc_modes[UVC_MODES];

#define UVC_INTERVALS 7
extern const uint32_t uvc_intervals[UVC_INTERVALS]; /* in 100 ns, fastest first */

enum { UVC_BRIGHTNESS, UVC_CONTRAST, UVC_CONTROLS };

struct uvc {
	/* set by whoever makes the camera */
	enum usb_speed speed;
	const char *name;
	const char *serial;
	bool nv12; /* all it has */
	/* what the host made of it */
	uint8_t configuration;
	int16_t controls[UVC_CONTROLS];
	uint8_t error; /* why the last request STALLed, if the host asks */
	unsigned probe_mode, mode; /* index into uvc_modes */
	uint32_t probe_interval, interval;
	bool streaming;
	unsigned starts; /* counts commits: each begins the stream anew */
};

void uvc_init(struct uvc *c, enum usb_speed speed, const char *name, const char *serial, bool nv12);

/* Every bulk URB of uvcvideo has this size, and is one payload with its own header. */
uint32_t uvc_payload_size(const struct uvc *c);

/* A usbip_control_fn; ctx is the struct uvc. */
int uvc_control(void *ctx, const uint8_t setup[8], uint8_t *data, size_t size);

/* descriptors.c: the descriptor that value (type << 8 | index) asks for, at most
 * USBIP_CONTROL_MAX bytes of it; -1 if there is none. */
int uvc_descriptor(const struct uvc *c, uint16_t value, uint8_t *out);

/* Largest frame a mode can have. */
uint32_t uvc_frame_size(const struct uvc_mode *mode);

#endif
