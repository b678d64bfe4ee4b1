/* The board as a program of this computer: sound from a file, serial port on stdin and stdout.
 *
 * Environment:
 *   EARKIT_SOUND   16 kHz mono 16-bit WAV or raw little-endian samples; unset: raw from stdin, and
 *                   then the serial port receives nothing
 *   EARKIT_PTY     set: the serial port is a new terminal, named on stderr, and time is real
 *   EARKIT_STORE   the file that keeps the store's block; unset: nothing is kept
 *
 * Without a terminal it runs as fast as it can and ends when the sound has ended and all is said.
 */
#define _GNU_SOURCE
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sound.h"
#include "terminal.h"

#define CYCLES_PER_US 64
#define BLOCK_NS 20000000L

static FILE *sound;
static bool hears_stdin, ended, real_time;
static int in = STDIN_FILENO, out = STDOUT_FILENO;
static int16_t block[BOARD_BLOCK_SAMPLES];
static bool full;
static unsigned idle; /* sleeps in a row without anything said or heard */
static struct timespec next_block;
static uint64_t ns_asleep;
static size_t sent;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void board_init(void) {
  real_time = getenv("EARKIT_PTY") != NULL;
  if (!real_time) return;
  in = out = terminal_open();
  if (in < 0) {
    perror("no terminal for the serial port");
    exit(1);
  }
}

const char *board_name(void) {
  return "native";
}

bool board_microphone_start(void) {
  const char *path = getenv("EARKIT_SOUND");
  hears_stdin = path == NULL;
  sound = path ? sound_open(path) : stdin;
  ended = sound == NULL;
  if (!sound) fprintf(stderr, "cannot read 16 kHz mono 16-bit sound from %s\n", path);
  clock_gettime(CLOCK_MONOTONIC, &next_block);
  return sound != NULL;
}

/* A file that has ended is no fault. */
bool board_microphone_is_silent(void) {
  return false;
}

/* In real time a block is there every 20 ms. */
static bool is_due(void) {
  uint64_t due = (uint64_t)next_block.tv_sec * 1000000000u + (uint64_t)next_block.tv_nsec;
  return !real_time || now_ns() >= due;
}

const int16_t *board_microphone_block(void) {
  if (full) return block;
  if (!sound || ended || !is_due()) return NULL;
  if (fread(block, sizeof block[0], BOARD_BLOCK_SAMPLES, sound) < BOARD_BLOCK_SAMPLES) {
    ended = true;
    return NULL;
  }
  next_block.tv_nsec += BLOCK_NS;
  if (next_block.tv_nsec >= 1000000000L) {
    next_block.tv_nsec -= 1000000000L;
    next_block.tv_sec++;
  }
  full = true;
  idle = 0;
  return block;
}

void board_microphone_release(void) {
  full = false;
}

uint32_t board_microphone_overruns(void) {
  return 0;
} /* the file waits */

size_t board_serial_read(uint8_t *bytes, size_t count) {
  struct pollfd look = {.fd = in, .events = POLLIN};
  if ((hears_stdin && in == STDIN_FILENO) || poll(&look, 1, 0) <= 0) return 0;
  ssize_t taken = read(in, bytes, count);
  if (taken > 0) idle = 0;
  return taken > 0 ? (size_t)taken : 0;
}

size_t board_serial_send(const uint8_t *bytes, size_t count) {
  ssize_t taken = write(out, bytes, count);
  if (taken < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) exit(1);
  if (taken <= 0) return 0;
  idle = 0;
  sent += (size_t)taken;
  return (size_t)taken;
}

size_t board_serial_sent(void) {
  size_t count = sent;
  sent = 0;
  return count;
}

uint32_t board_serial_lost(void) {
  return 0;
}

bool board_serial_set_baud(uint32_t baud) {
  return baud > 0;
} /* nothing to set */

static void light(const char *text) {
  if (real_time) fprintf(stderr, "light: %s\n", text);
}

void board_light(board_color color) {
  static const char *const names[] = {"dark", "red", "green", "blue"};
  light(names[color]);
}

void board_light_streaming(bool on) {
  light(on ? "streaming" : "not streaming");
}

void board_sleep(void) {
  if (!real_time) {
    if (ended && ++idle > 1) exit(0);
    return;
  }
  uint64_t start = now_ns();
  struct pollfd look = {.fd = in, .events = POLLIN};
  poll(&look, 1, 1); /* a PTY whose peer has gone is always ready: sleep anyhow */
  if (look.revents & POLLHUP) usleep(1000);
  ns_asleep += now_ns() - start;
}

uint32_t board_cycles(void) {
  return (uint32_t)(now_ns() * CYCLES_PER_US / 1000);
}

uint64_t board_cycles_asleep(void) {
  return ns_asleep * CYCLES_PER_US / 1000;
}

size_t board_store_read(void *bytes, size_t count) {
  const char *path = getenv("EARKIT_STORE");
  FILE *file = path ? fopen(path, "rb") : NULL;
  if (!file) return 0;
  size_t length = fread(bytes, 1, count, file);
  bool is_whole = fgetc(file) == EOF;
  fclose(file);
  return is_whole ? length : 0;
}

bool board_store_write(const void *bytes, size_t count) {
  char temporary[4096];
  const char *path = getenv("EARKIT_STORE");
  if (!path || snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
    return false;
  }
  FILE *file = fopen(temporary, "wb");
  if (!file) return false;
  bool is_written = fwrite(bytes, 1, count, file) == count;
  return fclose(file) == 0 && is_written && rename(temporary, path) == 0;
}

const char *board_reset_reason(void) {
  return getenv("EARKIT_RESET") ? "software" : "power";
}

uint32_t board_failures(void) {
  return 0;
}

void board_forget_failures(void) {}

void board_reset(bool is_deaf) {
  (void)is_deaf; /* it never is */
  fflush(NULL);
  setenv("EARKIT_RESET", "1", 1);
  execl("/proc/self/exe", "firmware", (char *)NULL);
  perror("cannot restart");
  exit(1);
}
