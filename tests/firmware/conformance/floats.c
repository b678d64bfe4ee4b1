/* The floating-point registers across exceptions. */
#include "conformance.h"

enum { LOW = 20, HIGH = 22 };

static float held[32], seen[32];
static volatile uint32_t exc_return, control_before, control_after, status_inside;
static volatile float sink = 1.5f;

static void clobber(void) {
  control_before = MRS(control);
  __asm__ volatile(
      "vmov.f32 s0, #2.0\n vmov s1, s0\n vmov s2, s0\n vmov s3, s0\n"
      "vmov s4, s0\n vmov s5, s0\n vmov s6, s0\n vmov s7, s0\n"
      "vmov s8, s0\n vmov s9, s0\n vmov s10, s0\n vmov s11, s0\n"
      "vmov s12, s0\n vmov s13, s0\n vmov s14, s0\n vmov s15, s0\n"
      "vmrs %0, fpscr\n"
      : "=r"(status_inside)::"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10",
        "s11", "s12", "s13", "s14", "s15");
  control_after = MRS(control);
}

__attribute__((used)) static void nested(uint32_t lr) {
  exc_return = lr;
  clobber();
  pend(HIGH);
  sink = sink * 3.0f;
}

__attribute__((naked)) static void nested_entry(void) {
  __asm__ volatile("push {r4, lr}\n mov r0, lr\n bl %c0\n pop {r4, pc}" ::"i"(nested));
}

static void inner(void) {
  sink = sink + 0.25f;
  note('i');
}

static void no_floats(void) {
  note('n');
}

/* Fills all 32 registers and the status, is interrupted, and looks at them. */
static uint32_t interrupted(uint32_t status) {
  for (int i = 0; i < 32; i++) held[i] = (float)i * 1.25f - 7.0f;
  __asm__ volatile(
      "vldmia %1!, {s0-s31}\n"
      "vmsr fpscr, %0\n"
      "str %4, [%3]\n"
      "dsb\n"
      "isb\n"
      "vstmia %2!, {s0-s31}\n"
      "vmrs %0, fpscr\n"
      : "+r"(status)
      : "r"(held), "r"(seen), "r"(&NVIC_ISPR), "r"(1u << LOW)
      : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
        "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26",
        "s27", "s28", "s29", "s30", "s31", "memory");
  return status;
}

static void show_registers(const char *name, uint32_t status) {
  uint32_t differing = 0;
  for (int i = 0; i < 32; i++) differing |= (uint32_t)(held[i] != seen[i]) << i;
  say(name);
  say("\n");
  show(" registers changed", differing);
  show(" fpscr", status);
}

static void survive(void) {
  serve(HIGH, 0x40, inner);
  serve(LOW, 0x80, nested_entry);
  show_registers("handler uses the FPU", interrupted(0xA0C0009Fu));
  show(" exc_return", exc_return);
  show(" control before", control_before);
  show(" control after", control_after);
  show(" fpscr inside", status_inside);
  serve(LOW, 0x80, no_floats);
  show_registers("handler does not", interrupted(0x50400000u));
  __asm__ volatile("vmsr fpscr, %0" ::"r"(0));
  notes("handlers");
}

/* Without floats in use the frame is the short one, until the first is used again. */
static void context_flag(void) {
  serve(HIGH, 0x40, inner);
  serve(LOW, 0x80, nested_entry);
  sink = sink * 2.0f;
  show("in use", MRS(control));
  MSR(control, 0);
  pend(LOW);
  show("unused: exc_return", exc_return);
  show("unused: control", MRS(control));
  show("unused: control inside", control_before);
  sink = sink * 2.0f;
  show("in use again", MRS(control));
  pend(LOW);
  show("used: exc_return", exc_return);
  MSR(control, 0);
  MSR(control, 4);
  show("set by hand", MRS(control));
  pend(LOW);
  show("by hand: exc_return", exc_return);
  notes("handlers");
}

/* Frames interleaved: floats are live in the thread and in the outer handler. */
static void sums(void) {
  serve(HIGH, 0x40, inner);
  serve(LOW, 0x80, nested_entry);
  sink = 1.0f;
  float sum = 0.0f;
  for (int i = 1; i <= 5; i++) {
    sum += 1.0f / (float)i;
    pend(LOW);
    sum *= 1.0f + sink / 1024.0f;
  }
  union {
    float value;
    uint32_t bits;
  } result = {sum};
  show("sum", result.bits);
  notes("handlers");
}

void test_floats(void) {
  handler *const tests[] = {survive, context_flag, sums};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    tests[i]();
  }
}
