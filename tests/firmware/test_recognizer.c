/* The recogniser on its own: what it says when. Compiled with sanitizers. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

#include "recognizer/recognizer.h"

#define LABELS 4
#define YES 2

static ear_recognizer_settings tflm_settings(void) {
  ear_recognizer_settings settings = {1000, 1500, 3, {0}};
  for (int i = 0; i < EAR_MAX_LABELS; ++i) settings.threshold[i] = 200;
  return settings;
}

static ear_recognition hear(ear_recognizer *recognizer, int label, int8_t score, uint64_t time_ms) {
  int8_t scores[LABELS] = {-128, -128, -128, -128};
  scores[label] = score;
  return ear_recognizer_update(recognizer, scores, time_ms);
}

static void test_a_word_is_reported_once_until_suppression_ends(void) {
  ear_recognizer recognizer;
  ear_recognizer_settings settings = tflm_settings();
  ear_recognizer_init(&recognizer, &settings, LABELS, 0);
  for (uint64_t now = 0; now < 3600; now += 40) {
    ear_recognition heard = hear(&recognizer, YES, 127, now);
    assert(heard.is_new == (now == 280 || now == 1800 || now == 3320));
    assert(heard.score == (now < 280 ? 0 : 255));
  }
}

static void test_the_score_must_be_above_the_threshold(void) {
  ear_recognizer recognizer;
  ear_recognizer_settings settings = tflm_settings();
  ear_recognizer_init(&recognizer, &settings, LABELS, 0);
  for (uint64_t now = 0; now < 2000; now += 40)
    assert(!hear(&recognizer, YES, 200 - 128, now).is_new);
  recognizer.settings.threshold[YES] = 199;
  assert(hear(&recognizer, YES, 200 - 128, 2000).is_new);
}

static void test_old_results_leave_the_average(void) {
  ear_recognizer recognizer;
  ear_recognizer_settings settings = tflm_settings();
  ear_recognizer_init(&recognizer, &settings, LABELS, 0);
  for (uint64_t now = 0; now <= 1000; now += 100) hear(&recognizer, YES, 127, now);
  for (uint64_t now = 1100; now <= 2000; now += 100) hear(&recognizer, YES, -28, now);
  assert(hear(&recognizer, YES, -28, 2001).score == 100);
}

/* More results than the ring holds: the oldest go. */
static void test_the_ring_runs_over_without_harm(void) {
  ear_recognizer recognizer;
  ear_recognizer_settings settings = tflm_settings();
  settings.average_ms = 2500;
  ear_recognizer_init(&recognizer, &settings, LABELS, 0);
  for (uint64_t now = 0; now < 1000; now += 10) hear(&recognizer, YES, -128, now);
  ear_recognition heard = {0, 0, false};
  for (uint64_t now = 1000; now < 1000 + 10 * EAR_MAX_RESULTS; now += 10) {
    heard = hear(&recognizer, YES, 0, now);
  }
  assert(heard.label == YES && heard.score == 128);
}

/* 49 days are 2^32 ms, 37 hours 2^31 samples. */
static void test_time_does_not_overflow(void) {
  ear_recognizer recognizer;
  ear_recognizer_settings settings = tflm_settings();
  ear_recognizer_init(&recognizer, &settings, LABELS, 0);
  uint64_t start = UINT32_MAX - 100;
  for (uint64_t now = start; now < start + 2000; now += 40) {
    assert(hear(&recognizer, YES, 127, now).is_new == (now == start + 280 || now == start + 1800));
  }
}

int main(void) {
  test_a_word_is_reported_once_until_suppression_ends();
  test_the_score_must_be_above_the_threshold();
  test_old_results_leave_the_average();
  test_the_ring_runs_over_without_harm();
  test_time_does_not_overflow();
  return EXIT_SUCCESS;
}
