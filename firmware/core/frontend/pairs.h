/* Arithmetic on pairs of int16 in one 32-bit word: a complex number (real part low) or two samples.
 *
 * The portable functions define the results; a CPU with the Armv7E-M DSP instructions does each in
 * one to four of them. EAR_PORTABLE forces the portable ones. Sums wrap as int16 does.
 */
#ifndef EAR_PAIRS_H
#define EAR_PAIRS_H

#include <stdint.h>

typedef uint32_t ear_pair;

static inline int16_t ear_low(ear_pair a) {
  return (int16_t)(uint16_t)a;
}
static inline int16_t ear_high(ear_pair a) {
  return (int16_t)(uint16_t)(a >> 16);
}

static inline ear_pair ear_join(int32_t low, int32_t high) {
  return (uint16_t)low | (uint32_t)high << 16;
}

/* Bits 15..30 of both: products of fractions back to int16. */
static inline ear_pair ear_join_products(int32_t low, int32_t high) {
  return ear_join(low >> 15, high >> 15);
}

#define EAR_ROUND (1 << 14) /* half a unit of the int16 that a product becomes */

/* (low * factor, high * factor), fractions, rounded to nearest. */
static inline ear_pair ear_pair_scale(ear_pair a, int16_t factor) {
  return ear_join_products(ear_low(a) * factor + EAR_ROUND, ear_high(a) * factor + EAR_ROUND);
}

/* The same of the complex conjugate. */
static inline ear_pair ear_pair_scale_conjugate(ear_pair a, int16_t factor) {
  return ear_join_products(ear_low(a) * factor + EAR_ROUND, ear_high(a) * -factor + EAR_ROUND);
}

/* Complex product of fractions, rounded to nearest. */
static inline ear_pair ear_pair_multiply(ear_pair a, ear_pair b) {
  int32_t real = ear_low(a) * ear_low(b) - ear_high(a) * ear_high(b);
  int32_t imaginary = ear_low(a) * ear_high(b) + ear_high(a) * ear_low(b);
  return ear_join_products(real + EAR_ROUND, imaginary + EAR_ROUND);
}

static inline ear_pair ear_pair_add(ear_pair a, ear_pair b) {
  return ear_join(ear_low(a) + ear_low(b), ear_high(a) + ear_high(b));
}

static inline ear_pair ear_pair_subtract(ear_pair a, ear_pair b) {
  return ear_join(ear_low(a) - ear_low(b), ear_high(a) - ear_high(b));
}

/* a + i * b and a - i * b. */
static inline ear_pair ear_pair_add_turned(ear_pair a, ear_pair b) {
  return ear_join(ear_low(a) - ear_high(b), ear_high(a) + ear_low(b));
}

static inline ear_pair ear_pair_subtract_turned(ear_pair a, ear_pair b) {
  return ear_join(ear_low(a) + ear_high(b), ear_high(a) - ear_low(b));
}

/* (a + b) / 2 and (a - b) / 2, rounded down. */
static inline ear_pair ear_pair_half_add(ear_pair a, ear_pair b) {
  return ear_join((ear_low(a) + ear_low(b)) >> 1, (ear_high(a) + ear_high(b)) >> 1);
}

static inline ear_pair ear_pair_half_subtract(ear_pair a, ear_pair b) {
  return ear_join((ear_low(a) - ear_low(b)) >> 1, (ear_high(a) - ear_high(b)) >> 1);
}

/* low^2 + high^2 */
static inline uint32_t ear_pair_energy(ear_pair a) {
  return (uint32_t)(ear_low(a) * ear_low(a)) + (uint32_t)(ear_high(a) * ear_high(a));
}

#endif
