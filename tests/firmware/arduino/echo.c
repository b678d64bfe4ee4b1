/* Sends back each line that the Arduino board's serial port receives. Runs on the bare board's
 * start-up code; an interrupt whose vector nobody has set never returns, as in Mbed OS. */
#include <string.h>

#include "arduino/ports.h"
#include "board.h"
#include "nrf52840/cortex_m4.h"

#define VECTORS 64u

static void never_return(void) {
  for (;;) {
  }
}

void serial_interrupt(void) __attribute__((alias("never_return")));
void microphone_interrupt(void) __attribute__((alias("never_return")));
void timer_interrupt(void) __attribute__((alias("never_return")));
void fault_entry(void) __attribute__((alias("never_return")));

void sleep_end(void) {}

/* In RAM, as Mbed OS has its vectors; so slow that a byte arrives meanwhile. */
void NVIC_SetVector(int interrupt, uint32_t vector) {
  for (volatile uint32_t i = 0; i < 2000; i++) {
  }
  static uint32_t table[VECTORS] __attribute__((aligned(256)));
  memcpy(table, (const void *)(uintptr_t)SCB_VTOR, sizeof table);
  table[16 + interrupt] = vector;
  SCB_VTOR = (uint32_t)(uintptr_t)table;
}

static size_t read_line(uint8_t *line, size_t room) {
  size_t count = 0;
  while (count < room && !(count && line[count - 1] == '\n'))
    count += board_serial_read(line + count, 1);
  return count;
}

int main(void) {
  static uint8_t line[64];
  ports_init();
  for (;;) {
    size_t count = board_serial_send(line, read_line(line, sizeof line));
    while (count) count -= board_serial_sent();
  }
}
