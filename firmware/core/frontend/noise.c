#include "frontend/stages.h"

#define FRACTION_BITS 14
#define SMOOTHING_EVEN 409 /* 0.025 */
#define SMOOTHING_ODD 983  /* 0.06 */
#define SIGNAL_LEAST 819   /* 0.05 */
#define SIGNAL_BITS 10

void ear_reduce_noise(uint32_t noise[EAR_CHANNELS], uint32_t channels[EAR_CHANNELS]) {
  for (int i = 0; i < EAR_CHANNELS; ++i) {
    uint32_t smoothing = i % 2 == 0 ? SMOOTHING_EVEN : SMOOTHING_ODD;
    uint32_t signal = channels[i] << SIGNAL_BITS;
    uint64_t mixed =
        (uint64_t)signal * smoothing + (uint64_t)noise[i] * ((1u << FRACTION_BITS) - smoothing);
    uint32_t estimate = (uint32_t)(mixed >> FRACTION_BITS);
    noise[i] = estimate;
    uint32_t clean = signal > estimate ? (signal - estimate) >> SIGNAL_BITS : 0;
    uint32_t least = (uint32_t)(((uint64_t)channels[i] * SIGNAL_LEAST) >> FRACTION_BITS);
    channels[i] = clean > least ? clean : least;
  }
}
