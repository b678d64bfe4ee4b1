/* Between the link and the serial port. */
#include "board.h"
#include "console.h"

ear_input console_read(ear_link *link) {
  uint8_t byte;
  while (ear_link_room_for_reply(link) && board_serial_read(&byte, 1) == 1) {
    ear_input input = ear_link_receive(link, byte);
    if (input == EAR_INPUT_TOO_LONG) {
      console_start(link);
      console_error(link, "line too long");
      ear_line_end(link);
    } else if (input != EAR_INPUT_NONE) {
      return input;
    }
  }
  return EAR_INPUT_NONE;
}

void console_write(ear_link *link) {
  size_t offered, taken;
  do {
    const uint8_t *bytes = ear_link_pending(link, &offered);
    taken = offered ? board_serial_send(bytes, offered) : 0;
    ear_link_given(link, taken);
    ear_link_sent(link, board_serial_sent());
  } while (offered && taken == offered);
}
