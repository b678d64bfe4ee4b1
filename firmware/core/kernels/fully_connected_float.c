#include "kernels/kernels.h"

#include "dsp.h"

void ear_fully_connected_float(int32_t batches, int32_t in_count, int32_t out_count,
                               const float *input, const float *weights, const float *bias,
                               float out_min, float out_max, float *output) {
  for (int32_t batch = 0; batch < batches; batch++) {
    for (int32_t c = 0; c < out_count; c++) {
      float sum = 0.0f;
      for (int32_t i = 0; i < in_count; i++) {
        sum += ear_rounded(input[i] * weights[c * in_count + i]);
      }
      if (bias) sum += bias[c];
      *output++ = sum < out_min ? out_min : sum > out_max ? out_max : sum;
    }
    input += in_count;
  }
}
