/* What the loops of ear_conv_2d_mono have in common. */
#ifndef EAR_CONV_2D_MONO_STRIP_H
#define EAR_CONV_2D_MONO_STRIP_H

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/requantize.h"

/* Four channels along a row of the output, two positions at once. The assembly knows the offsets.
 */
struct ear_strip {
  int32_t bias[8];                    /*  0: of four channels, twice */
  const int16_t *x;                   /* 32: what the kernel's first row reads; moves on */
  const ear_word *weights;            /* 36 */
  const ear_word *end;                /* 40: of the weights */
  int32_t row_bytes;                  /* 44: from row to row of the input */
  int8_t *output;                     /* 48: moves on */
  int32_t depth;                      /* 52: from position to position of the output */
  const ear_packed_channel *channels; /* 56 */
  int32_t row_words;                  /* of the weights of a row */
};

/* Any width and stride. */
static inline void ear_add_rows(const int16_t *x, int32_t stride, const ear_strip *t,
                                int32_t *sum) {
  int32_t a0 = sum[0], a1 = sum[1], a2 = sum[2], a3 = sum[3];
  int32_t b0 = sum[4], b1 = sum[5], b2 = sum[6], b3 = sum[7];
  for (const ear_word *w = t->weights; w != t->end; x += t->row_bytes / 2) {
    const ear_word *row_end = w + t->row_words;
    for (const int16_t *column = x; w != row_end; column += 2) {
      uint32_t a = ear_load32(column), b = ear_load32(column + stride);
      w = ear_dot_2x2(a, b, w, &a0, &a1, &b0, &b1);
      w = ear_dot_2x2(a, b, w, &a2, &a3, &b2, &b3);
    }
  }
  sum[0] = a0, sum[1] = a1, sum[2] = a2, sum[3] = a3;
  sum[4] = b0, sum[5] = b1, sum[6] = b2, sum[7] = b3;
}

/* One or two positions at a time; of two, a and b, the latter's output is `depth` bytes further. */
static inline void ear_run_strip(ear_strip *t, int32_t stride, int32_t positions,
                                 int32_t channel_count) {
  for (; positions > 0; positions -= 2) {
    int32_t sum[8];
    memcpy(sum, t->bias, sizeof sum);
    ear_add_rows(t->x, stride, t, sum);
    int8_t *a = t->output, *b = positions > 1 ? a + t->depth : a;
    for (int32_t i = 0; i < channel_count; i++) {
      ear_packed_channel c = t->channels[i];
      *b++ = ear_requantize_doubled(sum[4 + i], &c);
      *a++ = ear_requantize_doubled(sum[i], &c);
    }
    t->x += 2 * stride;
    t->output += 2 * t->depth;
  }
}

#endif
