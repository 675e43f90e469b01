// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PV_VECTORS before a function has it compiled for AVX2, too, and which of both is called is found out once, when
 * the program starts. For loops over pixels: what they compute is the same. (XNNPACK chooses by itself.)
 */
#ifndef PV_VECTORS_H
#define PV_VECTORS_H

#if defined(__x86_64__) && !defined(__clang__)	/* whose clones collide, those of static functions too */
#define PV_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define PV_VECTORS
#endif

#endif
