// SPDX-License-Identifier: GPL-2.0-or-later
/* What the detector finds in a raw luma plane, as a photo and as video: finds FILE WIDTH HEIGHT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detect.h"

static void print(const char *what, const struct pv_detection *d, int n)
{
	for (int i = 0; i < n; i++)
		printf("%s %.2f %.2f %.2f %.2f %.4f\n", what, (double)d[i].x0, (double)d[i].y0,
		       (double)d[i].x1, (double)d[i].y1, (double)d[i].score);
}

int main(int argc, char **argv)
{
	struct pv_detection found[PV_MAX_DETECTIONS];
	char why[200];

	if (argc != 4)
		return 2;
	int w = atoi(argv[2]), h = atoi(argv[3]);
	size_t size = (size_t)w * (size_t)h;
	uint8_t *luma = malloc(size);
	FILE *f = fopen(argv[1], "rb");
	if (!f || !luma || fread(luma, 1, size, f) != size) {
		fprintf(stderr, "finds: %s: not %dx%d bytes of luma\n", argv[1], w, h);
		return 1;
	}
	fclose(f);
	struct pv_detector *d = pv_detector_new(w, h, 1920, PV_VIDEO, why, sizeof(why));
	if (!d) {
		fprintf(stderr, "finds: %s\n", why);
		return 1;
	}
	print("photo", found, pv_detector_run(d, luma, (size_t)w, 0.05f, found, PV_MAX_DETECTIONS));
	for (int i = 0; i < 3; i++) {	/* the left quarter slides down */
		for (int y = h - 1; y >= 8; y--)
			memcpy(luma + (size_t)y * (size_t)w, luma + (size_t)(y - 8) * (size_t)w, (size_t)w / 4);
		print("video", found, pv_detector_follow(d, luma, (size_t)w, 0.05f, found, PV_MAX_DETECTIONS));
	}
	pv_detector_free(d);
	free(luma);
	return 0;
}
