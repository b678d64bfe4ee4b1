/* The DSP instructions of the Cortex-M4, one function each, with a portable C path of the same
 * result.
 *
 * Inline assembly, because <arm_acle.h> of GCC 7 lacks most of them. None is volatile: each depends
 * on its operands only, so the compiler may move, merge or drop it. A "pair" is two int16 in one
 * word, the low half first in memory (little endian).
 */
#ifndef EAR_DSP_H
#define EAR_DSP_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP) && !defined(EAR_PORTABLE)
#define EAR_DSP 1
#else
#define EAR_DSP 0
#endif

/* Four bytes or a pair, aligned, in memory that is declared as int8_t or int16_t. */
typedef uint32_t __attribute__((may_alias)) ear_word;

/* A word at any address; one LDR. */
static inline uint32_t ear_load32(const void *address) {
  uint32_t word;
  memcpy(&word, address, sizeof word);
  return word;
}

static inline void ear_store32(void *address, uint32_t word) {
  memcpy(address, &word, sizeof word);
}

/* acc + x.low * y.low + x.high * y.high, modulo 2^32. */
static inline int32_t ear_smlad(uint32_t x, uint32_t y, int32_t acc) {
#if EAR_DSP
  int32_t sum;
  __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(x), "r"(y), "r"(acc));
  return sum;
#else
  uint32_t low = (uint32_t)((int16_t)x * (int16_t)y);
  uint32_t high = (uint32_t)((int16_t)(x >> 16) * (int16_t)(y >> 16));
  return (int32_t)((uint32_t)acc + low + high);
#endif
}

/* Bytes 0 and 2 of `bytes`, sign extended, as a pair. */
static inline uint32_t ear_sxtb16(uint32_t bytes) {
#if EAR_DSP
  uint32_t pair;
  __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(bytes));
  return pair;
#else
  return (uint16_t)(int8_t)bytes | (uint32_t)(int8_t)(bytes >> 16) << 16;
#endif
}

/* Bytes 1 and 3 of `bytes`, sign extended, as a pair. */
static inline uint32_t ear_sxtb16_odd(uint32_t bytes) {
#if EAR_DSP
  uint32_t pair;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
  return pair;
#else
  return ear_sxtb16(bytes >> 8);
#endif
}

/* Bytes 0 and 2 (or 1 and 3) of `bytes`, sign extended, plus the pair `offset`. */
static inline uint32_t ear_sxtab16(uint32_t offset, uint32_t bytes) {
#if EAR_DSP
  uint32_t pair;
  __asm__("sxtab16 %0, %1, %2" : "=r"(pair) : "r"(offset), "r"(bytes));
  return pair;
#else
  uint32_t pair = ear_sxtb16(bytes);
  return ((pair + offset) & 0xffffu) | (((pair >> 16) + (offset >> 16)) << 16);
#endif
}

static inline uint32_t ear_sxtab16_odd(uint32_t offset, uint32_t bytes) {
#if EAR_DSP
  uint32_t pair;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(pair) : "r"(offset), "r"(bytes));
  return pair;
#else
  return ear_sxtab16(offset, bytes >> 8);
#endif
}

/* The pair (x.low, y.low). */
static inline uint32_t ear_pkhbt(uint32_t x, uint32_t y) {
#if EAR_DSP
  uint32_t pair;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(x), "r"(y));
  return pair;
#else
  return (x & 0xffffu) | y << 16;
#endif
}

/* The pair (x.high, y.high). */
static inline uint32_t ear_pkhtb(uint32_t x, uint32_t y) {
#if EAR_DSP
  uint32_t pair;
  __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(pair) : "r"(x), "r"(y));
  return pair;
#else
  return x >> 16 | (y & 0xffff0000u);
#endif
}

/* acc + (x * y + 2^31) / 2^32: the high word of the product, rounded, and a sum. */
static inline int32_t ear_smmlar(int32_t x, int32_t y, int32_t acc) {
#if EAR_DSP
  int32_t sum;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(x), "r"(y), "r"(acc));
  return sum;
