/* What a convolution's kernel covers at one position, as int16 without zero point: "columns", zeros
 * where it hangs over the edge. So the inner loop is one long dot product whatever the kernel's
 * shape. */
#ifndef EAR_CONV_2D_GATHER_H
#define EAR_CONV_2D_GATHER_H

#include <string.h>

#include "dsp.h"
#include "kernels/kernels.h"

/* Where a position's pairs lie: those of the values 0 and 2 of every four `step` words apart, those
 * of 1 and 3 `odd` words behind them. */
typedef struct {
  int32_t step, odd;
} ear_columns;

static inline uint32_t *ear_gather_tap(const int8_t *x, int32_t depth, uint32_t offset,
                                       uint32_t *to, ear_columns columns) {
  for (; depth >= 4; depth -= 4, x += 4, to += columns.step) {
    uint32_t word = ear_load32(x);
    to[0] = ear_sxtab16(offset, word);
    to[columns.odd] = ear_sxtab16_odd(offset, word);
  }
  if (depth > 0) {
    uint32_t word = 0;
    memcpy(&word, x, (size_t)depth);
    to[0] = ear_sxtab16(offset, word);
    to[columns.odd] = ear_sxtab16_odd(offset, word);
    to += columns.step;
  }
  return to;
}

static inline uint32_t *ear_zero_tap(int32_t depth, uint32_t *to, ear_columns columns) {
  for (; depth > 0; depth -= 4, to += columns.step) to[0] = to[columns.odd] = 0;
  return to;
}

/* `to` is the position's first word. */
static inline void ear_gather(const ear_window *w, const int8_t *input, int32_t position,
                              uint32_t *to, ear_columns columns) {
  uint32_t offset = (uint32_t)(uint16_t)-w->in_zero_point * 0x10001u;
  int32_t top = position / w->out_width * w->stride_height - w->pad_top;
  int32_t left = position % w->out_width * w->stride_width - w->pad_left;
  for (int32_t y = top; y < top + w->kernel_height; y++) {
    for (int32_t x = left; x < left + w->kernel_width; x++) {
      if (y < 0 || y >= w->in_height || x < 0 || x >= w->in_width) {
        to = ear_zero_tap(w->in_depth, to, columns);
      } else {
        const int8_t *place = input + (y * w->in_width + x) * w->in_depth;
        to = ear_gather_tap(place, w->in_depth, offset, to, columns);
      }
    }
  }
}

#endif
