/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * plateveil: the contract between plateveil.ko and user space.
 *
 * A veil is a pair of video nodes. Applications open the view, an ordinary V4L2
 * capture device. One privileged helper opens the feed, a V4L2 output device.
 * The module never looks at a picture and never lets one through by itself: it
 * copies what the helper sealed, and deals the card, a picture it paints itself,
 * whenever there is nothing sealed to copy.
 *
 * THE CONTROL NODE, /dev/plateveil
 *
 * Anyone may open it and read (PLATEVEIL_IOC_VERSION and those named GET).
 * Making, changing and removing veils takes CAP_SYS_ADMIN, checked at each call.
 *
 *   PLATEVEIL_IOC_CREATE     makes a veil; it can be streamed from at once and
 *                            then shows the card. A veil lives until it is
 *                            removed, whoever made it. ENOSPC: there are
 *                            PLATEVEIL_MAX_VEILS already.
 *   PLATEVEIL_IOC_REMOVE     takes it away. Applications that hold its view get
 *                            ENODEV and POLLHUP (who waits for a frame: EIO first);
 *                            memory goes with the last of them. Who waits in
 *                            VIDIOC_DQEVENT, and not for V4L2_EVENT_SOURCE_CHANGE, is
 *                            not woken, as on any V4L2 device.
 *   PLATEVEIL_IOC_SET_MODES  says what the view offers: a list of pixel format,
 *                            size and frame interval. The first is the default.
 *
 * Who watches, PLATEVEIL_IOC_GET_VIEWERS tells anyone; what happens to frames, the
 * counters of PLATEVEIL_IOC_GET_VEIL and the tracepoints of the trace system "plateveil":
 * seal, deal, card, refuse, gate.
 *
 * An id that no veil has gets ENOENT. The size of a call's argument is part of its
 * number: a number not listed here gets ENOTTY, so a program of another contract is
 * told at once. Every layout is the same for 32-bit programs on a 64-bit kernel.
 *
 * THE VIEW
 *
 * A capture device with memory of every kind (MMAP, USERPTR, DMABUF, read()). Each
 * process has a queue of its own, so a viewer that stops costs the others nothing;
 * within a process the first open with buffers is the owner, and others get EBUSY.
 * 32 viewers of a view may stream (EBUSY), 64 have buffers (ENOMEM): 8 each, and of
 * MMAP not more than 512 MiB in all at a time (ENOMEM), but for what they have let go
 * and still map or have exported.
 * Timestamps are CLOCK_MONOTONIC and rise; the sequence counts the pictures that the
 * viewer had no buffer for, too. A buffer holds one whole picture, sealed or card,
 * never parts of both. In MJPG bytesused says how long it is; the card is a baseline
 * JPEG then. Raising one's priority (VIDIOC_S_PRIORITY) above the usual one takes
 * CAP_SYS_ADMIN. A veil's view may be open 512 times (EBUSY). Half at most of those
 * that are open, have buffers or stream, and of the memory, are one user's: of the
 * effective id that opened them, in a user namespace of the id that made it; what was
 * opened with CAP_SYS_ADMIN does not count. STREAMON, read() and poll() may find no memory
 * for a first card of the mode (ENOMEM).
 *
 * MODES
 *
 * A veil has one mode at a time and a generation that grows when it changes. A
 * viewer (an open view) picks a mode with VIDIOC_S_FMT and VIDIOC_S_PARM. While
 * any viewer holds buffers the mode stands still: others that choose are answered with
 * the mode in force. Before that the last to choose has its way, till another asks for
 * buffers: those are of what it was told last (by S_FMT, S_PARM or G_FMT), or it gets
 * EBUSY where others hold buffers of another picture by then. A mode that SET_MODES no
 * longer lists goes when the last viewer lets its buffers go. Other viewers learn of a
 * change by V4L2_EVENT_SOURCE_CHANGE.
 *
 * ZONES
 *
 *   PLATEVEIL_IOC_SET_ZONES  sets a veil's zones, in place of those it had: rectangles
 *                            that the module makes black (luma 16) while it copies a frame,
 *                            whatever the helper sealed. What was under them never
 *                            gets into an application's memory.
 *
 * That takes pixels, so a veil with zones does not offer MJPG. Where all its modes
 * are MJPG, both SET_ZONES and SET_MODES that would lead there get EINVAL; and while
 * viewers hold buffers of an MJPG mode when zones come, seals get EPERM and viewers
 * the card.
 *
 * THE CARD
 *
 *   PLATEVEIL_IOC_SET_CARD  sets a veil's card: a line of text, under the title that every
 *                           card has, and one colour, of which its edge and letters are
 *                           shades. There is no way to give it a picture. On ENOMEM the one
 *                           before stays till there is memory.
 *
 * CONTROLS
 *
 *   PLATEVEIL_IOC_SET_CONTROLS  says what controls the camera has and what they stand
 *                               at. Nodes opened from then on have them; an open node
 *                               keeps those it was opened with. A list that differs
 *                               from the one before in values and INACTIVE alone brings
 *                               all of them that news instead; PLATEVEIL_CONTROLS_STAY:
 *                               but values stay what viewers have set them to.
 *
 * View and feed have the same controls. What a viewer sets, the helper hears of by
 * V4L2_EVENT_CTRL on the feed; it sets it on the camera, and what the camera then says,
 * with VIDIOC_S_CTRL on the feed. The viewers hear of that by V4L2_EVENT_CTRL too.
 *
 * THE FEED
 *
 * Opening it takes CAP_SYS_ADMIN. Whoever has buffers there is the helper: as on any
 * V4L2 device, others get EBUSY until it lets them go or closes, nor may they map them. The helper
 *   1. subscribes to PLATEVEIL_EVENT_STATE (V4L2_EVENT_SUB_FL_SEND_INITIAL gives
 *      the present state): how many viewers stream, and the generation;
 *   2. calls VIDIOC_S_FMT, which always answers with the mode in force and binds
 *      this open file to its generation (VIDIOC_REQBUFS binds who has not called it);
 *      then VIDIOC_REQBUFS and VIDIOC_STREAMON. Buffers are V4L2_MEMORY_MMAP, or
 *      V4L2_MEMORY_DMABUF to seal out of a camera's or a GPU's memory;
 *   3. seals: VIDIOC_QBUF of a buffer with a redacted picture: exactly sizeimage
 *      bytes, or for MJPG a baseline JPEG of the mode's size, at most sizeimage bytes,
 *      that begins with SOI and ends with EOI. The timestamp (CLOCK_MONOTONIC) travels
 *      to the viewers; zero, or a time yet to come, means now. A seal of an older
 *      generation gets ESTALE, any other picture EINVAL. One that is not dealt after
 *      all (it got older than the lease, the mode changed, zones came, the machine
 *      slept) comes back from VIDIOC_DQBUF with V4L2_BUF_FLAG_ERROR.
 * A seal is dealt, once, to every viewer that has a buffer waiting, if it is no older
 * than the lease then. Once the last one is older than that, and than two of the mode's
 * intervals, or the feed stops or closes, or the machine goes to sleep, viewers get the
 * card at the mode's rate until the next seal.
 *
 * No memory is shared between feed and view; buffers are zeroed when allocated.
 *
 * GATES
 *
 * A gate stands on cameras' own nodes: all that capture (video, metadata, VBI, overlay)
 * and subdevices, never on ours. It belongs to a pattern, so it stands on every node that
 * fits, there already or plugged in later, before anyone can open it. Where several fit,
 * the one that names the node most closely counts: NODE, DEVICE (of several the nearest
 * above the node), DRIVER, ALL.
 *
 *   PLATEVEIL_IOC_GATE      sets up a gate, or changes the action of the one with this
 *                           pattern. Strangers, root's programs too, then meet
 *                           DENY    open() gets EACCES: not EBUSY, which makes
 *                                   applications look for a culprit and try again, nor
 *                                   ENODEV, as if nothing were plugged in.
 *                           DIVERT  open() gives the view of the veil that the camera
 *                                   was last opened for (see OPEN), which is an
 *                                   application's like any other; the camera may go and
 *                                   come, and the gate too, without a change to it.
 *                                   EACCES where there is no view, and on nodes that are
 *                                   not VIDEO_CAPTURE.
 *                           EBUSY: a stranger has such a node open. What the kernel does
 *                           for it cannot be stopped from here: a call may hang in a page
 *                           fault for hours and go on then, and buffers that were queued
 *                           are filled. PLATEVEIL_GATE_FORCE sets the gate up in spite of
 *                           it: every further call on such a file gets ENODEV and POLLHUP,
 *                           as if the camera were gone. To stop a stream that runs, plug
 *                           the camera in again after that, or bind its driver anew: what
 *                           comes is gated from the beginning.
 *                           EOPNOTSUPP: this kernel's or driver's nodes are not as we know
 *                           them. ENOSPC: there are PLATEVEIL_MAX_GATES already.
 *   PLATEVEIL_IOC_UNGATE    takes the gate with this id away. Drivers' nodes are theirs
 *                           again; diverted files stay files of the view.
 *   PLATEVEIL_IOC_CLAIM     makes this open file of /dev/plateveil the owner of the gates,
 *                           until it closes; EBUSY: another one is. Gates need no owner.
 *   PLATEVEIL_IOC_OPEN      for the owner alone (EPERM): returns a descriptor of the
 *                           camera's own node, gate or no gate. The open file behind it,
 *                           whoever it is handed to, stays good whatever gates come. With
 *                           a veil's id the camera is from now on that veil's: where it
 *                           is plugged in is remembered, so it may go and come. ESTALE:
 *                           another one came to its number meanwhile.
 *   PLATEVEIL_IOC_GET_GATE  tells of the gate with the least id from this one on,
 *   PLATEVEIL_IOC_GET_NODE  of the node with the least minor from this one on.
 *   PLATEVEIL_IOC_LOCK      until the machine starts anew: UNGATE and REMOVE get EPERM, and
 *                           so does SET_ZONES unless each zone there is lies inside one of
 *                           the new; the module cannot be unloaded, not by force either.
 *                           New gates and other actions are fine.
 *   PLATEVEIL_IOC_GET_GUARD returns PLATEVEIL_GUARD_*.
 *
 * A gate outlives who set it up. The argument of CLAIM and LOCK is flags, zero.
 *
 * Every reserved field must be zero (else EINVAL) and is returned as zero.
 */
