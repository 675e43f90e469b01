// SPDX-License-Identifier: GPL-2.0-or-later
/* post.c - from linear light to what a small camera delivers: lens blur,
 * glare, vignetting, sensor noise, tone curve, JPEG. */
#include "scene.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

int post_init(Post *p, int w, int h, int quality)
{
	size_t n = (size_t)w * (size_t)h * 3;

	p->w = w;
	p->h = h;
	p->quality = quality;
	p->a = must_alloc(n, sizeof(float));
	p->b = must_alloc(n, sizeof(float));
	p->bytes = must_alloc(n, 1);
	p->tj = tjInitCompress();
	if (!p->tj) {
		fprintf(stderr, "scene: turbojpeg: %s\n", tjGetErrorStr());
		return -1;
	}
	return 0;
}

void post_free(Post *p)
{
	free(p->a);
	free(p->b);
	free(p->bytes);
	if (p->tj)
		tjDestroy(p->tj);
}

/* Gaussian along one axis, three channels; radius at most 24. */
static void blur_axis(const float *src, float *dst, int w, int h, float sigma,
		      int vertical)
{
	int r = (int)ceilf(sigma * 2.5f), n = vertical ? h : w;
	float k[49], sum = 0;

	r = r > 24 ? 24 : r;
	for (int i = -r; i <= r; i++)
		sum += k[i + r] = expf(-(float)(i * i) / (2 * sigma * sigma));
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			float acc[3] = { 0, 0, 0 };
			int at = vertical ? y : x;

			for (int i = -r; i <= r; i++) {
				int o = at + i < 0 ? 0 :
					at + i >= n ? n - 1 : at + i;
				const float *q = src + 3 * (vertical ?
					o * w + x : y * w + o);

				for (int c = 0; c < 3; c++)
					acc[c] += q[c] * k[i + r];
			}
			for (int c = 0; c < 3; c++)
				dst[3 * (y * w + x) + c] = acc[c] / sum;
		}
}

/* Glare: the bright parts, blurred at an eighth of the size. */
static void add_bloom(Post *p, const float *rgb, float *out, float amount)
{
	int sw = p->w / 8, sh = p->h / 8;

	for (int y = 0; y < sh; y++)
		for (int x = 0; x < sw; x++)
			for (int c = 0; c < 3; c++) {
				float s = 0;

				for (int i = 0; i < 64; i++) {
					float t = rgb[3 * ((y * 8 + i / 8) *
						p->w + x * 8 + i % 8) + c];

					s += t > 1 ? t - 1 : 0;
				}
				p->b[3 * (y * sw + x) + c] = s / 64;
			}
	blur_axis(p->b, p->b + 3 * sw * sh, sw, sh, 2.6f, 0);
	blur_axis(p->b + 3 * sw * sh, p->b, sw, sh, 2.6f, 1);
	for (int y = 0; y < p->h; y++)
		for (int x = 0; x < p->w; x++) {
			float fx = ((float)x + 0.5f) / 8 - 0.5f;
			float fy = ((float)y + 0.5f) / 8 - 0.5f;
			int x0, y0, x1, y1;

			fx = fx < 0 ? 0 : fx > (float)sw - 1 ? (float)sw - 1 : fx;
			fy = fy < 0 ? 0 : fy > (float)sh - 1 ? (float)sh - 1 : fy;
			x0 = (int)fx;
			y0 = (int)fy;
			x1 = x0 + 1 < sw ? x0 + 1 : x0;
			y1 = y0 + 1 < sh ? y0 + 1 : y0;
			fx -= (float)x0;
			fy -= (float)y0;
			for (int c = 0; c < 3; c++) {
				float a = mixf(p->b[3 * (y0 * sw + x0) + c],
					       p->b[3 * (y0 * sw + x1) + c], fx);
				float b = mixf(p->b[3 * (y1 * sw + x0) + c],
					       p->b[3 * (y1 * sw + x1) + c], fx);

				out[3 * (y * p->w + x) + c] +=
					amount * mixf(a, b, fy);
			}
		}
}

