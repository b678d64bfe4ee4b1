/* What the files of this board share with each other. */
#ifndef EAR_NRF52840_INTERNAL_H
#define EAR_NRF52840_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linker script: the stack is the lowest RAM, so that outgrowing it is a bus fault. */
extern uint32_t stack_bottom[], stack_top[];

/* Linker script: the two pages of flash that the board gives the store; no image reaches them. */
extern uint32_t store_pages[];

#define STACK_PAINT 0xC5C5C5C5u /* fills the stack at reset; what is left was never used */

/* Reads why the board started. Once, before anything may fail. */
void reset_init(void);

/* Why the program itself resets the board. */
typedef enum { RESET_ASKED, RESET_FAULT, RESET_DEAF } reset_note;
void reset_because(reset_note note) __attribute__((noreturn));

#define TICKS_PER_SECOND 16000000u

/* Time since board_init in ticks, wraps. */
uint32_t ticks(void);

/* Ends board_sleep at that time; the next call takes the place of this one. */
void wake_at(uint32_t tick);

/* Makes the next board_sleep return at once; every interrupt that leaves work for the main loop
 * calls it. */
void sleep_end(void);

void serial_init(void);

/* Sends `count` bytes of RAM by polling, after what is being sent; bounded. For faults, with
 * interrupts off. */
void serial_send_now(const char *bytes, size_t count);

void serial_interrupt(void);
void timer_interrupt(void);
void microphone_interrupt(void);

/* What every fault and unexpected interrupt vectors to: names it on the serial port, resets. */
void fault_entry(void);

int main(void);

#endif
