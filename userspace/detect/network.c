// SPDX-License-Identifier: GPL-2.0-or-later
#include "network.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>
#include <zlib.h>

#define MAX_OPS 256

enum { CONV = 1, DEPTHWISE, ADD, UP };

struct op {
	uint32_t kind, source, other, in, out, kernel, stride, relu;
	float scale;
	int32_t zero;
};

/* What is known of a value while the graph is built. */
struct value {
	uint32_t id;
	size_t rows, columns, channels;
	float scale;
	int32_t zero;
};

struct pv_network {
	xnn_runtime_t runtime;
	int8_t *input;
	int8_t *outputs[PV_NETWORK_OUTPUTS][2];
	struct pv_network_output output[PV_NETWORK_OUTPUTS];
	uint8_t *copy;			/* of the weights, if they lie where no float may; else NULL */
	int8_t *stem;			/* the first filter, as XNNPACK is given it */
};

struct model {
	struct op ops[MAX_OPS];
	uint32_t outputs[PV_NETWORK_OUTPUTS][4];
	uint32_t op_count, output_count;
	size_t bytes;
	const uint8_t *weights;
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t filter_size(const struct op *op)
{
	return (size_t)op->kernel * op->kernel * op->out * (op->kind == CONV ? op->in : 1);
}

/* Bytes of a conv's filter, padded, its scales and biases. */
static size_t weights_size(const struct op *op)
{
	return ((filter_size(op) + 3) & ~(size_t)3) + 8 * (size_t)op->out;
}

static const uint8_t *parse_op(struct op *op, const uint8_t *p)
{
	uint32_t v[10];

	for (int k = 0; k < 10; k++, p += 4)
		v[k] = get32(p);
	*op = (struct op){ v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], 0, (int32_t)v[9] };
	memcpy(&op->scale, &v[8], sizeof(op->scale));
	return p;
}

static bool op_ok(const struct op *op, uint32_t i)
{
	if (op->kind < CONV || op->kind > UP || op->source > i || op->other > i || !op->in ||
	    op->in > 4096 || !op->out || op->out > 4096 || !(op->scale > 1e-9f && op->scale < 1e9f) ||
	    op->zero < -128 || op->zero > 127)
		return false;
	if (op->kind != CONV && op->in != op->out)
		return false;
	return op->kind > DEPTHWISE ||
	       ((op->kernel == 1 || op->kernel == 3) && op->stride >= 1 && op->stride <= 2);
}

static float earlier(const uint32_t output[4])
{
	float v;

	memcpy(&v, &output[3], sizeof(v));
	return v;
}

static bool output_ok(const struct model *m, const uint32_t output[4])
{
	for (int k = 1; k < 3; k++)
		if (output[k] < 1 || output[k] > m->op_count ||
		    m->ops[output[k] - 1].out != (k == 1 ? 1 : 4))
			return false;
	return fabsf(earlier(output)) < 100;
}

/* Is every value read by an operation or put out? XNNPACK aborts on one that is not. */
static bool all_used(const struct model *m)
{
	bool used[MAX_OPS + 1] = { false };

	for (uint32_t i = 0; i < m->op_count; i++) {
		used[m->ops[i].source] = true;
		if (m->ops[i].kind == ADD)
			used[m->ops[i].other] = true;
	}
	for (uint32_t i = 0; i < m->output_count; i++)
		used[m->outputs[i][1]] = used[m->outputs[i][2]] = true;
	for (uint32_t i = 0; i <= m->op_count; i++)
		if (!used[i])
			return false;
	return true;
}

/* The first operation alone sees the input, every second cell of it. */
static bool is_stem(const struct op *op)
{
	return op->kind == CONV && op->in == 4 && op->kernel == 3 && op->stride == 2 && !op->source;
}

static bool begins_with_stem(const struct model *m)
{
	for (uint32_t i = 1; i < m->op_count; i++)
		if (!m->ops[i].source || (m->ops[i].kind == ADD && !m->ops[i].other))
			return false;
	return is_stem(&m->ops[0]);
}

