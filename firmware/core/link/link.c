#include "link/link.h"

#include <string.h>

#define OVERHEAD 5 /* type, sequence, CRC */

void ear_link_init(ear_link *link) {
  memset(link, 0, sizeof *link);
}

ear_line_state ear_link_receive(ear_link *link, uint8_t byte) {
  if (byte == '\r' || byte == '\n') {
    bool too_long = link->too_long;
    size_t length = link->length;
    link->line[length] = '\0';
    link->length = 0;
    link->too_long = false;
    if (too_long) return EAR_LINE_TOO_LONG;
    return length ? EAR_LINE_READY : EAR_LINE_NONE;
  }
  if (link->length == EAR_LINK_LINE) {
    link->too_long = true;
  } else {
    link->line[link->length++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
  }
  return EAR_LINE_NONE;
}

static bool fits(const ear_link *link, size_t count) {
  return count <= EAR_LINK_QUEUE - link->count;
}

static void put(ear_link *link, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    link->queue[(link->first + link->count++) % EAR_LINK_QUEUE] = bytes[i];
  }
}

bool ear_link_line(ear_link *link, const char *text) {
  size_t length = strlen(text);
  if (!fits(link, length + 2)) {
    link->dropped_lines++;
    return false;
  }
  put(link, (const uint8_t *)text, length);
  put(link, (const uint8_t *)"\r\n", 2);
  return true;
}

bool ear_link_frame(ear_link *link, ear_frame_type type, const uint8_t *payload, size_t count) {
  uint8_t raw[EAR_LINK_PAYLOAD + OVERHEAD];
  uint8_t coded[EAR_LINK_PAYLOAD + OVERHEAD + (EAR_LINK_PAYLOAD + OVERHEAD) / 254 + 1];
  uint16_t sequence = link->sequence++;
  if (count > EAR_LINK_PAYLOAD || !fits(link, count + OVERHEAD + (count + OVERHEAD) / 254 + 3)) {
    link->dropped_frames++;
    return false;
  }
  raw[0] = (uint8_t)type;
  raw[1] = (uint8_t)sequence;
  raw[2] = (uint8_t)(sequence >> 8);
  if (count) memcpy(raw + 3, payload, count);
  uint16_t crc = ear_crc16(raw, count + 3);
  raw[count + 3] = (uint8_t)crc;
  raw[count + 4] = (uint8_t)(crc >> 8);
  size_t length = ear_cobs_encode(raw, count + OVERHEAD, coded);
  put(link, (const uint8_t *)"", 1);
  put(link, coded, length);
  put(link, (const uint8_t *)"", 1);
  return true;
}

const uint8_t *ear_link_pending(const ear_link *link, size_t *count) {
  size_t to_end = EAR_LINK_QUEUE - link->first;
  *count = link->count < to_end ? link->count : to_end;
  return link->queue + link->first;
}

void ear_link_sent(ear_link *link, size_t count) {
  if (count > link->count) count = link->count;
  link->first = (link->first + count) % EAR_LINK_QUEUE;
  link->count -= count;
}

uint16_t ear_crc16(const uint8_t *bytes, size_t count) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < count; i++) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) {
      crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

size_t ear_cobs_encode(const uint8_t *bytes, size_t count, uint8_t *out) {
  size_t code_at = 0;
  size_t length = 1;
  uint8_t code = 1;
  for (size_t i = 0; i < count; i++) {
    if (bytes[i]) {
      out[length++] = bytes[i];
      code++;
    }
    if (!bytes[i] || (code == 0xff && i + 1 < count)) {
      out[code_at] = code;
      code_at = length++;
      code = 1;
    }
  }
  out[code_at] = code;
  return length;
}

size_t ear_json_string(char *out, size_t size, const char *text) {
  static const char hex[] = "0123456789abcdef";
  size_t length = 0;
  out[length++] = '"';
  for (; *text; text++) {
    uint8_t c = (uint8_t)*text;
    char part[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    size_t need = 6;
    if (c == '"' || c == '\\') {
      part[1] = (char)c;
      need = 2;
    } else if (c >= 0x20 && c != 0x7f) {
      part[0] = (char)c;
      need = 1;
    }
    if (length + need + 2 > size) break;
    memcpy(out + length, part, need);
    length += need;
  }
  out[length++] = '"';
  out[length] = '\0';
  return length;
}
