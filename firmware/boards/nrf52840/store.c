/* The store: the last page of flash as a row of slots, each written once; the page is erased when
 * all are used. A slot begins with the length and the CRC of its content, so that what a loss of
 * power cut short is known as such and the slot before it stands. Erasing halts the core for 85 ms,
 * writing a slot for less than a millisecond (PS 4.3.8). */
#include <string.h>

#include "board.h"
#include "link/link.h"
#include "nrf52840.h"

#define PAGE ((volatile uint32_t *)0xFF000u) /* the linker script leaves it alone */
#define SLOT_WORDS 16u                       /* the header and BOARD_STORE_BYTES */
#define SLOTS (4096u / 4u / SLOT_WORDS)
#define ERASED 0xFFFFFFFFu

static uint32_t header_of(const void *bytes, size_t count) {
  return (uint32_t)count << 16 | ear_crc16(0xffff, bytes, count);
}

/* The first slot that was never written, SLOTS when there is none. */
static uint32_t first_free(void) {
  uint32_t slot = SLOTS;
  while (slot && PAGE[(slot - 1) * SLOT_WORDS] == ERASED) slot--;
  return slot;
}

size_t board_store_read(void *bytes, size_t count) {
  for (uint32_t slot = first_free(); slot--;) {
    const void *content = (const void *)(uintptr_t)&PAGE[slot * SLOT_WORDS + 1];
    uint32_t header = PAGE[slot * SLOT_WORDS], length = header >> 16;
    if (length > BOARD_STORE_BYTES || header_of(content, length) != header) continue;
    if (length > count) return 0;
    memcpy(bytes, content, length);
    return length;
  }
  return 0;
}

static void wait_ready(void) {
  while (!NVMC_READY) {
  }
}

/* Lets flash be written or erased, or neither. */
static void allow(uint32_t what) {
  NVMC_CONFIG = what;
  wait_ready();
}

bool board_store_write(const void *bytes, size_t count) {
  uint32_t content[SLOT_WORDS] = {header_of(bytes, count)}, slot = first_free();
  memcpy(content + 1, bytes, count);
  if (slot == SLOTS) {
    slot = 0;
    allow(NVMC_CONFIG_ERASE);
    NVMC_ERASEPAGE = (uint32_t)(uintptr_t)PAGE;
    wait_ready();
  }
  allow(NVMC_CONFIG_WRITE);
  for (uint32_t i = 0; i < SLOT_WORDS; i++) {
    PAGE[slot * SLOT_WORDS + i] = content[i];
    wait_ready();
  }
  allow(NVMC_CONFIG_READ);
  return PAGE[slot * SLOT_WORDS] == content[0];
}
