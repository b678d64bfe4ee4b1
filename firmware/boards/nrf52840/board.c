/* Clocks, watchdog, lights, sleep and time. */
#include "board.h"

#include "internal.h"
#include "nrf52840.h"
#include "pins.h"

#define WATCHDOG_SECONDS 2u
#define CRYSTAL_TRIES 100000u /* it needs about 0.4 ms */
#define CYCLES_PER_TICK 4u    /* 64 MHz core, 16 MHz timer */

static volatile bool awake; /* an interrupt came since board_sleep returned */
static uint64_t ticks_asleep;

uint32_t ticks(void) {
  TIMER_TASKS_CAPTURE = 1;
  return TIMER_CC(0);
}

void wake_at(uint32_t tick) {
  TIMER_CC(1) = tick;
  TIMER_INTENSET = TIMER_INT_COMPARE1;
}

void timer_interrupt(void) {
  TIMER_EVENTS_COMPARE1 = 0;
  sleep_end();
  memory_barrier(); /* the event is down before the interrupt returns */
}

static void start_clocks(void) {
  NVMC_ICACHECNF = NVMC_ICACHECNF_ON;
  CLOCK_EVENTS_HFCLKSTARTED = 0;
  CLOCK_TASKS_HFCLKSTART = 1;
  for (uint32_t i = 0; i < CRYSTAL_TRIES && !CLOCK_EVENTS_HFCLKSTARTED; i++) {
  }
  TIMER_MODE = 0;
  TIMER_BITMODE = TIMER_BITMODE_32;
  TIMER_PRESCALER = 0;
  interrupt_enable(TIMER_IRQ);
  TIMER_TASKS_START = 1;
}

/* It stands still while the core sleeps: a stuck program never does. */
static void start_watchdog(void) {
  WDT_CONFIG = 0;
  WDT_CRV = WATCHDOG_SECONDS * 32768u - 1u;
  WDT_TASKS_START = 1;
}

void board_init(void) {
  SCB_SHCSR |= SCB_SHCSR_FAULTS;
  SCB_CCR |= SCB_CCR_DIV_0_TRP;
  reset_init();
  start_clocks();
  gpio_output(PIN_LED_RED, 1);
  gpio_output(PIN_LED_GREEN, 1);
  gpio_output(PIN_LED_BLUE, 1);
  gpio_output(PIN_LED_YELLOW, 0);
  serial_init();
  start_watchdog();
}

const char *board_name(void) {
  return "nrf52840";
}

void board_light(board_color color) {
  gpio_write(PIN_LED_RED, color != BOARD_RED);
  gpio_write(PIN_LED_GREEN, color != BOARD_GREEN);
  gpio_write(PIN_LED_BLUE, color != BOARD_BLUE);
}

void board_light_streaming(bool on) {
  gpio_write(PIN_LED_YELLOW, on);
}

void sleep_end(void) {
  awake = true;
}

/* Masked, so that no interrupt slips in between the look and the WFI; a pending one ends the WFI
 * all the same and is served when the mask is lifted, after the time was taken. */
void board_sleep(void) {
  WDT_RR0 = WDT_RELOAD;
  uint32_t mask = interrupts_off();
  if (!awake) {
    uint32_t start = ticks();
    __asm__ volatile("dsb\n wfi" ::: "memory");
    ticks_asleep += ticks() - start;
  }
  awake = false;
  interrupts_restore(mask);
}

uint32_t board_cycles(void) {
  return ticks() * CYCLES_PER_TICK;
}

uint64_t board_cycles_asleep(void) {
  return ticks_asleep * CYCLES_PER_TICK;
}
