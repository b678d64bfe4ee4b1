/* Which exception runs, and when: nesting, priorities, pending, SysTick, PendSV, NMI. */
#include "conformance.h"

enum { LOW = 20, MIDDLE, HIGH, FIRST = 24, SECOND, THIRD };

static volatile uint32_t runs;

static void high(void) {
  note('h');
  show("high icsr", SCB_ICSR);
  show("high active", NVIC_IABR);
}

static void low(void) {
  note('l');
  NVIC_ISPR = 1u << HIGH | 1u << MIDDLE;
  barrier();
  note('L');
  show("low icsr", SCB_ICSR);
  show("low pending", NVIC_ISPR);
}

static void middle(void) {
  note('m');
}

static void nesting(void) {
  serve(LOW, 0x80, low);
  serve(MIDDLE, 0xA0, middle);
  serve(HIGH, 0x40, high);
  pend(LOW);
  notes("nesting");
  show("after", SCB_ICSR & 0x1FF000u);
}

static void number(void) {
  note((char)('0' + MRS(ipsr) - IRQ - FIRST));
}

static void order(void) {
  for (uint32_t irq = FIRST; irq <= THIRD; irq++) serve(irq, 0x60, number);
  interrupts_off();
  pend(THIRD);
  pend(FIRST);
  pend(SECOND);
  show("all pending", NVIC_ISPR);
  interrupts_on();
  notes("one priority, by number");
  NVIC_IPR(THIRD) = 0x20;
  interrupts_off();
  NVIC_ISPR = 1u << FIRST | 1u << SECOND | 1u << THIRD;
  interrupts_on();
  notes("by priority");
}

static void groups(void) {
  SCB_AIRCR = 0x05FA0500u; /* priorities in steps of 0x40 may preempt */
  serve(LOW, 0x60, low);
  serve(HIGH, 0x40, high);
  serve(MIDDLE, 0x00, middle);
  pend(LOW);
  notes("groups");
  show("aircr", SCB_AIRCR);
}

static void again(void) {
  note('r');
  if (++runs < 3) pend(FIRST);
}

static void pending(void) {
  serve(FIRST, 0x60, again);
  runs = 0;
  pend(FIRST);
  notes("pended by itself");
  NVIC_ICER = 1u << FIRST;
  pend(FIRST);
  notes("disabled");
  show("pending", NVIC_ISPR);
  NVIC_ICPR = 1u << FIRST;
  NVIC_ISER = 1u << FIRST;
  barrier();
  notes("unpended");
  NVIC_STIR = FIRST;
  barrier();
  notes("by number");
}

static void raise_own(void) {
  note('o');
  NVIC_IPR(FIRST) = 0x00;
  pend(SECOND);
  note('p');
  NVIC_IPR(FIRST) = 0xC0;
  barrier();
  note('q');
}

static void own_priority(void) {
  serve(FIRST, 0x80, raise_own);
  serve(SECOND, 0x40, number);
  pend(FIRST);
  notes("own priority changed");
}

static void tick(void) {
  note('t');
  runs++;
}

static void switcher(void) {
  note('v');
}

static void asks(void) {
  note('a');
  SCB_ICSR = ICSR_PENDSVSET | ICSR_PENDSTSET;
  barrier();
  show("asks icsr", SCB_ICSR);
  show("asks shcsr", SCB_SHCSR);
  note('A');
}

static void system_exceptions(void) {
  on(SYSTICK, tick);
  on(PENDSV, switcher);
  SCB_SHPR(SYSTICK) = 0x20;
  SCB_SHPR(PENDSV) = 0xE0;
  show("shpr3", REG(0xE000ED20u));
  serve(FIRST, 0x60, asks);
  pend(FIRST);
  notes("SysTick above, PendSV below");
  SCB_SHPR(SYSTICK) = 0xC0;
  pend(FIRST);
  notes("both below");
  interrupts_off();
  SCB_ICSR = ICSR_PENDSVSET;
  SCB_ICSR = ICSR_PENDSVCLR;
  interrupts_on();
  notes("PendSV cleared");
}

static void ticking(void) {
  runs = 0;
  SYST_RVR = 9999;
  SYST_CVR = 0;
  SYST_CSR = 7;
  while (runs < 3) __asm__ volatile("wfi");
  SYST_CSR = 0;
  notes("ticks");
  SYST_CVR = 0;
  SYST_CSR = 5;
  while (!(SYST_CSR & 1u << 16)) {
  }
  show("counted, no interrupt", SYST_CSR & 0xFFFF);
  SYST_CSR = 0;
}

static void not_masked(void) {
  note('n');
  show("nmi primask", MRS(primask));
}

static void nmi(void) {
  on(NMI, not_masked);
  interrupts_off();
  SCB_ICSR = ICSR_NMIPENDSET;
  barrier();
  note('.');
  interrupts_on();
  notes("nmi");
}

void test_interrupts(void) {
  handler *const tests[] = {nesting,           order,   groups, pending, own_priority,
                            system_exceptions, ticking, nmi};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    tests[i]();
  }
}
