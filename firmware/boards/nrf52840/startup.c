/* Vectors and reset. */
#include "internal.h"
#include "nrf52840.h"

extern uint32_t data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

void reset(void);

#define FAULT (uintptr_t) fault_entry
#define FAULTS_8 FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT

/* 16 exceptions and 48 interrupts; VTOR wants them aligned to the table's size. */
__attribute__((section(".vectors"), used, aligned(256))) static const uintptr_t vectors[16 + 48] = {
    (uintptr_t)stack_top,
    (uintptr_t)reset,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULTS_8,
    /* interrupts 0.. */
    FAULT,
    FAULT,
    (uintptr_t)serial_interrupt,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    (uintptr_t)timer_interrupt,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULTS_8,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    FAULT,
    (uintptr_t)microphone_interrupt,
    FAULT,
    FAULT,
    FAULTS_8,
    FAULTS_8,
};

static void stack_paint(void) {
  uint32_t *here;
  __asm__ volatile("mov %0, sp" : "=r"(here));
  for (volatile uint32_t *word = stack_bottom; word < here; word++) *word = STACK_PAINT;
}

/* A bootloader may leave interrupts of its own behind. */
static void silence_interrupts(void) {
  SYSTICK_CSR = 0;
  for (uint32_t i = 0; i < 2; i++) {
    NVIC_ICER(i) = 0xFFFFFFFFu;
    NVIC_ICPR(i) = 0xFFFFFFFFu;
  }
  interrupts_restore(0);
}

void reset(void) {
  SCB_VTOR = (uint32_t)(uintptr_t)vectors;
  SCB_CPACR |= SCB_CPACR_FPU;
  memory_barrier();
  silence_interrupts();
  stack_paint();
  const uint32_t *from = data_load;
  for (uint32_t *word = data_start; word < data_end; word++) *word = *from++;
  for (uint32_t *word = bss_start; word < bss_end; word++) *word = 0;
  main();
  for (;;) {
  }
}
