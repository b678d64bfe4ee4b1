/* The sending half: a queue of bytes, lines and frames written straight into it. */
#include "link/link.h"

#include <string.h>

void ear_link_init(ear_link *link) {
  memset(link, 0, sizeof *link);
}

static size_t room(const ear_link *link) {
  return EAR_LINK_QUEUE - link->count;
}

static void put(ear_link *link, uint8_t byte) {
  link->queue[(link->first + link->count++) % EAR_LINK_QUEUE] = byte;
}

void ear_line_start(ear_link *link) {
  link->line_start = link->count;
  link->no_room = false;
}

static void put_character(ear_link *link, char character) {
  if (room(link) <= 2) link->no_room = true; /* the line end must fit */
  if (!link->no_room) put(link, (uint8_t)character);
}

void ear_line_text(ear_link *link, const char *text) {
  while (*text) put_character(link, *text++);
}

void ear_line_number(ear_link *link, uint64_t value) {
  char digits[21];
  char *first = digits + sizeof digits - 1;
  *first = '\0';
  do {
    *--first = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  ear_line_text(link, first);
}

void ear_line_json(ear_link *link, const char *text) {
  static const char hex[] = "0123456789abcdef";
  put_character(link, '"');
  for (; *text; text++) {
    uint8_t c = (uint8_t)*text;
    if (c < 0x20 || c == 0x7f) {
      ear_line_text(link, "\\u00");
      put_character(link, hex[c >> 4]);
      put_character(link, hex[c & 15]);
    } else {
      if (c == '"' || c == '\\') put_character(link, '\\');
      put_character(link, (char)c);
    }
  }
  put_character(link, '"');
}

void ear_line_seal(ear_link *link) {
  uint16_t crc = 0xffff;
  for (size_t i = link->line_start; i < link->count; i++) {
    crc = ear_crc16(crc, &link->queue[(link->first + i) % EAR_LINK_QUEUE], 1);
  }
  ear_line_text(link, ",\"crc\":");
  ear_line_number(link, crc);
  put_character(link, '}');
}

bool ear_line_end(ear_link *link) {
  if (room(link) < 2) link->no_room = true;
  if (link->no_room) {
    link->count = link->line_start;
    link->dropped_lines++;
    return false;
  }
  put(link, '\r');
  put(link, '\n');
  return true;
}

/* A COBS block being written: its length byte lies at `code_at` and is set when the block ends. */
typedef struct {
  ear_link *link;
  size_t code_at;
  uint8_t code;
} cobs_writer;

static void start_block(cobs_writer *writer) {
  writer->code_at = (writer->link->first + writer->link->count) % EAR_LINK_QUEUE;
  writer->code = 1;
  put(writer->link, 1);
}

static void encode(cobs_writer *writer, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (writer->code == 0xff) start_block(writer);
    if (bytes[i]) {
      put(writer->link, bytes[i]);
      writer->link->queue[writer->code_at] = ++writer->code;
    } else {
      start_block(writer);
    }
  }
}

bool ear_link_frame(ear_link *link, ear_frame_type type, uint32_t position, const uint8_t *payload,
                    size_t count) {
  uint16_t sequence = link->sequence++;
  size_t raw = EAR_LINK_HEADER + count + EAR_LINK_CRC;
  if (count > EAR_LINK_PAYLOAD || raw + raw / 254 + 3 + EAR_LINK_RESERVED > room(link)) {
    link->dropped_frames++;
    return false;
  }
  uint8_t header[EAR_LINK_HEADER] = {(uint8_t)type,
                                     (uint8_t)sequence,
                                     (uint8_t)(sequence >> 8),
                                     (uint8_t)position,
                                     (uint8_t)(position >> 8),
                                     (uint8_t)(position >> 16),
                                     (uint8_t)(position >> 24)};
  uint16_t crc = ear_crc16(ear_crc16(0xffff, header, sizeof header), payload, count);
  uint8_t trailer[EAR_LINK_CRC] = {(uint8_t)crc, (uint8_t)(crc >> 8)};
  cobs_writer writer = {.link = link};
  put(link, 0);
  start_block(&writer);
  encode(&writer, header, sizeof header);
  encode(&writer, payload, count);
  encode(&writer, trailer, sizeof trailer);
  put(link, 0);
  return true;
}

bool ear_link_room_for_reply(const ear_link *link) {
  return room(link) >= EAR_LINK_RESERVED + 128;
}

const uint8_t *ear_link_pending(const ear_link *link, size_t *count) {
  size_t at = (link->first + link->given) % EAR_LINK_QUEUE, to_end = EAR_LINK_QUEUE - at;
  size_t pending = link->count - link->given;
  *count = pending < to_end ? pending : to_end;
  return link->queue + at;
}

void ear_link_given(ear_link *link, size_t count) {
  link->given += count;
}

void ear_link_sent(ear_link *link, size_t count) {
  link->given -= count;
  link->first = (link->first + count) % EAR_LINK_QUEUE;
  link->count -= count;
}

uint16_t ear_crc16(uint16_t crc, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) {
      crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}
