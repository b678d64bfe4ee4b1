#include "kernels/kernels.h"

#include "kernels/requantize.h"

static int8_t mean_of(const ear_mean_shape *m, const int8_t *input) {
  int32_t sum = 0;
  for (int32_t i = 0; i < m->reduced[0]; i++) {
    const int8_t *x = input + i * m->reduced_stride[0];
    for (int32_t j = 0; j < m->reduced[1]; j++) sum += x[j * m->reduced_stride[1]];
  }
  int32_t out = ear_requantize(sum - m->offset, m->multiplier, m->shift);
  return ear_clamp(out + m->out_zero_point, -128, 127);
}

/* Four neighbours at once, `count` rows of them. Sums of pairs of up to 256 values fit in int16. */
static void means_of_4(const ear_mean_shape *m, const int8_t *input, int32_t count,
                       int8_t *output) {
  uint32_t even = 0, odd = 0;
  for (; count > 0; count--, input += m->reduced_stride[1]) {
    uint32_t word = ear_load32(input);
    even = ear_sxtab16(even, word);
    odd = ear_sxtab16_odd(odd, word);
  }
  for (int i = 0; i < 4; i++) {
    uint32_t pair = i & 1 ? odd : even;
    int32_t sum = (int16_t)(i & 2 ? pair >> 16 : pair);
    int32_t out = ear_requantize(sum - m->offset, m->multiplier, m->shift);
    output[i] = ear_clamp(out + m->out_zero_point, -128, 127);
  }
}

void ear_mean(const ear_mean_shape *mean, const int8_t *input, int8_t *output) {
  const ear_mean_shape *m = mean;
  int32_t fours = m->reduced[0] == 1 && m->reduced[1] <= 256 && m->kept_stride[2] == 1;
  for (int32_t i = 0; i < m->kept[0]; i++) {
    for (int32_t j = 0; j < m->kept[1]; j++) {
      const int8_t *x = input + i * m->kept_stride[0] + j * m->kept_stride[1];
      int32_t k = 0;
      for (; fours && m->kept[2] - k >= 4; k += 4, output += 4) {
        means_of_4(m, x + k, m->reduced[1], output);
      }
      for (; k < m->kept[2]; k++) *output++ = mean_of(m, x + k * m->kept_stride[2]);
    }
  }
}
