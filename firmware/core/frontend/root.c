#include "frontend/stages.h"

#if defined(__SSE2__) || defined(__aarch64__)

#include <math.h>

/* Computers have an instruction for it. A double holds `value`, and no root is near enough to a
 * half to be rounded wrongly: the nearest, of k * (k + 1), is 1 / (8 * k) away. */
uint32_t ear_root(uint64_t value) {
  uint32_t root = (uint32_t)(sqrt((double)value) + 0.5);
  return value >> 32 == 0 && root > UINT16_MAX ? UINT16_MAX : root;
}

#else

/* Square root of `value` >= 2^30, to about 15 bits: the best straight line, then Newton twice. */
static uint32_t estimate(uint32_t value) {
  uint32_t root = (value >> 17) + (value >> 18) + 20000;
  root = (root + value / root) >> 1;
  return (root + value / root) >> 1;
}

uint32_t ear_root(uint64_t value) {
  uint32_t high = (uint32_t)(value >> 32), low = (uint32_t)value, root;
  if (high != 0) {
    int half = (33 - __builtin_clz(high)) / 2;
    root = estimate((uint32_t)(value >> (2 * half))) << half;
  } else {
    if (low == 0) return 0;
    int half = __builtin_clz(low) / 2;
    root = estimate(low << (2 * half)) >> half;
  }
  /* Newton once more on the remainder, which fits in 32 bits as the estimate is close. */
  int32_t rest = (int32_t)(low - root * root);
  int32_t step = rest / (int32_t)(2 * root);
  rest -= step * (int32_t)(2 * root) + step * step;
  root += (uint32_t)step;
  if (rest > (int32_t)root) ++root;
  if (rest <= -(int32_t)root) --root;
  return high == 0 && root > UINT16_MAX ? UINT16_MAX : root;
}

#endif