/* Checks the file as a whole and every number in it; NULL or what is wrong. */
static const char *parse(struct model *m, const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 32;
	size_t need = 0;

	if (size < 32 || memcmp(data, "PVNET\0\0\2", 8))
		return "not a plateveil network file of version 2";
	if (get32(data + 8) != (uint32_t)crc32(0, data + 32, (uInt)(size - 32)))
		return "damaged: its checksum does not match";
	m->op_count = get32(data + 12);
	m->output_count = get32(data + 16);
	m->bytes = get32(data + 20);
	if (m->op_count < 1 || m->op_count > MAX_OPS || m->output_count < 1 ||
	    m->output_count > PV_NETWORK_OUTPUTS ||
	    size != 32 + m->op_count * 40 + m->output_count * 16 + m->bytes)
		return "damaged: its parts do not add up";
	for (uint32_t i = 0; i < m->op_count; i++) {
		p = parse_op(&m->ops[i], p);
		if (!op_ok(&m->ops[i], i))
			return "an operation is wrong";
		if (m->ops[i].kind <= DEPTHWISE)
			need += weights_size(&m->ops[i]);
	}
	for (uint32_t i = 0; i < m->output_count; i++)
		for (int k = 0; k < 4; k++, p += 4)
			m->outputs[i][k] = get32(p);
	for (uint32_t i = 0; i < m->output_count; i++)
		if (!output_ok(m, m->outputs[i]))
			return "an output is wrong";
	if (!all_used(m))
		return "an operation leads nowhere";
	if (!begins_with_stem(m))
		return "it does not begin as such networks do";
	if (need != m->bytes)
		return "damaged: weights missing";
	m->weights = p;
	return NULL;
}

/* The filter and the biases of a conv; false when XNNPACK refuses, or a scale is no number to go by. */
static bool define_weights(xnn_subgraph_t g, const struct op *op, const uint8_t *weights, const void *filter_at,
			   const size_t shape[4], uint32_t *filter, uint32_t *bias)
{
	const float *scales = (const float *)(const void *)(weights + ((filter_size(op) + 3) & ~(size_t)3));
	const int32_t *offsets = (const int32_t *)(const void *)(scales + op->out);
	size_t count = op->out;

	for (uint32_t i = 0; i < op->out; i++)
		if (!(scales[i] > 1e-12f && scales[i] < 1e6f))
			return false;
	return xnn_define_channelwise_quantized_tensor_value(g, xnn_datatype_qcint8, scales, 4,
							     op->kind == CONV ? 0 : 3, shape, filter_at,
							     XNN_INVALID_VALUE_ID, 0, filter) == xnn_status_success &&
	       xnn_define_channelwise_quantized_tensor_value(g, xnn_datatype_qcint32, scales, 1, 0, &count, offsets,
							     XNN_INVALID_VALUE_ID, 0, bias) == xnn_status_success;
}

/*
 * Four channels are half of what XNNPACK takes at a time, and it fills up the rest with zeros. Two cells side by
 * side are eight, lie in memory as one does, and of two such pairs the filter's three columns are the last three
 * cells: the same sums, in six steps instead of nine.
 */
static bool define_stem(xnn_subgraph_t g, const struct op *op, const struct value *in, const struct value *out,
			const uint8_t *weights, int8_t *paired)
{
	const size_t shape[4] = { op->out, 3, 2, 8 };
	uint32_t filter, bias;

	for (size_t row = 0; row < 3 * (size_t)op->out; row++)
		memcpy(paired + 16 * row + 4, weights + 12 * row, 12);
	return define_weights(g, op, weights, paired, shape, &filter, &bias) &&
	       xnn_define_convolution_2d(g, 1, 0, 1, 1, 3, 2, 2, 1, 1, 1, 1, 8, op->out, op->relu ? 0.0f : -INFINITY,
					 INFINITY, in->id, filter, bias, out->id, 0) == xnn_status_success;
}

static bool define_conv(xnn_subgraph_t g, const struct op *op, const struct value *in,
			const struct value *out, const uint8_t *weights)
{
	size_t k = op->kernel, dense[4] = { op->out, k, k, op->in }, deep[4] = { 1, k, k, op->out };
	uint32_t filter, bias, pad = op->kernel / 2;
	float low = op->relu ? 0.0f : -INFINITY;

	if (!define_weights(g, op, weights, weights, op->kind == CONV ? dense : deep, &filter, &bias))
		return false;
	if (op->kind == CONV)
		return xnn_define_convolution_2d(g, pad, pad, pad, pad, op->kernel, op->kernel,
						 op->stride, op->stride, 1, 1, 1, op->in, op->out,
						 low, INFINITY, in->id, filter, bias, out->id,
						 0) == xnn_status_success;
	return xnn_define_depthwise_convolution_2d(g, pad, pad, pad, pad, op->kernel, op->kernel,
						   op->stride, op->stride, 1, 1, 1, op->in, low,
						   INFINITY, in->id, filter, bias, out->id,
						   0) == xnn_status_success;
}

