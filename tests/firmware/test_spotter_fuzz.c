/* The whole spotter against whatever its serial port may bring: commands, frames, garbage. For
 * libFuzzer (clang -fsanitize=fuzzer -DEARKIT_LIBFUZZER), and as a program that runs the files
 * named on its command line. The board below exists for this test: its port reads the input. */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define main spotter_main
#include "../../firmware/app/spotter/main.c"
#undef main

#define PIECE 64 /* bytes that arrive per hop */

static const uint8_t *input;
static size_t left, allowed, said, unsent;
static uint32_t line_length, hop_time, failures;
static uint8_t store[BOARD_STORE_BYTES];
static size_t stored;
static jmp_buf restart;

void board_init(void) {}
const char *board_name(void) {
  return "fuzz";
}
bool board_microphone_start(void) {
  return true;
}
bool board_microphone_is_silent(void) {
  return hop_time % 128 >= 120;
}
const int16_t *board_microphone_block(void) {
  return NULL;
}
void board_microphone_release(void) {}
uint32_t board_microphone_overruns(void) {
  return hop_time % 50 == 49;
}
size_t board_serial_read(uint8_t *bytes, size_t count) {
  size_t taken = count < allowed ? count : allowed;
  memcpy(bytes, input, taken);
  input += taken;
  allowed -= taken;
  left -= taken;
  return taken;
}
/* Sends one run at a time, and says so a call later. */
size_t board_serial_send(const uint8_t *bytes, size_t count) {
  if (unsent) return 0;
  for (size_t i = 0; i < count; i++) {
    line_length = bytes[i] == '\n' || bytes[i] == 0 ? 0 : line_length + 1;
    assert(line_length <= EAR_LINK_QUEUE);
  }
  said += count;
  unsent = count;
  return count;
}
size_t board_serial_sent(void) {
  size_t count = unsent;
  unsent = 0;
  return count;
}
uint32_t board_serial_lost(void) {
  return 0;
}
bool board_serial_set_baud(uint32_t baud) {
  return baud != 921600;
}
void board_light(board_color color) {
  assert(color <= BOARD_BLUE);
}
void board_light_streaming(bool on) {
  (void)on;
}
void board_sleep(void) {}
uint32_t board_cycles(void) {
  return hop_time;
}
uint64_t board_cycles_asleep(void) {
  return 0;
}
const char *board_reset_reason(void) {
  return "power";
}
size_t board_store_read(void *bytes, size_t count) {
  if (stored > count) return 0;
  memcpy(bytes, store, stored);
  return stored;
}
bool board_store_write(const void *bytes, size_t count) {
  assert(count >= 1 && count <= sizeof store);
  memcpy(store, bytes, count);
  stored = count;
  return true;
}
uint32_t board_failures(void) {
  return failures;
}
void board_forget_failures(void) {
  failures = 0;
}
void board_reset(bool is_deaf) {
  failures += is_deaf && failures < BOARD_FAILURES;
  longjmp(restart, 1);
}

static void check(void) {
  const ear_recognizer_settings *s = &app.ear.recognizer.settings;
  assert(s->average_ms >= 1 && s->average_ms <= 2500);
  assert(s->minimum_count >= 1 && s->minimum_count <= EAR_MAX_RESULTS);
  assert(app.link.given <= app.link.count && app.link.count <= EAR_LINK_QUEUE);
  assert(!app.stream_audio || app.machine);
}

static void live(void) {
  static int16_t block[BOARD_BLOCK_SAMPLES];
  memset(&app, 0, sizeof app);
  unsent = 0;
  ear_link_init(&app.link);
  app.baud = app.baud_before = CONSOLE_BAUD;
  app.error = start();
  while (left) {
    allowed = left < PIECE ? left : PIECE;
    for (int i = 0; i < BOARD_BLOCK_SAMPLES; i++) block[i] = (int16_t)(hop_time * 7919 * i);
    hop_time++;
    if (!app.error && !board_microphone_is_silent()) spotter_take_block(&app, block);
    spotter_watch_microphone(&app);
    for (int i = 0; i < 4 && allowed; i++) {
      read_serial();
      console_write(&app.link);
      spotter_serve_port(&app);
    }
    left -= allowed; /* what a full queue kept waiting is lost: the board's ring is small */
    input += allowed;
    check();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input = data;
  left = size;
  stored = line_length = hop_time = failures = 0;
  setjmp(restart); /* a reset goes on with the rest of the input, and with the store */
  live();
  return 0;
}

#ifndef EARKIT_LIBFUZZER
int main(int count, char **names) {
  static uint8_t data[1 << 16];
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(names[i], "rb");
    assert(file);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
  }
  assert(count == 1 || said);
  puts("ok");
  return 0;
}
#endif
