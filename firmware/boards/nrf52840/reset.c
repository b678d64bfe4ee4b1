/* Why the board started, and how often in a row it failed. Kept in GPREGRET2, as GPREGRET carries
 * what programs ask of the bootloaders. It outlives a reset by software and a lock-up, and is
 * cleared by the watchdog, the reset pin and power (PS 5.3.7). */
#include "board.h"
#include "internal.h"
#include "nrf52840.h"

/* Bits of GPREGRET2. */
#define MARK 0xA0u     /* ours, in the upper half */
#define FAILURES_AT 2u /* failed starts in a row */
#define FAILURES_MOST 3u
#define NOTE 3u /* why the program itself reset the board: enum reset_note */

static const char *reason;

static void keep(uint32_t failures) {
  POWER_GPREGRET2 = MARK | failures << FAILURES_AT;
}

static const char *reason_of(uint32_t bits, uint32_t note) {
  static const char *const notes[] = {"software", "fault", "microphone", "software"};
  if (bits & POWER_RESETREAS_PIN) return "pin";
  if (bits & POWER_RESETREAS_WATCHDOG) return "watchdog";
  if (bits & POWER_RESETREAS_LOCKUP) return "fault";
  return bits & POWER_RESETREAS_SOFTWARE ? notes[note] : "power";
}

void reset_init(void) {
  uint32_t bits = POWER_RESETREAS, kept = POWER_GPREGRET2;
  POWER_RESETREAS = bits; /* ones clear */
  if ((kept & 0xF0u) != MARK) kept = 0;
  reason = reason_of(bits, kept & NOTE);
  uint32_t failures = kept >> FAILURES_AT & 3u;
  bool has_failed = kept & NOTE || bits & POWER_RESETREAS_LOCKUP;
  keep(!has_failed ? 0 : failures < FAILURES_MOST ? failures + 1 : failures);
}

void reset_because(reset_note note) {
  POWER_GPREGRET2 |= note;
  memory_barrier();
  SCB_AIRCR = SCB_AIRCR_RESET;
  for (;;) {
  }
}

const char *board_reset_reason(void) {
  return reason;
}

uint32_t board_failures(void) {
  return POWER_GPREGRET2 >> FAILURES_AT & 3u;
}

void board_forget_failures(void) {
  keep(0);
}

void board_reset(bool is_deaf) {
  reset_because(is_deaf ? RESET_DEAF : RESET_ASKED);
}
