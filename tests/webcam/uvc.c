// SPDX-License-Identifier: GPL-2.0-or-later
#include "uvc.h"

#include <stdlib.h>
#include <string.h>

const struct uvc_mode uvc_modes[UVC_MODES] = {
	{UVC_MJPEG, 1, 640, 480},
	{UVC_MJPEG, 2, 1280, 720},
	{UVC_MJPEG, 3, 1920, 1080},
	{UVC_YUYV, 1, 640, 480},
	{UVC_NV12, 1, 640, 480},
};

/* Emulated machines are slow: down to a frame in four seconds. */
const uint32_t uvc_intervals[UVC_INTERVALS] = {
	333333, 666666, 2000000, 5000000, 10000000, 20000000, 40000000,
};

enum { GET_STATUS, CLEAR_FEATURE, SET_FEATURE = 3, GET_DESCRIPTOR = 6 };
enum { GET_CONFIGURATION = 8, SET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE };
enum { SET_CUR = 0x01, GET_CUR = 0x81, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF };
enum { VC_ERROR_CODE = 2, PU_BRIGHTNESS = 2, PU_CONTRAST = 3 };
enum { VS_PROBE = 1, VS_COMMIT = 2 };
enum { UNIT_PROCESSING = 2 };
enum { ERR_NONE, ERR_RANGE = 4, ERR_CONTROL = 6, ERR_REQUEST = 7 };
enum { PROBE_SIZE = 34 };
enum { CONTROL_MIN = 0, CONTROL_MAX = 255, CONTROL_DEFAULT = 128 };

struct request {
	uint8_t type, code;
	uint16_t value, index, length;
};

void uvc_init(struct uvc *c, enum usb_speed speed, const char *name, const char *serial, bool nv12)
{
	*c = (struct uvc){.speed = speed, .name = name, .serial = serial, .nv12 = nv12};
	c->probe_mode = c->mode = nv12 ? UVC_MODES - 1 : 0;
	for (unsigned i = 0; i < UVC_CONTROLS; i++)
		c->controls[i] = CONTROL_DEFAULT;
	c->probe_interval = c->interval = uvc_intervals[0];
}

uint32_t uvc_payload_size(const struct uvc *c)
{
	return c->speed == USB_SUPER ? 32768 : 16384;
}

