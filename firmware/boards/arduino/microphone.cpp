// The microphone by Arduino's PDM library. It calls back in its interrupt, on a stack of 1 kB, and
// stops for good when a block is not read there and then: so each is read at once, into the place
// that is free, or, when the application is so late that none is, over the newest, which is lost.
#include <PDM.h>

#include "board.h"
#include "ports.h"

namespace {

constexpr uint32_t kBlocks = 2;  // so the application may be late by 40 ms
constexpr uint32_t kParts = 2;   // of a block; the library takes twice a part from the heap
constexpr size_t kPartSamples = BOARD_BLOCK_SAMPLES / kParts;
constexpr uint32_t kSettling =
    5;                     // blocks: the first is zeros, and the microphone needs about 50 ms
constexpr int kGain = 40;  // 0 dB, as the bare board; the library's own default is 20, -10 dB

int16_t blocks[kBlocks][BOARD_BLOCK_SAMPLES];
volatile uint32_t filled, released, overruns, settling = kSettling;
uint32_t part;

void start_block() {
  if (filled - released < kBlocks) return;
  filled = filled - 1;  // written over, so that nobody takes it meanwhile
  overruns = overruns + 1;
}

void end_block() {
  if (settling) {
    settling = settling - 1;
  } else {
    filled = filled + 1;
  }
  sleep_end();
}

void take_part() {
  if (part == 0) start_block();
  PDM.read(blocks[filled % kBlocks] + part * kPartSamples, kPartSamples * sizeof(int16_t));
  part = (part + 1) % kParts;
  if (part == 0) end_block();
}

}  // namespace

bool board_microphone_start(void) {
  PDM.onReceive(take_part);
  PDM.setBufferSize(kPartSamples * sizeof(int16_t));
  PDM.setGain(kGain);
  return PDM.begin(1, 16000) != 0;
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
