/* Requantisation: the shortcuts against the definition, and the definition against exact rational
 * rounding. The kernels themselves are compared with the TFLite Micro interpreter by pytest. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels/requantize.h"

static uint64_t state = 88172645463325252u;

static uint32_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* Numbers of every size, both signs, and often on a boundary. */
static int32_t some(int32_t bits) {
  int32_t magnitude = (int32_t)(next_random() & ((1u << (next_random() % (uint32_t)bits + 1)) - 1));
  if (next_random() % 4 == 0) magnitude = (int32_t)(1u << (next_random() % (uint32_t)bits));
  return next_random() & 1 ? -magnitude : magnitude;
}

static void fail(const char *what, int64_t x, int64_t y, int64_t z) {
  printf("%s: %lld %lld %lld\n", what, (long long)x, (long long)y, (long long)z);
  exit(1);
}

/* x * y / 2^31 rounded half up, then / 2^right half away from zero, by division only. */
static int64_t slowly(int64_t x, int64_t multiplier, int32_t right) {
  int64_t product = x * multiplier + (1 << 30), one = (int64_t)1 << 31;
  int64_t high = product / one - (product % one < 0);
  int64_t divisor = (int64_t)1 << right, half = right ? divisor / 2 : 0;
  return high >= 0 ? (high + half) / divisor : -((-high + half) / divisor);
}

static void check_definition(void) {
  int32_t x = some(30), multiplier = (int32_t)(next_random() % (1u << 30)) + (1 << 30);
  int32_t right = (int32_t)(next_random() % 32);
  if (ear_requantize(x, multiplier, -right) != slowly(x, multiplier, right)) {
    fail("ear_requantize", x, multiplier, right);
  }
}

static void check_left_shift(void) {
  int32_t left = (int32_t)(next_random() % 8) + 1, x = some(20);
  int32_t multiplier = (int32_t)(next_random() % (1u << 30)) + (1 << 30);
  if (ear_requantize(x, multiplier, left) != slowly(x * (int64_t)(1 << left), multiplier, 0)) {
    fail("ear_requantize to the left", x, multiplier, left);
  }
}

static void check_packed(void) {
  int32_t right = (int32_t)(next_random() % 22) + 1, zero_point = some(7);
  int32_t sum = some(29), multiplier = (int32_t)(next_random() % (1u << 30)) + (1 << 30);
  if (next_random() & 1) sum = some(right + 8 > 29 ? 29 : right + 8); /* not clamped, mostly */
  ear_packed_channel c = {multiplier, right - 1, (2 * zero_point + 1) * (1 << (right - 1)), 0};
  int8_t expected = ear_clamp(ear_requantize(sum, multiplier, -right) + zero_point, -128, 127);
  if (ear_requantize_packed(sum, &c) != expected)
    fail("ear_requantize_packed", sum, right, zero_point);
  if (ear_requantize_doubled(2 * sum, &c) != expected)
    fail("ear_requantize_doubled", sum, right, 0);
}

int main(void) {
  for (int i = 0; i < 1000000; i++) {
    check_definition();
    check_left_shift();
    check_packed();
  }
  return 0;
}
