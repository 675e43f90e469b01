/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CARD_H
#define PV_CARD_H

#include "uapi/plateveil.h"

/*
 * Paints the card, what viewers see instead of an unsealed frame: light letters
 * on dark grey, without colour. @frame has room for pv_mode_size(@mode) bytes.
 * Returns how many the card has; 0: not enough memory.
 */
u32 pv_card_paint(const struct plateveil_mode *mode, u8 *frame);

#endif
