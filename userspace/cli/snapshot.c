// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "draw.h"

#define PATIENCE 10	/* seconds for the camera to wake */

/* The veiler's numbers may be any. */
static double within(double v)
{
	return v > 0 ? v < PV_MAX_SIDE ? v : PV_MAX_SIDE : 0;
}

/* Outlines what the picture was veiled for, and tells of it; how many, or -1 if the veiler does not say. */
static int draw_boxes(struct pv_view_picture *p, const char *view, FILE *to)
{
	cJSON *answer, *frame, *box;
	int n = -1;

	if (pv_ask("boxes", view, &answer))
		return -1;
	cJSON_ArrayForEach(frame, cJSON_GetObjectItem(answer, "frames")) {
		if ((uint64_t)pv_number(frame, "time") != p->time_us)
			continue;
		n = 0;
		cJSON_ArrayForEach(box, cJSON_GetObjectItem(frame, "boxes")) {
			double v[5] = { 0 };
			for (int i = 0; i < 5; i++)
				v[i] = within(cJSON_GetNumberValue(cJSON_GetArrayItem(box, i)));
			struct pv_box b = { (int)v[0], (int)v[1], (int)v[2] + 1, (int)v[3] + 1 };
			pv_draw_box(&p->frame, &b, v[4] < 1 ? v[4] : 1);
			fprintf(to, "%d %d %d %d  score %.2f\n", b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0, v[4]);
			n++;
		}
	}
	cJSON_Delete(answer);
	return n;
}

int pv_cmd_snapshot(int argc, char **argv)
{
	const char *camera = pv_option_value(&argc, argv, "--camera");
	bool boxes = pv_option(&argc, argv, "--boxes");
	struct pv_view_picture p = { .card = false };
	const struct timespec moment = { .tv_nsec = 150000000 };
	char view[32];
	cJSON *answer;
	int found = -1;

	if (argc != 2 || pv_is_option(argv[1]))
		return pv_usage("snapshot");
	if (!pv_view_find(camera, view, sizeof(view)))
		return PV_FAILED;
	/* From now on the veiler tells; so that it has told of the picture we take. */
	enum pv_asked asked = boxes ? pv_ask("boxes", view, &answer) : PV_ASKED;
	if (asked)
		return asked == PV_ASKED_REFUSED ? PV_FAILED :
			       pv_fail("--boxes needs plateveild, and root or the group plateveil");
	if (boxes)
		cJSON_Delete(answer);
	for (int tries = 0; tries < 5 && found < 0; tries++) {
		pv_frame_free(&p.frame);
		if (pv_view_take(view, PATIENCE, &p))
			return PV_FAILED;
		if (!boxes || p.card)
			break;
		/* The veiler tells of a frame a moment after it was sealed. */
		for (int waits = 0; waits < 3 && (found = draw_boxes(&p, view, pv_file_tell(argv[1]))) < 0; waits++)
			nanosleep(&moment, NULL);
	}
	int err = pv_draw_save(&p.frame, argv[1]);
	if (!err && p.card)
		err = pv_fail("%s shows the card, or a frame veiled whole: none came in %d seconds that "
			      "shows more; see `plateveil status`", argv[1], PATIENCE);
	else if (!err && boxes && found < 0)
		err = pv_fail("%s has no boxes: the veiler did not tell of that picture", argv[1]);
	pv_frame_free(&p.frame);
	return err;
}
