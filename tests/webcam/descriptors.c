// SPDX-License-Identifier: GPL-2.0-or-later
#include "uvc.h"

#include <string.h>

enum { DT_DEVICE = 1, DT_CONFIG, DT_STRING, DT_INTERFACE, DT_ENDPOINT };
enum { DT_IAD = 11, DT_CS_INTERFACE = 0x24, DT_COMPANION = 0x30 };
enum { VS_INPUT_HEADER = 1, VS_YUYV = 4, VS_YUYV_FRAME, VS_MJPEG, VS_MJPEG_FRAME, VS_COLOUR = 13 };
enum { STR_LANGUAGES, STR_VENDOR, STR_PRODUCT, STR_SERIAL };

#define U16(v) (uint8_t)(v), (uint8_t)((v) >> 8)
#define U32(v) U16(v), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)

struct bytes {
	uint8_t *at;
	size_t size;
};

static void add(struct bytes *b, const uint8_t *data, size_t size)
{
	memcpy(b->at + b->size, data, size);
	b->size += size;
}

/* Adds a descriptor; the length in front of it is filled in. */
#define ADD(b, ...)                                                                                \
	do {                                                                                       \
		const uint8_t d_[] = {0, __VA_ARGS__};                                             \
		add(b, d_, sizeof(d_));                                                            \
		(b)->at[(b)->size - sizeof(d_)] = sizeof(d_);                                      \
	} while (0)

static void set_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void add_control_interface(struct bytes *b)
{
	size_t start;

	ADD(b, DT_INTERFACE, 0, 0, 0, 0x0e, 1, 0, 0);
	start = b->size;
	/* header: UVC 1.10, total length below, clock, one streaming interface: 1 */
	ADD(b, DT_CS_INTERFACE, 1, U16(0x0110), U16(0), U32(10000000), 1, 1);
	/* camera terminal 1, without controls */
	ADD(b, DT_CS_INTERFACE, 2, 1, U16(0x0201), 0, 0, U16(0), U16(0), U16(0), 3, 0, 0, 0);
	/* processing unit 2, fed by 1: brightness and contrast */
	ADD(b, DT_CS_INTERFACE, 5, 2, 1, U16(0), 2, U16(3), 0, 0);
	/* output terminal 3, fed by 2 */
	ADD(b, DT_CS_INTERFACE, 3, 3, U16(0x0101), 0, 2, 0);
	set_u16(b->at + start + 5, b->size - start);
}

static void add_frame(struct bytes *b, const struct uvc_mode *m)
{
	uint32_t size = uvc_frame_size(m);
	uint32_t fast = (uint32_t)(size * 8ull * 10000000 / uvc_intervals[0]);
	uint32_t slow = (uint32_t)(size * 8ull * 10000000 / uvc_intervals[UVC_INTERVALS - 1]);
	size_t start = b->size;

	ADD(b, DT_CS_INTERFACE, m->format == UVC_MJPEG ? VS_MJPEG_FRAME : VS_YUYV_FRAME, m->frame,
	    0, U16(m->width), U16(m->height), U32(slow), U32(fast), U32(size),
	    U32(uvc_intervals[0]), UVC_INTERVALS);
	for (unsigned i = 0; i < UVC_INTERVALS; i++)
		add(b, (const uint8_t[]){U32(uvc_intervals[i])}, 4);
	b->at[start] = (uint8_t)(b->size - start);
}

