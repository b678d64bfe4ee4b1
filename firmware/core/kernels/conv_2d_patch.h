/* Convolutions by patches: a few positions at once, all channels of them. What the kernel covers is
 * gathered as int16 without zero point ("columns", zeros where it hangs over the edge), so that the
 * inner loop is one long dot product whatever the kernel's shape. */
#ifndef EAR_CONV_2D_PATCH_H
#define EAR_CONV_2D_PATCH_H

#include <stddef.h>
#include <string.h>

#include "dsp.h"
#include "kernels/kernels.h"
#include "kernels/requantize.h"

/* Where the pairs lie: those of the values 0 and 2 of every four `step` words apart, those of 1 and
 * 3 `odd` words behind them, those of the next position `position` words behind. */
typedef struct {
  int32_t step, odd, position;
} ear_columns;

/* A patch and how far it is done. The assembly knows the offsets. */
typedef struct {
  const uint32_t *columns;            /*  0 */
  const uint32_t *end;                /*  4: of the columns */
  const ear_word *weights;            /*  8: moves on */
  const ear_packed_channel *channels; /* 12: moves on */
  int8_t *output;                     /* 16: of the first position; moves on */
  int32_t depth;                      /* 20: from position to position of the output */
  int32_t pairs;                      /* 24: of channels, 1 or more; counts down */
  int32_t entry;                      /* 28: where an unrolled loop begins */
} ear_patch;

_Static_assert(sizeof(void *) != 4 ||
                   (offsetof(ear_patch, weights) == 8 && offsetof(ear_patch, channels) == 12 &&
                    offsetof(ear_patch, output) == 16 && offsetof(ear_patch, depth) == 20 &&
                    offsetof(ear_patch, pairs) == 24 && offsetof(ear_patch, entry) == 28 &&
                    sizeof(ear_packed_channel) == 16 && offsetof(ear_packed_channel, bias) == 12),
               "the assembly knows these");

/* What one kernel does with a patch. */
typedef struct {
  ear_columns columns;
  int32_t positions;
  int32_t weight_words;       /* of two channels, for four values */
  void (*fast)(ear_patch *p); /* all pairs of channels of a whole patch, or NULL */
  void (*pair)(const ear_patch *p, int32_t channels, int32_t count); /* two, or the last one */
} ear_patch_kind;

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

/* All channels at `count` positions: what there is a faster loop for, then the rest. */
static inline void ear_run_patch(ear_patch *p, int32_t channels, int32_t count,
                                 const ear_patch_kind *kind) {
  const ear_packed_channel *last = p->channels + channels;
  int32_t fours = (int32_t)(p->end - p->columns) / kind->columns.step;
  p->pairs = channels / 2;
  if (kind->fast && count == kind->positions && p->pairs > 0) kind->fast(p);
  for (; p->channels < last; p->channels += 2, p->output += 2) {
    kind->pair(p, (int32_t)(last - p->channels), count);
    p->weights += kind->weight_words * fours;
  }
}

/* The whole convolution. Inlined, so that the kind is constant. */
static inline __attribute__((always_inline)) void ear_conv_2d_by_patches(
    const ear_window *w, const int8_t *input, const ear_word *weights,
    const ear_packed_channel *channels, int8_t *output, void *scratch, const ear_patch_kind *kind) {
  int32_t fours = w->kernel_height * w->kernel_width * ((w->in_depth + 3) / 4);
  int32_t total = w->out_height * w->out_width, most = kind->positions;
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t i = 0; i < total; i += most) {
      if (total >= most && total - i < most) i = total - most; /* some again */
      int32_t count = total - i < most ? total - i : most;
      uint32_t *columns = scratch;
      for (int32_t j = 0; j < count; j++) {
        ear_gather(w, input, i + j, columns + j * kind->columns.position, kind->columns);
      }
      ear_patch p = {.columns = columns,
                     .end = columns + kind->columns.step * fours,
                     .weights = weights,
                     .channels = channels,
                     .output = output + i * w->out_depth,
                     .depth = w->out_depth};
      ear_run_patch(&p, w->out_depth, count, kind);
    }
    ear_clamp_all(output, total * w->out_depth, w->out_min, w->out_max);
    input += w->in_height * w->in_width * w->in_depth;
    output += total * w->out_depth;
  }
}

#endif
