/* Start, vectors and output. */
#include "conformance.h"

#define SYS_WRITE0 0x04u
#define SYS_EXIT 0x18u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u
#define ADP_STOPPED_INTERNAL_ERROR 0x20024u
#define VECTORS 64u

extern uint32_t main_stack_top[], bss_start[], bss_end[];

void reset(void);

__attribute__((section(".vectors"), used)) static const uintptr_t boot_vectors[2] = {
    (uintptr_t)main_stack_top, (uintptr_t)reset};

static uintptr_t vectors[VECTORS] __attribute__((aligned(256)));
static char letters[64];
static uint32_t letter_count;

static uint32_t semihost(uint32_t operation, uint32_t argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register uint32_t r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void say(const char *text) {
  semihost(SYS_WRITE0, (uint32_t)(uintptr_t)text);
}

void show(const char *name, uint32_t value) {
  char digits[12] = " 00000000\n";
  for (int i = 8; i > 0; i--, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
  say(name);
  say(digits);
}

void note(char letter) {
  if (letter_count < sizeof letters - 2) letters[letter_count++] = letter;
}

void notes(const char *name) {
  letters[letter_count++] = '\n';
  letters[letter_count] = 0;
  say(name);
  say(" ");
  say(letters);
  letter_count = 0;
}

void on(uint32_t exception, handler *function) {
  vectors[exception] = (uintptr_t)function;
}

void serve(uint32_t irq, uint32_t priority, handler *function) {
  on(IRQ + irq, function);
  NVIC_IPR(irq) = (uint8_t)priority;
  NVIC_ISER = 1u << irq;
}

void clean(void) {
  NVIC_ICER = 0xFFFFFFFFu;
  NVIC_ICPR = 0xFFFFFFFFu;
  SYST_CSR = 0;
  SCB_ICSR = ICSR_PENDSTCLR | ICSR_PENDSVCLR;
  SCB_AIRCR = 0x05FA0000u;
  for (uint32_t exception = MEM_FAULT; exception < IRQ; exception++) SCB_SHPR(exception) = 0;
  MSR(basepri, 0);
  __asm__ volatile("cpsie f" ::: "memory");
  interrupts_on();
}

static void unexpected(void) {
  show("unexpected exception", MRS(ipsr));
  semihost(SYS_EXIT, ADP_STOPPED_INTERNAL_ERROR);
}

void reset(void) {
  for (uint32_t *word = bss_start; word < bss_end; word++) *word = 0;
  for (uint32_t i = 0; i < VECTORS; i++) vectors[i] = (uintptr_t)unexpected;
  SCB_VTOR = (uint32_t)(uintptr_t)vectors;
  SCB_CPACR |= 0xFu << 20;
  barrier();
  handler *const tests[] = {test_interrupts, test_masks, test_stacks,
                            test_floats,     test_tasks, test_faults};
  for (uint32_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    clean();
    tests[i]();
  }
  say("end\n");
  semihost(SYS_EXIT, ADP_STOPPED_APPLICATION_EXIT);
}
