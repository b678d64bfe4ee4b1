/* Anything may arrive. For libFuzzer (clang -fsanitize=fuzzer -DEARKIT_LIBFUZZER), and as a
 * program a bounded, repeatable run over mutated traffic. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ear_link link;
  ear_link_init(&link);
  for (size_t i = 0; i < size; i++) {
    switch (ear_link_receive(&link, data[i])) {
      case EAR_INPUT_LINE:
        assert(strlen(link.line) >= 1 && strlen(link.line) <= EAR_LINK_LINE);
        break;
      case EAR_INPUT_FRAME:
        assert(link.frame.type >= 1 && link.frame.count <= EAR_LINK_CHUNK);
        assert(link.frame.payload + link.frame.count <= link.raw + sizeof link.raw);
        break;
      default:
        break;
    }
  }
  /* Zeros end whatever was begun; then a line is a line again. */
  ear_link_receive(&link, 0);
  ear_link_receive(&link, 'o');
  ear_link_receive(&link, 'k');
  assert(ear_link_receive(&link, '\n') == EAR_INPUT_LINE && strcmp(link.line, "ok") == 0);
  return 0;
}

#ifndef EARKIT_LIBFUZZER
static uint32_t state = 2026;

static uint32_t next(uint32_t limit) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % limit;
}

/* Frames, lines and noise, as the link itself writes them. */
static size_t traffic(uint8_t *out) {
  static ear_link link;
  uint8_t payload[200];
  size_t count;
  ear_link_init(&link);
  for (uint32_t parts = 1 + next(4); parts; parts--) {
    for (size_t i = 0; i < sizeof payload; i++) payload[i] = (uint8_t)next(next(3) ? 256 : 2);
    if (next(2)) {
      ear_link_frame(&link, (ear_frame_type)(1 + next(8)), state, payload, next(sizeof payload));
    } else {
      ear_line_start(&link);
      ear_line_json(&link, "set threshold.yes 180" + next(22));
      ear_line_end(&link);
    }
  }
  const uint8_t *bytes = ear_link_pending(&link, &count);
  memcpy(out, bytes, count);
  return count;
}

int main(void) {
  static uint8_t data[EAR_LINK_QUEUE];
  for (int round = 0; round < 20000; round++) {
    size_t size = traffic(data);
    for (uint32_t changes = next(4); changes && size; changes--) {
      data[next((uint32_t)size)] = (uint8_t)(next(2) ? 0 : next(256));
      if (next(4) == 0) size = next((uint32_t)size + 1);
    }
    LLVMFuzzerTestOneInput(data, size);
  }
  puts("ok");
  return 0;
}
#endif
