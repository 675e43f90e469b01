// SPDX-License-Identifier: GPL-2.0-or-later
/* What others do to change a JPEG picture: ffmpeg's decoder to pixels and its encoder back. */
#ifndef BENCH_FFMPEG_H
#define BENCH_FFMPEG_H

#include <stddef.h>
#include <stdint.h>

/* One thread each; the encoder's quality is found by the first picture, so that sizes are about
 * the same. Returns the bytes that came out; ends the program if anything fails. */
size_t bench_ffmpeg(const uint8_t *jpeg, size_t size);

#endif
