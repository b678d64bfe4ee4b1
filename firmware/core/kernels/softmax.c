/* SOFTMAX of int8 as TFLM computes it: fixed point, exp by a Taylor series and a product of powers,
 * the reciprocal by Newton's method (the algorithms of gemmlowp's fixedpoint.h). Qm stands for an
 * int32 with m integer and 31 - m fractional bits. */
#include "kernels/kernels.h"

#include "kernels/requantize.h"

#define product ear_doubling_high_product /* of Qa and Qb in Q(a + b) */

/* Powers e^-(1/4), e^-(1/2), e^-1 ... e^-16 in Q0. */
static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                 39332535,   720401,     242};

static int32_t saturating_left_shift(int32_t x, int32_t bits) {
  int32_t limit = (int32_t)(1u << (31 - bits)) - 1;
  if (x > limit) return INT32_MAX;
  if (x < -limit) return INT32_MIN;
  return (int32_t)((uint32_t)x << bits);
}

/* exp of x, -1/4 <= x < 0, in Q0: Taylor around -1/8. */
static int32_t exp_within_a_quarter(int32_t x_q0) {
  const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
  int32_t x = x_q0 + (1 << 28);
  int32_t x2 = product(x, x);
  int32_t x3 = product(x2, x);
  int32_t x4 = product(x2, x2);
  int32_t tail = ear_rounding_shift(product(ear_rounding_shift(x4, 2) + x3, third) + x2, 1);
  return exp_of_minus_eighth + product(exp_of_minus_eighth, x + tail);
}

/* exp of x <= 0 in Q5; the result in Q0. */
static int32_t exp_of(int32_t x) {
  if (x == 0) return INT32_MAX;
  const int32_t quarter = 1 << 24;
  int32_t within = (x & (quarter - 1)) - quarter;
  int32_t quarters = within - x;
  int32_t result = exp_within_a_quarter(within * (1 << 5));
  for (int i = 0; i < 7; i++) {
    if (quarters & (quarter << i)) result = product(result, powers[i]);
  }
  return result;
}

/* 1 / (1 + x) for 0 <= x < 1 in Q0: Newton's method, from 48/17 - 32/17 d. */
static int32_t reciprocal_of_one_plus(int32_t x) {
  int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  int32_t estimate = 1515870810 + product(half, -1010580540);
  for (int i = 0; i < 3; i++) {
    int32_t error = (1 << 29) - product(half, estimate);
    estimate += saturating_left_shift(product(estimate, error), 2);
  }
  return saturating_left_shift(estimate, 1);
}

static void softmax_row(int32_t depth, int32_t multiplier, int32_t left_shift, int32_t minimum,
                        const int8_t *input, int8_t *output) {
  int32_t max = -128;
  for (int32_t i = 0; i < depth; i++) max = input[i] > max ? input[i] : max;
  uint32_t sum = 0; /* Q12 */
  for (int32_t i = 0; i < depth; i++) {
    int32_t diff = input[i] - max;
    if (diff < minimum) continue;
    sum += (uint32_t)ear_rounding_shift(exp_of(ear_requantize(diff, multiplier, left_shift)), 12);
  }
  int32_t headroom = __builtin_clz(sum);
  int32_t scale = reciprocal_of_one_plus((int32_t)((sum << headroom) - (1u << 31)));
  for (int32_t i = 0; i < depth; i++) {
    int32_t diff = input[i] - max;
    int32_t out = 0;
    if (diff >= minimum) {
      int32_t share = product(scale, exp_of(ear_requantize(diff, multiplier, left_shift)));
      out = ear_rounding_shift(share, 12 - headroom + 31 - 8);
    }
    output[i] = ear_clamp(out - 128, -128, 127);
  }
}

void ear_softmax(int32_t rows, int32_t depth, int32_t multiplier, int32_t left_shift,
                 int32_t minimum, const int8_t *input, int8_t *output) {
  for (int32_t row = 0; row < rows; row++) {
    softmax_row(depth, multiplier, left_shift, minimum, input + row * depth, output + row * depth);
  }
}
