#include "frontend/stages.h"
#include "frontend/tables.h"

#define SNR_SHIFT 6
#define SNR_BITS 12
#define OUTPUT_BITS 6

/* A parabola between two powers of two: the table holds value, slope and curvature of each. */
static uint32_t gain(uint32_t noise) {
  if (noise <= 2) return (uint32_t)ear_gain_table[noise];
  int octave = ear_bit_length(noise);
  const int16_t *curve = ear_gain_table + 4 * octave - 6;
  int32_t fraction = (octave < 11 ? noise << (11 - octave) : noise >> (octave - 11)) & 0x3FF;
  int32_t result = ((curve[2] * fraction) >> 5) + curve[1] * 32;
  return (uint32_t)(((result * fraction + (1 << 14)) >> 15) + curve[0]);
}

static uint32_t compress(uint32_t snr) {
  if (snr < 2u << SNR_BITS) return (snr * snr) >> (2 + 2 * SNR_BITS - OUTPUT_BITS);
  return (snr >> (SNR_BITS - OUTPUT_BITS)) - (1u << OUTPUT_BITS);
}

void ear_level(const uint32_t noise[EAR_CHANNELS], uint32_t channels[EAR_CHANNELS]) {
  for (int i = 0; i < EAR_CHANNELS; ++i) {
    channels[i] = compress((uint32_t)(((uint64_t)channels[i] * gain(noise[i])) >> SNR_SHIFT));
  }
}
