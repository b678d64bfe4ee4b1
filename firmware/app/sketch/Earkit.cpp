#include "Earkit.h"

#include "board.h"
#include "engine.h"
#include "model_info.h"
#include "spotter/spotter.h"

static_assert(BOARD_BLOCK_SAMPLES == EAR_SPOTTER_BLOCK, "the board's blocks are the spotter's");

namespace {

ear_spotter spotter;
ear_spotter_ear ear;

bool start_spotter() {
  ear.model = &ear_model;
  ear.hops = EAR_SPOTTER_HOPS;
  return ear_spotter_init(&spotter, &ear, 1);
}

}  // namespace

EarkitClass Earkit;

// boards/arduino calls it in the microphone's interrupt; loop() looks often enough.
extern "C" void sleep_end(void) {}

const char *EarkitClass::start() {
  if (!ear_engine_init()) return ear_engine_error();
  const ear_tensor input = ear_engine_input(), output = ear_engine_output();
  if (input.type != EAR_INT8 || output.type != EAR_INT8 || output.count != ear_model.label_count ||
      input.count != static_cast<uint32_t>(ear_model.frames) * EAR_CHANNELS || !start_spotter()) {
    return "the model hears no words: int8 rows of 40 in, one int8 score per label out";
  }
  return board_microphone_start() ? "" : "the microphone does not start; reset the board";
}

bool EarkitClass::begin() {
  error_ = start();
  return error_[0] == '\0';
}

bool EarkitClass::listen(EarkitHeard &heard) {
  bool is_heard = false;
  if (!error_[0] && board_microphone_is_silent()) board_microphone_start();
  for (const int16_t *block; !is_heard && !error_[0] && (block = board_microphone_block());) {
    is_heard = take(block, heard);
  }
  return is_heard;
}

uint32_t EarkitClass::overruns() const {
  return board_microphone_overruns();
}

bool EarkitClass::take(const int16_t *block, EarkitHeard &heard) {
  const uint32_t lost = overruns() - lost_;
  lost_ += lost;
  const uint32_t due = ear_spotter_push(&spotter, block, lost);
  board_microphone_release();  // before the decision, which may take longer than a block lasts
  return due && decide(heard);
}

bool EarkitClass::decide(EarkitHeard &heard) {
  const int8_t *scores = ear_engine_slide(ear.rows[0], ear.hops, EAR_CHANNELS);
  if (!scores) {
    error_ = ear_engine_error();
    return false;
  }
  ear_heard found;
  if (!ear_spotter_decide(&spotter, 0, scores, &found) || !found.is_word) return false;
  heard = {ear_model.labels[found.label], found.score,
           static_cast<uint32_t>(ear_spotter_ms(&spotter))};
  return true;
}
