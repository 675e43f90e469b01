/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share. One file a concept, each with one suite; main.c runs them all. */
#ifndef PV_UNIT_H
#define PV_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame/frame.h"

Suite *frame_suite(void);
Suite *jpeg_suite(void);
Suite *coefs_suite(void);
Suite *scan_suite(void);
Suite *metadata_suite(void);
Suite *detect_suite(void);
Suite *change_suite(void);
Suite *contrast_suite(void);
Suite *network_suite(void);
Suite *motion_suite(void);
Suite *second_suite(void);
Suite *doubt_suite(void);
Suite *track_suite(void);
Suite *regions_suite(void);
Suite *redact_suite(void);
Suite *mask_suite(void);
Suite *rules_suite(void);
Suite *save_suite(void);
Suite *sieve_suite(void);
Suite *request_suite(void);
Suite *pipeline_suite(void);
Suite *verdict_suite(void);
Suite *flow_suite(void);
Suite *link_suite(void);
Suite *mirror_suite(void);
Suite *offer_suite(void);

/* A test case with room for a busy machine, added to s. */
TCase *unit_case(Suite *s, const char *name);

/* Numbers that are the same in every run: a failure can be run again. */
void unit_seed(uint32_t seed);
uint32_t unit_random(void);
int unit_between(int low, int high);		/* both included */

/* How chroma is sampled, as JPEG files have it. */
struct unit_sampling {
	const char *name;
	int shift_x, shift_y;
	bool grey;
};

extern const struct unit_sampling unit_samplings[];
#define UNIT_SAMPLINGS 6

/* Shapes f and fills it: soft gradients with noise over them, as a camera would. */
void unit_picture(struct pv_frame *f, int width, int height, const struct unit_sampling *s);
/* A plate, upright and sharp, in luma of so many pixels a row. */
#define UNIT_PLATE_W 78
#define UNIT_PLATE_H 20
void unit_plate(uint8_t *luma, int width, int x0, int y0);
/* n pixels of rough ground for it, the same each time. */
void unit_ground(uint8_t *luma, int n);
/* Luma alone: plates on noise, whole or one over another: something to find, right or wrong. */
void unit_busy(uint8_t *luma, int width, int height);
/* n samples of a scene, each off by as much as `noise`. */
void unit_noisy(uint8_t *luma, const uint8_t *scene, int n, int noise);
/* Where a pixel lies in a network's input (network.h) of so many a row. */
static inline size_t unit_folded(int width, int x, int y)
{
	return (size_t)((y / 2 * (width / 2) + x / 2) * 4 + y % 2 * 2 + x % 2);
}
/* Shapes f as 4:2:0 and fills plane i with 100 + i, in JPEG's blocks. */
void unit_flat(struct pv_frame *f, int width, int height);
/* Every sample is 128: all of it is veiled, and says nothing. */
void unit_check_grey(const struct pv_frame *f);
void unit_copy(struct pv_frame *to, const struct pv_frame *from);
int unit_planes(const struct pv_frame *f);

/* The samples of plane i that share a pixel with b. */
struct pv_box unit_samples(const struct pv_frame *f, int i, const struct pv_box *b);
bool unit_inside(const struct pv_frame *f, int i, int x, int y, const struct pv_box *boxes, int n);

/* Other content under every box, nothing else changed. */
void unit_scramble(struct pv_frame *f, const struct pv_box *boxes, int n);

/* Samples that differ, strides' padding aside; `boxes` are not looked at. */
long unit_differences(const struct pv_frame *a, const struct pv_frame *b,
		      const struct pv_box *boxes, int n);

/* A fresh directory's path joined with name; the directory goes with unit_clean(). */
const char *unit_path(const char *name);
void unit_clean(void);
void unit_write(const char *path, const void *data, size_t size);
char *unit_read(const char *path);		/* NULL if it is not there; to be freed */

#endif
