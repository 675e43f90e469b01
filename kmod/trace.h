/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: what came in, what was dealt, what was refused and why. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM plateveil

#if !defined(PV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PV_TRACE_H

#include <linux/tracepoint.h>

/* A seal that the relay accepted. */
TRACE_EVENT(seal,
	TP_PROTO(u32 veil, u32 generation, u32 size, u64 age_ns),
	TP_ARGS(veil, generation, size, age_ns),
	TP_STRUCT__entry(
		__field(u32, veil)
		__field(u32, generation)
		__field(u32, size)
		__field(u64, age_ns)
	),
	TP_fast_assign(
		__entry->veil = veil;
		__entry->generation = generation;
		__entry->size = size;
		__entry->age_ns = age_ns;
	),
	TP_printk("veil=%u generation=%u size=%u age_ns=%llu", __entry->veil,
		  __entry->generation, __entry->size, __entry->age_ns)
);

/* A picture for all viewers: so many had a buffer for it, so many had not. */
DECLARE_EVENT_CLASS(picture,
	TP_PROTO(u32 veil, u32 sequence, u32 given, u32 dropped),
	TP_ARGS(veil, sequence, given, dropped),
	TP_STRUCT__entry(
		__field(u32, veil)
		__field(u32, sequence)
		__field(u32, given)
		__field(u32, dropped)
	),
	TP_fast_assign(
		__entry->veil = veil;
		__entry->sequence = sequence;
		__entry->given = given;
		__entry->dropped = dropped;
	),
	TP_printk("veil=%u sequence=%u given=%u dropped=%u", __entry->veil,
		  __entry->sequence, __entry->given, __entry->dropped)
);

DEFINE_EVENT(picture, deal,
	TP_PROTO(u32 veil, u32 sequence, u32 given, u32 dropped),
	TP_ARGS(veil, sequence, given, dropped)
);

DEFINE_EVENT(picture, card,
	TP_PROTO(u32 veil, u32 sequence, u32 given, u32 dropped),
	TP_ARGS(veil, sequence, given, dropped)
);

/* A seal that was not accepted; the error is what VIDIOC_QBUF said or would have. */
TRACE_EVENT(refuse,
	TP_PROTO(u32 veil, u32 generation, u32 size, int error),
	TP_ARGS(veil, generation, size, error),
	TP_STRUCT__entry(
		__field(u32, veil)
		__field(u32, generation)
		__field(u32, size)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->veil = veil;
		__entry->generation = generation;
		__entry->size = size;
		__entry->error = error;
	),
	TP_printk("veil=%u generation=%u size=%u error=%d", __entry->veil,
		  __entry->generation, __entry->size, __entry->error)
);

#ifndef PV_GATE_EVENTS
#define PV_GATE_EVENTS
enum { PV_GATE_SHUT, PV_GATE_OFF, PV_GATE_REFUSED, PV_GATE_DIVERTED, PV_GATE_PASSED };
#endif

/* What happened at a camera's own node; the error is what its caller got, or 0. */
TRACE_EVENT(gate,
	TP_PROTO(const char *node, int what, int error),
	TP_ARGS(node, what, error),
	TP_STRUCT__entry(
		__array(char, node, 16)
		__field(int, what)
		__field(int, error)
	),
	TP_fast_assign(
		strscpy(__entry->node, node, sizeof(__entry->node));
		__entry->what = what;
		__entry->error = error;
	),
	TP_printk("node=%s what=%s error=%d", __entry->node,
		  __print_symbolic(__entry->what, { 0, "shut" }, { 1, "off" }, { 2, "refused" },
				   { 3, "diverted" }, { 4, "passed" }), __entry->error)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
