/* Real FFT of 512 points through a complex one of 256, decimated in time by four, four times. Every
 * product is rounded to int16 and every stage divides by four, as in kissfft with 16-bit samples,
 * which the golden front end uses. */
#include "frontend/stages.h"
#include "frontend/tables.h"

#define QUARTER (INT16_MAX / 4)
#define HALF (INT16_MAX / 2)

static void butterfly(ear_pair *x, int step, ear_pair w1, ear_pair w2, ear_pair w3) {
  ear_pair a = ear_pair_scale(x[0], QUARTER);
  ear_pair b = ear_pair_multiply(ear_pair_scale(x[step], QUARTER), w1);
  ear_pair c = ear_pair_multiply(ear_pair_scale(x[2 * step], QUARTER), w2);
  ear_pair d = ear_pair_multiply(ear_pair_scale(x[3 * step], QUARTER), w3);
  ear_pair difference = ear_pair_subtract(a, c), sum = ear_pair_add(a, c);
  ear_pair across = ear_pair_subtract(b, d), along = ear_pair_add(b, d);
  x[0] = ear_pair_add(sum, along);
  x[step] = ear_pair_subtract_turned(difference, across);
  x[2 * step] = ear_pair_subtract(sum, along);
  x[3 * step] = ear_pair_add_turned(difference, across);
}

static int reversed(int i) {
  return (i & 3) << 6 | (i & 12) << 2 | (i & 48) >> 2 | i >> 6;
}

void ear_energies(ear_pair points[EAR_FFT_SIZE], int shift) {
  ear_pair x[EAR_FFT_SIZE];
  for (int i = 0; i < EAR_FFT_SIZE; ++i) {
    ear_pair p = points[reversed(i)];
    x[i] = ear_join(ear_low(p) * (1 << shift), ear_high(p) * (1 << shift));
  }
  for (int step = 1, stride = 64; step < EAR_FFT_SIZE; step *= 4, stride /= 4) {
    for (int block = 0; block < EAR_FFT_SIZE; block += 4 * step) {
      for (int k = 0; k < step; ++k) {
        butterfly(x + block + k, step, ear_twiddles[stride * k], ear_twiddles[2 * stride * k],
                  ear_twiddles[3 * stride * k]);
      }
    }
  }
  for (int k = 1; k <= EAR_FFT_SIZE / 2; ++k) {
    ear_pair a = ear_pair_scale(x[k], HALF);
    ear_pair b = ear_pair_scale_conjugate(x[EAR_FFT_SIZE - k], HALF);
    ear_pair even = ear_pair_add(a, b);
    ear_pair odd = ear_pair_multiply(ear_pair_subtract(a, b), ear_real_twiddles[k - 1]);
    points[k] = ear_pair_energy(ear_pair_half_add(even, odd));
    points[EAR_FFT_SIZE - k] = ear_pair_energy(ear_pair_half_subtract(even + (1u << 16), odd));
  }
}
