/* The bare board's own: same chip. platformio.ini says where its pages are. */
#include "../nrf52840/store.c"