#ifndef _UAPI_PLATEVEIL_H
#define _UAPI_PLATEVEIL_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/videodev2.h>

#define PLATEVEIL_DEVICE	"/dev/plateveil"
#define PLATEVEIL_VERSION	1	/* of this contract */
#define PLATEVEIL_MAX_VEILS	16
#define PLATEVEIL_MAX_MODES	256
#define PLATEVEIL_MAX_CONTROLS	64
#define PLATEVEIL_MAX_MENU_ITEMS 512	/* of all controls */
#define PLATEVEIL_MAX_VIEWERS	256	/* told of in one call */
#define PLATEVEIL_MAX_ZONES	16
#define PLATEVEIL_ZONE_UNITS	10000	/* a picture's width or height */
#define PLATEVEIL_MAX_GATES	16
#define PLATEVEIL_CARD_LEN	32	/* bytes, with the terminating zero */
#define PLATEVEIL_DEVICE_LEN	64	/* likewise */
#define PLATEVEIL_NO_VEIL	0xffffffff
#define PLATEVEIL_NAME_LEN	32	/* bytes, with the terminating zero */
#define PLATEVEIL_MIN_SIDE	16	/* pixels; sides are even */
#define PLATEVEIL_MAX_SIDE	4096
#define PLATEVEIL_LEASE_MS	500	/* the default lease */
#define PLATEVEIL_MAX_LEASE_MS	60000

