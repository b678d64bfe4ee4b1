/* The packed dense layer, whose input need not all be there at once. */
#include "kernels/fully_connected_sums.h"
#include "kernels/kernels.h"
#include "kernels/requantize.h"

void ear_fully_connected_part(const ear_dense *dense, const int8_t *part, int32_t first,
                              int32_t count, const int8_t *weights,
                              const ear_packed_channel *channels, int32_t *sums, int8_t *output) {
  int32_t words = (dense->in_count + 3) / 4, outputs = dense->out_count, i = 0;
  const ear_word *w = (const ear_word *)(const void *)weights;
  if (first == 0) {
    for (int32_t c = 0; c < outputs; c++) sums[c] = channels[c].bias;
  }
  for (; i + 4 <= outputs; i += 4, w += 4 * words) ear_sums4(part, count, w + first, sums + i);
  for (w += first / 4; i < outputs; i++, w += words) sums[i] = ear_sum1(part, count, w, sums[i]);
  if (first + count < dense->in_count) return;
  for (int32_t c = 0; c < outputs; c++) {
    output[c] =
        ear_clamp(ear_requantize_packed(sums[c], channels + c), dense->out_min, dense->out_max);
  }
}
