// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files of `plateveil redact` share. */
#ifndef PV_CLI_REDACT_H
#define PV_CLI_REDACT_H

#include "codec/coefs.h"
#include "veild/pipeline.h"

/* Bytes that a JPEG of so many may take when it is veiled. What is drawn takes less than what was there; but a code of
 * one bit, in a table of the picture's own, may be one of eleven in the standard's. */
#define PV_REDACTED_ROOM(size) (12 * (size) + 65536)

struct pv_redaction {
	struct pv_pipeline pipeline;
	struct pv_coefs *coefs;	/* of photos; a stream's frames have their own */
	struct pv_frame frame;
	bool strip;		/* of what the original's metadata says, nothing goes along */
	bool overwrite;		/* originals may be */
	bool said_lookahead, said_search;	/* by the command line, the second by the rules' file, too */
	int search;		/* what is said, or the default */
};

void pv_redaction_free(struct pv_redaction *r);

/* Is it called as photos are, or as streams? */
bool pv_is_photo(const char *path);
bool pv_is_stream(const char *path);

/* Would this file's name end as that of another kind than these two? Then that is told. */
bool pv_is_misnamed(const char *out, const char *a, const char *b);

/* Does a picture begin so that is no JPEG? And what to say then, or of what is none. */
bool pv_is_other_image(const uint8_t *data, size_t size);
#define PV_OTHER_IMAGE "not a JPEG; make it one first: ffmpeg -i PICTURE OUT.jpg"
#define PV_OTHER_VIDEO "; video goes through ffmpeg: see `plateveil help redact`"

/* A JPEG in memory to another, *out to be freed. How many regions, or -1 with the reason told. */
int pv_redact_photo(struct pv_redaction *r, const char *in, const uint8_t *data, size_t size,
		    uint8_t **out, size_t *made);

/* The same to a file, with a line a region. An exit status. */
int pv_redact_one(struct pv_redaction *r, const char *in, const char *out, const uint8_t *data, size_t size);

/* JPEGs one after another (MJPEG), or YUV4MPEG2; "-" is standard input or output. An exit status. */
int pv_redact_stream(struct pv_redaction *r, const char *in, const char *out);

#endif
