#include "kernels/kernels.h"

#include "kernels/requantize.h"

/* ear_requantize by a factor below 1, of twice the value. Its rounding shift adds half a unit, and
 * -1 below zero, before it shifts; where it does not shift, nothing. */
typedef struct {
  int32_t multiplier, shift, half, minus;
} factor;

static factor make_factor(int32_t multiplier, int32_t shift) {
  return (factor){multiplier, -shift, shift ? 1 << (-shift - 1) : 0, shift ? -1 : 0};
}

static inline int32_t scaled(int32_t doubled, factor f) {
  int32_t rounding = f.half + ((doubled >> 31) & f.minus);
  return ear_smmlar(doubled, f.multiplier, rounding) >> f.shift;
}

/* TFLM shifts both operands left by 20 bits before it brings them to one scale; doubled, by 21. */
static void add_row(const ear_add_shape *add, const int8_t *a, const int8_t *b, int8_t *output) {
  factor of_a = make_factor(add->multiplier_a, add->shift_a);
  factor of_b = make_factor(add->multiplier_b, add->shift_b);
  factor of_sum = make_factor(add->out_multiplier, add->out_shift);
  int32_t zero_a = add->zero_point_a * (1 << 21), zero_b = add->zero_point_b * (1 << 21);
  int32_t zero = add->out_zero_point, low = add->out_min, high = add->out_max;
  for (int8_t *end = output + add->shape[3]; output < end; output++) {
    int32_t sum = scaled(*a * (1 << 21) - zero_a, of_a) + scaled(*b * (1 << 21) - zero_b, of_b);
    *output = ear_clamp(scaled(2 * sum, of_sum) + zero, low, high);
    a += add->stride_a[3];
    b += add->stride_b[3];
  }
}

void ear_add(const ear_add_shape *add, const int8_t *a, const int8_t *b, int8_t *output) {
  const int32_t *sa = add->stride_a, *sb = add->stride_b;
  for (int32_t i = 0; i < add->shape[0]; i++) {
    for (int32_t j = 0; j < add->shape[1]; j++) {
      for (int32_t k = 0; k < add->shape[2]; k++) {
        const int8_t *row_a = a + i * sa[0] + j * sa[1] + k * sa[2];
        const int8_t *row_b = b + i * sb[0] + j * sb[1] + k * sb[2];
        add_row(add, row_a, row_b, output);
        output += add->shape[3];
      }
    }
  }
}
