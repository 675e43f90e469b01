/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_VIEW_H
#define PV_VIEW_H

struct pv_veil;

void pv_view_init(struct pv_veil *veil);

#endif
