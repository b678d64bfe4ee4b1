/* QUANTIZE and DEQUANTIZE. */
#include "kernels/kernels.h"

#include "kernels/requantize.h"

/* Half away from zero, without the C library. |x| < 2^22 */
static int32_t rounded(float x) {
  int32_t whole = (int32_t)x;
  float rest = x - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

void ear_quantize(int32_t count, float scale, int32_t zero_point, const float *input,
                  int8_t *output) {
  for (int32_t i = 0; i < count; i++) {
    float steps = input[i] / scale;
    if (steps > 1000.0f) steps = 1000.0f;
    if (!(steps > -1000.0f)) steps = -1000.0f;
    output[i] = ear_clamp(rounded(steps) + zero_point, -128, 127);
  }
}

void ear_dequantize(int32_t count, float scale, int32_t zero_point, const int8_t *input,
                    float *output) {
  for (int32_t i = 0; i < count; i++) output[i] = scale * (float)(input[i] - zero_point);
}
