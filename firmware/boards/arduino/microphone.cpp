// The microphone by Arduino's PDM library. It calls back in its interrupt, on a stack of 1 kB, and
// stops for good when a block is not read there and then: so each is read at once, into the place
// that is free, or, when the application is so late that none is, over the newest, which is lost.
#include <PDM.h>

#include "board.h"
#include "ports.h"

namespace {

constexpr uint32_t kBlocks = 2;  // so the application may be late by 40 ms
constexpr uint32_t kBlockMicroseconds = 20000, kSilence = 200000;
constexpr uint32_t kSettling =
    5;                     // blocks: the first is zeros, and the microphone needs about 50 ms
constexpr int kGain = 40;  // 0 dB, as the bare board; the library's own default is 20, -10 dB

int16_t blocks[kBlocks][BOARD_BLOCK_SAMPLES];
volatile uint32_t filled, released, overruns, settling = kSettling;
volatile uint32_t heard;  // us: when the last block came, or the microphone was started
bool is_started;

// Blocks that should have come since the last one, and did not: flash was erased, or the microphone
// had stopped.
uint32_t missed(uint32_t now) {
  const uint32_t count = (now - heard) / kBlockMicroseconds;
  return count > 1 ? count - 1 : 0;
}

void take_block() {
  const uint32_t now = micros();
  if (!settling) overruns = overruns + missed(now);
  heard = now;
  const bool is_free = filled - released < kBlocks;
  PDM.read(blocks[(is_free ? filled : filled - 1) % kBlocks], sizeof blocks[0]);
  if (settling) {
    settling = settling - 1;
  } else if (is_free) {
    filled = filled + 1;
  } else {
    overruns = overruns + 1;
  }
  sleep_end();
}

}  // namespace

bool board_microphone_start(void) {
  if (is_started) PDM.end();
  if (!is_started) heard = micros();
  is_started = true;
  PDM.onReceive(take_block);
  PDM.setBufferSize(sizeof blocks[0]);
  PDM.setGain(kGain);
  return PDM.begin(1, 16000) != 0;
}

bool board_microphone_is_silent(void) {
  const uint32_t since = heard;  // first: an interrupt makes it later than the time read
  return micros() - since >= kSilence;
}

bool microphone_is_settled(void) {
  return settling == 0;
}

const int16_t *board_microphone_block(void) {
  return filled == released ? nullptr : blocks[released % kBlocks];
}

void board_microphone_release(void) {
  if (filled != released) released = released + 1;
}

uint32_t board_microphone_overruns(void) {
  return overruns;
}
