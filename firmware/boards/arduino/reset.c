/* The bare board's own: same chip. Faults are Mbed's, which says "software" then. */
#include "../nrf52840/reset.c"
