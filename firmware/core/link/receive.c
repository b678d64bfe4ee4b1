/* The receiving half: lines, and frames decoded byte by byte.
 *
 * Whatever follows a zero byte is a frame when its second byte is a frame type (1..8), and text
 * otherwise, since no line has such a byte. So a zero that was lost or made up costs one frame at
 * most.
 */
#include <string.h>

#include "link/link.h"

static ear_input take_text(ear_link *link, uint8_t byte) {
  if (byte == '\r' || byte == '\n') {
    bool too_long = link->too_long;
    size_t length = link->line_length;
    link->line[length] = '\0';
    link->line_length = 0;
    link->too_long = false;
    if (too_long) return EAR_INPUT_TOO_LONG;
    return length ? EAR_INPUT_LINE : EAR_INPUT_NONE;
  }
  if (link->line_length == EAR_LINK_LINE) {
    link->too_long = true;
  } else {
    link->line[link->line_length++] = byte >= 0x20 && byte != 0x7f ? (char)byte : '?';
  }
  return EAR_INPUT_NONE;
}

static void take_raw(ear_link *link, uint8_t byte) {
  if (link->raw_length == sizeof link->raw) {
    link->damaged++;
    link->state = EAR_AT_EXCESS;
  } else {
    link->raw[link->raw_length++] = byte;
  }
}

static void take_coded(ear_link *link, uint8_t byte) {
  if (link->remaining) {
    link->remaining--;
    take_raw(link, byte);
    return;
  }
  if (link->code && link->code != 0xff) take_raw(link, 0); /* a block stands for its zero too */
  link->code = byte;
  link->remaining = (uint8_t)(byte - 1);
}

static ear_input end_frame(ear_link *link) {
  const uint8_t *raw = link->raw;
  size_t length = link->raw_length;
  bool whole = link->remaining == 0 && length >= EAR_LINK_HEADER + EAR_LINK_CRC && raw[0];
  if (!whole || ear_crc16(0xffff, raw, length - EAR_LINK_CRC) !=
                    (raw[length - 2] | (uint16_t)(raw[length - 1] << 8))) {
    link->damaged++;
    return EAR_INPUT_NONE;
  }
  link->frame.type = raw[0];
  link->frame.sequence = (uint16_t)(raw[1] | raw[2] << 8);
  link->frame.position =
      raw[3] | (uint32_t)raw[4] << 8 | (uint32_t)raw[5] << 16 | (uint32_t)raw[6] << 24;
  link->frame.payload = raw + EAR_LINK_HEADER;
  link->frame.count = length - EAR_LINK_HEADER - EAR_LINK_CRC;
  return EAR_INPUT_FRAME;
}

static ear_input take_zero(ear_link *link) {
  ear_input input = EAR_INPUT_NONE;
  if (link->state == EAR_AT_FRAME) input = end_frame(link);
  if (link->state == EAR_AT_TYPE || link->line_length || link->too_long) link->damaged++;
  link->line_length = 0;
  link->too_long = false;
  link->state = EAR_AT_MARK;
  return input;
}

static ear_input take_type(ear_link *link, uint8_t byte) {
  uint8_t first = link->code;
  link->code = 0;
  if (byte >= 1 && byte <= 8) {
    link->state = EAR_AT_FRAME;
    link->raw_length = 0;
    link->remaining = 0;
    take_coded(link, first);
    take_coded(link, byte);
    return EAR_INPUT_NONE;
  }
  link->state = EAR_AT_TEXT;
  take_text(link, first); /* at most an empty line ends here */
  return take_text(link, byte);
}

ear_input ear_link_receive(ear_link *link, uint8_t byte) {
  if (byte == 0) return take_zero(link);
  switch (link->state) {
    case EAR_AT_MARK:
      link->code = byte;
      link->state = EAR_AT_TYPE;
      return EAR_INPUT_NONE;
    case EAR_AT_TYPE:
      return take_type(link, byte);
    case EAR_AT_FRAME:
      take_coded(link, byte);
      return EAR_INPUT_NONE;
    case EAR_AT_EXCESS:
      if (byte == '\n') link->state = EAR_AT_TEXT; /* the closing zero was lost: lines go on */
      return EAR_INPUT_NONE;
    default:
      return take_text(link, byte);
  }
}