static void add_format(struct bytes *b, enum uvc_format format)
{
	uint8_t frames = 0;

	for (unsigned i = 0; i < UVC_MODES; i++)
		frames += uvc_modes[i].format == format;
	if (format == UVC_MJPEG)
		ADD(b, DT_CS_INTERFACE, VS_MJPEG, UVC_MJPEG, frames, 0, 1, 0, 0, 0, 0);
	else if (format == UVC_NV12)
		ADD(b, DT_CS_INTERFACE, VS_YUYV, UVC_NV12, frames, 'N', 'V', '1', '2', 0, 0, 0x10,
		    0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 12, 1, 0, 0, 0, 0);
	else
		ADD(b, DT_CS_INTERFACE, VS_YUYV, UVC_YUYV, frames, 'Y', 'U', 'Y', '2', 0, 0, 0x10,
		    0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 16, 1, 0, 0, 0, 0);
	for (unsigned i = 0; i < UVC_MODES; i++)
		if (uvc_modes[i].format == format)
			add_frame(b, &uvc_modes[i]);
	/* BT.709 primaries and transfer, and BT.601's matrix, as JFIF has it, or BT.709's */
	ADD(b, DT_CS_INTERFACE, VS_COLOUR, 1, 1, format == UVC_NV12 ? 1 : 4);
}

static void add_streaming_interface(struct bytes *b, enum usb_speed speed, bool nv12)
{
	size_t start;

	/* Bulk, so alternate setting 0 is the only one. */
	ADD(b, DT_INTERFACE, 1, 0, 1, 0x0e, 2, 0, 0);
	start = b->size;
	if (nv12) {
		ADD(b, DT_CS_INTERFACE, VS_INPUT_HEADER, 1, U16(0), 0x81, 0, 3, 0, 0, 0, 1, 0);
		add_format(b, UVC_NV12);
	} else {
		ADD(b, DT_CS_INTERFACE, VS_INPUT_HEADER, 2, U16(0), 0x81, 0, 3, 0, 0, 0, 1, 0, 0);
		add_format(b, UVC_MJPEG);
		add_format(b, UVC_YUYV);
	}
	set_u16(b->at + start + 4, b->size - start);
	ADD(b, DT_ENDPOINT, 0x81, 2, U16(speed == USB_SUPER ? 1024 : 512), 0);
	if (speed == USB_SUPER)
		ADD(b, DT_COMPANION, 0, 0, U16(0));
}

static void add_configuration(struct bytes *b, enum usb_speed speed, bool nv12)
{
	/* bMaxPower counts 8 mA at super speed, where 400 mA are let pass, else 2 mA. */
	ADD(b, DT_CONFIG, U16(0), 2, 1, 0, 0x80, speed == USB_SUPER ? 50 : 250);
	ADD(b, DT_IAD, 0, 2, 0x0e, 3, 0, 0);
	add_control_interface(b);
	add_streaming_interface(b, speed, nv12);
	set_u16(b->at + 2, b->size);
}

static void add_device(struct bytes *b, enum usb_speed speed)
{
	bool super = speed == USB_SUPER;

	/* 1209:0001 is set aside for devices that are only a test. */
	ADD(b, DT_DEVICE, U16(super ? 0x0300 : 0x0200), 0xef, 2, 1, super ? 9 : 64, U16(0x1209),
	    U16(0x0001), U16(0x0100), STR_VENDOR, STR_PRODUCT, STR_SERIAL, 1);
}

static void add_string(struct bytes *b, const char *text)
{
	size_t length = strnlen(text, 126);

	ADD(b, DT_STRING);
	for (size_t i = 0; i < length; i++)
		add(b, (const uint8_t[]){(uint8_t)text[i], 0}, 2);
	b->at[0] = (uint8_t)b->size;
}

int uvc_descriptor(const struct uvc *c, uint16_t value, uint8_t *out)
{
	const char *const strings[] = {NULL, "plateveil tests", c->name, c->serial};
	struct bytes b = {out, 0};
	uint8_t index = (uint8_t)value;

	switch (value >> 8) {
	case DT_DEVICE:
		add_device(&b, c->speed);
		break;
	case DT_CONFIG:
		add_configuration(&b, c->speed, c->nv12);
		break;
	case DT_STRING:
		if (index > STR_SERIAL)
			return -1;
		if (index == STR_LANGUAGES)
			ADD(&b, DT_STRING, U16(0x0409));
		else
			add_string(&b, strings[index]);
		break;
	default: /* qualifier, BOS: the host does without */
		return -1;
	}
	return (int)b.size;
}
