/* The spotter on its own: several ears, the clock, the quiet time. Compiled with sanitizers. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "spotter/spotter.h"

static const char *const names[] = {"no", "silence", "yes"};
static const ear_model_info model = {
    .label_count = 3,
    .labels = names,
    .words = 0x5,
    .silence = 1,
    .hop_ms = 20,
    .frames = 49,
    .recognizer = {200, 1500, 2, {200, 200, 200}},
};
static const ear_model_info longer = {
    .label_count = 2,
    .labels = names,
    .words = 0x1,
    .silence = 1,
    .hop_ms = 20,
    .frames = 98,
    .recognizer = {200, 1500, 2, {100, 100}},
};
static int16_t sound[EAR_SPOTTER_BLOCK];

static void make_noise(uint32_t seed) {
  for (int i = 0; i < EAR_SPOTTER_BLOCK; i++) {
    seed = seed * 1664525u + 1013904223u;
    sound[i] = (int16_t)(seed >> 18);
  }
}

/* Two ears that decide at different rates have the same features, and each its own window. */
static void test_ears_share_a_front_end(void) {
  ear_spotter spotter;
  ear_spotter_ear ears[] = {{.model = &model, .hops = 1}, {.model = &longer, .hops = 2}};
  assert(ear_spotter_init(&spotter, ears, 2));
  for (uint32_t block = 1; block <= 200; block++) {
    make_noise(block);
    uint32_t due = ear_spotter_push(&spotter, sound, 0), rows = block - 1;
    assert(due == ((rows >= 1 ? 1u : 0) | (rows && rows % 2 == 0 ? 2u : 0)));
    const int8_t *first = ear_spotter_row(&spotter, 0), *second = ear_spotter_row(&spotter, 1);
    assert(!first == (rows == 0) && !second == (rows == 0));
    if (first) assert(first == ears[0].rows[0] && memcmp(first, second, EAR_CHANNELS) == 0);
    assert(ear_spotter_is_full(&ears[0]) == (rows >= 49));
    assert(ear_spotter_is_full(&ears[1]) == (rows >= 98));
    assert(ear_spotter_ms(&spotter) == block * 20);
  }
}

/* Nothing is heard before the window was full; which label is a word is the model's. */
static void test_words_after_the_quiet_time(void) {
  ear_spotter spotter;
  ear_spotter_ear ear = {.model = &model, .hops = 1};
  const int8_t no[] = {127, -128, -128}, silence[] = {-128, 127, -128}, yes[] = {-128, -128, 127};
  uint64_t first = 0;
  ear_heard heard;
  assert(ear_spotter_init(&spotter, &ear, 1));
  for (int block = 0; block < 60; block++) {
    if (!ear_spotter_push(&spotter, sound, 0)) continue;
    if (!ear_spotter_decide(&spotter, 0, no, &heard)) continue;
    assert(heard.is_word && heard.label == 0);
    if (!first) first = ear_spotter_ms(&spotter);
  }
  assert(first >= 1000 && first <= 1100);
  for (int block = 0; block < 30; block++) { /* silence is reported again and again, as no word */
    ear_spotter_push(&spotter, sound, 0);
    bool is_new = ear_spotter_decide(&spotter, 0, silence, &heard);
    assert((is_new && heard.label == 1 && !heard.is_word) || block < 15);
  }
  int words = 0;
  for (int block = 0; block < 30; block++) {
    ear_spotter_push(&spotter, sound, 0);
    words += ear_spotter_decide(&spotter, 0, yes, &heard) && heard.is_word;
  }
  assert(words == 1);
}

/* A model without silence: before there are enough results, no label is looked up. */
static void test_a_model_without_silence(void) {
  ear_model_info only_words = model;
  only_words.words = 0x7, only_words.silence = EAR_NO_LABEL;
  ear_spotter spotter;
  ear_spotter_ear ear = {.model = &only_words, .hops = 1};
  const int8_t quiet[] = {-128, -128, -128}, no[] = {127, -128, -128};
  int words = 0;
  ear_heard heard;
  assert(ear_spotter_init(&spotter, &ear, 1));
  for (int block = 0; block < 200; block++) {
    if (!ear_spotter_push(&spotter, sound, 0)) continue;
    words += ear_spotter_decide(&spotter, 0, block < 100 ? quiet : no, &heard);
  }
  assert(words == 2 && heard.label == 0 && heard.is_word); /* again after 1.5 s */
}

static void test_lost_blocks_move_the_clock(void) {
  ear_spotter spotter;
  ear_spotter_ear ear = {.model = &model, .hops = 2};
  assert(ear_spotter_init(&spotter, &ear, 1));
  ear_spotter_push(&spotter, sound, 0);
  ear_spotter_push(&spotter, sound, 5);
  assert(spotter.blocks == 7 && ear_spotter_ms(&spotter) == 140);
  spotter.blocks = 0x80000000u; /* 497 days: milliseconds do not fit 32 bits */
  assert(ear_spotter_ms(&spotter) == 42949672960u);
}

static bool takes(ear_model_info wanted, uint8_t hops) {
  ear_spotter spotter;
  ear_spotter_ear ear = {.model = &wanted, .hops = hops};
  return ear_spotter_init(&spotter, &ear, 1);
}

static void test_what_it_cannot_honour_is_refused(void) {
  ear_model_info other = model;
  assert(takes(model, 1) && takes(model, EAR_SPOTTER_HOPS));
  assert(!takes(model, 0) && !takes(model, EAR_SPOTTER_HOPS + 1));
  other.hop_ms = 10;
  assert(!takes(other, 1));
  other = model, other.frames = 0;
  assert(!takes(other, 1));
  other = model, other.label_count = 1;
  assert(!takes(other, 1));
  other.label_count = EAR_MAX_LABELS + 1;
  assert(!takes(other, 1));
}

int main(void) {
  test_ears_share_a_front_end();
  test_words_after_the_quiet_time();
  test_a_model_without_silence();
  test_lost_blocks_move_the_clock();
  test_what_it_cannot_honour_is_refused();
  return 0;
}
