/* The stages of the front end, in the order they run; private to frontend/. */
#ifndef EAR_STAGES_H
#define EAR_STAGES_H

#include <stdint.h>

#include "frontend/frontend.h"
#include "frontend/pairs.h"

/* A build for several CPUs sets this to GCC's target_clones; the board has one. */
#ifndef EAR_CLONES
#define EAR_CLONES
#endif

#define EAR_FFT_SIZE 256 /* complex points, each two of the 512 real ones */

/* The bit length of `value`: 0 for 0, 32 for 2^31 and more. */
static inline int ear_bit_length(uint32_t value) {
  return value == 0 ? 0 : 32 - __builtin_clz(value);
}

/* Shapes 480 samples with the Hann window into `points`, two to a point, zeros behind, in the order
 * that the FFT takes: digits to the base four reversed. Returns the shift left, 0..15, that brings
 * the largest to 15 bits. */
int ear_window(const int16_t *samples, ear_pair points[EAR_FFT_SIZE]);

/* The spectrum of 512 real samples, scaled by 2^shift / 512: |X|^2 of bins EAR_FIRST_BIN to
 * 256 - EAR_FIRST_BIN replaces `points`, at the bin's own index. */
void ear_energies(ear_pair points[EAR_FFT_SIZE], int shift);

/* Amplitude in each of the mel channels, shifted right by `shift`. */
void ear_channels(const uint32_t *energies, int shift, uint32_t channels[EAR_CHANNELS]);

/* Follows the noise in `noise` and takes it out of `channels`. */
void ear_reduce_noise(uint32_t noise[EAR_CHANNELS], uint32_t channels[EAR_CHANNELS]);

/* Per-channel automatic gain (PCAN): divides by a power of the noise, then compresses. */
void ear_level(const uint32_t noise[EAR_CHANNELS], uint32_t channels[EAR_CHANNELS]);

/* 64 * ln(8 * value), rounded, 0 for 0. */
uint16_t ear_log(uint32_t value);

/* The integer nearest to the square root of `value` < 2^42, but 65535 for all of 65535.5 to 65536.
 */
uint32_t ear_root(uint64_t value);

#endif
