#include "frontend/stages.h"

uint32_t ear_root(uint64_t value) {
  bool is_short = value >> 32 == 0;
  uint64_t root = 0;
  for (uint64_t bit = 1ull << 62; bit != 0; bit >>= 2) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  bool round_up = value > root && !(is_short && root == UINT16_MAX);
  return (uint32_t)(root + round_up);
}
