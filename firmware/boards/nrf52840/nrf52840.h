/* The nRF52840's registers that this board uses: addresses, offsets and fields from the nRF52840
 * Product Specification v1.7; the section is named at each block. */
#ifndef EAR_NRF52840_H
#define EAR_NRF52840_H

#include "cortex_m4.h"

/* CLOCK, 5.4. */
#define CLOCK_TASKS_HFCLKSTART REG(0x40000000u)
#define CLOCK_EVENTS_HFCLKSTARTED REG(0x40000100u)
#define CLOCK_HFCLKSTAT REG(0x4000040Cu)
#define CLOCK_HFCLKSTAT_CRYSTAL 0x00010001u /* running, from the crystal */

/* POWER, 5.3. */
#define POWER_RESETREAS REG(0x40000400u)
#define POWER_GPREGRET2 REG(0x40000520u) /* 8 bits */
#define POWER_RESETREAS_PIN (1u << 0)
#define POWER_RESETREAS_WATCHDOG (1u << 1)
#define POWER_RESETREAS_SOFTWARE (1u << 2)
#define POWER_RESETREAS_LOCKUP (1u << 3)

/* UARTE0, 6.34. */
#define UARTE_IRQ 2u
#define UARTE_TASKS_STARTRX REG(0x40002000u)
#define UARTE_TASKS_STOPRX REG(0x40002004u)
#define UARTE_TASKS_STARTTX REG(0x40002008u)
#define UARTE_TASKS_STOPTX REG(0x4000200Cu)
#define UARTE_EVENTS_ENDRX REG(0x40002110u)
#define UARTE_EVENTS_ENDTX REG(0x40002120u)
#define UARTE_EVENTS_ERROR REG(0x40002124u)
#define UARTE_EVENTS_RXTO REG(0x40002144u)
#define UARTE_EVENTS_TXSTOPPED REG(0x40002158u)
#define UARTE_SHORTS REG(0x40002200u)
#define UARTE_INTENSET REG(0x40002304u)
#define UARTE_INTENCLR REG(0x40002308u)
#define UARTE_INT_ENDRX (1u << 4)
#define UARTE_INT_ENDTX (1u << 8)
#define UARTE_INT_ERROR (1u << 9)
#define UARTE_ERRORSRC REG(0x40002480u)
#define UARTE_ENABLE REG(0x40002500u)
#define UARTE_ENABLE_ON 8u
#define UARTE_PSEL_TXD REG(0x4000250Cu)
#define UARTE_PSEL_RXD REG(0x40002514u)
#define UARTE_BAUDRATE REG(0x40002524u)
#define UARTE_RXD_PTR REG(0x40002534u)
#define UARTE_RXD_MAXCNT REG(0x40002538u)
#define UARTE_TXD_PTR REG(0x40002544u)
#define UARTE_TXD_MAXCNT REG(0x40002548u)
#define UARTE_CONFIG REG(0x4000256Cu)

/* TIMER1, 6.30: 16 MHz = a quarter of the core clock. */
#define TIMER_IRQ 9u
#define TIMER_TASKS_START REG(0x40009000u)
#define TIMER_TASKS_CAPTURE REG(0x40009040u)
#define TIMER_EVENTS_COMPARE1 REG(0x40009144u)
#define TIMER_INTENSET REG(0x40009304u)
#define TIMER_INT_COMPARE1 (1u << 17)
#define TIMER_MODE REG(0x40009504u)
#define TIMER_BITMODE REG(0x40009508u)
#define TIMER_BITMODE_32 3u
#define TIMER_PRESCALER REG(0x40009510u)
#define TIMER_CC(n) REG(0x40009540u + 4u * (n))

/* WDT, 6.36: counts the 32768 Hz clock, which it starts itself. */
#define WDT_TASKS_START REG(0x40010000u)
#define WDT_CRV REG(0x40010504u)
#define WDT_CONFIG REG(0x4001050Cu)
#define WDT_RR0 REG(0x40010600u)
#define WDT_RELOAD 0x6E524635u

/* PDM, 6.15. */
#define PDM_IRQ 29u
#define PDM_TASKS_START REG(0x4001D000u)
#define PDM_TASKS_STOP REG(0x4001D004u)
#define PDM_EVENTS_STARTED REG(0x4001D100u)
#define PDM_INTENSET REG(0x4001D304u)
#define PDM_INTENCLR REG(0x4001D308u)
#define PDM_INT_STARTED (1u << 0)
#define PDM_ENABLE REG(0x4001D500u)
#define PDM_PDMCLKCTRL REG(0x4001D504u)
#define PDM_PDMCLKCTRL_1280K 0x0A000000u
#define PDM_MODE REG(0x4001D508u)
#define PDM_MODE_MONO 1u
#define PDM_GAINL REG(0x4001D518u)
#define PDM_GAIN_0DB 0x28u
#define PDM_RATIO REG(0x4001D520u)
#define PDM_RATIO_80 1u
#define PDM_PSEL_CLK REG(0x4001D540u)
#define PDM_PSEL_DIN REG(0x4001D544u)
#define PDM_SAMPLE_PTR REG(0x4001D560u)
#define PDM_SAMPLE_MAXCNT REG(0x4001D564u)

/* NVMC, 4.3. */
#define NVMC_READY REG(0x4001E400u)
#define NVMC_CONFIG REG(0x4001E504u)
#define NVMC_CONFIG_READ 0u
#define NVMC_CONFIG_WRITE 1u
#define NVMC_CONFIG_ERASE 2u
#define NVMC_ERASEPAGE REG(0x4001E508u)
#define NVMC_ICACHECNF REG(0x4001E540u)
#define NVMC_ICACHECNF_ON 1u

/* GPIO, 6.9. A pin is 32 * port + number, as in the PSEL registers. */
#define GPIO(pin, offset) REG(0x50000000u + 0x300u * ((pin) / 32u) + (offset))
#define GPIO_OUTSET(pin) GPIO(pin, 0x508u)
#define GPIO_OUTCLR(pin) GPIO(pin, 0x50Cu)
#define GPIO_PIN_CNF(pin) GPIO(pin, 0x700u + 4u * ((pin) % 32u))
#define GPIO_INPUT 0x0u
#define GPIO_INPUT_PULLUP 0xCu
#define GPIO_OUTPUT 0x3u /* the input buffer is off */

/* Sets the level of an output. */
void gpio_write(uint32_t pin, int high);

/* Makes a pin an output of that level. */
void gpio_output(uint32_t pin, int high);

#endif
