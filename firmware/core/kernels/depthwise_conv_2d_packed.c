/* Four neighbouring channels at once, two taps of the kernel at a time: PKHBT and PKHTB pair the
 * taps of one channel for SMLAD. A tap that hangs over the edge reads a row of zero points instead.
 */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/requantize.h"

typedef const int8_t *tap;

/* Where each tap of the kernel reads at one position; an odd number is filled up. */
static void find_taps(const ear_window *w, const int8_t *input, const int8_t *outside, int32_t top,
                      int32_t left, tap *taps) {
  for (int32_t ky = 0; ky < w->kernel_height; ky++) {
    for (int32_t kx = 0; kx < w->kernel_width; kx++) {
      int32_t y = top + ky * w->dilation_height, x = left + kx * w->dilation_width;
      int is_inside = y >= 0 && y < w->in_height && x >= 0 && x < w->in_width;
      *taps++ = is_inside ? input + (y * w->in_width + x) * w->in_depth : outside;
    }
  }
  if (w->kernel_height * w->kernel_width % 2) *taps = outside;
}

static inline void two_taps(uint32_t x, uint32_t y, const ear_word *w, int32_t sum[4]) {
  uint32_t x02 = ear_sxtb16(x), x13 = ear_sxtb16_odd(x);
  uint32_t y02 = ear_sxtb16(y), y13 = ear_sxtb16_odd(y);
  sum[0] = ear_smlad(ear_pkhbt(x02, y02), w[0], sum[0]);
  sum[2] = ear_smlad(ear_pkhtb(x02, y02), w[1], sum[2]);
  sum[1] = ear_smlad(ear_pkhbt(x13, y13), w[2], sum[1]);
  sum[3] = ear_smlad(ear_pkhtb(x13, y13), w[3], sum[3]);
}

static void position(const ear_window *w, const tap *taps, int32_t pairs, const ear_word *weights,
                     const ear_packed_channel *channels, int8_t *output) {
  for (int32_t c = 0; c < w->in_depth; c += 4, channels += 4) {
    int32_t sum[4] = {channels[0].bias, channels[1].bias, channels[2].bias, channels[3].bias};
    for (int32_t i = 0; i < pairs; i++, weights += 4) {
      two_taps(ear_load32(taps[2 * i] + c), ear_load32(taps[2 * i + 1] + c), weights, sum);
    }
    for (int i = 0; i < 4; i++) {
      output[c + i] = ear_clamp(ear_requantize_packed(ear_doubled(sum[i]), channels + i),
                                w->out_min, w->out_max);
    }
  }
}

void ear_depthwise_conv_2d_packed(const ear_window *window, const int8_t *input,
                                  const int16_t *weights, const ear_packed_channel *channels,
                                  int8_t *output, void *scratch) {
  const ear_window *w = window;
  const ear_word *words = (const ear_word *)(const void *)weights;
  int32_t pairs = (w->kernel_height * w->kernel_width + 1) / 2;
  tap *taps = scratch;
  int8_t *outside = (int8_t *)(taps + 2 * pairs);
  memset(outside, w->in_zero_point, (size_t)w->in_depth);
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t y = 0; y < w->out_height; y++) {
      for (int32_t x = 0; x < w->out_width; x++, output += w->out_depth) {
        find_taps(w, input, outside, y * w->stride_height - w->pad_top,
                  x * w->stride_width - w->pad_left, taps);
        position(w, taps, pairs, words, channels, output);
      }
    }
    input += w->in_height * w->in_width * w->in_depth;
  }
}
