// A USB port that nobody plugs in.
#pragma once

#include <stdint.h>

static struct {
  bool connected() { return false; }
  void send_nb(uint8_t *, uint32_t, uint32_t *, bool) {}
  int available() { return 0; }
  int read() { return -1; }
} _SerialUSB;
