// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PV_VECTORS before a function has it compiled for AVX2, too, and which of both is called is found out once, when
 * the program starts. For loops over pixels: what they compute is the same. (XNNPACK chooses by itself.)
 */
#ifndef PV_VECTORS_H
#define PV_VECTORS_H

#ifdef __x86_64__
#define PV_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define PV_VECTORS
#endif

#endif
