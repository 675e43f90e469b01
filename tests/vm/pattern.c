// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pictures for the leak test: pattern DIR [FRAMES]. Moving colours, and where a rule's zone will lie
 * (pattern.h) the strongest code there can be: black and white squares by chance.
 */
#include "pattern.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <turbojpeg.h>

static uint8_t rgb[PATTERN_HEIGHT][PATTERN_WIDTH][3];

static void paint(int frame)
{
	for (int y = 0; y < PATTERN_HEIGHT; y++) {
		for (int x = 0; x < PATTERN_WIDTH; x++) {
			uint8_t *p = rgb[y][x];
			int cell = pattern_cell(x, y);
			p[0] = (uint8_t)(cell < 0 ? (x + 8 * frame) % 256 : cell * 255);
			p[1] = (uint8_t)(cell < 0 ? (y + 4 * frame) % 160 : cell * 255);
			p[2] = (uint8_t)(cell < 0 ? 40 : cell * 255);
		}
	}
}

int main(int argc, char **argv)
{
	int frames = argc > 2 ? atoi(argv[2]) : 16;
	tjhandle t = tjInitCompress();
	char path[1024];

	if (argc < 2 || frames < 1 || !t) {
		fprintf(stderr, "usage: pattern DIR [FRAMES]\n");
		return 2;
	}
	mkdir(argv[1], 0755);
	for (int i = 0; i < frames; i++) {
		unsigned char *jpeg = NULL;
		unsigned long size = 0;
		paint(i);
		snprintf(path, sizeof(path), "%s/%03d.jpg", argv[1], i);
		FILE *f = fopen(path, "wb");
		if (!f || tjCompress2(t, rgb[0][0], PATTERN_WIDTH, 0, PATTERN_HEIGHT, TJPF_RGB, &jpeg,
				      &size, TJSAMP_420, 92, 0) ||
		    fwrite(jpeg, 1, size, f) != size || fclose(f)) {
			fprintf(stderr, "pattern: %s: %s\n", path, strerror(errno));
			return 1;
		}
		tjFree(jpeg);
	}
	tjDestroy(t);
	return 0;
}
