// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What plateveild and a veiler say to each other, over a SOCK_SEQPACKET pair; both are the same
 * program, so structs travel as they are. One message, one packet.
 */
#ifndef PV_LINK_H
#define PV_LINK_H

#include "detect/detect.h"
#include "filter.h"
#include "rules/rules.h"

enum pv_word {
	PV_WANT_CAMERA = 'C',	/* veiler: please open the camera for me */
	PV_REPORT = 'R',	/* veiler: how it goes, twice a second */
	PV_BOXES = 'X',		/* veiler: what a frame was veiled for, while that is asked for */
	PV_CONTROLS = 'K',	/* veiler: other controls of the camera's are of use now (V4L2_CTRL_FLAG_INACTIVE) */
	PV_BREACH = 'B',	/* veiler: this call ends me */
	PV_CAMERA = 'c',	/* plateveild: here it is (a descriptor comes along) */
	PV_NO_CAMERA = 'n',	/* plateveild: it is not there; ask again later */
	PV_RULES = 'r',		/* plateveild: the rules from now on */
	PV_ASK_BOXES = 'b',	/* plateveild: send PV_BOXES for some seconds */
};

struct pv_report {
	uint64_t frames, whole, regions, dropped;
	uint64_t detect_ns_mean, detect_ns_slowest, latency_ns_mean;
	uint64_t sealed;	/* to tell the frame rate by */
	int plates;		/* veiled in the last frame */
	uint64_t late;		/* frames searched too late, and so veiled whole */
	int search, step;	/* pixels searched; 0: as the rules say, else by how many steps less */
	int camera_open;
	int preparing;		/* the next report may take a while */
	char note[160];		/* what is wrong, or empty */
};

struct pv_boxes {
	uint64_t time_ns;	/* the frame's */
	int count;
	struct pv_detection box[PV_MAX_DETECTIONS];
};

struct pv_message {
	int word;		/* enum pv_word */
	union {
		struct pv_rules rules;
		struct pv_report report;
		struct pv_boxes boxes;
		struct pv_breach breach;
	};
};

/* 0, or -1 with errno; fd is -1 for none. */
int pv_link_send(int socket, const struct pv_message *m, int fd);

/* 1 a message, *fd a descriptor that came with it or -1; 0 nothing there; -1 the other side is
 * gone. */
int pv_link_receive(int socket, struct pv_message *m, int *fd);

#endif
