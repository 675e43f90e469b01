// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A search at one size and what is coarser: detect.h says how. All as there, where not said otherwise.
 *
 * A find of the last frame that is not found again is looked for there in the next frames, too: a plate that stands
 * and is missed once, in noise, would else be missed until its piece's turn comes.
 */
#ifndef PV_SEARCH_H
#define PV_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/detect.h"

struct pv_search;

/* Of pictures of width x height brought to `side` pixels, at least 1, along their longer side. With `doubts` what is
 * doubtful is looked for once more (doubt.h). */
struct pv_search *pv_search_new(int width, int height, int side, bool doubts, enum pv_footage footage, char *error,
				size_t size);
void pv_search_free(struct pv_search *s);
int pv_search_share(struct pv_search *s, struct pv_pair *pair, char *error, size_t size);
void pv_search_refresh(struct pv_search *s, int pieces);

/* A photo; the next frame of a video; a picture without the second look. */
int pv_search_run(struct pv_search *s, const uint8_t *luma, size_t stride, float min_score, struct pv_detection *out,
		  int max);
int pv_search_follow(struct pv_search *s, const uint8_t *luma, size_t stride, float min_score,
		     struct pv_detection *out, int max);
int pv_search_first(struct pv_search *s, const uint8_t *luma, size_t stride, float min_score,
		    struct pv_detection *out, int max);

/* Were there more finds than fit, down to a score of `crowd` or one that is to be veiled in any case? */
bool pv_search_crowded(const struct pv_search *s, float crowd);

int pv_search_looks(const struct pv_search *s);
/* Pixels that the last search ran over, and that one of all would, over all scales. */
long pv_search_done(const struct pv_search *s);
long pv_search_all(const struct pv_search *s);

#endif
