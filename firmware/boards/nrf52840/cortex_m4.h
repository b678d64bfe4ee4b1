/* The Cortex-M4's own registers that this board uses (ARMv7-M Architecture Reference Manual, B3).
 */
#ifndef EAR_CORTEX_M4_H
#define EAR_CORTEX_M4_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* NVIC, B3.4: one bit per interrupt. */
#define NVIC_ISER(n) REG(0xE000E100u + 4u * (n))
#define NVIC_ICER(n) REG(0xE000E180u + 4u * (n))
#define NVIC_ICPR(n) REG(0xE000E280u + 4u * (n))

/* SysTick, B3.3. */
#define SYSTICK_CSR REG(0xE000E010u)

/* System control block, B3.2. */
#define SCB_VTOR REG(0xE000ED08u)
#define SCB_AIRCR REG(0xE000ED0Cu)
#define SCB_CCR REG(0xE000ED14u)
#define SCB_SHCSR REG(0xE000ED24u)
#define SCB_CFSR REG(0xE000ED28u)
#define SCB_MMFAR REG(0xE000ED34u)
#define SCB_BFAR REG(0xE000ED38u)
#define SCB_CPACR REG(0xE000ED88u)

#define SCB_AIRCR_RESET 0x05FA0004u   /* VECTKEY and SYSRESETREQ */
#define SCB_CCR_DIV_0_TRP (1u << 4)   /* dividing by zero is a fault */
#define SCB_SHCSR_FAULTS (7u << 16)   /* UsageFault, BusFault, MemManage have handlers */
#define SCB_CFSR_MMARVALID (1u << 7)  /* MMFAR holds the address */
#define SCB_CFSR_BFARVALID (1u << 15) /* BFAR holds the address */
#define SCB_CPACR_FPU (0xFu << 20)    /* coprocessors 10 and 11: full access */

static inline void interrupt_enable(uint32_t number) {
  NVIC_ICPR(number / 32) = 1u << (number % 32);
  NVIC_ISER(number / 32) = 1u << (number % 32);
}

/* Turns interrupts off; returns what interrupts_restore needs. */
static inline uint32_t interrupts_off(void) {
  uint32_t mask;
  __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(mask)::"memory");
  return mask;
}

static inline void interrupts_restore(uint32_t mask) {
  __asm__ volatile("msr primask, %0" ::"r"(mask) : "memory");
}

static inline void memory_barrier(void) {
  __asm__ volatile("dsb\n isb" ::: "memory");
}

#endif