/* A film-like curve: straight in the shadows, soft near white. */
static float tone(float v)
{
	float s = v < 0.0031308f ? 12.92f * v :
		  1.055f * powf(v, 1 / 2.4f) - 0.055f;

	if (s > 0.75f)
		s = 0.75f + 0.25f * (1 - expf(-(s - 0.75f) / 0.25f));
	/* A little contrast. */
	return clamp01(s + 0.05f * (s - 0.5f) * 4 * s * (1 - s));
}

/* Table for tone(), which is costly to call for every sample. */
static float tone_fast(float v)
{
	static float table[4097];

	if (table[4096] == 0)
		for (int i = 0; i <= 4096; i++) {
			float t = (float)i / 4096;

			table[i] = tone(t * t * 8);
		}
	v = v <= 0 ? 0 : sqrtf(v / 8) * 4096;
	return table[v >= 4096 ? 4096 : (int)v];
}

static void develop_pixel(const Post *p, const Light *l, const float *in,
			  int x, int y, Rng *r, uint8_t *out)
{
	float dx = ((float)x / (float)p->w - 0.5f) * 2;
	float dy = ((float)y / (float)p->h - 0.5f) * 1.2f;
	float vig = (1 - 0.17f * (dx * dx + dy * dy)) * l->exposure;
	/* Sum of uniforms: near enough to a normal distribution. */
	float luma_noise = rng_unit(r) + rng_unit(r) + rng_unit(r) - 1.5f;

	for (int c = 0; c < 3; c++) {
		float lin = in[c] * vig;
		float v = tone_fast(lin);
		float own = rng_unit(r) + rng_unit(r) - 1;
		/* Shot noise: strongest in the darker middle tones. */
		float amp = l->noise * (1.5f - v) *
			    (c == 2 ? 1.5f : c == 0 ? 1.2f : 1.0f);

		v += amp * (1.5f * luma_noise + 0.8f * own);
		out[c] = (uint8_t)(clamp01(v) * 255 + 0.5f);
	}
}

void post_develop(Post *p, const Light *l, float *rgb, uint32_t seed)
{
	float sigma = 0.62f * (float)p->w / 1280.0f;
	Rng r = { seed };

	sigma = sigma < 0.4f ? 0.4f : sigma;
	blur_axis(rgb, p->b, p->w, p->h, sigma, 0);
	blur_axis(p->b, p->a, p->w, p->h, sigma, 1);
	add_bloom(p, rgb, p->a, l->bloom * 4);
	for (int y = 0; y < p->h; y++)
		for (int x = 0; x < p->w; x++) {
			size_t i = 3 * ((size_t)y * (size_t)p->w + (size_t)x);

			develop_pixel(p, l, p->a + i, x, y, &r, p->bytes + i);
		}
}

int post_write(Post *p, const char *path)
{
	unsigned char *jpeg = NULL;
	unsigned long size = 0;
	FILE *f;
	int bad;

	if (tjCompress2(p->tj, p->bytes, p->w, 0, p->h, TJPF_RGB, &jpeg, &size,
			TJSAMP_420, p->quality, 0)) {
		fprintf(stderr, "scene: turbojpeg: %s\n",
			tjGetErrorStr2(p->tj));
		return -1;
	}
	f = fopen(path, "wb");
	if (!f) {
		fprintf(stderr, "scene: %s: %s\n", path, strerror(errno));
		tjFree(jpeg);
		return -1;
	}
	/* A full disk may show only when the buffer is written out. */
	bad = fwrite(jpeg, 1, size, f) != size;
	if (fclose(f) || bad) {
		fprintf(stderr, "scene: %s: cannot write: %s\n", path,
			strerror(errno));
		bad = 1;
	}
	tjFree(jpeg);
	return bad ? -1 : 0;
}
