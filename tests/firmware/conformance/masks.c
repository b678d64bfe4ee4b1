/* PRIMASK, BASEPRI and FAULTMASK; sleeping behind a mask; interrupts around IT blocks. */
#include "conformance.h"

enum { LOW = 20, HIGH = 22 };

static void low(void) {
  note('l');
}

static void high(void) {
  note('h');
}

static void serve_both(void) {
  serve(LOW, 0x80, low);
  serve(HIGH, 0x40, high);
}

static void pend_both(void) {
  NVIC_ISPR = 1u << LOW | 1u << HIGH;
  barrier();
}

static void sleeping_masked(void) {
  serve_both();
  interrupts_off();
  pend_both();
  __asm__ volatile("wfi");
  note('w');
  interrupts_on();
  notes("wfi with primask");
  __asm__ volatile("sev\n wfe\n yield\n nop");
  notes("sev and wfe");
}

static void tick(void) {
  note('t');
}

/* SysTick ends the sleep; its handler waits for the mask. */
static void tick_masked(void) {
  on(SYSTICK, tick);
  SYST_RVR = 5000;
  SYST_CVR = 0;
  interrupts_off();
  SYST_CSR = 7;
  __asm__ volatile("dsb\n wfi");
  note('w');
  show("pending tick", SCB_ICSR & ICSR_PENDSTSET);
  SYST_CSR = 0;
  interrupts_on();
  notes("tick behind primask");
}

static void basepri(void) {
  serve_both();
  MSR(basepri, 0x80);
  pend_both();
  note('.');
  MSR(basepri, 0);
  notes("basepri 0x80");
  MSR(basepri, 0x40);
  pend_both();
  note('.');
  MSR(basepri, 0x60);
  note('.');
  MSR(basepri, 0xA0);
  notes("basepri 0x40, 0x60, 0xA0");
  MSR(basepri_max, 0x60);
  show("basepri lowered", MRS(basepri));
  MSR(basepri_max, 0xC0);
  show("basepri kept", MRS(basepri));
  MSR(basepri_max, 0);
  show("basepri kept", MRS(basepri));
}

static void faultmask(void) {
  serve_both();
  __asm__ volatile("cpsid f");
  pend_both();
  note('.');
  show("faultmask", MRS(faultmask));
  __asm__ volatile("cpsie f\n isb");
  notes("faultmask");
}

static void masks_itself(void) {
  note('m');
  __asm__ volatile("cpsid i");
}

static void mask_outlives_handler(void) {
  serve_both();
  serve(LOW, 0x80, masks_itself);
  pend(LOW);
  show("primask after", MRS(primask));
  pend(HIGH);
  note('.');
  interrupts_on();
  notes("handler masks");
}

/* A supervisor call inside an IT block: what follows must still see its condition. */
__attribute__((naked, noinline)) static uint32_t conditional(uint32_t argument) {
  (void)argument;
  __asm__ volatile(
      "movs r1, #0\n"
      "cmp r0, #1\n"
      "ittee eq\n"
      "addeq r1, r1, #1\n"
      "svceq 7\n"
      "addne r1, r1, #16\n"
      "addne r1, r1, #32\n"
      "cmp r0, #2\n"
      "itet ne\n"
      "svcne 8\n"
      "addeq r1, r1, #64\n"
      "addne r1, r1, #128\n"
      "mov r0, r1\n"
      "bx lr\n");
}

static volatile uint32_t stacked;

__attribute__((used)) static void supervisor(const uint32_t *frame) {
  note((char)('0' + ((const uint16_t *)(uintptr_t)frame[6])[-1] % 10));
  stacked = frame[7];
}

__attribute__((naked)) static void supervisor_entry(void) {
  __asm__ volatile("mrs r0, msp\n b %c0" ::"i"(supervisor));
}

static void it_blocks(void) {
  on(SVCALL, supervisor_entry);
  for (uint32_t i = 0; i < 4; i++) {
    stacked = 0;
    show("conditional", conditional(i));
    show("stacked it", stacked & 0x0600FC00u);
  }
  notes("calls");
}

/* An interrupt pended from inside IT blocks, a hundred times. */
static void it_interrupted(void) {
  static volatile uint32_t hits;
  serve_both();
  uint32_t sum = 0, count = 100;
  __asm__ volatile(
      "1: tst %1, #1\n"
      "ittee eq\n"
      "streq %3, [%2]\n"
      "addeq %0, %0, #1\n"
      "addne %0, %0, #1000\n"
      "strne %3, [%2]\n"
      "ite ne\n"
      "addne %0, %0, #3\n"
      "addeq %0, %0, #5\n"
      "subs %1, %1, #1\n"
      "bne 1b\n"
      : "+r"(sum), "+r"(count)
      : "r"(&NVIC_ISPR), "r"(1u << HIGH)
      : "cc", "memory");
  hits = sum;
  show("sum", hits);
  notes("interrupts");
}

void test_masks(void) {
  handler *const tests[] = {sleeping_masked,       tick_masked, basepri,       faultmask,
                            mask_outlives_handler, it_blocks,   it_interrupted};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    tests[i]();
  }
}
