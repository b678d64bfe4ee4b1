/* What the application needs of a board. One implementation per folder beside this file.
 *
 * All functions are called from the main loop, none blocks but board_sleep and board_store_write,
 * none allocates.
 */
#ifndef EAR_BOARD_H
#define EAR_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BOARD_BLOCK_SAMPLES 320 /* one hop, 20 ms */

typedef enum { BOARD_DARK, BOARD_RED, BOARD_GREEN, BOARD_BLUE } board_color;

/* Clocks, cache, serial port at 115200 baud, lights, watchdog (2 s). Call once, first. */
void board_init(void);

/* "nrf52840", "native", "nano33ble". */
const char *board_name(void);

/* Microphone, 16 kHz mono. Returns false when it cannot start. Called again it starts anew: blocks
 * that wait stay, and what was missed counts as overruns. */
bool board_microphone_start(void);

/* Whether the microphone has stopped: no block has come for 0.2 s since it was started, though
 * sound should. When that happens board_sleep returns. */
bool board_microphone_is_silent(void);

/* The oldest block of BOARD_BLOCK_SAMPLES that has not been released, or NULL. It stays valid until
 * board_microphone_release; a block that arrives while none is free is dropped and counted. */
const int16_t *board_microphone_block(void);
void board_microphone_release(void);

/* Blocks lost since start: the application was too slow, or the board held up (board_store_write),
 * or the microphone had stopped. So blocks taken and lost add up to the time. */
uint32_t board_microphone_overruns(void);

/* Serial port. Copies what was received, 0..count bytes, and returns how many. */
size_t board_serial_read(uint8_t *bytes, size_t count);

/* Sends from where the bytes lie: those that it takes, 0..count as it returns at once, must stay as
 * they are until board_serial_sent has counted them. Another run may be given meanwhile. */
size_t board_serial_send(const uint8_t *bytes, size_t count);

/* How many bytes, oldest first, have been sent since the last call. */
size_t board_serial_sent(void);

/* Received bytes lost since start (overrun, framing error, buffer full). */
uint32_t board_serial_lost(void);

/* Changes the speed; call it when all is sent. False when the board cannot do `baud`. */
bool board_serial_set_baud(uint32_t baud);

/* The RGB light, and the yellow one that shows that audio leaves the board. */
void board_light(board_color color);
void board_light_streaming(bool on);

/* Sleeps until an interrupt; returns at once when one is pending. Feeds the watchdog. */
void board_sleep(void);

/* Free-running counter of core clock cycles (64 MHz), wraps; for measuring work. */
uint32_t board_cycles(void);

/* Cycles spent asleep since start, for the share of time asleep; same unit, 64 bit. */
uint64_t board_cycles_asleep(void);

#define BOARD_STORE_BYTES 56

/* A small block that outlives reset and power-off. Copies what was written last to `bytes` and
 * returns its length, or 0 when there is none that is whole and at most `count` long. */
size_t board_store_read(void *bytes, size_t count);

/* Writes a block of 1..BOARD_STORE_BYTES bytes, unless it is there already, and reads it back. When
 * power fails meanwhile, the next read gives the block before or this one, whole. May hold the
 * program up for 150 ms (flash), which costs sound: only for an explicit command. False when the
 * board cannot keep it. */
bool board_store_write(const void *bytes, size_t count);

/* Why the board started, one word: "power", "pin", "watchdog", "software", "fault", "microphone".
 */
const char *board_reset_reason(void);

#define BOARD_FAILURES 3 /* then a program should do as little as it can */

/* Starts in a row, 0..BOARD_FAILURES, that ended in a fault or with a microphone that had stopped;
 * until they are forgotten, because all is well or somebody pressed reset. */
uint32_t board_failures(void);
void board_forget_failures(void);

/* Restarts the board: asked to, or because the microphone has stopped and does not start again.
 * Does not return. */
void board_reset(bool is_deaf);

#ifdef __cplusplus
}
#endif

#ifdef ARDUINO /* its core has the main; setup() in boards/arduino comes here */
#define main app_main
#endif
#endif
