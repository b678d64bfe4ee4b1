/* What silicon does and a careless simulator does not; CASE picks one. Results lie in `out`. */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define UARTE 0x40002000
#define TEMP 0x4000C000
#define RNG 0x4000D000
#define DONE 0xC0FFEE

enum {
  SEND_EVENT,
  UNDEFINED_AFTER_EVENT,
  UNDEFINED_AFTER_WAIT,
  WRITE_FLASH,
  SEND_FROM_FLASH,
  STOP_SENDING,
  RANDOM_AND_TEMPERATURE
};

volatile uint32_t out[8], fault_pc, finished;
static char text[100];
static const char constant[] = "constant";

static void finish(void) {
  finished = DONE;
  for (;;) __asm__ volatile("wfi");
}

void on_fault(uint32_t *frame) {
  fault_pc = frame[6];
  finish();
}

__attribute__((naked)) void fault(void) {
  __asm__ volatile("mov r0, sp\n b on_fault");
}

static void send(const char *from, uint32_t count) {
  REG(UARTE + 0x50C) = 6;
  REG(UARTE + 0x524) = 0x01D60000;
  REG(UARTE + 0x500) = 8;
  REG(UARTE + 0x544) = (uint32_t)from;
  REG(UARTE + 0x548) = count;
  REG(UARTE + 0x008) = 1;
}

static void stop_sending(void) {
  for (int i = 0; i < 100; ++i) text[i] = (char)('a' + i % 26);
  send(text, 100);
  for (volatile int i = 0; i < 10000; ++i) {
  }
  REG(UARTE + 0x00C) = 1;
  while (!REG(UARTE + 0x158)) {
  }
  out[0] = REG(UARTE + 0x54C);
  out[1] = REG(UARTE + 0x120);
}

static void random_and_temperature(void) {
  REG(RNG + 0x000) = 1;
  for (int i = 0; i < 4; ++i) {
    while (!REG(RNG + 0x100)) {
    }
    REG(RNG + 0x100) = 0;
    out[i] = REG(RNG + 0x508);
  }
  REG(TEMP + 0x000) = 1;
  while (!REG(TEMP + 0x100)) {
  }
  out[4] = REG(TEMP + 0x508);
}

void reset(void) {
  if (CASE == SEND_EVENT) __asm__ volatile("sev\n wfe");
  if (CASE == UNDEFINED_AFTER_EVENT) __asm__ volatile("sev\n .inst.n 0xde00");
  if (CASE == UNDEFINED_AFTER_WAIT) __asm__ volatile("sev\n wfe\n .inst.n 0xde00");
  if (CASE == WRITE_FLASH) REG(0x100) = 0;
  if (CASE == SEND_FROM_FLASH) send(constant, 8);
  if (CASE == STOP_SENDING) stop_sending();
  if (CASE == RANDOM_AND_TEMPERATURE) random_and_temperature();
  finish();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    0x20040000,       (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
};
