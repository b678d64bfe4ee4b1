/* Faults: which handler runs, with which status, and where it says it happened. */
#include "conformance.h"

enum { LOW = 20 };
enum { R0, R1, R2, R3, R12, LR, PC, XPSR };

#define NOWHERE 0x70000000u

static uint32_t resume, expected;

__attribute__((used)) static void report(uint32_t *frame, uint32_t lr) {
  uint32_t status = SCB_CFSR;
  show(" exception", MRS(ipsr));
  show(" cfsr", status);
  show(" hfsr", SCB_HFSR);
  if (status & 1u << 15) show(" bfar", SCB_BFAR);
  show(" pc", frame[PC] - expected);
  show(" r0", frame[R0]);
  show(" exc_return", lr | 0x10u);
  show(" shcsr", SCB_SHCSR);
  SCB_CFSR = status;
  SCB_HFSR = SCB_HFSR;
  show(" cleared", SCB_CFSR | SCB_HFSR);
  frame[PC] = resume;
  frame[XPSR] = (frame[XPSR] & ~0x0600FC00u) | 1u << 24;
}

__attribute__((naked)) static void fault(void) {
  __asm__ volatile(
      "mrs r0, msp\n"
      "mov r1, lr\n"
      "b %c0" ::"i"(report));
}

/* Runs `code` with its address known to the handler, which goes on behind it. */
#define FAULTS(name, code)                         \
  static uint32_t name(uint32_t argument) {        \
    register uint32_t r0 __asm__("r0") = argument; \
    __asm__ volatile(                              \
        "adr.w r1, 1f\n"                           \
        "str r1, [%1]\n"                           \
        "adr.w r1, 2f\n"                           \
        "str r1, [%2]\n"                           \
        "movs r2, #1\n"                            \
        "adds r0, r0, #3\n"                        \
        "subs r0, r0, #3\n"                        \
        ".balign 4\n"                              \
        "1: " code                                 \
        "\n"                                       \
        "adds r0, r0, #100\n"                      \
        ".balign 4\n"                              \
        "2: nop\n"                                 \
        : "+r"(r0)                                 \
        : "r"(&expected), "r"(&resume)             \
        : "r1", "r2", "r3", "lr", "cc", "memory"); \
    return r0;                                     \
  }

FAULTS(undefined_short, "udf #1")
FAULTS(undefined_long, "udf.w #1")
FAULTS(undefined_conditional, "cmp r2, #1\n .short 0xbf08, 0xde01")
FAULTS(load, "ldr r3, [r0]")
FAULTS(load_pair, "ldrd r3, r2, [r0, #8]")
FAULTS(load_byte, "adds r0, #3\n ldrb r3, [r0]")
FAULTS(store, "str r2, [r0, #4]")
FAULTS(store_half, "strh r2, [r0]")
FAULTS(branch, "orr r0, r0, #1\n bx r0")
FAULTS(arm_state, "bx r0")
FAULTS(supervisor, "svc 1")
FAULTS(skipped, "cmp r2, #0\n it eq\n ldreq r3, [r0]")

typedef uint32_t faulting(uint32_t);

static void try(const char *name, faulting *code, uint32_t argument) {
  say(name);
  say("\n");
  show(" result", code(argument));
}

static void all(void) {
  try("undefined", undefined_short, 5);
  try("undefined, long", undefined_long, 5);
  try("undefined, conditional", undefined_conditional, 5);
  try("load", load, NOWHERE);
  try("load pair", load_pair, NOWHERE);
  try("load byte", load_byte, NOWHERE);
  try("store", store, NOWHERE);
  try("store half", store_half, NOWHERE);
  try("branch to nowhere", branch, NOWHERE);
  try("not Thumb", arm_state, 0x1000);
  try("skipped", skipped, NOWHERE);
}

static void enabled(void) {
  SCB_SHCSR |= SHCSR_FAULTS;
  show("shcsr", SCB_SHCSR);
  all();
}

static void disabled(void) {
  SCB_SHCSR &= ~SHCSR_FAULTS;
  say("handlers off\n");
  all();
}

static void masked(void) {
  SCB_SHCSR |= SHCSR_FAULTS;
  say("primask set\n");
  interrupts_off();
  try("undefined", undefined_short, 5);
  try("load", load, NOWHERE);
  try("supervisor call", supervisor, 5);
  interrupts_on();
  say("basepri set\n");
  SCB_SHPR(USAGE_FAULT) = 0x80;
  SCB_SHPR(BUS_FAULT) = 0x20;
  MSR(basepri, 0x60);
  try("undefined", undefined_short, 5);
  try("load", load, NOWHERE);
  MSR(basepri, 0);
}

static void in_handler(void) {
  try("in a handler: undefined", undefined_short, 5);
  try("in a handler: load", load, NOWHERE);
}

/* A fault whose handler is not above the running one becomes a HardFault. */
static void escalated(void) {
  SCB_SHCSR |= SHCSR_FAULTS;
  SCB_SHPR(USAGE_FAULT) = 0x60;
  SCB_SHPR(BUS_FAULT) = 0x20;
  serve(LOW, 0x40, in_handler);
  pend(LOW);
}