/* The external id of a value that is an output, or XNN_INVALID_VALUE_ID. */
static uint32_t external_id(const struct model *m, uint32_t value)
{
	for (uint32_t i = 0; i < m->output_count; i++)
		for (uint32_t k = 0; k < 2; k++)
			if (m->outputs[i][1 + k] == value)
				return 1 + 2 * i + k;
	return XNN_INVALID_VALUE_ID;
}

static enum xnn_status define_add(xnn_subgraph_t g, float least, uint32_t a, uint32_t b, uint32_t out)
{
#ifdef XNN_DEPRECATED /* the XNNPACK of Debian 13 and later */
	const struct xnn_binary_params clip = { .output_min = least, .output_max = INFINITY };
	return xnn_define_binary(g, xnn_binary_add, &clip, a, b, out, 0);
#else
	return xnn_define_add2(g, least, INFINITY, a, b, out, 0);
#endif
}

/* Adds operation i; false when its shapes do not fit or XNNPACK refuses. */
static bool define_op(xnn_subgraph_t g, const struct model *m, uint32_t i, struct value *values,
		      const uint8_t **weights, int8_t *stem)
{
	const struct op *op = &m->ops[i];
	const struct value *in = &values[op->source], *other = &values[op->other];
	struct value *out = &values[i + 1];

	if (in->channels != op->in)
		return false;
	*out = (struct value){ 0, in->rows, in->columns, op->out, op->scale, op->zero };
	if (op->kind == UP) {
		out->rows *= 2;
		out->columns *= 2;
	} else if (op->kind <= DEPTHWISE) {
		out->rows = (out->rows + op->stride - 1) / op->stride;
		out->columns = (out->columns + op->stride - 1) / op->stride;
	} else if (other->channels != op->in || other->rows != in->rows ||
		   other->columns != in->columns) {
		return false;
	}
	uint32_t id = external_id(m, i + 1);
	size_t dims[4] = { 1, out->rows, out->columns, out->channels };
	if (xnn_define_quantized_tensor_value(g, xnn_datatype_qint8, out->zero, out->scale, 4, dims,
					      NULL, id, id == XNN_INVALID_VALUE_ID ?
						      0 : XNN_VALUE_FLAG_EXTERNAL_OUTPUT,
					      &out->id) != xnn_status_success)
		return false;
	if (op->kind == UP)
		return out->channels == op->in &&
		       xnn_define_static_resize_bilinear_2d(g, out->rows, out->columns, in->id,
							    out->id, 0) == xnn_status_success;
	if (op->kind == ADD)
		return define_add(g, op->relu ? 0.0f : -INFINITY, in->id, other->id, out->id) ==
		       xnn_status_success;
	if (!(i ? define_conv(g, op, in, out, *weights) : define_stem(g, op, in, out, *weights, stem)))
		return false;
	*weights += weights_size(op);
	return true;
}

/* XNNPACK may read a little past what it is given. */
static void *alloc_padded(size_t n)
{
	void *p = aligned_alloc(64, (n + XNN_EXTRA_BYTES + 127) & ~(size_t)63);
	if (p)
		memset(p, 0, n + XNN_EXTRA_BYTES);
	return p;
}

