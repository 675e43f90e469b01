// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A damaged file may ask for any amount of memory: that has to be refused, not to end the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=1024:detect_leaks=1";
}

TCase *unit_case(Suite *s, const char *name)
{
	TCase *c = tcase_create(name);
	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	return c;
}

/* --- numbers --------------------------------------------------------------- */

static uint32_t state = 1;

void unit_seed(uint32_t seed)
{
	state = seed * 2654435761u + 1;
	if (!state)
		state = 1;
}

uint32_t unit_random(void)	/* xorshift (G. Marsaglia, 2003) */
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

int unit_between(int low, int high)
{
	return low + (int)(unit_random() % (uint32_t)(high - low + 1));
}

/* --- pictures -------------------------------------------------------------- */

const struct unit_sampling unit_samplings[UNIT_SAMPLINGS] = {
	{ "4:2:0", 1, 1, false }, { "4:2:2", 1, 0, false }, { "4:4:4", 0, 0, false },
	{ "4:4:0", 0, 1, false }, { "4:1:1", 2, 0, false }, { "grey", 0, 0, true },
};

int unit_planes(const struct pv_frame *f)
{
	return f->grey ? 1 : 3;
}

void unit_picture(struct pv_frame *f, int width, int height, const struct unit_sampling *s)
{
	ck_assert_int_eq(pv_frame_shape(f, width, height, s->shift_x, s->shift_y, s->grey), 0);
	f->full_range = true;
	for (int i = 0; i < unit_planes(f); i++) {
		int base = unit_between(20, 120), dx = unit_between(0, 2), dy = unit_between(0, 2);
		for (int y = 0; y < pv_frame_plane_height(f, i); y++)
			for (int x = 0; x < pv_frame_plane_width(f, i); x++)
				f->plane[i][y * f->stride[i] + x] =
					(uint8_t)((base + x * dx + y * dy + unit_between(0, 30)) & 255);
	}
}

void unit_plate(uint8_t *luma, int width, int x0, int y0)
{
	/* H, 7, E, 1, L, 4: rows of five pixels. */
	static const uint8_t letters[6][7] = {
		{ 17, 17, 17, 31, 17, 17, 17 }, { 31, 1, 2, 4, 4, 8, 8 }, { 31, 16, 16, 30, 16, 16, 31 },
		{ 4, 12, 4, 4, 4, 4, 14 }, { 16, 16, 16, 16, 16, 16, 31 }, { 2, 6, 10, 18, 31, 2, 2 },
	};

	for (int y = 0; y < UNIT_PLATE_H; y++) {
		for (int x = 0; x < UNIT_PLATE_W; x++) {
			int k = (x - 5) / 12, column = (x - 5) % 12 / 2, row = (y - 3) / 2;
			bool ink = x > 4 && k < 6 && column < 5 && y > 2 && row < 7 &&
				   letters[k][row] >> (4 - column) & 1;
			luma[(y0 + y) * width + x0 + x] = ink ? 25 : 215;
		}
	}
}

void unit_ground(uint8_t *luma, int n)
{
	unit_seed(7);
	for (int i = 0; i < n; i++)
		luma[i] = (uint8_t)(80 + unit_between(0, 10));
}

void unit_busy(uint8_t *luma, int width, int height)
{
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			luma[y * width + x] = (uint8_t)(80 + unit_between(0, 40));
	for (int k = 0; k < 6; k++) {
		int x0 = unit_between(0, width - UNIT_PLATE_W), y0 = unit_between(0, height - UNIT_PLATE_H);
		unit_plate(luma, width, x0, y0);
	}
}

