/* Three positions and two channels at once. */
#include "kernels/conv_2d_packed_loop.h"
#include "kernels/conv_2d_patch.h"

/* Two channels, or the last one, at `count` positions. Not inlined: its caller has no registers
 * left. */
__attribute__((noinline)) static void run_pair(const ear_patch *p, int32_t channels,
                                               int32_t count) {
  const ear_packed_channel *c = p->channels, *second = channels > 1 ? c + 1 : c;
  for (int32_t i = 0; i < count; i++) {
    int32_t sum0 = c->bias, sum1 = second->bias;
    const ear_word *w = p->weights;
    for (const uint32_t *x = p->columns + 2 * i; x < p->end; x += 6, w += 2) {
      sum0 = ear_smlad(x[0], ear_sxtb16(w[0]), sum0);
      sum1 = ear_smlad(x[0], ear_sxtb16(w[1]), sum1);
      sum0 = ear_smlad(x[1], ear_sxtb16_odd(w[0]), sum0);
      sum1 = ear_smlad(x[1], ear_sxtb16_odd(w[1]), sum1);
    }
    int8_t *output = p->output + i * p->depth;
    output[0] = ear_requantize_packed(sum0, c);
    if (channels > 1) output[1] = ear_requantize_packed(sum1, second);
  }
}

void ear_conv_2d_packed(const ear_window *window, const int8_t *input, const int8_t *weights,
                        const ear_packed_channel *channels, int8_t *output, void *scratch) {
  const ear_patch_kind kind = {{6, 1, 2}, 3, 2, EAR_FAST_PACKED, run_pair};
  const ear_word *words = (const ear_word *)(const void *)weights;
  ear_conv_2d_by_patches(window, input, words, channels, output, scratch, &kind);
}
