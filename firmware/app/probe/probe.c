/* Least vectors of a probe: reset turns the FPU on and halts; whoever loaded the image calls the
 * function it wants. A source may bring its own probe_reset. */
#include <stdint.h>

extern uint32_t probe_stack_top;

#define CPACR (*(volatile uint32_t *)0xE000ED88)

void probe_reset(void);
void probe_fault(void);

__attribute__((weak)) void probe_reset(void) {
  CPACR |= 0xFu << 20;
  __asm__ volatile("dsb\n isb\n bkpt 0");
  for (;;) {
  }
}

__attribute__((weak)) void probe_fault(void) {
  for (;;) __asm__ volatile("bkpt 1");
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)&probe_stack_top, (uintptr_t)probe_reset, (uintptr_t)probe_fault,
    (uintptr_t)probe_fault,      (uintptr_t)probe_fault, (uintptr_t)probe_fault,
    (uintptr_t)probe_fault,
};