#else
  return acc + (int32_t)(((int64_t)x * y + ((int64_t)1 << 31)) >> 32);
#endif
}

/* x / 2, rounded down, clamped to -128..127. */
static inline int8_t ear_ssat8_half(int32_t x) {
#if EAR_DSP
  int32_t byte;
  __asm__("ssat %0, #8, %1, asr #1" : "=r"(byte) : "r"(x));
  return (int8_t)byte;
#else
  int32_t half = x >> 1;
  return (int8_t)(half < -128 ? -128 : half > 127 ? 127 : half);
#endif
}

/* Blocks of the kernels' inner loops. In one piece, because GCC moves operands of later steps into
 * memory otherwise. Weights are constants that nobody writes to, 4-byte aligned; each returns what
 * follows them. */

/* Four int8 values times each of four rows of four int8 weights, added to `sum`. */
static inline const ear_word *ear_dot_4x4(uint32_t values, const ear_word *weights, int32_t *sum0,
                                          int32_t *sum1, int32_t *sum2, int32_t *sum3) {
#if EAR_DSP
  uint32_t even, u, v, t;
  __asm__(
      "ldrd %[u], %[v], [%[w]], #8\n\t"
      "sxtb16 %[e], %[x]\n\t"
      "sxtb16 %[x], %[x], ror #8\n\t"
      "sxtb16 %[t], %[u]\n\t"
      "smlad %[s0], %[e], %[t], %[s0]\n\t"
      "sxtb16 %[u], %[u], ror #8\n\t"
      "smlad %[s0], %[x], %[u], %[s0]\n\t"
      "sxtb16 %[t], %[v]\n\t"
      "smlad %[s1], %[e], %[t], %[s1]\n\t"
      "sxtb16 %[v], %[v], ror #8\n\t"
      "smlad %[s1], %[x], %[v], %[s1]\n\t"
      "ldrd %[u], %[v], [%[w]], #8\n\t"
      "sxtb16 %[t], %[u]\n\t"
      "smlad %[s2], %[e], %[t], %[s2]\n\t"
      "sxtb16 %[u], %[u], ror #8\n\t"
      "smlad %[s2], %[x], %[u], %[s2]\n\t"
      "sxtb16 %[t], %[v]\n\t"
      "smlad %[s3], %[e], %[t], %[s3]\n\t"
      "sxtb16 %[v], %[v], ror #8\n\t"
      "smlad %[s3], %[x], %[v], %[s3]"
      : [x] "+r"(values), [w] "+r"(weights), [e] "=&r"(even), [u] "=&r"(u), [v] "=&r"(v),
        [t] "=&r"(t), [s0] "+r"(*sum0), [s1] "+r"(*sum1), [s2] "+r"(*sum2), [s3] "+r"(*sum3));
  return weights;
#else
  int32_t *sums[] = {sum0, sum1, sum2, sum3};
  uint32_t even = ear_sxtb16(values), odd = ear_sxtb16_odd(values);
  for (int i = 0; i < 4; i++, weights++) {
    *sums[i] = ear_smlad(even, ear_sxtb16(*weights), *sums[i]);
    *sums[i] = ear_smlad(odd, ear_sxtb16_odd(*weights), *sums[i]);
  }
  return weights;
#endif
}

/* A pair of values at each of two positions, a and b, times a pair of weights of each of two
 * channels. */
