/* Two tasks with a stack each, switched by PendSV: what every real-time kernel does. */
#include "conformance.h"

#define TASKS 2
#define STACK_WORDS 256
#define FRAME 8
#define SAVED 9 /* r4-r11 and EXC_RETURN */

static uint32_t stacks[TASKS][STACK_WORDS] __attribute__((aligned(8)));
static uint32_t *tops[TASKS + 1]; /* the last is where main waits */
static volatile uint32_t current = TASKS, finished;
static volatile uint32_t results[TASKS], controls[TASKS], returns[3];

static void yield(void) {
  SCB_ICSR = ICSR_PENDSVSET;
  barrier();
}

__attribute__((used)) static uint32_t *next_task(uint32_t *top) {
  tops[current] = top;
  returns[current] = top[SAVED - 1];
  note((char)('0' + current));
  current = finished == TASKS ? TASKS : current == TASKS ? 0 : (current + 1) % TASKS;
  return tops[current];
}

/* Keeps what a function call may not change on the process stack; main runs there as well. */
__attribute__((naked)) static void switch_tasks(void) {
  __asm__ volatile(
      "mrs r0, psp\n"
      "tst lr, #0x10\n"
      "it eq\n"
      "vstmdbeq r0!, {s16-s31}\n"
      "stmdb r0!, {r4-r11, lr}\n"
      "bl %c0\n"
      "ldmia r0!, {r4-r11, lr}\n"
      "tst lr, #0x10\n"
      "it eq\n"
      "vldmiaeq r0!, {s16-s31}\n"
      "msr psp, r0\n"
      "bx lr\n" ::"i"(next_task));
}

static void whole_numbers(void) {
  uint32_t sum = 1;
  for (uint32_t i = 0; i < 6; i++) {
    sum = sum * 1664525u + 1013904223u;
    yield();
  }
  results[0] = sum;
  controls[0] = MRS(control);
  finished++;
  for (;;) yield();
}

static void fractions(void) {
  float sum = 0.5f;
  for (uint32_t i = 0; i < 6; i++) {
    sum = sum * 1.0625f + 0.375f;
    yield();
  }
  union {
    float value;
    uint32_t bits;
  } result = {sum};
  results[1] = result.bits;
  controls[1] = MRS(control);
  finished++;
  for (;;) yield();
}

static void prepare(uint32_t task, handler *entry) {
  uint32_t *top = stacks[task] + STACK_WORDS - FRAME - SAVED;
  top[SAVED - 1] = 0xFFFFFFFDu;
  top[SAVED + 6] = (uint32_t)(uintptr_t)entry & ~1u;
  top[SAVED + 7] = 1u << 24;
  tops[task] = top;
}

void test_tasks(void) {
  on(PENDSV, switch_tasks);
  SCB_SHPR(PENDSV) = 0xE0;
  prepare(0, whole_numbers);
  prepare(1, fractions);
  /* Main goes on with the main stack's memory as its process stack; handlers run below it. */
  uint32_t here = MRS(msp);
  MSR(psp, here);
  MSR(control, 2);
  MSR(msp, here - 2048);
  yield();
  MSR(msp, here);
  show("control of main", MRS(control) & 2u);
  MSR(control, 0);
  for (uint32_t task = 0; task < TASKS; task++) {
    show("result", results[task]);
    show("control", controls[task]);
  }
  for (uint32_t i = 0; i < 3; i++) show("exc_return", returns[i]);
  notes("switches");
}
