/* Four outputs at once: each word of the input is expanded once for the four of them. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/fully_connected_sums.h"
#include "kernels/requantize.h"

/* The first of `left` bytes as a word, zeros after them. */
static inline uint32_t next_word(const int8_t *bytes, int32_t left) {
  uint32_t word = 0;
  if (left >= 4) return ear_load32(bytes);
  memcpy(&word, bytes, (size_t)left);
  return word;
}

static inline int32_t dot4(uint32_t x, uint32_t weights, int32_t sum) {
  sum = ear_smlad(ear_sxtb16(x), ear_sxtb16(weights), sum);
  return ear_smlad(ear_sxtb16_odd(x), ear_sxtb16_odd(weights), sum);
}

void ear_sums4(const int8_t *x, int32_t count, const ear_word *w, int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  for (const int8_t *end = x + (count & ~7); x < end; x += 8) {
    w = ear_dot_4x4(ear_load32(x), w, &s0, &s1, &s2, &s3);
    w = ear_dot_4x4(ear_load32(x + 4), w, &s0, &s1, &s2, &s3);
  }
  for (int32_t left = count & 7; left > 0; left -= 4, x += 4) {
    w = ear_dot_4x4(next_word(x, left), w, &s0, &s1, &s2, &s3);
  }
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

int32_t ear_sum1(const int8_t *x, int32_t count, const ear_word *w, int32_t sum) {
  for (const int8_t *end = x + (count & ~3); x < end; x += 4, w++)
    sum = dot4(ear_load32(x), *w, sum);
  return count & 3 ? dot4(next_word(x, count & 3), *w, sum) : sum;
}

void ear_fully_connected_packed(const ear_dense *dense, const int8_t *input, const int8_t *weights,
                                const ear_packed_channel *channels, int8_t *output) {
  int32_t words = (dense->in_count + 3) / 4;
  for (int32_t batch = 0; batch < dense->batches; batch++) {
    const ear_word *w = (const ear_word *)(const void *)weights;
    const ear_packed_channel *channel = channels;
    const ear_packed_channel *end = channels + dense->out_count;
    for (; end - channel >= 4; channel += 4, w += 4 * words) {
      int32_t sum[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
      ear_sums4(input, dense->in_count, w, sum);
      for (int i = 0; i < 4; i++) *output++ = ear_requantize_packed(sum[i], channel + i);
    }
    for (; channel < end; channel++, w += words) {
      int32_t sum = ear_sum1(input, dense->in_count, w, channel->bias);
      *output++ = ear_requantize_packed(sum, channel);
    }
    ear_clamp_all(output - dense->out_count, dense->out_count, dense->out_min, dense->out_max);
    input += dense->in_count;
  }
}
