/* The link against docs/protocol.md. With the argument "echo" it encodes for the host's decoder:
 * each line of hexadecimal on stdin is sent as a frame, and all that was sent comes out. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"

static ear_link link_, peer;

static size_t drain(uint8_t *out, size_t size) {
  size_t total = 0, count;
  for (;;) {
    const uint8_t *bytes = ear_link_pending(&link_, &count);
    if (!count) return total;
    assert(total + count <= size);
    memcpy(out + total, bytes, count);
    ear_link_given(&link_, count);
    ear_link_sent(&link_, count);
    total += count;
  }
}

static void line(const char *text) {
  ear_line_start(&link_);
  ear_line_text(&link_, text);
  ear_line_end(&link_);
}

static void test_documents_example(void) {
  static const uint8_t expected[] = {0, 3, 1, 5, 3, 0x2c, 1, 1, 2, 0x80, 4, 0x7f, 0xaf, 0x34, 0};
  static const uint8_t row[] = {0x80, 0, 0x7f};
  uint8_t out[64];
  ear_link_init(&link_);
  link_.sequence = 5;
  assert(ear_link_frame(&link_, EAR_FRAME_FEATURES, 300, row, sizeof row));
  assert(drain(out, sizeof out) == sizeof expected);
  assert(memcmp(out, expected, sizeof expected) == 0);
  ear_link_init(&peer);
  for (size_t i = 0; i + 1 < sizeof expected; i++) {
    assert(ear_link_receive(&peer, expected[i]) == EAR_INPUT_NONE);
  }
  assert(ear_link_receive(&peer, 0) == EAR_INPUT_FRAME);
  assert(peer.frame.type == 1 && peer.frame.sequence == 5 && peer.frame.position == 300);
  assert(peer.frame.count == 3 && memcmp(peer.frame.payload, row, 3) == 0);
}

static void test_crc(void) {
  assert(ear_crc16(0xffff, (const uint8_t *)"123456789", 9) == 0x29b1); /* the catalogue's check */
}

static void test_line_writer(void) {
  char out[128];
  ear_link_init(&link_);
  ear_line_start(&link_);
  ear_line_number(&link_, 0);
  ear_line_text(&link_, " ");
  ear_line_number(&link_, UINT64_MAX);
  ear_line_json(&link_, "a\"\\\n\x7f");
  assert(ear_line_end(&link_));
  size_t count = drain((uint8_t *)out, sizeof out);
  out[count] = '\0';
  assert(strcmp(out, "0 18446744073709551615\"a\\\"\\\\\\u000a\\u007f\"\r\n") == 0);
}

static void test_lines_are_whole_or_dropped(void) {
  static const uint8_t audio[EAR_LINK_PAYLOAD];
  static uint8_t out[EAR_LINK_QUEUE];
  ear_link_init(&link_);
  assert(ear_link_frame(&link_, EAR_FRAME_AUDIO, 0, audio, sizeof audio));
  assert(ear_link_frame(&link_, EAR_FRAME_AUDIO, 1, audio, sizeof audio));
  assert(!ear_link_frame(&link_, EAR_FRAME_AUDIO, 2, audio, sizeof audio));
  assert(link_.dropped_frames == 1 && link_.sequence == 3);
  size_t before = link_.count;
  while (link_.dropped_lines == 0) line("Heard yes (204) @2336ms");
  assert((link_.count - before) % 25 == 0);                      /* never a part */
  assert((link_.count - before) / 25 >= EAR_LINK_RESERVED / 25); /* frames left them room */
  assert(drain(out, sizeof out) % 25 == before % 25);
}

/* The CRC is of all of the line before it, whatever the object stands behind. */
static void test_objects_are_sealed(void) {
  static const char body[] = "#7 {\"ms\":5";
  char expected[64], out[64];
  ear_link_init(&link_);
  ear_line_start(&link_);
  ear_line_text(&link_, body);
  ear_line_seal(&link_);
  assert(ear_line_end(&link_));
  sprintf(expected, "%s,\"crc\":%u}\r\n", body,
          ear_crc16(0xffff, (const uint8_t *)body, sizeof body - 1));
  size_t count = drain((uint8_t *)out, sizeof out);
  assert(count == strlen(expected) && memcmp(out, expected, count) == 0);
}