/* One thing a view offers. Pixel formats: YUYV, NV12, YU12, MJPG (V4L2_PIX_FMT_*). */
struct plateveil_mode {
	__u32 pixelformat;
	__u32 width;		/* pixels, even */
	__u32 height;		/* pixels, even */
	__u32 numerator;	/* frame interval in seconds, from 1/1000 to 60 */
	__u32 denominator;
	__u32 flags;		/* PLATEVEIL_MODE_* */
	__u32 reserved[2];
};

#define PLATEVEIL_MODE_FULL_RANGE	(1 << 0) /* luma is 0..255, as in JPEG */

/* Numbers are chosen (EBUSY: another device has it), or else the first that are free. */
#define PLATEVEIL_CREATE_VIEW	(1 << 0)	/* /dev/videoN with N from view */
#define PLATEVEIL_CREATE_FEED	(1 << 1)	/* likewise from feed */
#define PLATEVEIL_MAX_NODE	255

struct plateveil_create {
	char name[PLATEVEIL_NAME_LEN];	/* in: the card of QUERYCAP; some text, no control codes */
	__u32 lease_ms;		/* in: 0 for the default */
	__u32 id;		/* out */
	__u32 view;		/* in: as flags say; out: N of /dev/videoN */
	__u32 feed;		/* likewise */
	__u32 flags;		/* in: PLATEVEIL_CREATE_* */
	__u32 reserved[3];
};

