#include "kernels/kernels.h"

#include "kernels/requantize.h"

/* TFLM shifts both operands left by 20 bits before it brings them to one scale. */
static int8_t add_one(const ear_add_shape *add, int32_t a, int32_t b) {
  int32_t shifted_a = (a - add->zero_point_a) * (1 << 20);
  int32_t shifted_b = (b - add->zero_point_b) * (1 << 20);
  int32_t sum = ear_requantize(shifted_a, add->multiplier_a, add->shift_a) +
                ear_requantize(shifted_b, add->multiplier_b, add->shift_b);
  int32_t out = ear_requantize(sum, add->out_multiplier, add->out_shift) + add->out_zero_point;
  return ear_clamp(out, add->out_min, add->out_max);
}

void ear_add(const ear_add_shape *add, const int8_t *a, const int8_t *b, int8_t *output) {
  const int32_t *sa = add->stride_a, *sb = add->stride_b;
  for (int32_t i = 0; i < add->shape[0]; i++) {
    for (int32_t j = 0; j < add->shape[1]; j++) {
      for (int32_t k = 0; k < add->shape[2]; k++) {
        const int8_t *row_a = a + i * sa[0] + j * sa[1] + k * sa[2];
        const int8_t *row_b = b + i * sb[0] + j * sb[1] + k * sb[2];
        for (int32_t l = 0; l < add->shape[3]; l++) {
          *output++ = add_one(add, row_a[l * sa[3]], row_b[l * sb[3]]);
        }
      }
    }
  }
}
