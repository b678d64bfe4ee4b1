#include "kernels/kernels.h"

#include "kernels/requantize.h"

void ear_fully_connected(const ear_dense *dense, const int8_t *input, const int8_t *weights,
                         const ear_channel *channels, int8_t *output) {
  for (int32_t batch = 0; batch < dense->batches; batch++) {
    for (int32_t c = 0; c < dense->out_count; c++) {
      const int8_t *row = weights + c * dense->in_count;
      int32_t sum = 0;
      for (int32_t i = 0; i < dense->in_count; i++)
        sum += (input[i] - dense->in_zero_point) * row[i];
      sum = (int32_t)((uint32_t)sum + (uint32_t)channels[c].bias);
      int32_t out = ear_requantize(sum, channels[c].multiplier, channels[c].shift);
      *output++ = ear_clamp(out + dense->out_zero_point, dense->out_min, dense->out_max);
    }
    input += dense->in_count;
  }
}
