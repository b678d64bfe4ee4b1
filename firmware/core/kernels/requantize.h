/* TFLite Micro's requantisation: it rounds twice, once in the high multiplication, once in the
 * shift. */
#ifndef EAR_REQUANTIZE_H
#define EAR_REQUANTIZE_H

#include <stdint.h>

#include "dsp.h"
#include "kernels/kernels.h"

/* x / 2^bits, rounded half away from zero; bits 0..31. */
static inline int32_t ear_rounding_shift(int32_t x, int32_t bits) {
  int32_t mask = (int32_t)((1u << bits) - 1);
  int32_t threshold = (mask >> 1) + (x < 0);
  return (x >> bits) + ((x & mask) > threshold);
}

/* x * y / 2^31, rounded half up; not for x = y = INT32_MIN. */
static inline int32_t ear_doubling_high_product(int32_t x, int32_t y) {
  return (int32_t)(((int64_t)x * y + (1 << 30)) >> 31);
}

/* x * multiplier * 2^(shift - 31), rounded as TFLM does.
 *
 * x           any; x << shift wraps modulo 2^32 where shift is positive
 * multiplier  0 or 2^30..2^31 - 1
 * shift       -31..31; negative to the right
 */
static inline int32_t ear_requantize(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t shifted = shift > 0 ? (int32_t)((uint32_t)x << shift) : x;
  return ear_rounding_shift(ear_doubling_high_product(shifted, multiplier), shift > 0 ? 0 : -shift);
}

static inline int8_t ear_clamp(int32_t x, int32_t low, int32_t high) {
  return (int8_t)(x < low ? low : x > high ? high : x);
}

/* ear_requantize, zero point and clamping to int8 in five instructions, of twice the sum.
 *
 * Doubling turns the doubling high multiplication into SMMLAR. A rounding shift by n adds 2^(n-1),
 * and -1 below zero, before it shifts; the zero point may be added before the shift as well, so
 * that both are one constant. The sign of the sum serves for that of the product: they differ only
 * where the product rounds to 0, and there -1 changes nothing. Shifting by n-1 and then by 1 leaves
 * the latter to SSAT. */
static inline int8_t ear_requantize_doubled(int32_t doubled, const ear_packed_channel *c) {
  int32_t rounded = ear_smmlar(doubled, c->multiplier, c->rounding + (doubled >> 31));
  return ear_ssat8_half(rounded >> c->shift);
}

/* The same in the assembly of inner loops: r0 multiplier, r1 shift, r2 rounding; lr is lost. */
#define EAR_REQUANTIZE_DOUBLED(sum) \
  "add lr, r2, " sum                \
  ", asr #31\n\t"                   \
  "smmlar " sum ", " sum            \
  ", r0, lr\n\t"                    \
  "asr " sum                        \
  ", r1\n\t"                        \
  "ssat " sum ", #8, " sum ", asr #1\n\t"

/* ear_requantize_doubled of the sum itself. */
static inline int8_t ear_requantize_packed(int32_t sum, const ear_packed_channel *c) {
  int32_t doubled = (int32_t)((uint32_t)sum << 1);
  int32_t rounded = ear_smmlar(doubled, c->multiplier, c->rounding + (sum >> 31));
  return ear_ssat8_half(rounded >> c->shift);
}

/* Clamps what is in -128..127 already; nothing to do for the ReLU of a zero point of -128. */
static inline void ear_clamp_all(int8_t *values, int32_t count, int32_t low, int32_t high) {
  if (low == -128 && high == 127) return;
  for (int32_t i = 0; i < count; i++) values[i] = ear_clamp(values[i], low, high);
}

#endif
