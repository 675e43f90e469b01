// SPDX-License-Identifier: GPL-2.0-or-later
/* /dev/plateveil: veils come and go, with modes and zones that are mostly right. */
#include "ioctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "uapi/plateveil.h"

#define VEILS 3

static int control = -1;

static void fill_mode(struct fuzz *f, struct plateveil_mode *m)
{
	static const uint32_t formats[] = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420,
					    V4L2_PIX_FMT_MJPEG };
	static const uint32_t sides[] = { 16, 18, 64, 98, 160, 320, 642 };

	*m = (struct plateveil_mode){
		.pixelformat = formats[fuzz_below(f, 4)],
		.width = sides[fuzz_below(f, 7)],
		.height = sides[fuzz_below(f, 7)],
		.numerator = 1,
		.denominator = 1 + fuzz_below(f, 1000),
		.flags = fuzz_below(f, 2),
	};
	if (fuzz_chance(f, 40))
		m->width = PLATEVEIL_MAX_SIDE;
	if (fuzz_chance(f, 20))
		fuzz_spoil(f, m, sizeof(*m));
	/* Large, though not so that memory ends. */
	if (m->width > 1024 && m->height > 256)
		m->height = 256;
}

static void set_modes(struct fuzz *f, uint32_t id)
{
	struct plateveil_mode modes[8];
	struct plateveil_modes m = { .id = id, .count = 1 + fuzz_below(f, 8), .modes = (uintptr_t)modes };

	for (unsigned i = 0; i < 8; i++)
		fill_mode(f, &modes[i]);
	if (fuzz_chance(f, 4))
		m.lease_ms = 1 + fuzz_below(f, 200);
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &m, sizeof(m));
	m.modes = fuzz_nowhere(f, (uintptr_t)modes, m.modes);
	fuzz_call(f, control, PLATEVEIL_IOC_SET_MODES, &m);
}

static void set_zones(struct fuzz *f, uint32_t id)
{
	struct plateveil_zone zones[PLATEVEIL_MAX_ZONES];
	struct plateveil_zones z = { .id = id, .count = fuzz_below(f, PLATEVEIL_MAX_ZONES + 1),
				     .zones = (uintptr_t)zones };

	for (unsigned i = 0; i < PLATEVEIL_MAX_ZONES * sizeof(zones[0]) / 4; i++)
		((uint32_t *)zones)[i] = fuzz_below(f, PLATEVEIL_ZONE_UNITS / 2);
	if (fuzz_chance(f, 8))
		fuzz_spoil(f, zones, sizeof(zones));
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &z, sizeof(z));
	z.zones = fuzz_nowhere(f, (uintptr_t)zones, z.zones);
	fuzz_call(f, control, PLATEVEIL_IOC_SET_ZONES, &z);
}

static void set_card(struct fuzz *f, uint32_t id)
{
	struct plateveil_card c = { .id = id, .colour = fuzz_below(f, 0x1000000), .text = "fuzz" };

	if (fuzz_chance(f, 4))
		fuzz_spoil(f, &c, sizeof(c));
	fuzz_call(f, control, PLATEVEIL_IOC_SET_CARD, &c);
}

static void set_controls(struct fuzz *f, uint32_t id)
{
	static const uint32_t types[] = { V4L2_CTRL_TYPE_INTEGER, V4L2_CTRL_TYPE_BOOLEAN,
					  V4L2_CTRL_TYPE_MENU, V4L2_CTRL_TYPE_BUTTON,
					  V4L2_CTRL_TYPE_BITMASK, V4L2_CTRL_TYPE_INTEGER_MENU };
	struct plateveil_control list[6];
	struct plateveil_menu_item items[8] = { { "one", 1 }, { "two", 2 }, { "", 0 }, { "four", 4 } };
	struct plateveil_controls c = { .id = id, .count = fuzz_below(f, 7), .controls = (uintptr_t)list,
					.items = (uintptr_t)items, .item_count = 8 };

	for (unsigned i = 0; i < 6; i++) {
		struct plateveil_control *m = &list[i];
		*m = (struct plateveil_control){ .id = V4L2_CID_BASE + fuzz_below(f, 30),
						 .type = types[fuzz_below(f, 6)], .name = "knob", .step = 1 };
		m->maximum = m->type == V4L2_CTRL_TYPE_BUTTON ? 0 : 1 + (int32_t)fuzz_below(f, 3);
		if (m->type == V4L2_CTRL_TYPE_BOOLEAN)
			m->maximum = 1;
		if (m->type == V4L2_CTRL_TYPE_MENU || m->type == V4L2_CTRL_TYPE_INTEGER_MENU)
			m->step = 0;
		m->value = (int32_t)fuzz_below(f, 4);
		if (fuzz_chance(f, 10))
			fuzz_spoil(f, m, sizeof(*m));
	}
	if (fuzz_chance(f, 8))
		fuzz_spoil(f, items, sizeof(items));
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &c, sizeof(c));
	c.controls = fuzz_nowhere(f, (uintptr_t)list, c.controls);
	c.items = fuzz_nowhere(f, (uintptr_t)items, c.items);
	fuzz_call(f, control, PLATEVEIL_IOC_SET_CONTROLS, &c);
}

