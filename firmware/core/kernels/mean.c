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

void ear_mean(const ear_mean_shape *mean, const int8_t *input, int8_t *output) {
  for (int32_t i = 0; i < mean->kept[0]; i++) {
    for (int32_t j = 0; j < mean->kept[1]; j++) {
      const int8_t *x = input + i * mean->kept_stride[0] + j * mean->kept_stride[1];
      for (int32_t k = 0; k < mean->kept[2]; k++)
        *output++ = mean_of(mean, x + k * mean->kept_stride[2]);
    }
  }
}
