/* Microphone: PDM into a ring of blocks, by DMA and one interrupt.
 *
 * The DMA latches SAMPLE.PTR when a block starts, and says STARTED: the block before has ended, and
 * the place of the one after may be given. Nothing else is counted, as in Nordic's nrfx_pdm, so
 * that no pair of events can come apart. The time between two STARTED says how many blocks ended:
 * of those that nobody looked at, as while flash is erased, the first is whole, and the others were
 * written over each other. When the application is so late that no place is free, the next block is
 * written over this one. Blocks that are lost count as overruns. */
#include "board.h"
#include "internal.h"
#include "nrf52840.h"
#include "pins.h"

#define BLOCKS 4u /* one is being filled, one comes next */
#define BLOCK_TICKS (TICKS_PER_SECOND / 1000u * 20u)
#define SILENCE_TICKS (TICKS_PER_SECOND / 5u) /* more than an erase of flash takes */

static int16_t blocks[BLOCKS][BOARD_BLOCK_SAMPLES];
static volatile uint32_t filled; /* places ever, so the place that is being filled */
static volatile uint32_t next;   /* the place after it, or the same one when none is free */
static volatile uint32_t released;
static volatile uint32_t overruns;
static volatile uint32_t heard;    /* ticks: when the last block started, or the microphone */
static volatile uint32_t boundary; /* ticks: to where blocks are counted */
static volatile bool is_first;     /* the next STARTED is the first since the start */
static bool is_known;              /* the microphone was started before */

static void set_next(uint32_t place) {
  next = place;
  PDM_SAMPLE_PTR = (uint32_t)(uintptr_t)blocks[next % BLOCKS];
}

static void listen_until_silent(uint32_t now) {
  heard = now;
  wake_at(now + SILENCE_TICKS);
}

bool board_microphone_start(void) {
  if (is_known) {
    PDM_INTENCLR = PDM_INT_STARTED;
    PDM_TASKS_STOP = 1;
    PDM_ENABLE = 0;
  }
  listen_until_silent(ticks());
  if ((CLOCK_HFCLKSTAT & CLOCK_HFCLKSTAT_CRYSTAL) != CLOCK_HFCLKSTAT_CRYSTAL) return false;
  gpio_output(PIN_MICROPHONE_POWER, 1);
  gpio_output(PIN_MICROPHONE_CLOCK, 0);
  GPIO_PIN_CNF(PIN_MICROPHONE_DATA) = GPIO_INPUT;
  PDM_PSEL_CLK = PIN_MICROPHONE_CLOCK;
  PDM_PSEL_DIN = PIN_MICROPHONE_DATA;
  PDM_PDMCLKCTRL = PDM_PDMCLKCTRL_1280K;
  PDM_RATIO = PDM_RATIO_80;
  PDM_MODE = PDM_MODE_MONO;
  PDM_GAINL = PDM_GAIN_0DB;
  PDM_SAMPLE_MAXCNT = BOARD_BLOCK_SAMPLES;
  set_next(filled);
  is_first = true;
  if (!is_known) boundary = heard;
  is_known = true;
  PDM_EVENTS_STARTED = 0;
  interrupt_enable(PDM_IRQ);
  PDM_INTENSET = PDM_INT_STARTED;
  PDM_ENABLE = 1;
  PDM_TASKS_START = 1;
  return true;
}

/* Blocks that ended since the last call. An interrupt that came late or early is no block more or
 * less, and moves the boundary; several blocks keep it where it was. */
static uint32_t count_blocks(uint32_t now) {
  uint32_t count = (now - boundary) / BLOCK_TICKS;
  boundary = count > 1 ? boundary + count * BLOCK_TICKS : now;
  return count > 1 ? count : 1;
}

void microphone_interrupt(void) {
  uint32_t now = ticks();
  PDM_EVENTS_STARTED = 0;
  if (is_first) {
    overruns += (now - boundary) / BLOCK_TICKS; /* before the microphone was started again */
    boundary = now;
    is_first = false;
  } else {
    overruns += count_blocks(now) - (next - filled);
    filled = next;
  }
  set_next(filled + 1 - released < BLOCKS ? filled + 1 : filled);
  listen_until_silent(now);
  sleep_end();
  memory_barrier(); /* the event is down before the interrupt returns */
}

const int16_t *board_microphone_block(void) {
  return filled == released ? NULL : blocks[released % BLOCKS];
}

void board_microphone_release(void) {
  if (filled != released) released++;
}

uint32_t board_microphone_overruns(void) {
  return overruns;
}

bool board_microphone_is_silent(void) {
  uint32_t since = heard; /* first: an interrupt that comes now makes it later than the time read */
  return ticks() - since >= SILENCE_TICKS;
}
