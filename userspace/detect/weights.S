/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The weights files, as data of the program. */
	.section .rodata
	.macro file name, path
	.balign 64
	.global \name
\name:
	.incbin "\path"
0:
	.zero 128	/* XNNPACK may read a little past what it is given */
	.balign 8
	.global \name\()_size
\name\()_size:
	.quad 0b - \name
	.endm
	file pv_network_weights, PV_WEIGHTS
	file pv_second_weights, PV_SECOND
	.section .note.GNU-stack, "", %progbits