static volatile uint32_t lost_exception, lost_status, lost_moved;

__attribute__((used)) static void stack_lost(uint32_t psp) {
  lost_exception = MRS(ipsr);
  lost_status = SCB_CFSR;
  lost_moved = NOWHERE + 0x100u - psp;
  SCB_CFSR = lost_status;
  NVIC_ICPR = 1u << LOW;
}

/* Goes back to the main stack: there is nothing to return to on the lost one. */
__attribute__((naked)) static void stack_lost_entry(void) {
  __asm__ volatile(
      "mrs r0, psp\n"
      "bl %c0\n"
      "mvn lr, #6\n" /* 0xFFFFFFF9 */
      "bx lr" ::"i"(stack_lost));
}

static void never(void) {
  note('x');
}

/* An interrupt on a process stack where there is no memory. */
static void stack_overflow(void) {
  SCB_SHCSR |= SHCSR_FAULTS;
  SCB_SHPR(BUS_FAULT) = 0x20;
  on(BUS_FAULT, stack_lost_entry);
  serve(LOW, 0x40, never);
  MSR(psp, NOWHERE + 0x100u);
  __asm__ volatile(
      "adr.w r3, 1f\n"
      "orr r3, r3, #0\n"
      "mov r2, #0x01000000\n"
      "push {r2}\n"
      "push {r3}\n"
      "sub sp, #24\n" /* a frame to return to */
      "mov r3, #2\n"
      "msr control, r3\n"
      "isb\n"
      "str %1, [%0]\n"
      "dsb\n"
      "isb\n"
      "udf #2\n"
      ".balign 4\n"
      "1: nop\n" ::"r"(&NVIC_ISPR),
      "r"(1u << LOW)
      : "r2", "r3", "cc", "memory", "lr");
  say("stack overflow\n");
  show(" exception", lost_exception);
  show(" cfsr", lost_status);
  show(" moved", lost_moved);
  show(" control", MRS(control) & 2u);
  notes(" handlers");
}

static volatile uint32_t chained_exception, chained_status, chained_link;
static uint32_t kept_psp, recover;

__attribute__((used)) static void chained(uint32_t link) {
  chained_exception = MRS(ipsr);
  chained_status = SCB_CFSR;
  chained_link = link;
  SCB_CFSR = chained_status;
  if (kept_psp) MSR(psp, kept_psp);
}

/* Runs in place of a return that failed; its frame is still there to return to. */
__attribute__((naked)) static void chained_entry(void) {
  __asm__ volatile(
      "mov r0, lr\n"
      "bl %c0\n"
      "ldr r0, =%c1\n"
      "ldr lr, [r0]\n"
      "bx lr\n"
      ".ltorg" ::"i"(chained),
      "i"(&recover));
}

__attribute__((naked)) static void returns_badly(void) {
  __asm__ volatile("mvn lr, #12\n bx lr"); /* 0xFFFFFFF3 */
}

__attribute__((naked)) static void loses_stack(void) {
  __asm__ volatile(
      "mrs r0, psp\n"
      "ldr r1, =%c0\n"
      "str r0, [r1]\n"
      "mov r0, #0x70000000\n"
      "msr psp, r0\n"
      "bx lr\n"
      ".ltorg" ::"i"(&kept_psp));
}

static void show_chained(const char *name) {
  say(name);
  say("\n");
  show(" exception", chained_exception);
  show(" cfsr", chained_status);
  show(" link", chained_link);
  show(" active after", NVIC_IABR | (SCB_SHCSR & 0xFFFu));
}

static void failing_returns(void) {
  static uint32_t stack[64] __attribute__((aligned(8)));
  SCB_SHCSR |= SHCSR_FAULTS;
  on(USAGE_FAULT, chained_entry);
  on(BUS_FAULT, chained_entry);
  serve(LOW, 0x40, returns_badly);
  kept_psp = 0;
  recover = 0xFFFFFFF9u;
  pend(LOW);
  show_chained("bad exc_return");
  serve(LOW, 0x40, loses_stack);
  recover = 0xFFFFFFFDu;
  MSR(psp, (uint32_t)(uintptr_t)(stack + 64));
  __asm__ volatile(
      "mov r3, #2\n"
      "msr control, r3\n"
      "isb\n"
      "str %1, [%0]\n"
      "dsb\n"
      "isb\n"
      "movs r3, #0\n"
      "msr control, r3\n"
      "isb\n" ::"r"(&NVIC_ISPR),
      "r"(1u << LOW)
      : "r2", "r3", "memory");
  show_chained("stack lost on return");
  show(" psp kept", (uint32_t)(uintptr_t)(stack + 64) - MRS(psp));
}

void test_faults(void) {
  handler *const tests[] = {enabled, disabled, masked, escalated, stack_overflow, failing_returns};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    for (uint32_t exception = HARD_FAULT; exception <= USAGE_FAULT; exception++)
      on(exception, fault);
    tests[i]();
  }
}
