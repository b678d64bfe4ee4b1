/* Where things are on the Arduino Nano 33 BLE Sense (its schematic): 32 * port + number. */
#ifndef EAR_PINS_H
#define EAR_PINS_H

#define PIN_LED_BLUE 6u /* the lights are on when low, but the yellow one */
#define PIN_LED_YELLOW 13u
#define PIN_LED_GREEN 16u
#define PIN_MICROPHONE_POWER 17u
#define PIN_LED_RED 24u
#define PIN_MICROPHONE_DATA 25u
#define PIN_MICROPHONE_CLOCK 26u
#define PIN_SERIAL_TX 35u /* P1.03 */
#define PIN_SERIAL_RX 42u /* P1.10 */

#endif
