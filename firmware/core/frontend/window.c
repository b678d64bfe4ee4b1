#include "frontend/stages.h"
#include "frontend/tables.h"

#define WINDOW_BITS 12

int ear_window(const int16_t *samples, ear_pair points[EAR_FFT_SIZE]) {
  int peak = 0;
  for (int i = 0; i < EAR_FFT_SIZE; ++i) points[i] = 0;
  for (int i = 0; i < EAR_WINDOW_SAMPLES; ++i) {
    int16_t value = (int16_t)((samples[i] * ear_window_table[i]) >> WINDOW_BITS);
    points[i / 2] |= (uint32_t)(uint16_t)value << (16 * (i % 2));
    int16_t size = value < 0 ? (int16_t)-value : value;
    if (size > peak) peak = size;
  }
  return 15 - ear_bit_length((uint32_t)peak);
}
