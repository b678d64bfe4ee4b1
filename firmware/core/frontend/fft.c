/* Real FFT of 512 points through a complex one of 256, decimated in time by four, four times. Every
 * product is rounded to int16 and every stage divides by four, as in kissfft with 16-bit samples,
 * which the golden front end uses. The window keeps every sum within int16. */
#include "frontend/stages.h"
#include "frontend/tables.h"

#define QUARTER (INT16_MAX / 4)
#define HALF (INT16_MAX / 2)
#define MIDDLE (EAR_FFT_SIZE / 2)

/* So that `step` is constant, and that each clone of ear_energies has its own. */
#define INLINED static inline __attribute__((always_inline))

/* Four points, turned already, to their transform, `step` apart. */
static inline void join(ear_pair *x, int step, ear_pair a, ear_pair b, ear_pair c, ear_pair d) {
  ear_pair difference = ear_pair_subtract(a, c), sum = ear_pair_add(a, c);
  ear_pair across = ear_pair_subtract(b, d), along = ear_pair_add(b, d);
  x[0] = ear_pair_add(sum, along);
  x[step] = ear_pair_subtract_turned(difference, across);
  x[2 * step] = ear_pair_subtract(sum, along);
  x[3 * step] = ear_pair_add_turned(difference, across);
}

INLINED void first_stage(ear_pair *x, int shift) {
  for (const ear_pair *end = x + EAR_FFT_SIZE; x < end; x += 4) {
    join(x, 1, ear_pair_scale_shifted(x[0], shift, QUARTER),
         ear_pair_scale_shifted(x[1], shift, QUARTER), ear_pair_scale_shifted(x[2], shift, QUARTER),
         ear_pair_scale_shifted(x[3], shift, QUARTER));
  }
}

static inline ear_pair turn(ear_pair a, ear_pair w) {
  return ear_pair_multiply(ear_pair_scale(a, QUARTER, QUARTER), w);
}

/* w holds the first, second and third powers of `step` turns. */
INLINED void stage(ear_pair *restrict x, int step, const ear_pair *restrict w) {
  for (const ear_pair *end = x + EAR_FFT_SIZE; x < end; x += 4 * step) {
    for (int k = 0; k < step; ++k) {
      join(x + k, step, ear_pair_scale(x[k], QUARTER, QUARTER), turn(x[k + step], w[k]),
           turn(x[k + 2 * step], w[k + step]), turn(x[k + 3 * step], w[k + 2 * step]));
    }
  }
}

/* The spectra of even and odd samples to energies of the whole, `count` bins from `up` on upwards
 * together with as many from `down` on downwards. */
INLINED void split(ear_pair *restrict up, ear_pair *restrict down, const ear_pair *w, int count) {
  for (int k = 0; k < count; ++k) {
    ear_pair a = ear_pair_scale(up[k], HALF, HALF), b = ear_pair_scale(down[-k], HALF, -HALF);
    ear_pair even = ear_pair_add(a, b);
    ear_pair odd = ear_pair_multiply(ear_pair_subtract(a, b), w[k]);
    up[k] = ear_pair_energy(ear_pair_half_add(even, odd));
    /* One more, because here the golden FFT rounds the imaginary part down after negating it. */
    down[-k] = ear_pair_energy(ear_pair_half_subtract(even + (1u << 16), odd));
  }
}

EAR_CLONES void ear_energies(ear_pair points[EAR_FFT_SIZE], int shift) {
  first_stage(points, shift);
  stage(points, 4, ear_twiddles);
  stage(points, 16, ear_twiddles + 3 * 4);
  stage(points, 64, ear_twiddles + 3 * (4 + 16));

  split(points + EAR_FIRST_BIN, points + EAR_FFT_SIZE - EAR_FIRST_BIN,
        ear_real_twiddles + EAR_FIRST_BIN - 1, MIDDLE - EAR_FIRST_BIN);
  ear_pair middle = points[MIDDLE];
  split(&middle, points + MIDDLE, ear_real_twiddles + MIDDLE - 1, 1);
}