static inline const ear_word *ear_dot_2x2(uint32_t a, uint32_t b, const ear_word *weights,
                                          int32_t *a0, int32_t *a1, int32_t *b0, int32_t *b1) {
#if EAR_DSP
  uint32_t u, v;
  __asm__(
      "ldrd %[u], %[v], [%[w]], #8\n\t"
      "smlad %[a0], %[a], %[u], %[a0]\n\t"
      "smlad %[b0], %[b], %[u], %[b0]\n\t"
      "smlad %[a1], %[a], %[v], %[a1]\n\t"
      "smlad %[b1], %[b], %[v], %[b1]"
      : [w] "+r"(weights), [u] "=&r"(u), [v] "=&r"(v), [a0] "+r"(*a0), [a1] "+r"(*a1),
        [b0] "+r"(*b0), [b1] "+r"(*b1)
      : [a] "r"(a), [b] "r"(b));
  return weights;
#else
  *a0 = ear_smlad(a, weights[0], *a0);
  *b0 = ear_smlad(b, weights[0], *b0);
  *a1 = ear_smlad(a, weights[1], *a1);
  *b1 = ear_smlad(b, weights[1], *b1);
  return weights + 2;
#endif
}

/* Four int8 values at each of `count` places, 3 or 9, each times its own weight, summed over the
 * places. `weights`: for each place pairs for the values (0, 2) and (1, 3). Reads at `offset` from
 * the places. */
static inline const ear_word *ear_multiply_4(const int8_t *const *places, int32_t count,
                                             int32_t offset, const ear_word *weights, int32_t *sum0,
                                             int32_t *sum1, int32_t *sum2, int32_t *sum3) {
#if EAR_DSP
  uint32_t x, even, u, v;
#define EAR_MULTIPLY_4(place)           \
  "ldr %[x], [%[p], #" place            \
  "]\n\t"                               \
  "ldrd %[u], %[v], [%[w]], #8\n\t"     \
  "ldr %[x], [%[x], %[c]]\n\t"          \
  "sxtb16 %[e], %[x]\n\t"               \
  "sxtb16 %[x], %[x], ror #8\n\t"       \
  "smlabb %[s0], %[e], %[u], %[s0]\n\t" \
  "smlatt %[s2], %[e], %[u], %[s2]\n\t" \
  "smlabb %[s1], %[x], %[v], %[s1]\n\t" \
  "smlatt %[s3], %[x], %[v], %[s3]\n\t"
#define EAR_MULTIPLY_OPERANDS                                                                     \
  [w] "+r"(weights), [x] "=&r"(x), [e] "=&r"(even), [u] "=&r"(u), [v] "=&r"(v), [s0] "+r"(*sum0), \
      [s1] "+r"(*sum1), [s2] "+r"(*sum2),                                                         \
      [s3] "+r"(*sum3) : [p] "r"(places), [c] "r"(offset) : "memory"
  if (count == 9) {
    __asm__ volatile(EAR_MULTIPLY_4("0") EAR_MULTIPLY_4("4") EAR_MULTIPLY_4("8")
                         EAR_MULTIPLY_4("12") EAR_MULTIPLY_4("16") EAR_MULTIPLY_4("20")
                             EAR_MULTIPLY_4("24") EAR_MULTIPLY_4("28") EAR_MULTIPLY_4("32")
                     : EAR_MULTIPLY_OPERANDS);
  } else {
    __asm__ volatile(EAR_MULTIPLY_4("0") EAR_MULTIPLY_4("4") EAR_MULTIPLY_4("8")
                     : EAR_MULTIPLY_OPERANDS);
  }
  return weights;
#else
  for (int i = 0; i < count; i++, weights += 2) {
    uint32_t x = ear_load32(places[i] + offset);
    *sum0 += (int8_t)x * (int16_t)weights[0];
    *sum1 += (int8_t)(x >> 8) * (int16_t)weights[1];
    *sum2 += (int8_t)(x >> 16) * (int16_t)(weights[0] >> 16);
    *sum3 += (int8_t)(x >> 24) * (int16_t)(weights[1] >> 16);
  }
  return weights;
#endif
}

/* Rounds a product of floats before it is added, so that no compiler fuses the two operations into
 * one with another rounding. */
static inline float ear_rounded(float product) {
#if defined(__ARM_FP) && defined(__ARM_FEATURE_FMA)
#if defined(__aarch64__)
  __asm__("" : "+w"(product));
#else
  __asm__("" : "+t"(product));
#endif
#endif
  return product;
}

#endif
