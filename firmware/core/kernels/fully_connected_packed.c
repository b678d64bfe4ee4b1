/* Four outputs at once: each word of the input is expanded once for the four of them. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/requantize.h"

/* The last 1..3 bytes of a row as a word, zeros after them. */
static uint32_t partial_word(const int8_t *bytes, int32_t count) {
  uint32_t word = 0;
  memcpy(&word, bytes, (size_t)count);
  return word;
}

static inline int32_t dot4(uint32_t even, uint32_t odd, uint32_t weights, int32_t sum) {
  sum = ear_smlad(even, ear_sxtb16(weights), sum);
  return ear_smlad(odd, ear_sxtb16_odd(weights), sum);
}

static void sums4(const int8_t *x, int32_t count, const ear_word *w, int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  for (const int8_t *end = x + (count & ~7); x < end; x += 8) {
    w = ear_dot_4x4(ear_load32(x), w, &s0, &s1, &s2, &s3);
    w = ear_dot_4x4(ear_load32(x + 4), w, &s0, &s1, &s2, &s3);
  }
  if (count & 4) {
    w = ear_dot_4x4(ear_load32(x), w, &s0, &s1, &s2, &s3);
    x += 4;
  }
  if (count & 3) ear_dot_4x4(partial_word(x, count & 3), w, &s0, &s1, &s2, &s3);
  sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

static inline int32_t sum1(const int8_t *x, int32_t count, const ear_word *w, int32_t sum) {
  const int8_t *end = x + (count & ~3);
  for (; x < end; x += 4, w++) {
    uint32_t word = ear_load32(x);
    sum = dot4(ear_sxtb16(word), ear_sxtb16_odd(word), *w, sum);
  }
  if (count & 3) {
    uint32_t word = partial_word(x, count & 3);
    sum = dot4(ear_sxtb16(word), ear_sxtb16_odd(word), *w, sum);
  }
  return sum;
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
      sums4(input, dense->in_count, w, sum);
      for (int i = 0; i < 4; i++) *output++ = ear_requantize_packed(sum[i], channel + i);
    }
    for (; channel < end; channel++, w += words) {
      int32_t sum = sum1(input, dense->in_count, w, channel->bias);
      *output++ = ear_requantize_packed(sum, channel);
    }
    ear_clamp_all(output - dense->out_count, dense->out_count, dense->out_min, dense->out_max);
    input += dense->in_count;
  }
}
