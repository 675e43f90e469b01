// SPDX-License-Identifier: GPL-2.0-or-later
#include "frames.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (8 << 20)

static int only_jpeg(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 4 && !strcmp(d->d_name + n - 4, ".jpg");
}

int bench_load(const char *folder, struct bench_frame frames[MAX_FRAMES])
{
	struct dirent **names;
	char path[1024];
	int n = scandir(folder, &names, only_jpeg, alphasort), count = 0;

	if (n < 1) {
		fprintf(stderr, "bench: no JPEG frames in %s\n", folder);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		free(names[i]);
		if (count == MAX_FRAMES)
			continue;
		FILE *f = fopen(path, "rb");
		struct bench_frame *to = &frames[count++];
		to->data = malloc(LARGEST);
		if (!f || !to->data) {
			fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
			exit(1);
		}
		to->size = fread(to->data, 1, LARGEST, f);
		fclose(f);
	}
	free(names);
	return count;
}

int bench_rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}
