/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PV_CARD_H
#define PV_CARD_H

#include "uapi/plateveil.h"

/*
 * Paints the card, what viewers see instead of an unsealed frame: light letters
 * on dark grey, without colour. @frame has pv_mode_size(@mode) bytes.
 */
void pv_card_paint(const struct plateveil_mode *mode, u8 *frame);

#endif