static void get_viewers(struct fuzz *f, uint32_t id)
{
	struct plateveil_viewer list[64]; /* more than there ever are */
	struct plateveil_viewers v = { .id = id, .count = fuzz_below(f, 9), .viewers = (uintptr_t)list };

	if (fuzz_chance(f, 8))
		fuzz_spoil(f, &v, sizeof(v));
	v.viewers = fuzz_nowhere(f, (uintptr_t)list, v.viewers);
	fuzz_call(f, control, PLATEVEIL_IOC_GET_VIEWERS, &v);
}

static void create(struct fuzz *f)
{
	struct plateveil_create c = { .lease_ms = fuzz_below(f, 500) };

	snprintf(c.name, sizeof(c.name), "fuzz %u", fuzz_below(f, 100));
	if (fuzz_chance(f, 10))
		fuzz_spoil(f, &c, sizeof(c));
	fuzz_call(f, control, PLATEVEIL_IOC_CREATE, &c);
}

/* Any request at all, with any bytes; but for the one that would end all turns of the others. */
static void anything(struct fuzz *f)
{
	uint8_t data[512];
	uint32_t nr = fuzz_below(f, 26);

	if (nr == _IOC_NR(PLATEVEIL_IOC_LOCK))
		return;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(fuzz_chance(f, 2) ? 0 : fuzz_random(f));
	fuzz_call(f, control, _IOC(fuzz_below(f, 4), 0xbe, nr, fuzz_below(f, 400)), data);
}

void fuzz_control(struct fuzz *f)
{
	uint32_t id = fuzz_chance(f, 30) ? fuzz_odd(f) : fuzz_below(f, VEILS), version;
	struct plateveil_info info = { .id = id };

	switch (fuzz_below(f, 13)) {
	case 0:
	case 1:
	case 2: /* veils are few, so that threads meet */
		if (id < VEILS && !fuzz_call(f, control, PLATEVEIL_IOC_GET_VEIL, &info) && info.id == id)
			break;
		create(f);
		break;
	case 3:
		if (fuzz_chance(f, 4))
			fuzz_call(f, control, PLATEVEIL_IOC_REMOVE, &id);
		break;
	case 4:
	case 5:
		set_modes(f, id);
		break;
	case 6:
		set_zones(f, id);
		break;
	case 7:
		fuzz_call(f, control, PLATEVEIL_IOC_GET_VEIL, fuzz_chance(f, 20) ? (void *)8 : &info);
		break;
	case 8:
		fuzz_call(f, control, PLATEVEIL_IOC_VERSION, &version);
		break;
	case 9:
		anything(f);
		break;
	case 10:
		set_controls(f, id);
		break;
	case 11:
		set_card(f, id);
		break;
	default:
		get_viewers(f, id);
	}
}

/* The number of a node of some veil that is, or any. */
int fuzz_node_number(struct fuzz *f, bool *feed)
{
	struct plateveil_info info = { .id = fuzz_below(f, VEILS) };

	*feed = fuzz_chance(f, 3);
	if (fuzz_call(f, control, PLATEVEIL_IOC_GET_VEIL, &info))
		return (int)fuzz_below(f, 8);
	return (int)(*feed ? info.feed : info.view);
}

int fuzz_control_fd(void)
{
	return control;
}

bool fuzz_control_open(void)
{
	control = open(PLATEVEIL_DEVICE, O_RDWR | O_CLOEXEC);
	return control >= 0;
}
