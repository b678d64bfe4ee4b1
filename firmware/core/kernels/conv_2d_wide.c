/* Four positions and two channels at once: as ear_conv_2d_packed, without unpacking the weights. */
#include "kernels/kernels.h"

#include "kernels/conv_2d_gather.h"
#include "kernels/conv_2d_wide_patch.h"
#include "kernels/requantize.h"

enum { POSITIONS = 4, STEP = 2 * POSITIONS }; /* words of the columns for four values */

/* Two channels, or the last one, at `count` positions. Not inlined: its caller has no registers
 * left. */
__attribute__((noinline)) static void run_pair(const ear_wide_patch *p, int32_t channels,
                                               int32_t count) {
  const ear_packed_channel *c = p->channels, *second = channels > 1 ? c + 1 : c;
  for (int32_t i = 0; i < count; i++) {
    int32_t sum0 = c->bias, sum1 = second->bias;
    const ear_word *w = p->weights;
    for (const uint32_t *x = p->columns + i; x < p->end; x += POSITIONS, w += 2) {
      sum0 = ear_smlad(*x, w[0], sum0);
      sum1 = ear_smlad(*x, w[1], sum1);
    }
    int8_t *output = p->output + i * p->depth;
    output[0] = ear_requantize_doubled(sum0, c);
    if (channels > 1) output[1] = ear_requantize_doubled(sum1, second);
  }
}

/* All channels at `count` positions: what there is a faster loop for, then the rest. */
static void run_patch(ear_wide_patch *p, int32_t channels, int32_t count) {
  const ear_packed_channel *last = p->channels + channels;
#if EAR_DSP
  p->pairs = channels / 2;
  if (count == POSITIONS && p->pairs > 0) ear_run_wide_patch(p);
#endif
  for (; p->channels < last; p->channels += 2, p->output += 2) {
    run_pair(p, (int32_t)(last - p->channels), count);
    p->weights += 4 * ((p->end - p->columns) / STEP);
  }
}

void ear_conv_2d_wide(const ear_window *window, const int8_t *input, const int16_t *weights,
                      const ear_packed_channel *channels, int8_t *output, void *scratch) {
  const ear_window *w = window;
  int32_t fours = w->kernel_height * w->kernel_width * ((w->in_depth + 3) / 4);
  int32_t total = w->out_height * w->out_width;
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t i = 0; i < total; i += POSITIONS) {
      if (total >= POSITIONS && total - i < POSITIONS) i = total - POSITIONS; /* some again */
      int32_t count = total - i < POSITIONS ? total - i : POSITIONS;
      uint32_t *columns = scratch;
      for (int32_t j = 0; j < count; j++) {
        ear_gather(w, input, i + j, columns + j, (ear_columns){STEP, POSITIONS});
      }
      ear_wide_patch p = {.columns = columns, .end = columns + STEP * fours, .channels = channels};
      p.weights = (const ear_word *)(const void *)weights;
      p.output = output + i * w->out_depth;
      p.depth = w->out_depth;
      p.skip =
          (EAR_WIDE_UNROLLED - fours % EAR_WIDE_UNROLLED) % EAR_WIDE_UNROLLED * EAR_WIDE_FOUR_BYTES;
      run_patch(&p, w->out_depth, count);
    }
    ear_clamp_all(output, total * w->out_depth, w->out_min, w->out_max);
    input += w->in_height * w->in_width * w->in_depth;
    output += total * w->out_depth;
  }
}
