/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The weights file, as data of the program. */
	.section .rodata
	.balign 64
	.global pv_network_weights
pv_network_weights:
	.incbin PV_WEIGHTS
0:
	.balign 8
	.global pv_network_weights_size
pv_network_weights_size:
	.quad 0b - pv_network_weights
	.section .note.GNU-stack, "", %progbits
