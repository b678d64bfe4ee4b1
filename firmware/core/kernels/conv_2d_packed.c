/* Two positions and two channels at once. What the kernel covers at the two positions is gathered
 * as int16 without zero point ("columns", zeros where it hangs over the edge), so the inner loop is
 * one long dot product whatever the kernel's shape. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/requantize.h"

/* Both columns lie in one buffer: for every four values, words of values (0, 2) and (1, 3) of the
 * first column, then of the second. `to` points at the column's own two words. */
static uint32_t *gather_tap(const int8_t *x, int32_t depth, uint32_t offset, uint32_t *to) {
  for (; depth >= 4; depth -= 4, x += 4, to += 4) {
    uint32_t word = ear_load32(x);
    to[0] = ear_sxtab16(offset, word);
    to[1] = ear_sxtab16_odd(offset, word);
  }
  if (depth > 0) {
    uint32_t word = 0;
    memcpy(&word, x, (size_t)depth);
    to[0] = ear_sxtab16(offset, word);
    to[1] = ear_sxtab16_odd(offset, word);
    to += 4;
  }
  return to;
}

static uint32_t *zero_tap(int32_t depth, uint32_t *to) {
  for (; depth > 0; depth -= 4, to += 4) to[0] = to[1] = 0;
  return to;
}

static void gather(const ear_window *w, const int8_t *input, int32_t position, uint32_t *to) {
  uint32_t offset = (uint32_t)(uint16_t)-w->in_zero_point * 0x10001u;
  int32_t top = position / w->out_width * w->stride_height - w->pad_top;
  int32_t left = position % w->out_width * w->stride_width - w->pad_left;
  for (int32_t y = top; y < top + w->kernel_height; y++) {
    for (int32_t x = left; x < left + w->kernel_width; x++) {
      if (y < 0 || y >= w->in_height || x < 0 || x >= w->in_width) {
        to = zero_tap(w->in_depth, to);
      } else {
        to = gather_tap(input + (y * w->in_width + x) * w->in_depth, w->in_depth, offset, to);
      }
    }
  }
}

/* One channel at two positions, `next` bytes apart; at 0 the first overwrites the second. */
static inline void finish(const ear_packed_channel *channel, int32_t a, int32_t b, int8_t *output,
                          int32_t next) {
  ear_packed_channel c = *channel;
  output[next] = ear_requantize_packed(b, &c);
  *output = ear_requantize_packed(a, &c);
}

/* All channels at two positions. */
static void positions(const uint32_t *columns, int32_t steps, const ear_word *weights,
                      const ear_packed_channel *c, int32_t channels, int8_t *output, int32_t next) {
  const uint32_t *fours = columns + 4 * (steps & ~3), *end = columns + 4 * steps;
  for (int8_t *last = output + channels; output < last; c += 2, output += 2) {
    int is_pair = output + 1 < last;
    int32_t a0 = c->bias, b0 = a0, a1 = c[is_pair].bias, b1 = a1;
    const uint32_t *x = columns;
    while (x != fours) {
      weights = ear_dot_2x2(&x, weights, &a0, &a1, &b0, &b1);
      weights = ear_dot_2x2(&x, weights, &a0, &a1, &b0, &b1);
      weights = ear_dot_2x2(&x, weights, &a0, &a1, &b0, &b1);
      weights = ear_dot_2x2(&x, weights, &a0, &a1, &b0, &b1);
    }
    while (x != end) weights = ear_dot_2x2(&x, weights, &a0, &a1, &b0, &b1);
    finish(c, a0, b0, output, next);
    if (is_pair) finish(c + 1, a1, b1, output + 1, next);
  }
}

void ear_conv_2d_packed(const ear_window *window, const int8_t *input, const int8_t *weights,
                        const ear_packed_channel *channels, int8_t *output, void *scratch) {
  const ear_window *w = window;
  const ear_word *words = (const ear_word *)(const void *)weights;
  int32_t steps = w->kernel_height * w->kernel_width * ((w->in_depth + 3) / 4);
  int32_t count = w->out_height * w->out_width;
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t i = 0; i < count; i += 2) {
      int is_pair = i + 1 < count;
      gather(w, input, i, scratch);
      gather(w, input, is_pair ? i + 1 : i, (uint32_t *)scratch + 2);
      positions(scratch, steps, words, channels, w->out_depth, output + i * w->out_depth,
                is_pair ? w->out_depth : 0);
    }
    ear_clamp_all(output, count * w->out_depth, w->out_min, w->out_max);
    input += w->in_height * w->in_width * w->in_depth;
    output += count * w->out_depth;
  }
}
