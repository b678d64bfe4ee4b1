/* The front end on its own: against rows that TensorFlow's op gave, and its square root against the
 * definition. Compiled with sanitizers. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/stages.h"

#define SAMPLES 16000
#define ROWS 49
#define FEATURES (ROWS * EAR_CHANNELS)
#define GOLDEN_HASH \
  0xddff3145u /* FNV-1a, a feature at a time, of what the op makes of fill_noise */

static const uint16_t golden_last[EAR_CHANNELS] = {
    0,   0, 258, 366, 461, 0, 0,   0, 297, 306, 258, 248, 378, 133, 413, 297, 203, 133, 133, 0,
    133, 0, 325, 0,   133, 0, 280, 0, 236, 0,   133, 133, 334, 0,   177, 0,   248, 0,   328, 0};

static void fill_noise(int16_t samples[SAMPLES]) {
  uint32_t state = 1;
  for (int i = 0; i < SAMPLES; ++i) {
    state = state * 1664525u + 1013904223u;
    samples[i] = (int16_t)(((int32_t)(state >> 16) - 32768) >> 3);
  }
}

static int hear(const int16_t *samples, size_t chunk, uint16_t rows[FEATURES]) {
  ear_frontend frontend;
  int made = 0;
  ear_frontend_init(&frontend);
  for (size_t at = 0; at < SAMPLES;) {
    uint16_t row[EAR_CHANNELS];
    bool ready;
    size_t count = SAMPLES - at < chunk ? SAMPLES - at : chunk;
    size_t taken = ear_frontend_feed(&frontend, samples + at, count, row, &ready);
    assert(taken > 0 && taken <= count);
    at += taken;
    if (ready) memcpy(rows + EAR_CHANNELS * made++, row, sizeof row);
  }
  return made;
}

static void test_rows_are_the_golden_ones_in_chunks_of_any_size(void) {
  static const size_t chunks[] = {1, 7, 160, 319, 320, 321, 480, SAMPLES};
  static int16_t samples[SAMPLES];
  fill_noise(samples);
  for (size_t i = 0; i < sizeof chunks / sizeof *chunks; ++i) {
    uint16_t rows[FEATURES];
    uint32_t hash = 2166136261u;
    assert(hear(samples, chunks[i], rows) == ROWS);
    for (int j = 0; j < FEATURES; ++j) hash = (hash ^ rows[j]) * 16777619u;
    assert(memcmp(rows + FEATURES - EAR_CHANNELS, golden_last, sizeof golden_last) == 0);
    assert(hash == GOLDEN_HASH);
  }
}

static void test_extremes_stay_in_range(void) {
  static int16_t samples[SAMPLES];
  for (int period = 1; period < 200; period += 7) {
    uint16_t rows[FEATURES];
    for (int i = 0; i < SAMPLES; ++i) samples[i] = i / period % 2 ? INT16_MAX : INT16_MIN;
    assert(hear(samples, EAR_HOP_SAMPLES, rows) == ROWS);
    for (int i = 0; i < FEATURES; ++i) assert(rows[i] < 800);
  }
}

static void test_silence_is_zero(void) {
  static int16_t samples[SAMPLES];
  uint16_t rows[FEATURES];
  assert(hear(samples, EAR_HOP_SAMPLES, rows) == ROWS);
  for (int i = 0; i < FEATURES; ++i) assert(rows[i] == 0);
}

/* The nearest integer r: (r - 1/2)^2 < value < (r + 1/2)^2, in whole numbers. */
static void check_root(uint64_t value) {
  uint64_t root = ear_root(value);
  if (value >= 65535ull * 65536 && value <= UINT32_MAX) {
    assert(root == 65535);
    return;
  }
  assert(value <= root * root + root);
  assert(root == 0 || value > root * root - root);
}

static void test_root_is_the_nearest_integer(void) {
  uint64_t state = 1;
  for (uint64_t value = 0; value < 100000; ++value) check_root(value);
  for (uint64_t root = 2; root < 1u << 21; root += 11) {
    check_root(root * root + root);
    check_root(root * root + root + 1);
    check_root(root * root - 1);
  }
  for (int i = 0; i < 1000000; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    check_root(state >> (22 + i % 40));
  }
  check_root(UINT32_MAX);
  check_root(1ull << 32);
}

static void test_int8_saturates(void) {
  assert(ear_feature_to_int8(0) == -128);
  assert(ear_feature_to_int8(333) == 0);
  assert(ear_feature_to_int8(665) == 127);
  assert(ear_feature_to_int8(UINT16_MAX) == 127);
}

int main(void) {
  test_rows_are_the_golden_ones_in_chunks_of_any_size();
  test_extremes_stay_in_range();
  test_silence_is_zero();
  test_root_is_the_nearest_integer();
  test_int8_saturates();
  return EXIT_SUCCESS;
}
