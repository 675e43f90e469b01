// SPDX-License-Identifier: GPL-2.0-or-later
/* News from outside: cameras that come and go, and the rules' files. */
#ifndef PV_WATCH_H
#define PV_WATCH_H

#include <stdbool.h>

struct pv_watch;

/* Of the rules: nothing; a file that is whole; or one that went or was begun, which may be an editor
 * about to write it: what stands there now may be less than what the user wants. */
enum pv_watched { PV_SAME, PV_UNSETTLED, PV_WRITTEN };

/* Watches video nodes and the folders of the file of rules; what cannot be watched is told to
 * stderr and done without. NULL: no memory. */
struct pv_watch *pv_watch_new(const char *rules_path);
void pv_watch_free(struct pv_watch *w);

/* The rules were read: their folders may be there by now. */
void pv_watch_again(struct pv_watch *w);

/* Descriptors to poll for reading, -1 where there is none. */
int pv_watch_devices_fd(const struct pv_watch *w);
int pv_watch_rules_fd(const struct pv_watch *w);

/* Takes in what there is; true if something did happen to a video node. */
bool pv_watch_devices(struct pv_watch *w);
/* The last that happened to the rules. */
enum pv_watched pv_watch_rules(struct pv_watch *w);
/* Whatever there is by now is what the user wants. */
void pv_watch_settled(struct pv_watch *w);

#endif
