#include "frontend/stages.h"
#include "frontend/tables.h"

void ear_channels(const uint32_t *energies, int shift, uint32_t channels[EAR_CHANNELS]) {
  const uint16_t *weight = ear_filter_weights;
  const uint32_t *energy = energies + EAR_FIRST_BIN;
  uint64_t rest = 0;
  for (int channel = 0; channel <= EAR_CHANNELS; ++channel) {
    uint64_t weighted = 0;
    uint32_t total = 0; /* all bins together stay below 2^30 */
    for (int i = ear_filter_widths[channel]; i > 0; --i) {
      weighted += (uint64_t)*weight++ * *energy;
      total += *energy++;
    }
    if (channel > 0) channels[channel - 1] = ear_root(rest + weighted) >> shift;
    rest = ((uint64_t)total << 12) - weighted;
  }
}
