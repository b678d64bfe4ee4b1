// Two serial ports that are one: USB while a program has it open, else Serial1. What either
// receives is read. Neither is ever waited for: USB takes one packet at a time, so a ring holds the
// rest.
#include <Arduino.h>
#include <USB/PluggableUSBSerial.h>

#include <string.h>

#include "board.h"
#include "ports.h"

namespace {

constexpr size_t kRing = 1024;  // power of two
constexpr size_t kPacket = 64;

uint8_t ring[kRing];
size_t put, taken;  // bytes ever

bool is_usb() {
  return _SerialUSB.connected();
}

}  // namespace

void ports_init(void) {
  uart_init();
  NVIC_SetVector(UARTE0_UART0_IRQn, reinterpret_cast<uint32_t>(uart_interrupt));
}

bool ports_pump(void) {
  if (!is_usb()) taken = put;  // nobody is there to read it
  while (taken != put) {
    const size_t at = taken % kRing;
    size_t count = put - taken;
    if (count > kRing - at) count = kRing - at;
    if (count > kPacket) count = kPacket;
    uint32_t sent = 0;
    _SerialUSB.send_nb(&ring[at], count, &sent, true);
    if (sent == 0) return true;
    taken += sent;
  }
  return false;
}

size_t board_serial_read(uint8_t *bytes, size_t count) {
  size_t got = uart_read(bytes, count);
  while (got < count && _SerialUSB.available() > 0)
    bytes[got++] = static_cast<uint8_t>(_SerialUSB.read());
  return got;
}

size_t board_serial_write(const uint8_t *bytes, size_t count) {
  if (!is_usb()) return uart_write(bytes, count);
  const size_t room = board_serial_room(), accepted = count < room ? count : room;
  for (size_t i = 0; i < accepted; i++) ring[put++ % kRing] = bytes[i];
  ports_pump();
  return accepted;
}

size_t board_serial_room(void) {
  return is_usb() ? kRing - (put - taken) : uart_room();
}

size_t board_serial_capacity(void) {
  return is_usb() ? kRing : uart_capacity();
}

uint32_t board_serial_lost(void) {
  return uart_lost();
}

// USB has no speed of its own, so any that Serial1 knows will do.
bool board_serial_set_baud(uint32_t baud) {
  return uart_set_baud(baud);
}