uint32_t uvc_frame_size(const struct uvc_mode *m)
{
	return (m->format == UVC_NV12 ? 3u : 4u) * m->width * m->height / 2;
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void put(uint8_t *p, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/* The host proposes; the camera says what comes nearest. */
static void set_probe(struct uvc *c, const uint8_t *data)
{
	uint32_t wanted = get_u32(data + 4), best = uvc_intervals[0];
	unsigned mode = c->nv12 ? UVC_MODES - 1 : 0;

	for (unsigned i = 0; i < UVC_MODES && !c->nv12; i++) {
		if (uvc_modes[i].format != data[2])
			continue;
		if (uvc_modes[mode].format != data[2] || uvc_modes[i].frame == data[3])
			mode = i;
	}
	for (unsigned i = 1; wanted && i < UVC_INTERVALS; i++)
		if (llabs((long long)uvc_intervals[i] - wanted) < llabs((long long)best - wanted))
			best = uvc_intervals[i];
	c->probe_mode = mode;
	c->probe_interval = best;
}

static void get_probe(const struct uvc *c, unsigned mode, uint32_t interval, uint8_t *out)
{
	const struct uvc_mode *m = &uvc_modes[mode];

	memset(out, 0, PROBE_SIZE);
	put(out, 1, 2); /* hint: keep the interval */
	out[2] = (uint8_t)m->format;
	out[3] = m->frame;
	put(out + 4, interval, 4);
	put(out + 18, uvc_frame_size(m), 4);
	put(out + 22, uvc_payload_size(c), 4);
	put(out + 26, 10000000, 4);
	out[30] = 3; /* payload headers carry FID and EOF */
}

static int stall(struct uvc *c, uint8_t why)
{
	c->error = why;
	return -1;
}

static int reply(const struct request *r, uint8_t *data, const uint8_t *from, size_t size)
{
	if (size > r->length)
		size = r->length;
	memcpy(data, from, size);
	return (int)size;
}

static int reply_value(const struct request *r, uint8_t *data, uint32_t value, unsigned size)
{
	uint8_t bytes[4];

	put(bytes, value, 4);
	return reply(r, data, bytes, size);
}

static int streaming_request(struct uvc *c, const struct request *r, uint8_t *data)
{
	uint8_t probe[PROBE_SIZE] = {0};
	unsigned selector = r->value >> 8;

	if (selector != VS_PROBE && selector != VS_COMMIT)
		return stall(c, ERR_CONTROL);
	switch (r->code) {
	case SET_CUR:
		memcpy(probe, data, r->length < PROBE_SIZE ? r->length : PROBE_SIZE);
		set_probe(c, probe);
		if (selector == VS_COMMIT) {
			c->mode = c->probe_mode;
			c->interval = c->probe_interval;
			c->streaming = true;
			c->starts++;
		}
		return 0;
	case GET_CUR:
		if (selector == VS_COMMIT)
			get_probe(c, c->mode, c->interval, probe);
		else
			get_probe(c, c->probe_mode, c->probe_interval, probe);
		return reply(r, data, probe, PROBE_SIZE);
	case GET_MIN:
	case GET_DEF:
		get_probe(c, c->probe_mode, uvc_intervals[0], probe);
		return reply(r, data, probe, PROBE_SIZE);
	case GET_MAX:
		get_probe(c, c->probe_mode, uvc_intervals[UVC_INTERVALS - 1], probe);
		return reply(r, data, probe, PROBE_SIZE);
	case GET_LEN:
		return reply_value(r, data, PROBE_SIZE, 2);
	case GET_INFO:
		return reply_value(r, data, 3, 1);
	}
	return stall(c, ERR_REQUEST);
}

static int processing_request(struct uvc *c, const struct request *r, uint8_t *data)
{
	unsigned selector = r->value >> 8;
	int16_t *control, value;

	if (selector != PU_BRIGHTNESS && selector != PU_CONTRAST)
		return stall(c, ERR_CONTROL);
	control = &c->controls[selector == PU_BRIGHTNESS ? UVC_BRIGHTNESS : UVC_CONTRAST];
	switch (r->code) {
	case SET_CUR:
		value = r->length >= 2 ? (int16_t)(data[0] | data[1] << 8) : -1;
		if (value < CONTROL_MIN || value > CONTROL_MAX)
			return stall(c, ERR_RANGE);
		*control = value;
		return 0;
	case GET_CUR:
		return reply_value(r, data, (uint16_t)*control, 2);
	case GET_MIN:
		return reply_value(r, data, CONTROL_MIN, 2);
	case GET_MAX:
		return reply_value(r, data, CONTROL_MAX, 2);
	case GET_RES:
		return reply_value(r, data, 1, 2);
	case GET_DEF:
		return reply_value(r, data, CONTROL_DEFAULT, 2);
	case GET_LEN:
		return reply_value(r, data, 2, 2);
	case GET_INFO:
		return reply_value(r, data, 3, 1); /* can be read and set */
	}
	return stall(c, ERR_REQUEST);
}

static int class_request(struct uvc *c, const struct request *r, uint8_t *data)
{
	uint8_t interface = (uint8_t)r->index, unit = (uint8_t)(r->index >> 8), why;

	if (interface == 1)
		return streaming_request(c, r, data);
	if (interface == 0 && unit == UNIT_PROCESSING)
		return processing_request(c, r, data);
	if (interface == 0 && unit == 0 && r->value >> 8 == VC_ERROR_CODE && r->code == GET_CUR) {
		why = c->error;
		c->error = ERR_NONE;
		return reply_value(r, data, why, 1);
	}
	return stall(c, ERR_CONTROL);
}

static int standard_request(struct uvc *c, const struct request *r, uint8_t *data)
{
	uint8_t descriptor[USBIP_CONTROL_MAX];
	int n;

	switch (r->code) {
	case GET_STATUS:
		return reply_value(r, data, 0, 2);
	case CLEAR_FEATURE:
		/* So uvcvideo says stop to a camera that streams by bulk. */
		if (r->type == 0x02 && r->index == 0x81)
			c->streaming = false;
		return 0;
	case SET_FEATURE:
	case SET_INTERFACE:
		return 0;
	case SET_CONFIGURATION:
		c->configuration = (uint8_t)r->value;
		c->streaming = false;
		return 0;
	case GET_CONFIGURATION:
		return reply_value(r, data, c->configuration, 1);
	case GET_INTERFACE:
		return reply_value(r, data, 0, 1);
	case GET_DESCRIPTOR:
		n = uvc_descriptor(c, r->value, descriptor);
		return n < 0 ? -1 : reply(r, data, descriptor, (size_t)n);
	}
	return -1;
}

int uvc_control(void *ctx, const uint8_t setup[8], uint8_t *data, size_t size)
{
	struct request r = {
		.type = setup[0],
		.code = setup[1],
		.value = (uint16_t)(setup[2] | setup[3] << 8),
		.index = (uint16_t)(setup[4] | setup[5] << 8),
		.length = (uint16_t)(setup[6] | setup[7] << 8),
	};

	if (r.length > size)
		r.length = (uint16_t)size;
	if ((r.type & 0x60) == 0x20)
		return class_request(ctx, &r, data);
	return (r.type & 0x60) == 0 ? standard_request(ctx, &r, data) : -1;
}
