// Two serial ports that are one: USB while a program has it open, else Serial1. What either
// receives is read. Neither is ever waited for: USB copies a packet at a time, Serial1 sends from
// where the bytes lie.
#include <Arduino.h>
#include <USB/PluggableUSBSerial.h>

#include "board.h"
#include "ports.h"

namespace {

size_t uart_owes;  // bytes that Serial1 has yet to send
size_t usb_sent;   // bytes since they were last counted
bool is_refused;

bool is_usb() {
  return _SerialUSB.connected();
}

size_t usb_send(const uint8_t *bytes, size_t count) {
  uint32_t taken = 0;
  _SerialUSB.send_nb(const_cast<uint8_t *>(bytes), count, &taken, true);
  usb_sent += taken;
  is_refused = taken < count;
  return taken;
}

}  // namespace

// The vector first: uart_init enables the interrupt, and one that comes while the vector is still
// Mbed's own never returns. uart_init also ends what Arduino's bootloader leaves of Serial1, which
// is receiving, with events that would interrupt at once (nRF52840 Product Specification, 6.34).
void ports_init(void) {
  NVIC_SetVector(UARTE0_UART0_IRQn, reinterpret_cast<uint32_t>(uart_interrupt));
  uart_init();
}

bool ports_want_more(void) {
  return is_refused && is_usb();
}

size_t board_serial_read(uint8_t *bytes, size_t count) {
  size_t got = uart_read(bytes, count);
  while (got < count && _SerialUSB.available() > 0)
    bytes[got++] = static_cast<uint8_t>(_SerialUSB.read());
  return got;
}

// In order, so that what Serial1 has been given goes out there before USB gets the rest.
size_t board_serial_send(const uint8_t *bytes, size_t count) {
  if (is_usb()) return uart_owes ? 0 : usb_send(bytes, count);
  const size_t taken = uart_send(bytes, count);
  uart_owes += taken;
  return taken;
}

size_t board_serial_sent(void) {
  const size_t by_uart = uart_sent(), by_usb = usb_sent;
  uart_owes -= by_uart;
  usb_sent = 0;
  return by_uart + by_usb;
}

uint32_t board_serial_lost(void) {
  return uart_lost();
}

// USB has no speed of its own, so any that Serial1 knows will do.
bool board_serial_set_baud(uint32_t baud) {
  return uart_set_baud(baud);
}
