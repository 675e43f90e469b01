// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a veiler says of itself. It is not trusted: a text may lack its end, or be no text, and a
 * number be any.
 */
#ifndef PV_HEAR_H
#define PV_HEAR_H

#include "veils.h"

/* Takes note of a report, of boxes, of controls or of a breach; of other words nothing. */
void pv_hear(struct pv_veil *veil, const struct pv_message *m);

#endif