static const char *build(struct pv_network *n, const struct model *m, int width, int height)
{
	struct value values[MAX_OPS + 1];
	const uint8_t *weights = n->copy ? n->copy : m->weights;
	xnn_subgraph_t g;

	if (xnn_create_subgraph(1 + 2 * m->output_count, 0, &g) != xnn_status_success)
		return "not enough memory";
	values[0] = (struct value){ 0, (size_t)height / 2, (size_t)width / 2, 4, 1 / 128.0f, 0 };
	size_t dims[4] = { 1, values[0].rows, values[0].columns / 2, 8 };	/* see define_stem() */
	bool ok = xnn_define_quantized_tensor_value(g, xnn_datatype_qint8, 0, values[0].scale,
						    4, dims, NULL, 0,
						    XNN_VALUE_FLAG_EXTERNAL_INPUT,
						    &values[0].id) == xnn_status_success;
	for (uint32_t i = 0; ok && i < m->op_count; i++)
		ok = define_op(g, m, i, values, &weights, n->stem);
	/* No thread pool: one core each, and parallel work by several instances. */
	ok = ok && xnn_create_runtime_v2(g, NULL, 0, &n->runtime) == xnn_status_success;
	xnn_delete_subgraph(g);
	if (!ok)
		return "XNNPACK does not take its operations";

	struct xnn_external_value ext[1 + 2 * PV_NETWORK_OUTPUTS];
	n->input = alloc_padded(4 * values[0].rows * values[0].columns);
	ext[0] = (struct xnn_external_value){ 0, n->input };
	ok = n->input != NULL;
	for (uint32_t i = 0; i < m->output_count; i++) {
		const struct value *v = &values[m->outputs[i][1]];
		const struct value *b = &values[m->outputs[i][2]];
		size_t cells = v->rows * v->columns;
		if (b->rows != v->rows || b->columns != v->columns)
			return "an output's score and box differ in size";
		for (uint32_t k = 0; k < 2; k++) {
			n->outputs[i][k] = alloc_padded(cells * (k ? 4 : 1));
			ext[1 + 2 * i + k] = (struct xnn_external_value){ 1 + 2 * i + k,
									  n->outputs[i][k] };
			ok = ok && n->outputs[i][k];
		}
		n->output[i] = (struct pv_network_output){ (int)m->outputs[i][0], (int)v->columns,
							   (int)v->rows, n->outputs[i][0],
							   n->outputs[i][1], v->scale, b->scale,
							   v->zero, b->zero,
							   earlier(m->outputs[i]) };
	}
	if (!ok || xnn_setup_runtime(n->runtime, 1 + 2 * m->output_count, ext) !=
			   xnn_status_success)
		return "not enough memory";
	return NULL;
}

struct pv_network *pv_network_new(const uint8_t *data, size_t size, int outputs, int width, int height,
				  char *error, size_t error_size)
{
	struct pv_network *n = calloc(1, sizeof(*n));
	struct model *m = calloc(1, sizeof(*m));
	const char *why = "not enough memory";

	if (!n || !m)
		goto fail;
	why = "its input size must be a positive multiple of 32";
	if (width < PV_NETWORK_MULTIPLE || height < PV_NETWORK_MULTIPLE ||
	    (width | height) % PV_NETWORK_MULTIPLE)
		goto fail;
	why = parse(m, data, size);
	if (why)
		goto fail;
	why = "of another kind: it has not as many outputs as are wanted";
	if (outputs < 0 || m->output_count != (uint32_t)outputs)
		goto fail;
	why = "XNNPACK does not run on this processor";
	if (xnn_initialize(NULL) != xnn_status_success)
		goto fail;
	why = "not enough memory";
	n->stem = alloc_padded(3 * 16 * (size_t)m->ops[0].out);
	if (!n->stem)
		goto fail;
	if ((uintptr_t)m->weights % _Alignof(float)) {
		n->copy = alloc_padded(m->bytes);
		if (!n->copy)
			goto fail;
		memcpy(n->copy, m->weights, m->bytes);
	}
	why = build(n, m, width, height);
	if (why)
		goto fail;
	free(m);
	return n;
fail:
	snprintf(error, error_size, "plate network: %s", why);
	free(m);
	pv_network_free(n);
	return NULL;
}

void pv_network_free(struct pv_network *n)
{
	if (!n)
		return;
	if (n->runtime)
		xnn_delete_runtime(n->runtime);
	for (int i = 0; i < PV_NETWORK_OUTPUTS; i++)
		for (int k = 0; k < 2; k++)
			free(n->outputs[i][k]);
	free(n->input);
	free(n->stem);
	free(n->copy);
	free(n);
}

int8_t *pv_network_input(struct pv_network *n)
{
	return n->input;
}

int pv_network_run(struct pv_network *n)
{
	return xnn_invoke_runtime(n->runtime) == xnn_status_success ? 0 : -1;
}

const struct pv_network_output *pv_network_output(const struct pv_network *n, int i)
{
	return &n->output[i];
}
