#include "Earkit.h"

#include <string.h>

#include "board.h"
#include "engine.h"
#include "frontend/frontend.h"
#include "model_info.h"

namespace {

constexpr uint8_t kRows = 2;                       // hops per decision
constexpr uint32_t kHopMs = 20, kWindowHops = 50;  // the window is not full before

ear_frontend frontend;
ear_recognizer recognizer;
int8_t rows[kRows][EAR_CHANNELS];

}  // namespace

EarkitClass Earkit;

// boards/arduino calls it in the microphone's interrupt; loop() looks often enough.
extern "C" void sleep_end(void) {}

const char *EarkitClass::start() {
  if (!ear_engine_init()) return ear_engine_error();
  const ear_tensor input = ear_engine_input(), output = ear_engine_output();
  if (input.type != EAR_INT8 || output.type != EAR_INT8 || ear_model.label_count < 2 ||
      output.count != ear_model.label_count ||
      input.count != static_cast<uint32_t>(ear_model.frames) * EAR_CHANNELS) {
    return "the model hears no words: int8 rows of 40 in, one int8 score per label out";
  }
  ear_recognizer_init(&recognizer, &ear_model.recognizer, ear_model.label_count);
  ear_frontend_init(&frontend);
  return board_microphone_start() ? "" : "the microphone does not start; reset the board";
}

bool EarkitClass::begin() {
  error_ = start();
  return error_[0] == '\0';
}

bool EarkitClass::listen(EarkitHeard &heard) {
  bool is_heard = false;
  for (const int16_t *block; !is_heard && !error_[0] && (block = board_microphone_block());) {
    is_heard = take(block, heard);
  }
  return is_heard;
}

uint32_t EarkitClass::overruns() const {
  return board_microphone_overruns();
}

bool EarkitClass::take(const int16_t *block, EarkitHeard &heard) {
  uint16_t features[EAR_CHANNELS];
  bool is_ready = false;
  hops_ += 1 + overruns() - lost_;  // lost blocks move the clock on
  lost_ = overruns();
  for (size_t taken = 0; taken < BOARD_BLOCK_SAMPLES;) {
    taken += ear_frontend_feed(&frontend, block + taken, BOARD_BLOCK_SAMPLES - taken, features,
                               &is_ready);
    if (!is_ready) continue;
    for (int i = 0; i < EAR_CHANNELS; i++) rows[rows_][i] = ear_feature_to_int8(features[i]);
    rows_++;
  }
  board_microphone_release();  // before the decision, which may take longer than a block lasts
  return rows_ == kRows && decide(heard);
}

bool EarkitClass::decide(EarkitHeard &heard) {
  const int8_t *scores = ear_engine_slide(rows[0], kRows, EAR_CHANNELS);
  rows_ = 0;
  if (!scores) {
    error_ = ear_engine_error();
    return false;
  }
  if (hops_ < kWindowHops) return false;
  const ear_recognition best =
      ear_recognizer_update(&recognizer, scores, static_cast<uint64_t>(hops_) * kHopMs);
  if (!best.is_new || best.label <= 1) return false;  // silence and unknown
  heard = {ear_model.labels[best.label], best.score, hops_ * kHopMs};
  return true;
}