/* What the port has is not offered again, and keeps its place until it is sent. */
static void test_the_port_sends_from_the_queue(void) {
  size_t count;
  ear_link_init(&link_);
  line("first");
  const uint8_t *first = ear_link_pending(&link_, &count);
  assert(count == 7);
  ear_link_given(&link_, 5);
  line("second");
  assert(ear_link_pending(&link_, &count) == first + 5 && count == 10);
  ear_link_given(&link_, count);
  assert(link_.count == 15 && memcmp(first, "first\r\nsecond\r\n", 15) == 0);
  ear_link_sent(&link_, 5);
  ear_link_pending(&link_, &count);
  assert(link_.count == 10 && count == 0);
}

static void test_every_payload_around_the_ring(void) {
  static uint8_t payload[EAR_LINK_CHUNK], out[2 * EAR_LINK_CHUNK];
  ear_link_init(&link_);
  ear_link_init(&peer);
  uint32_t random = 1;
  for (int round = 0; round < 3000; round++) {
    size_t count = (size_t)round % (EAR_LINK_CHUNK + 1), got = 0;
    for (size_t i = 0; i < count; i++) {
      random = random * 1664525u + 1013904223u;
      payload[i] = random >> 28 ? (uint8_t)(random >> 20) : 0;
    }
    assert(ear_link_frame(&link_, EAR_FRAME_INFER_INPUT, random, payload, count));
    size_t sent = drain(out, sizeof out);
    for (size_t i = 0; i < sent; i++) got += ear_link_receive(&peer, out[i]) == EAR_INPUT_FRAME;
    assert(got == 1 && peer.frame.count == count && peer.frame.position == random);
    assert(count == 0 || memcmp(peer.frame.payload, payload, count) == 0);
  }
  assert(peer.damaged == 0);
}

static void test_received_lines(void) {
  ear_link_init(&peer);
  for (int i = 0; i < EAR_LINK_LINE; i++) assert(ear_link_receive(&peer, 'x') == EAR_INPUT_NONE);
  assert(ear_link_receive(&peer, '\r') == EAR_INPUT_LINE && strlen(peer.line) == EAR_LINK_LINE);
  assert(ear_link_receive(&peer, '\n') == EAR_INPUT_NONE);
  for (int i = 0; i <= EAR_LINK_LINE; i++) ear_link_receive(&peer, 'x');
  assert(ear_link_receive(&peer, '\n') == EAR_INPUT_TOO_LONG);
  for (const char *c = "a\t\x7f\xd0\xb4"; *c; c++) ear_link_receive(&peer, (uint8_t)*c);
  assert(ear_link_receive(&peer, '\n') == EAR_INPUT_LINE && strcmp(peer.line, "a??\xd0\xb4") == 0);
  for (const char *c = "\x01stray"; *c; c++) ear_link_receive(&peer, (uint8_t)*c);
  ear_link_receive(&peer, 0); /* cuts the line */
  assert(peer.damaged == 1);
  for (const char *c = "help"; *c; c++) ear_link_receive(&peer, (uint8_t)*c);
  assert(ear_link_receive(&peer, '\n') == EAR_INPUT_LINE && strcmp(peer.line, "help") == 0);
}

static int echo(void) {
  static uint8_t out[EAR_LINK_QUEUE];
  uint8_t payload[EAR_LINK_PAYLOAD];
  char text[2 * EAR_LINK_PAYLOAD + 3];
  ear_link_init(&link_);
  while (fgets(text, sizeof text, stdin)) {
    size_t count = 0;
    unsigned byte;
    while (sscanf(text + 2 * count, "%2x", &byte) == 1) payload[count++] = (uint8_t)byte;
    ear_link_frame(&link_, EAR_FRAME_AUDIO, 0xffffffff, payload, count);
    fwrite(out, 1, drain(out, sizeof out), stdout);
  }
  return 0;
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "echo") == 0) return echo();
  test_documents_example();
  test_crc();
  test_line_writer();
  test_lines_are_whole_or_dropped();
  test_objects_are_sealed();
  test_the_port_sends_from_the_queue();
  test_every_payload_around_the_ring();
  test_received_lines();
  puts("ok");
  return 0;
}
