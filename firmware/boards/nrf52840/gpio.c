#include "nrf52840.h"

void gpio_write(uint32_t pin, int high) {
  if (high) {
    GPIO_OUTSET(pin) = 1u << (pin % 32u);
  } else {
    GPIO_OUTCLR(pin) = 1u << (pin % 32u);
  }
}

void gpio_output(uint32_t pin, int high) {
  gpio_write(pin, high);
  GPIO_PIN_CNF(pin) = GPIO_OUTPUT;
}
