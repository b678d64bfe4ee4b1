/* Leaves UARTE0 as Arduino's bootloader does, receiving, and worse: with events, an error and an
 * interrupt that is enabled and pending. Then starts the application at 0x10000. To get there it
 * wants eight bytes at the serial port: one is stored, six fill the FIFO, the last overruns it. */
#include <stdint.h>

#include "nrf52840/nrf52840.h"
#include "nrf52840/pins.h"

#define APPLICATION ((const uint32_t *)0x10000)
#define BUFFER 0x20002000u /* where the application keeps its own variables */

static void receive(uint32_t count) {
  UARTE_RXD_PTR = BUFFER;
  UARTE_RXD_MAXCNT = count;
  UARTE_TASKS_STARTRX = 1;
}

static void start_application(void) {
  SCB_VTOR = (uint32_t)(uintptr_t)APPLICATION;
  __asm__ volatile("msr msp, %0\n bx %1" ::"r"(APPLICATION[0]), "r"(APPLICATION[1]));
}

void reset(void) {
  interrupts_off();
  UARTE_PSEL_TXD = PIN_SERIAL_TX;
  UARTE_PSEL_RXD = PIN_SERIAL_RX;
  UARTE_BAUDRATE = 0x01D60000u; /* 115200 */
  UARTE_ENABLE = UARTE_ENABLE_ON;
  receive(1);
  while (!UARTE_EVENTS_ERROR) {
  }
  receive(255);
  UARTE_INTENSET = 0xFFFFFFFFu;
  NVIC_ISER(0) = 1u << UARTE_IRQ;
  start_application();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[2] = {
    0x20040000,
    (uintptr_t)reset,
};