struct plateveil_modes {
	__u32 id;
	__u32 count;		/* 1 to PLATEVEIL_MAX_MODES */
	__aligned_u64 modes;	/* pointer to struct plateveil_mode[count] */
	__u32 lease_ms;		/* 0: as it was */
	__u32 reserved[3];
};

/*
 * A rectangle from left and top up to right and bottom, in ten thousandths of the
 * picture's width and height; rounded outwards to even pixels.
 */
struct plateveil_zone {
	__u32 left;
	__u32 top;
	__u32 right;
	__u32 bottom;
};

struct plateveil_zones {
	__u32 id;
	__u32 count;		/* 0, for none, to PLATEVEIL_MAX_ZONES */
	__aligned_u64 zones;	/* pointer to struct plateveil_zone[count] */
	__u32 reserved[4];
};

struct plateveil_card {
	__u32 id;
	__u32 colour;		/* 0xRRGGBB, sRGB */
	char text[PLATEVEIL_CARD_LEN];	/* ' ' to '~', the rest zeros; may be empty */
	__u32 reserved[4];
};

/* A control as VIDIOC_QUERYCTRL tells of it, and what it stands at. */
struct plateveil_control {
	__u32 id;		/* V4L2_CID_*, below V4L2_CID_PRIVATE_BASE */
	__u32 type;		/* INTEGER, BOOLEAN, MENU, BUTTON, BITMASK, INTEGER_MENU */
	char name[32];		/* with the terminating zero */
	__s32 minimum;
	__s32 maximum;		/* of a menu at most 31 */
	__s32 step;		/* 0 for menus */
	__s32 default_value;
	__s32 value;
	__u32 flags;		/* UPDATE, INACTIVE, SLIDER, WRITE_ONLY, EXECUTE_ON_WRITE */
	__u32 menu;		/* menus: which of the items is theirs for 0 */
	__u32 reserved[5];
};

struct plateveil_menu_item {
	char name[32];		/* with the terminating zero; empty: there is no such item */
	__s64 value;		/* of an INTEGER_MENU */
};

struct plateveil_controls {
	__u32 id;
	__u32 count;		/* to PLATEVEIL_MAX_CONTROLS */
	__aligned_u64 controls;	/* pointer to struct plateveil_control[count] */
	__aligned_u64 items;	/* pointer to struct plateveil_menu_item[item_count] */
	__u32 item_count;	/* to PLATEVEIL_MAX_MENU_ITEMS */
	__u32 flags;		/* PLATEVEIL_CONTROLS_* */
	__u32 reserved[4];
};

#define PLATEVEIL_CONTROLS_STAY	(1 << 0)

/* An open view. Those that stream are told of first. */
struct plateveil_viewer {
	__s32 pid;		/* who opened it, as the caller sees it; 0: it cannot */
	__u32 streaming;	/* 1: it has frames coming */
	char comm[16];		/* the program's name then, with the terminating zero */
	__aligned_u64 dealt;	/* as below, its own */
	__aligned_u64 cards;
	__aligned_u64 dropped;
	__u32 reserved[4];
};

struct plateveil_viewers {
	__u32 id;
	__u32 count;		/* in: room for so many; out: so many there are */
	__aligned_u64 viewers;	/* pointer to struct plateveil_viewer[count] */
	__u32 reserved[4];
};

/* Ids are small and may have gaps: a veil after the last gives ENOENT. */
struct plateveil_info {
	__u32 id;		/* in: the least id wanted; out: the veil's */
	__u32 view;
	__u32 feed;
	__u32 lease_ms;
	__u32 generation;
	__u32 viewers;		/* that stream now */
	__u32 feed_open;	/* how many have the feed open */
	__u32 live;		/* 1: viewers see seals, and not the card */
	struct plateveil_mode mode;
	__aligned_u64 sealed;		/* frames accepted from helpers */
	__aligned_u64 refused;		/* frames not accepted */
	__aligned_u64 dealt;		/* sealed frames copied into viewers' buffers */
	__aligned_u64 cards;		/* cards copied into viewers' buffers */
	__aligned_u64 dropped;		/* frames or cards a viewer had no buffer for */
	char name[PLATEVEIL_NAME_LEN];
	__u32 reserved[8];
};

/* Patterns, from the widest. */
#define PLATEVEIL_GATE_ALL	0
#define PLATEVEIL_GATE_DRIVER	1	/* whose driver has this name: uvcvideo */
#define PLATEVEIL_GATE_DEVICE	2	/* at or below the device that sysfs calls so: 1-2 */
#define PLATEVEIL_GATE_NODE	3	/* /dev/videoN with N from node */

