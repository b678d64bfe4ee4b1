/* Serial1 by the bare board's own driver, which waits for nothing: same chip, same pins. The
 * Arduino core's would wait for each byte. serial.cpp chooses between this port and USB. Mbed has
 * functions of the other names. */
#define serial_init uart_init
#define serial_interrupt uart_interrupt
#define serial_send_now uart_send_now
#define gpio_write uart_pin_write
#define gpio_output uart_pin_output
#define board_serial_read uart_read
#define board_serial_send uart_send
#define board_serial_sent uart_sent
#define board_serial_lost uart_lost
#define board_serial_set_baud uart_set_baud

#include "../nrf52840/gpio.c"
#include "../nrf52840/serial.c"
