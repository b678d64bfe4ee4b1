#include "frontend/stages.h"
#include "frontend/tables.h"

#define PAIRS (EAR_WINDOW_SAMPLES / 2)
#define QUARTER (EAR_FFT_SIZE / 4)
#define INT16_BITS 0x7FFF7FFFu

/* i's three digits to the base four, turned round. */
static int reversed(int i) {
  return (i & 3) << 4 | (i & 12) | i >> 4;
}

/* Takes out samples of -32768. They have no magnitude in int16, so the golden front end overlooks
 * them when it finds the peak, and shifts them out. */
static void drop_overlooked(ear_pair points[EAR_FFT_SIZE]) {
  for (int i = 0; i < EAR_FFT_SIZE; ++i) {
    if (ear_low(points[i]) == INT16_MIN) points[i] &= 0xFFFF0000u;
    if (ear_high(points[i]) == INT16_MIN) points[i] &= 0xFFFFu;
  }
}

#if EAR_DSP

static inline ear_pair weighed(const int16_t *samples, int at, ear_pair *peaks) {
  ear_pair pair =
      ear_pair_weigh(ear_load32(samples + 2 * at), ear_load32(ear_window_table + 2 * at));
  *peaks |= ear_pair_magnitude(pair);
  return pair;
}

static ear_pair weigh_all(const int16_t *samples, ear_pair points[EAR_FFT_SIZE]) {
  ear_pair peaks = 0;
  for (int i = 0; i < QUARTER; ++i) {
    ear_pair *group = points + 4 * reversed(i);
    group[0] = weighed(samples, i, &peaks);
    group[1] = weighed(samples, i + QUARTER, &peaks);
    group[2] = weighed(samples, i + 2 * QUARTER, &peaks);
    group[3] = i + 3 * QUARTER < PAIRS ? weighed(samples, i + 3 * QUARTER, &peaks) : 0;
  }
  return peaks;
}

#else

/* First one after another, which a compiler turns into vectors, then to their places. */
EAR_CLONES static ear_pair weigh_all(const int16_t *restrict samples, ear_pair *restrict points) {
  int16_t weighed[2 * EAR_FFT_SIZE] = {0};
  uint16_t peaks = 0;
  for (int i = 0; i < EAR_WINDOW_SAMPLES; ++i) {
    int16_t value = (int16_t)((samples[i] * ear_window_table[i]) >> 12);
    weighed[i] = value;
    peaks |= (uint16_t)(value < 0 ? -value : value);
  }
#pragma GCC unroll 64 /* all, so that the places are constants */
  for (int i = 0; i < QUARTER; ++i) {
    ear_pair *group = points + 4 * reversed(i);
    for (int j = 0; j < 4; ++j) group[j] = ear_load32(weighed + 2 * (i + j * QUARTER));
  }
  return peaks;
}

#endif

int ear_window(const int16_t *samples, ear_pair points[EAR_FFT_SIZE]) {
  ear_pair peaks = weigh_all(samples, points);
  uint32_t magnitudes = peaks & INT16_BITS;
  int shift = 15 - ear_bit_length((magnitudes | magnitudes >> 16) & 0xFFFFu);
  if (shift > 0 && peaks != magnitudes) drop_overlooked(points);
  return shift;
}
