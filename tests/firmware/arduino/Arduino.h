// What firmware/boards/arduino/serial.cpp asks of Arduino's core, by the same names, on the bare
// chip.
#pragma once

#include <stdint.h>

enum { UARTE0_UART0_IRQn = 2 };

extern "C" void NVIC_SetVector(int interrupt, uint32_t vector);
