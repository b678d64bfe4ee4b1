#include "kernels/kernels.h"

#include <string.h>

static int8_t *fill(int8_t *output, int32_t count, int8_t value) {
  memset(output, value, (size_t)count);
  return output + count;
}

void ear_pad(const ear_pad_shape *pad, const int8_t *input, int8_t *output) {
  int32_t size[4]; /* size[i]: elements of the output in one index of dimension i */
  size[3] = 1;
  for (int i = 2; i >= 0; i--) {
    size[i] = size[i + 1] * (pad->before[i + 1] + pad->shape[i + 1] + pad->after[i + 1]);
  }
  output = fill(output, pad->before[0] * size[0], pad->value);
  for (int32_t i = 0; i < pad->shape[0]; i++) {
    output = fill(output, pad->before[1] * size[1], pad->value);
    for (int32_t j = 0; j < pad->shape[1]; j++) {
      output = fill(output, pad->before[2] * size[2], pad->value);
      for (int32_t k = 0; k < pad->shape[2]; k++) {
        output = fill(output, pad->before[3], pad->value);
        memcpy(output, input, (size_t)pad->shape[3]);
        input += pad->shape[3];
        output = fill(output + pad->shape[3], pad->after[3], pad->value);
      }
      output = fill(output, pad->after[2] * size[2], pad->value);
    }
    output = fill(output, pad->after[1] * size[1], pad->value);
  }
  fill(output, pad->after[0] * size[0], pad->value);
}
