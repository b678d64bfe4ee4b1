/* What the files of this board share with each other. */
#ifndef EAR_ARDUINO_PORTS_H
#define EAR_ARDUINO_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* uart.c: Serial1. The contracts are those of board.h's board_serial_*. */
void uart_init(void);
void uart_interrupt(void);
size_t uart_read(uint8_t *bytes, size_t count);
size_t uart_send(const uint8_t *bytes, size_t count);
size_t uart_sent(void);
uint32_t uart_lost(void);
bool uart_set_baud(uint32_t baud);

/* reset.c: reads why the board started. Once. */
void reset_init(void);

/* board.cpp: ends board_sleep; every interrupt that leaves work for the main loop calls it. */
void sleep_end(void);

/* microphone.cpp: whether its first block has come; time is counted from there. */
bool microphone_is_settled(void);

/* serial.cpp: both ports. */
void ports_init(void);

/* Whether USB was offered more than it took: it wakes nobody when it takes more. */
bool ports_want_more(void);

#ifdef __cplusplus
}
#endif
#endif
