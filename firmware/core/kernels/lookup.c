#include "kernels/kernels.h"

void ear_lookup(int32_t count, const int8_t table[256], const int8_t *input, int8_t *output) {
  const int8_t *middle = table + 128;
  for (int32_t i = 0; i < count; i++) output[i] = middle[input[i]];
}
