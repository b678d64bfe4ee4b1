/* What an exception puts on which stack, and what it returns to. */
#include "conformance.h"

enum { LOW = 20, HIGH = 22 };
enum { R0, R1, R2, R3, R12, LR, PC, XPSR };

static uint32_t process_stack[64] __attribute__((aligned(8)));

__attribute__((used)) static void add_arguments(uint32_t *frame) {
  uint32_t number = ((const uint8_t *)(uintptr_t)frame[PC])[-2];
  show("svc", number);
  show("svc frame aligned", ((uint32_t)(uintptr_t)frame & 7u) == 0);
  show("svc realigned", frame[XPSR] >> 9 & 1u);
  show("svc r1 r2 r3", frame[R1] << 16 | frame[R2] << 8 | frame[R3]);
  show("svc r12", frame[R12]);
  frame[R0] += frame[R1] + frame[R2] + frame[R3] + number;
}

__attribute__((naked)) static void svc_entry(void) {
  __asm__ volatile(
      "tst lr, #4\n"
      "ite eq\n"
      "mrseq r0, msp\n"
      "mrsne r0, psp\n"
      "b %c0" ::"i"(add_arguments));
}

/* Calls the supervisor with the stack `words` below where it was. */
__attribute__((naked, noinline)) static uint32_t call(uint32_t r0, uint32_t r1, uint32_t words) {
  (void)r0;
  (void)r1;
  (void)words;
  __asm__ volatile(
      "push {r4, lr}\n"
      "mov r4, sp\n"
      "sub r3, r4, r2, lsl #2\n"
      "mov sp, r3\n"
      "movs r3, #3\n"
      "mov r12, #0x1200\n"
      "svc 0x2a\n"
      "mov sp, r4\n"
      "pop {r4, pc}\n");
}

static void supervisor_call(void) {
  on(SVCALL, svc_entry);
  show("ccr", SCB_CCR & 0x200u);
  for (uint32_t words = 0; words < 3; words++) show("svc result", call(100, 10, words));
}

static volatile uint32_t exc_return, control_inside, psp_inside, msp_inside;

__attribute__((used)) static void saw(uint32_t lr) {
  exc_return = lr;
  control_inside = MRS(control);
  psp_inside = MRS(psp);
  msp_inside = MRS(msp);
  if (MRS(ipsr) == IRQ + LOW) pend(HIGH);
}

__attribute__((naked)) static void look(void) {
  __asm__ volatile(
      "push {r4, lr}\n"
      "mov r0, lr\n"
      "bl %c0\n"
      "pop {r4, pc}" ::"i"(saw));
}

static void inner(void) {
  note('i');
}

static volatile uint32_t exc_return_nested;

__attribute__((naked)) static void look_nested(void) {
  __asm__ volatile("str lr, [%0]\n b %c1" ::"r"(&exc_return_nested), "i"(inner));
}

static void show_return(const char *name) {
  say(name);
  say("\n");
  show(" exc_return", exc_return);
  show(" nested", exc_return_nested);
  show(" control inside", control_inside);
  show(" control", MRS(control));
}

/* The same interrupt, taken from the main and from a process stack. */
static void both_stacks(void) {
  serve(LOW, 0x80, look);
  serve(HIGH, 0x40, look_nested);
  pend(LOW);
  show_return("from the main stack");
  uint32_t top = (uint32_t)(uintptr_t)(process_stack + 63); /* not a multiple of 8 */
  uint32_t main_before = MRS(msp);
  MSR(psp, top);
  __asm__ volatile(
      "mov r3, #2\n"
      "msr control, r3\n"
      "isb\n"
      "str %1, [%0]\n"
      "dsb\n"
      "isb\n"
      "mrs r2, control\n"
      "movs r3, #0\n"
      "msr control, r3\n"
      "isb\n" ::"r"(&NVIC_ISPR),
      "r"(1u << LOW)
      : "r2", "r3", "memory");
  show_return("from a process stack");
  show("frame bytes", top - psp_inside);
  show("psp after", top - MRS(psp));
  show("msp moved", main_before - MRS(msp));
  show("handler stack bytes", main_before - msp_inside);
  show("stacked xpsr",
       process_stack[(psp_inside - (uint32_t)(uintptr_t)process_stack) / 4 + XPSR] & 0x0100FFFFu);
}

static void set_other_stack(void) {
  MSR(psp, 0x20001238);
  MSR(control, 2); /* handlers cannot change their stack */
  control_inside = MRS(control);
  note('s');
}

static void banked(void) {
  serve(LOW, 0x80, set_other_stack);
  pend(LOW);
  notes("banked");
  show("control inside", control_inside);
  show("control", MRS(control));
  show("psp", MRS(psp));
}

static void flags_kept(void) {
  static volatile uint32_t before, after;
  serve(LOW, 0x80, inner);
  for (uint32_t flags = 0; flags < 32; flags += 5) {
    uint32_t was, is, value = flags << 27;
    __asm__ volatile(
        "msr apsr_nzcvqg, %2\n"
        "mrs %0, apsr\n"
        "str %4, [%3]\n"
        "dsb\n"
        "isb\n"
        "mrs %1, apsr\n"
        : "=&r"(was), "=&r"(is)
        : "r"(value | 0xA0000u), "r"(&NVIC_ISPR), "r"(1u << LOW)
        : "cc", "memory");
    before = was;
    after = is;
    show("flags", before);
    show("flags changed", before ^ after);
  }
  notes("interrupts");
}

void test_stacks(void) {
  handler *const tests[] = {supervisor_call, both_stacks, banked, flags_kept};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    tests[i]();
  }
}
