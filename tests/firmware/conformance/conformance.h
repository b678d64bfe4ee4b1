/* What the parts of the conformance program share: the core's registers, vectors in RAM, output.
 *
 * It prints what a Cortex-M4 does with exceptions, stacks and faults, on any machine with
 * semihosting. Two machines that print the same do the same. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define NVIC_ISER REG(0xE000E100u)
#define NVIC_ICER REG(0xE000E180u)
#define NVIC_ISPR REG(0xE000E200u)
#define NVIC_ICPR REG(0xE000E280u)
#define NVIC_IABR REG(0xE000E300u)
#define NVIC_IPR(irq) (*(volatile uint8_t *)(uintptr_t)(0xE000E400u + (irq)))
#define NVIC_STIR REG(0xE000EF00u)
#define SYST_CSR REG(0xE000E010u)
#define SYST_RVR REG(0xE000E014u)
#define SYST_CVR REG(0xE000E018u)
#define SCB_ICSR REG(0xE000ED04u)
#define SCB_VTOR REG(0xE000ED08u)
#define SCB_AIRCR REG(0xE000ED0Cu)
#define SCB_CCR REG(0xE000ED14u)
#define SCB_SHPR(exception) (*(volatile uint8_t *)(uintptr_t)(0xE000ED14u + (exception)))
#define SCB_SHCSR REG(0xE000ED24u)
#define SCB_CFSR REG(0xE000ED28u)
#define SCB_HFSR REG(0xE000ED2Cu)
#define SCB_BFAR REG(0xE000ED38u)
#define SCB_CPACR REG(0xE000ED88u)

#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSVCLR (1u << 27)
#define ICSR_NMIPENDSET (1u << 31)
#define SHCSR_FAULTS (7u << 16)

enum { NMI = 2, HARD_FAULT, MEM_FAULT, BUS_FAULT, USAGE_FAULT, SVCALL = 11, PENDSV = 14, SYSTICK };
enum { IRQ = 16 }; /* exception number of interrupt 0 */

#define MRS(name)                                      \
  ({                                                   \
    uint32_t value_;                                   \
    __asm__ volatile("mrs %0, " #name : "=r"(value_)); \
    value_;                                            \
  })
#define MSR(name, value) __asm__ volatile("msr " #name ", %0\n isb" ::"r"(value) : "memory")

static inline void barrier(void) {
  __asm__ volatile("dsb\n isb" ::: "memory");
}

static inline void interrupts_off(void) {
  __asm__ volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void) {
  __asm__ volatile("cpsie i\n isb" ::: "memory");
}

static inline void pend(uint32_t irq) {
  NVIC_ISPR = 1u << irq;
  barrier();
}

typedef void handler(void);

/* Makes `function` the handler of an exception. */
void on(uint32_t exception, handler *function);

/* The same for an interrupt, which is then enabled at `priority`. */
void serve(uint32_t irq, uint32_t priority, handler *function);

/* Interrupts disabled and not pending, no mask, every priority 0: as after reset. */
void clean(void);

void say(const char *text);
void show(const char *name, uint32_t value);

/* Letters that handlers leave; `notes` prints and forgets them. */
void note(char letter);
void notes(const char *name);

void test_interrupts(void);
void test_masks(void);
void test_stacks(void);
void test_floats(void);
void test_tasks(void);
void test_faults(void);

#endif
