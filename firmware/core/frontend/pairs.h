/* Arithmetic on pairs of int16 in one 32-bit word: a complex number (real part low) or two samples.
 *
 * Each function has a portable body, which defines the result, and one of the Cortex-M4's DSP
 * instructions. Sums wrap as int16 does.
 */
#ifndef EAR_PAIRS_H
#define EAR_PAIRS_H

#include <stdint.h>

#include "dsp.h"

typedef uint32_t ear_pair;

#define EAR_LOWER_BITS 0x7FFF7FFFu
#define EAR_ROUND (1 << 14) /* half a unit of the int16 that a product of fractions becomes */

static inline int32_t ear_low(ear_pair a) {
  return (int32_t)(a << 16) >> 16;
}
static inline int32_t ear_high(ear_pair a) {
  return (int32_t)a >> 16;
}

static inline ear_pair ear_join(int32_t low, int32_t high) {
  return ((uint32_t)low & 0xFFFFu) | (uint32_t)high << 16;
}

/* Two products of fractions, back to int16. */
static inline ear_pair ear_join_products(int32_t low, int32_t high) {
#if EAR_DSP
  ear_pair pair;
  __asm__("pkhbt %0, %1, %2, lsl #1" : "=r"(pair) : "r"(low >> 15), "r"(high));
  return pair;
#else
  return ear_join(low >> 15, high >> 15);
#endif
}

static inline ear_pair ear_pair_add(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ((a & EAR_LOWER_BITS) + (b & EAR_LOWER_BITS)) ^ ((a ^ b) & ~EAR_LOWER_BITS);
#endif
}

static inline ear_pair ear_pair_subtract(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("ssub16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ((a | ~EAR_LOWER_BITS) - (b & EAR_LOWER_BITS)) ^ ((a ^ ~b) & ~EAR_LOWER_BITS);
#endif
}

/* a + i * b */
static inline ear_pair ear_pair_add_turned(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("sasx %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ((a - (b >> 16)) & 0xFFFFu) | ((a & 0xFFFF0000u) + (b << 16));
#endif
}

/* a - i * b */
static inline ear_pair ear_pair_subtract_turned(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("ssax %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ((a + (b >> 16)) & 0xFFFFu) | ((a & 0xFFFF0000u) - (b << 16));
#endif
}

/* (a + b) / 2, rounded down */
static inline ear_pair ear_pair_half_add(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("shadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ear_join((ear_low(a) + ear_low(b)) >> 1, (ear_high(a) + ear_high(b)) >> 1);
#endif
}

/* (a - b) / 2, rounded down */
static inline ear_pair ear_pair_half_subtract(ear_pair a, ear_pair b) {
#if EAR_DSP
  ear_pair result;
  __asm__("shsub16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return ear_join((ear_low(a) - ear_low(b)) >> 1, (ear_high(a) - ear_high(b)) >> 1);
#endif
}

/* (low * low_factor, high * high_factor), fractions, rounded to nearest. */
static inline ear_pair ear_pair_scale(ear_pair a, int32_t low_factor, int32_t high_factor) {
#if EAR_DSP
  /* The high half's factor and rounding are doubled, so that its result lies in the upper 16 bits.
   */
  ear_pair factors = ear_join(low_factor, 2 * high_factor);
  int32_t low, high;
  __asm__("smlabb %0, %1, %2, %3" : "=r"(low) : "r"(a), "r"(factors), "r"(EAR_ROUND));
  __asm__("smlatt %0, %1, %2, %3" : "=r"(high) : "r"(a), "r"(factors), "r"(2 * EAR_ROUND));
  __asm__("pkhtb %0, %1, %2, asr #15" : "=r"(a) : "r"(high), "r"(low));
  return a;
#else
  return ear_join_products(ear_low(a) * low_factor + EAR_ROUND,
                           ear_high(a) * high_factor + EAR_ROUND);
#endif
}

/* The same of a * 2^shift, 0 <= shift <= 15, whose halves fit in int16. */
static inline ear_pair ear_pair_scale_shifted(ear_pair a, int shift, int32_t factor) {
#if EAR_DSP
  int32_t wide = factor << (shift + 2), low, high; /* one fraction bit is left for rounding */
  __asm__("smlawb %0, %1, %2, %3" : "=r"(low) : "r"(wide), "r"(a), "r"(1));
  __asm__("smlawt %0, %1, %2, %3" : "=r"(high) : "r"(wide), "r"(a), "r"(1));
  __asm__("pkhbt %0, %1, %2, lsl #15" : "=r"(a) : "r"(low >> 1), "r"(high));
  return a;
#else
  return ear_pair_scale(ear_join(ear_low(a) * (1 << shift), ear_high(a) * (1 << shift)), factor,
                        factor);
#endif
}

/* Complex product of fractions, rounded to nearest. */
static inline ear_pair ear_pair_multiply(ear_pair a, ear_pair b) {
  int32_t real, imaginary;
#if EAR_DSP
  __asm__("smlsd %0, %1, %2, %3" : "=r"(real) : "r"(a), "r"(b), "r"(EAR_ROUND));
  __asm__("smladx %0, %1, %2, %3" : "=r"(imaginary) : "r"(a), "r"(b), "r"(EAR_ROUND));
#else
  real = ear_low(a) * ear_low(b) - ear_high(a) * ear_high(b) + EAR_ROUND;
  imaginary = ear_low(a) * ear_high(b) + ear_high(a) * ear_low(b) + EAR_ROUND;
#endif
  return ear_join_products(real, imaginary);
}

/* (low * b.low, high * b.high) / 2^12, rounded down. */
static inline ear_pair ear_pair_weigh(ear_pair a, ear_pair b) {
#if EAR_DSP
  int32_t low, high;
  __asm__("smulbb %0, %1, %2" : "=r"(low) : "r"(a), "r"(b));
  __asm__("smultt %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  __asm__("pkhbt %0, %1, %2, lsl #4" : "=r"(a) : "r"(low >> 12), "r"(high));
  return a;
#else
  return ear_join((ear_low(a) * ear_low(b)) >> 12, (ear_high(a) * ear_high(b)) >> 12);
#endif
}

/* |low| and |high|; -32768 stays. */
static inline ear_pair ear_pair_magnitude(ear_pair a) {
#if EAR_DSP
  ear_pair result;
  __asm__("ssub16 %0, %2, %1\n\tsel %0, %0, %1" : "=&r"(result) : "r"(a), "r"(0));
  return result;
#else
  int32_t low = ear_low(a), high = ear_high(a);
  return ear_join(low < 0 ? -low : low, high < 0 ? -high : high);
#endif
}

/* low^2 + high^2, below 2^31. */
static inline uint32_t ear_pair_energy(ear_pair a) {
#if EAR_DSP
  uint32_t energy;
  __asm__("smuad %0, %1, %1" : "=r"(energy) : "r"(a));
  return energy;
#else
  return (uint32_t)(ear_low(a) * ear_low(a) + ear_high(a) * ear_high(a));
#endif
}

#endif
