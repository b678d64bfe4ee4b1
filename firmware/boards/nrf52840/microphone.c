/* Microphone: PDM into a ring of blocks, by DMA and one interrupt.
 *
 * The DMA latches SAMPLE.PTR when a block starts (STARTED) and says END when it is full. So STARTED
 * n queues block n + 1 and END n hands block n out; each is counted for itself, because the two
 * events come in either order, or together. When the application is so late that no block is free,
 * block n + 1 is written over block n, which is lost and counts as an overrun. */
#include "board.h"
#include "internal.h"
#include "nrf52840.h"
#include "pins.h"

#define BLOCKS 4u    /* one is being filled, one is queued */
#define IN_FLIGHT 4u /* power of two, more than the two that are */

static int16_t blocks[BLOCKS][BOARD_BLOCK_SAMPLES];
static bool is_lost[IN_FLIGHT];  /* DMA block n, at n % IN_FLIGHT */
static uint32_t started, ended;  /* DMA blocks */
static uint32_t queued;          /* places of the ring given to the DMA */
static volatile uint32_t filled; /* of those, full */
static volatile uint32_t released;
static volatile uint32_t overruns;

static void queue(uint32_t number) {
  bool is_free = queued - released < BLOCKS;
  if (is_free) queued++;
  is_lost[(number - 1) % IN_FLIGHT] = !is_free;
  PDM_SAMPLE_PTR = (uint32_t)(uintptr_t)blocks[(queued - 1) % BLOCKS];
}

bool board_microphone_start(void) {
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
  queue(0);
  PDM_EVENTS_STARTED = 0;
  PDM_EVENTS_END = 0;
  PDM_INTENSET = PDM_INT_STARTED | PDM_INT_END;
  interrupt_enable(PDM_IRQ);
  PDM_ENABLE = 1;
  PDM_TASKS_START = 1;
  return true;
}

static void block_ended(void) {
  if (is_lost[ended++ % IN_FLIGHT]) {
    overruns++;
  } else {
    filled++;
  }
  sleep_end();
}

void microphone_interrupt(void) {
  if (PDM_EVENTS_END) {
    PDM_EVENTS_END = 0;
    block_ended();
  }
  if (PDM_EVENTS_STARTED) {
    PDM_EVENTS_STARTED = 0;
    queue(++started);
  }
  memory_barrier(); /* the events are down before the interrupt returns */
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
