// SPDX-License-Identifier: GPL-2.0-or-later
#include "ffmpeg.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static AVCodecContext *in, *out;
static AVFrame *frame;
static AVPacket *from, *to;

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench: ffmpeg: %s failed\n", what);
	exit(1);
}

static void open_decoder(void)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG);

	av_log_set_level(AV_LOG_ERROR);
	in = avcodec_alloc_context3(codec);
	frame = av_frame_alloc();
	from = av_packet_alloc();
	to = av_packet_alloc();
	need(in && frame && from && to, "memory");
	in->thread_count = 1;
	need(!avcodec_open2(in, codec, NULL), "the decoder");
}

static void open_encoder(int quality)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);

	avcodec_free_context(&out);
	out = avcodec_alloc_context3(codec);
	need(out != NULL, "memory");
	out->thread_count = 1;
	out->width = frame->width;
	out->height = frame->height;
	out->pix_fmt = frame->format;
	out->color_range = AVCOL_RANGE_JPEG;
	out->time_base = (AVRational){ 1, 30 };
	out->flags |= AV_CODEC_FLAG_QSCALE;
	out->global_quality = quality * FF_QP2LAMBDA;
	need(!avcodec_open2(out, codec, NULL), "the encoder");
}

static size_t encode(int quality)
{
	static int64_t pts;

	frame->pts = pts++;
	frame->quality = quality * FF_QP2LAMBDA;
	frame->pict_type = AV_PICTURE_TYPE_I;
	need(!avcodec_send_frame(out, frame) && !avcodec_receive_packet(out, to), "encoding");
	size_t made = (size_t)to->size;
	av_packet_unref(to);
	return made;
}

size_t bench_ffmpeg(const uint8_t *jpeg, size_t size)
{
	static int quality;

	if (!in)
		open_decoder();
	need(!av_new_packet(from, (int)size), "memory");
	memcpy(from->data, jpeg, size);
	need(!avcodec_send_packet(in, from) && !avcodec_receive_frame(in, frame), "decoding");
	av_packet_unref(from);
	/* The coarsest that is still as large. */
	for (int q = 31; !quality; q--) {
		open_encoder(q);
		if (encode(q) >= size || q == 2)
			quality = q;
	}
	return encode(quality);
}
