// SPDX-License-Identifier: GPL-2.0-or-later
/* V4L2 cameras, through libv4l2 so that odd formats work too. */
#ifndef PV_CAMERA_H
#define PV_CAMERA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/plateveil.h"

#define PV_CAMERA_BUFFERS 4
#define PV_CAMERA_FORMATS 5
#define PV_CAMERA_RATES 512	/* of all its sizes together */
#define PV_CAMERA_MODES (4 * PV_CAMERA_RATES)
#define PV_MAX_DEVICES 256	/* as many as V4L2 can number */

/* What a /dev/videoN is. */
enum pv_node { PV_NODE_NONE, PV_NODE_OTHER, PV_NODE_CAMERA, PV_NODE_VIEW, PV_NODE_FEED };

struct pv_device {
	char path[32];
	char name[32];		/* the driver's card name */
	char bus[32];		/* where it is plugged in */
	char driver[16];
	int index;		/* which of its device's nodes it is; -1: not known */
	enum pv_node node;
};

/* Puts '?' for what is no text in UTF-8, or would steer a terminal; of a character that is cut at the end nothing is
 * left. Drivers and USB devices name themselves as they like, and long names are cut. */
void pv_device_text(char *text);

/* Looks at an open node. */
void pv_device_query(int fd, struct pv_device *d);

/* All video nodes in order of number; returns how many, at most max. A node that may not be
 * opened is left out, unless the module knows it. owner is the /dev/plateveil that owns the gates, and so looks past
 * them; -1: the module tells what is behind them. */
int pv_device_list(int owner, struct pv_device *out, int max);

/* What a veil of this camera can offer: its sizes and intervals in every raw format of the module,
 * and in MJPG where the camera gives JPEG; of a size in one format the rates follow each other, the fastest first.
 * Returns how many, at most max; 0 for a camera with nothing usable. */
int pv_camera_modes(int fd, struct plateveil_mode *out, int max);

/* What a camera is asked for, in this order: cheapest for it and for the bus first. */
extern const uint32_t pv_camera_formats[PV_CAMERA_FORMATS];

struct pv_camera {
	int fd;			/* libv4l2's; -1 closed */
	uint32_t pixelformat;	/* JPEG, or one pv_frame_unpack() takes */
	int width, height, stride;
	uint32_t field;		/* enum v4l2_field: frames, or in what way halves of them */
	bool bt709;		/* it says they are of its Y'CbCr, not of BT.601's */
	bool full_range;	/* it says its raw pictures are: luma 0..255 */
	bool emulated;		/* libv4l2 made them of others, which may have been some kind of JPEG */
	bool streaming;
	int buffers, held;	/* held: index of the buffer pv_camera_next() lent, or -1 */
	struct {
		void *start;
		size_t size;
	} memory[PV_CAMERA_BUFFERS];
};

/* Keeps libv4l2 from writing a line to stderr whenever no frame is waiting. */
void pv_camera_quiet(void);

/* Takes over fd (O_NONBLOCK), closing it on failure. All: 0, or -1 with the reason in error. */
int pv_camera_open(struct pv_camera *c, int fd, char *error, size_t size);

/* Is it JPEG that the camera gives? */
bool pv_camera_gives_jpeg(const struct pv_camera *c);

/* Streams pictures of this size at about this interval (seconds as a fraction). */
int pv_camera_start(struct pv_camera *c, int width, int height, uint32_t numerator,
		    uint32_t denominator, char *error, size_t size);

/* The newest picture: 1 and it is lent until pv_camera_done(); 0 none yet; -1 the camera is gone.
 * Older ones that waited are passed over. time_ns is CLOCK_MONOTONIC, 0 if unknown. */
int pv_camera_next(struct pv_camera *c, const uint8_t **data, size_t *size, uint64_t *time_ns);
void pv_camera_done(struct pv_camera *c);

void pv_camera_close(struct pv_camera *c);

#endif