void unit_noisy(uint8_t *luma, const uint8_t *scene, int n, int noise)
{
	for (int i = 0; i < n; i++) {
		int v = scene[i] + unit_between(-noise, noise);
		luma[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

void unit_flat(struct pv_frame *f, int width, int height)
{
	ck_assert_int_eq(pv_frame_shape(f, width, height, 1, 1, false), 0);
	for (int i = 0; i < 3; i++)
		memset(f->plane[i], 100 + i, (size_t)(f->stride[i] * pv_frame_plane_height(f, i)));
	f->block_x = f->block_y = 16;
}

void unit_check_grey(const struct pv_frame *g)
{
	long other_than = 0;	/* counted: an assertion a pixel takes seconds */

	for (int i = 0; i < unit_planes(g); i++)
		for (int y = 0; y < pv_frame_plane_height(g, i); y++)
			for (int x = 0; x < pv_frame_plane_width(g, i); x++)
				other_than += g->plane[i][y * g->stride[i] + x] != 128;
	ck_assert_int_eq(other_than, 0);
}

void unit_copy(struct pv_frame *to, const struct pv_frame *from)
{
	ck_assert_int_eq(pv_frame_shape(to, from->width, from->height, from->shift_x, from->shift_y,
					from->grey), 0);
	to->block_x = from->block_x;
	to->block_y = from->block_y;
	to->full_range = from->full_range;
	to->time_ns = from->time_ns;
	for (int i = 0; i < unit_planes(from); i++)
		for (int y = 0; y < pv_frame_plane_height(from, i); y++)
			memcpy(to->plane[i] + y * to->stride[i], from->plane[i] + y * from->stride[i],
			       (size_t)pv_frame_plane_width(from, i));
}

struct pv_box unit_samples(const struct pv_frame *f, int i, const struct pv_box *b)
{
	int sx = i ? f->shift_x : 0, sy = i ? f->shift_y : 0;
	int w = pv_frame_plane_width(f, i), h = pv_frame_plane_height(f, i);
	struct pv_box s = { b->x0 >> sx, b->y0 >> sy, (b->x1 + (1 << sx) - 1) >> sx,
			    (b->y1 + (1 << sy) - 1) >> sy };
	s.x1 = s.x1 < w ? s.x1 : w;
	s.y1 = s.y1 < h ? s.y1 : h;
	return s;
}

bool unit_inside(const struct pv_frame *f, int i, int x, int y, const struct pv_box *boxes, int n)
{
	for (int k = 0; k < n; k++) {
		struct pv_box s = unit_samples(f, i, &boxes[k]);
		if (x >= s.x0 && x < s.x1 && y >= s.y0 && y < s.y1)
			return true;
	}
	return false;
}

void unit_scramble(struct pv_frame *f, const struct pv_box *boxes, int n)
{
	for (int i = 0; i < unit_planes(f); i++) {
		for (int k = 0; k < n; k++) {
			struct pv_box s = unit_samples(f, i, &boxes[k]);
			for (int y = s.y0; y < s.y1; y++)
				for (int x = s.x0; x < s.x1; x++)
					f->plane[i][y * f->stride[i] + x] = (uint8_t)unit_random();
		}
	}
}

long unit_differences(const struct pv_frame *a, const struct pv_frame *b,
		      const struct pv_box *boxes, int n)
{
	long differ = 0;

	ck_assert_int_eq(a->width, b->width);
	ck_assert_int_eq(a->height, b->height);
	for (int i = 0; i < unit_planes(a); i++)
		for (int y = 0; y < pv_frame_plane_height(a, i); y++)
			for (int x = 0; x < pv_frame_plane_width(a, i); x++)
				differ += a->plane[i][y * a->stride[i] + x] !=
						  b->plane[i][y * b->stride[i] + x] &&
					  !unit_inside(a, i, x, y, boxes, n);
	return differ;
}

/* --- files ----------------------------------------------------------------- */

static char directory[64];

const char *unit_path(const char *name)
{
	static char path[256];
	if (!directory[0]) {
		strcpy(directory, "/tmp/plateveil-unit-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(directory));
	}
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

void unit_clean(void)
{
	struct dirent *e;
	DIR *d = directory[0] ? opendir(directory) : NULL;
	char path[512];

	if (!d)
		return;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			remove(path);
	}
	closedir(d);
	rmdir(directory);
	directory[0] = 0;
}

void unit_write(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	ck_assert_msg(f != NULL, "%s", path);
	ck_assert_uint_eq(fwrite(data, 1, size, f), size);
	ck_assert_int_eq(fclose(f), 0);
}

char *unit_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	char *text = calloc(1, 65536);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_lt(fread(text, 1, 65535, f), 65535);
	fclose(f);
	return text;
}