/* Actions. */
#define PLATEVEIL_GATE_NONE	0	/* of a node that has no gate */
#define PLATEVEIL_GATE_DENY	1
#define PLATEVEIL_GATE_DIVERT	2

#define PLATEVEIL_GATE_FORCE	(1 << 0)

struct plateveil_gate {
	__u32 id;		/* out; GET_GATE: in, too: the least id wanted */
	__u32 pattern;
	__u32 action;
	__u32 flags;		/* in: PLATEVEIL_GATE_FORCE */
	__u32 node;		/* else 0 */
	__u32 nodes;		/* out: that it stands on now */
	char name[PLATEVEIL_DEVICE_LEN];	/* of a driver or device, the rest zeros */
	__aligned_u64 refused;	/* out: calls of strangers, opens above all */
	__aligned_u64 diverted;	/* out: opens that got the view */
	__u32 reserved[8];
};

/* A node that a gate may stand on. */
struct plateveil_node {
	__u32 minor;		/* in: the least wanted; out: its */
	__u32 capabilities;	/* V4L2_CAP_*, 0 of a subdevice; all from here on: out */
	__u32 action;		/* PLATEVEIL_GATE_* */
	__u32 gate;		/* whose action that is */
	__u32 index;		/* which node of its device */
	__u32 passes;		/* files of it open by PLATEVEIL_IOC_OPEN, */
	__u32 diverted;		/* diverted, */
	__u32 strangers;	/* and others */
	char node[PLATEVEIL_NAME_LEN];	/* video0 */
	char name[PLATEVEIL_NAME_LEN];	/* the driver's for it */
	char device[PLATEVEIL_DEVICE_LEN];	/* where it is plugged in, as sysfs calls it */
	char driver[PLATEVEIL_NAME_LEN];
	__u32 reserved[8];
};

struct plateveil_open {
	__u32 node;		/* N of /dev/videoN */
	__u32 veil;		/* its id, or PLATEVEIL_NO_VEIL */
	__u32 flags;		/* O_NONBLOCK; reading, writing and O_CLOEXEC go without saying */
	__u32 reserved[5];
};

#define PLATEVEIL_GUARD_LOCKED	(1 << 0)
#define PLATEVEIL_GUARD_CLAIMED	(1 << 1)	/* some file owns the gates */

#define PLATEVEIL_IOC_VERSION	_IOR(0xbe, 0, __u32)
#define PLATEVEIL_IOC_CREATE	_IOWR(0xbe, 1, struct plateveil_create)
#define PLATEVEIL_IOC_REMOVE	_IOW(0xbe, 2, __u32)
#define PLATEVEIL_IOC_SET_MODES	_IOW(0xbe, 3, struct plateveil_modes)
#define PLATEVEIL_IOC_GET_VEIL	_IOWR(0xbe, 4, struct plateveil_info)
#define PLATEVEIL_IOC_SET_ZONES	_IOW(0xbe, 5, struct plateveil_zones)
#define PLATEVEIL_IOC_GET_VIEWERS _IOWR(0xbe, 6, struct plateveil_viewers)
#define PLATEVEIL_IOC_SET_CONTROLS _IOW(0xbe, 7, struct plateveil_controls)
#define PLATEVEIL_IOC_SET_CARD	_IOW(0xbe, 8, struct plateveil_card)

#define PLATEVEIL_IOC_CLAIM	_IOW(0xbe, 16, __u32)
#define PLATEVEIL_IOC_OPEN	_IOW(0xbe, 17, struct plateveil_open)
#define PLATEVEIL_IOC_GATE	_IOWR(0xbe, 18, struct plateveil_gate)
#define PLATEVEIL_IOC_UNGATE	_IOW(0xbe, 19, __u32)
#define PLATEVEIL_IOC_GET_GATE	_IOWR(0xbe, 20, struct plateveil_gate)
#define PLATEVEIL_IOC_GET_NODE	_IOWR(0xbe, 21, struct plateveil_node)
#define PLATEVEIL_IOC_LOCK	_IOW(0xbe, 22, __u32)
#define PLATEVEIL_IOC_GET_GUARD	_IOR(0xbe, 23, __u32)

/* The event on the feed; v4l2_event.u.data holds struct plateveil_state. */
#define PLATEVEIL_EVENT_STATE	(V4L2_EVENT_PRIVATE_START + 0xbe)

struct plateveil_state {
	__u32 viewers;		/* that stream now */
	__u32 generation;
};

#endif
