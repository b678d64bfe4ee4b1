/* What silicon does and a careless simulator does not; CASE picks one. Results lie in `out`. */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define UARTE 0x40002000
#define TEMP 0x4000C000
#define RNG 0x4000D000
#define PDM 0x4001D000
#define NVMC 0x4001E000
#define FICR 0x10000000
#define UICR 0x10001000
#define DONE 0xC0FFEE

enum {
  SEND_EVENT,
  UNDEFINED_AFTER_EVENT,
  UNDEFINED_AFTER_WAIT,
  WRITE_FLASH,
  SEND_FROM_FLASH,
  STOP_SENDING,
  RANDOM_AND_TEMPERATURE,
  RESET_PIN,
  START_UP_READS,
  START_MICROPHONE_WITHOUT_BUFFER,
  CRYPTOCELL
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

static void write_uicr(uint32_t offset, uint32_t value) {
  REG(UICR + offset) = value;
  while (!REG(NVMC + 0x400)) {
  }
}

/* As Nordic's system_nrf52840.c does: the pin is chosen once and for all, and a reset makes it so.
 * out[0] counts the resets, and lives through them. */
static void reset_pin(void) {
  if (REG(UICR + 0x200) >> 31 || REG(UICR + 0x204) >> 31) {
    out[0]++;
    REG(NVMC + 0x504) = 1;
    write_uicr(0x200, 18);
    write_uicr(0x204, 18);
    REG(NVMC + 0x504) = 0;
    REG(0xE000ED0C) = 0x05FA0004;
    for (;;) {
    }
  }
  for (int i = 0; i < 6; ++i) text[i] = "booted"[i];
  send(text, 6);
}

/* The registers that the same code reads for its workarounds. */
static void start_up_reads(void) {
  out[0] = REG(FICR + 0x130) | REG(FICR + 0x134);
  for (uint32_t i = 0; i < 17; ++i) {
    uint32_t place = i < 6 ? 0x520 + 4 * i : i < 12 ? 0x540 + 4 * (i - 6) : 0x560 + 4 * (i - 12);
    out[1] += REG(FICR + 0x404 + 4 * i) == REG(TEMP + place);
    REG(TEMP + place) = REG(FICR + 0x404 + 4 * i);
  }
}

/* As Arduino's PDM library does: the buffer is named when STARTED asks for it. */
static void start_microphone_without_buffer(void) {
  REG(PDM + 0x500) = 1;
  REG(PDM + 0x000) = 1;
  out[0] = REG(PDM + 0x100);
}

void reset(void) {
  if (CASE == SEND_EVENT) __asm__ volatile("sev\n wfe");
  if (CASE == UNDEFINED_AFTER_EVENT) __asm__ volatile("sev\n .inst.n 0xde00");
  if (CASE == UNDEFINED_AFTER_WAIT) __asm__ volatile("sev\n wfe\n .inst.n 0xde00");
  if (CASE == WRITE_FLASH) REG(0x100) = 0;
  if (CASE == SEND_FROM_FLASH) send(constant, 8);
  if (CASE == STOP_SENDING) stop_sending();
  if (CASE == RANDOM_AND_TEMPERATURE) random_and_temperature();
  if (CASE == RESET_PIN) reset_pin();
  if (CASE == START_UP_READS) start_up_reads();
  if (CASE == START_MICROPHONE_WITHOUT_BUFFER) start_microphone_without_buffer();
  if (CASE == CRYPTOCELL) out[0] = REG(0x5002A500) | REG(0x5002B000) | REG(0xE0040004);
  finish();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    0x20040000,       (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
};
