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

typedef struct {
  int32_t a0, a1, b0, b1; /* position a or b, channel 0 or 1 */
} sums;

static inline void step(const uint32_t *x, const ear_word *w, sums *s) {
  uint32_t even0 = ear_sxtb16(w[0]), odd0 = ear_sxtb16_odd(w[0]);
  uint32_t even1 = ear_sxtb16(w[1]), odd1 = ear_sxtb16_odd(w[1]);
  s->a0 = ear_smlad(x[1], odd0, ear_smlad(x[0], even0, s->a0));
  s->a1 = ear_smlad(x[1], odd1, ear_smlad(x[0], even1, s->a1));
  s->b0 = ear_smlad(x[3], odd0, ear_smlad(x[2], even0, s->b0));
  s->b1 = ear_smlad(x[3], odd1, ear_smlad(x[2], even1, s->b1));
}

static inline sums dot(const uint32_t *x, const ear_word *w, int32_t steps, int32_t bias0,
                       int32_t bias1) {
  sums s = {bias0, bias1, bias0, bias1};
  for (; steps >= 2; steps -= 2, x += 8, w += 4) {
    step(x, w, &s);
    step(x + 4, w + 2, &s);
  }
  if (steps) step(x, w, &s);
  return s;
}

static inline int8_t finish(const ear_window *w, const ear_packed_channel *c, int32_t sum) {
  int8_t out = ear_requantize_packed(ear_doubled(sum), c);
  return ear_clamp(out, w->out_min, w->out_max);
}

/* All channels at one or two positions. */
static void positions(const ear_window *w, const uint32_t *columns, int32_t steps,
                      const ear_word *weights, const ear_packed_channel *channels, int8_t *a,
                      int8_t *b) {
  const ear_packed_channel *end = channels + w->out_depth;
  for (; end - channels >= 2; channels += 2, weights += 2 * steps) {
    sums s = dot(columns, weights, steps, channels[0].bias, channels[1].bias);
    *a++ = finish(w, channels, s.a0);
    *a++ = finish(w, channels + 1, s.a1);
    *b++ = finish(w, channels, s.b0);
    *b++ = finish(w, channels + 1, s.b1);
  }
  if (channels < end) {
    sums s = dot(columns, weights, steps, channels[0].bias, 0);
    *a = finish(w, channels, s.a0);
    *b = finish(w, channels, s.b0);
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
      int8_t *a = output + i * w->out_depth;
      int is_pair = i + 1 < count;
      gather(w, input, i, scratch);
      gather(w, input, is_pair ? i + 1 : i, (uint32_t *)scratch + 2);
      positions(w, scratch, steps, words, channels, a, is_pair ? a + w->out_depth : a);
    }
    input += w->in_height * w->in_width * w->in_depth;
    output += count * w->out_depth;
  }
}
