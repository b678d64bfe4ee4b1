/* Four neighbouring channels at once, one tap of the kernel after the other. A tap that hangs over
 * the edge reads a row of zero points instead. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/requantize.h"

typedef const int8_t *tap;

/* Where each tap of the kernel reads at one position. */
static void find_taps(const ear_window *w, const int8_t *input, const int8_t *outside, int32_t top,
                      int32_t left, tap *taps) {
  int32_t across = w->dilation_width * w->in_depth;
  for (int32_t ky = 0, y = top; ky < w->kernel_height; ky++, y += w->dilation_height) {
    const int8_t *place = input + (y * w->in_width + left) * w->in_depth;
    int32_t width = y >= 0 && y < w->in_height ? w->in_width : 0;
    for (int32_t kx = 0, x = left; kx < w->kernel_width; kx++, x += w->dilation_width) {
      *taps++ = x >= 0 && x < width ? place : outside;
      place += across;
    }
  }
}

/* All channels at one position; `taps` come in threes. Inlined, so that the usual kernel of 3x3 has
 * a loop of its own. */
static inline __attribute__((always_inline)) void position(const tap *taps, int32_t count,
                                                           int32_t depth, const ear_word *weights,
                                                           const ear_packed_channel *channel,
                                                           int8_t *output) {
  for (int32_t c = 0; c < depth; c += 4, channel += 4) {
    int32_t s0 = channel[0].bias, s1 = channel[1].bias, s2 = channel[2].bias, s3 = channel[3].bias;
    if (count == 9) {
      weights = ear_multiply_4(taps, 9, c, weights, &s0, &s1, &s2, &s3);
    } else {
      for (int32_t i = 0; i < count; i += 3) {
        weights = ear_multiply_4(taps + i, 3, c, weights, &s0, &s1, &s2, &s3);
      }
    }
    output[c] = ear_requantize_doubled(s0, channel);
    output[c + 1] = ear_requantize_doubled(s1, channel + 1);
    output[c + 2] = ear_requantize_doubled(s2, channel + 2);
    output[c + 3] = ear_requantize_doubled(s3, channel + 3);
  }
}

void ear_depthwise_conv_2d_packed(const ear_window *window, const int8_t *input,
                                  const int16_t *weights, const ear_packed_channel *channels,
                                  int8_t *output, void *scratch) {
  const ear_window *w = window;
  const ear_word *words = (const ear_word *)(const void *)weights;
  int32_t count = (w->kernel_height * w->kernel_width + 2) / 3 * 3;
  tap *taps = scratch;
  int8_t *outside = (int8_t *)(taps + count);
  for (int32_t i = 0; i < count; i++) taps[i] = outside;
  memset(outside, w->in_zero_point, (size_t)w->in_depth);
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t y = 0; y < w->out_height; y++) {
      for (int32_t x = 0; x < w->out_width; x++, output += w->out_depth) {
        find_taps(w, input, outside, y * w->stride_height - w->pad_top,
                  x * w->stride_width - w->pad_left, taps);
        if (count == 9) {
          position(taps, 9, w->in_depth, words, channels, output);
        } else {
          position(taps, count, w->in_depth, words, channels, output);
        }
      }
      int32_t row = w->out_width * w->out_depth;
      ear_clamp_all(output - row, row, w->out_min, w->out_max);
    }
    input += w->in_height * w->in_width * w->in_depth;
  }
}
