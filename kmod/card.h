/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CARD_H
#define PV_CARD_H

#include "uapi/plateveil.h"

extern const struct plateveil_card pv_card_default;

/* False unless the text is printable ASCII that ends, and the colour one. */
bool pv_card_check(const struct plateveil_card *card);

/*
 * Paints the card, what viewers see instead of an unsealed frame: a title and a
 * line of text on one colour. @card has been checked; @frame has room for
 * pv_mode_size(@mode) bytes.
 * Returns how many the card has; 0: not enough memory.
 */
u32 pv_card_paint(const struct plateveil_card *card, const struct plateveil_mode *mode, u8 *frame);

#endif
