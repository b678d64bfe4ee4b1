/* Names a fault on the serial port, then resets.
 *
 * The stack may be what failed, so the handler starts a new one; nothing of the program is resumed.
 */
#include <string.h>

#include "board.h"
#include "internal.h"
#include "nrf52840.h"

#define LINE 160

/* Configurable fault status register, ARMv7-M B3.2.15. */
static const struct {
  uint32_t bits;
  const char *text;
} causes[] = {
    {0x00001818, "stack overflow"},    {0x00000001, "code not executable"},
    {0x00008702, "no memory there"},   {0x00010000, "undefined instruction"},
    {0x00060000, "jump to no code"},   {0x00080000, "no such coprocessor"},
    {0x01000000, "unaligned address"}, {0x02000000, "division by zero"},
};

static const char *exception_name(uint32_t number) {
  static const char *const names[] = {"NMI", "HardFault", "MemManage", "BusFault", "UsageFault"};
  return number >= 2 && number <= 6 ? names[number - 2] : "unexpected interrupt";
}

static char *put_text(char *to, const char *text) {
  size_t length = strlen(text);
  memcpy(to, text, length);
  return to + length;
}

static char *put_hex(char *to, const char *name, uint32_t value) {
  to = put_text(to, name);
  for (int shift = 28; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[(value >> shift) & 15];
  return to;
}

static const char *cause_of(uint32_t cfsr) {
  for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
    if (cfsr & causes[i].bits) return causes[i].text;
  }
  return "";
}

/* `frame` is where the processor put r0-r3, r12, lr, pc and xpsr, if it could. */
__attribute__((used, noreturn)) static void fault_report(const uint32_t *frame, uint32_t number) {
  static char line[LINE]; /* the serial port reads RAM only */
  uint32_t cfsr = SCB_CFSR;
  const char *cause = cause_of(cfsr);
  bool stacked =
      frame >= stack_bottom && frame + 8 <= stack_top && (cfsr & (1u << 4 | 1u << 12)) == 0;
  char *end = put_text(line, "\r\nFault ");
  end = put_text(end, exception_name(number));
  if (*cause) end = put_text(put_text(end, ", "), cause);
  end = put_hex(end, ": exception=0x", number);
  end = put_hex(end, " pc=0x", stacked ? frame[6] : 0);
  end = put_hex(end, " lr=0x", stacked ? frame[5] : 0);
  end = put_hex(end, " cfsr=0x", cfsr);
  if (cfsr & SCB_CFSR_BFARVALID) end = put_hex(end, " address=0x", SCB_BFAR);
  if (cfsr & SCB_CFSR_MMARVALID) end = put_hex(end, " address=0x", SCB_MMFAR);
  end = put_text(end, "\r\n");
  serial_send_now(line, (size_t)(end - line));
  reset_because(RESET_FAULT);
}

__attribute__((naked)) void fault_entry(void) {
  __asm__ volatile(
      "cpsid i\n"
      "mrs r0, msp\n"
      "ldr r2, =stack_top\n"
      "msr msp, r2\n"
      "mrs r1, ipsr\n"
      "b %c0\n" ::"i"(fault_report));
}
