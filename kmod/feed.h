/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_FEED_H
#define PV_FEED_H

struct pv_buffer;
struct pv_veil;

int pv_feed_init(struct pv_veil *veil);
void pv_feed_announce(struct pv_veil *veil);
struct pv_buffer *pv_feed_take(struct pv_veil *veil);

#endif
