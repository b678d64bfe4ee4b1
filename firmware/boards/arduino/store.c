/* The bare board's own: same chip, and Mbed leaves the last page of flash alone. */
#include "../nrf52840/store.c"
