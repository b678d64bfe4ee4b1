// Arduino Nano 33 BLE (Sense), rev 1 and 2, on Arduino's Mbed core: lights, sleep and time.
//
// There is no watchdog: on this chip one lives on through the reset into the bootloader and would
// end an upload half-way.
#include <Arduino.h>
#include <mbed.h>

#include "board.h"
#include "ports.h"

extern "C" int app_main(void);

namespace {

constexpr uint32_t kAwake = 1;
constexpr uint32_t kLongestSleep = 20, kWhileSending = 1;  // ms; USB wakes nobody
constexpr uint32_t kCyclesPerMicrosecond = 64;

rtos::EventFlags wake_ups;
volatile bool is_awake;  // an interrupt came since board_sleep returned
uint64_t asleep_us;

}  // namespace

// The application has the main loop; Arduino's own is not reached.
void setup() {
  app_main();
}

void loop() {}

void board_init(void) {
  reset_init();
  for (int pin : {LEDR, LEDG, LEDB, LED_BUILTIN}) pinMode(pin, OUTPUT);
  board_light(BOARD_DARK);
  board_light_streaming(false);
  ports_init();
}

const char *board_name(void) {
  return "nano33ble";
}

void board_light(board_color color) {
  digitalWrite(LEDR, color == BOARD_RED ? LOW : HIGH);
  digitalWrite(LEDG, color == BOARD_GREEN ? LOW : HIGH);
  digitalWrite(LEDB, color == BOARD_BLUE ? LOW : HIGH);
}

void board_light_streaming(bool on) {
  digitalWrite(LED_BUILTIN, on ? HIGH : LOW);
}

// Once only: Mbed's queue of what interrupts ask for is short, and overflowing it is fatal.
void sleep_end(void) {
  if (is_awake) return;
  is_awake = true;
  wake_ups.set(kAwake);
}

void board_sleep(void) {
  const uint32_t longest = ports_want_more() ? kWhileSending : kLongestSleep;
  const uint32_t start = micros();
  wake_ups.wait_any_for(kAwake, rtos::Kernel::Clock::duration_u32(longest));
  is_awake = false;
  if (microphone_is_settled()) asleep_us += micros() - start;  // since the time that is told began
}

uint32_t board_cycles(void) {
  return micros() * kCyclesPerMicrosecond;
}

uint64_t board_cycles_asleep(void) {
  return asleep_us * kCyclesPerMicrosecond;
}
