/* The store: two pages of flash, each a row of slots that are written once. When a page is full,
 * the other one is erased and goes on, so that the newest whole block is never erased. Erasing
 * halts the core for 85 ms, writing a slot for less than a millisecond (PS 4.3.8).
 *
 * A slot begins with its mark: generation of the page, length and CRC of the content. The mark's
 * complement, in the slot's last word, is written last: a slot that was cut short has none. An
 * erase that was cut short only raises bits, so it leaves a mark without its complement, or the
 * mark of the older page as it was. Neither passes for the newest.
 *
 * Wear: a page bears 10,000 erases (PS 4.3.8), so both bear 1.28 million blocks, of which each
 * differs from the one before: others are not written. */
#include <string.h>

#include "board.h"
#include "internal.h"
#include "link/link.h"
#include "nrf52840.h"

#define PAGE_WORDS 1024u
#define SLOT_WORDS 16u
#define LAST (SLOT_WORDS - 1)
#define ERASED 0xFFFFFFFFu
#define ONE_GENERATION (1u << 24)

/* Where older firmware has one page. It may be a bootloader's, so it is only read: while there is
 * no block in the two. */
#define OLD_PAGE ((uint32_t *)0xFF000u)

static uint32_t mark_of(uint32_t generation, const void *bytes, size_t count) {
  return generation * ONE_GENERATION | (uint32_t)count << 16 | ear_crc16(0xffff, bytes, count);
}

static uint32_t generation_of(const uint32_t *slot) {
  return slot[0] >> 24;
}

static uint32_t length_of(const uint32_t *slot) {
  return slot[0] >> 16 & 0xFF;
}

static bool is_whole(const uint32_t *slot) {
  uint32_t length = length_of(slot);
  return length && length <= BOARD_STORE_BYTES &&
         slot[0] == mark_of(generation_of(slot), slot + 1, length);
}

/* The last whole slot of a page, or NULL. Slots of the old page have generation 0 and no
 * complement.
 */
static uint32_t *newest_of(uint32_t *page) {
  for (uint32_t *slot = page + PAGE_WORDS; slot > page;) {
    slot -= SLOT_WORDS;
    bool is_sealed = page == OLD_PAGE ? generation_of(slot) == 0 : slot[LAST] == ~slot[0];
    if (is_sealed && is_whole(slot)) return slot;
  }
  return NULL;
}

/* The newest whole slot of the two pages, or NULL. */
static uint32_t *newest(void) {
  uint32_t *first = newest_of(store_pages), *second = newest_of(store_pages + PAGE_WORDS);
  if (!first || !second) return first ? first : second;
  return (int8_t)(generation_of(second) - generation_of(first)) > 0 ? second : first;
}

size_t board_store_read(void *bytes, size_t count) {
  const uint32_t *slot = newest();
  if (!slot) slot = newest_of(OLD_PAGE);
  if (!slot || length_of(slot) > count) return 0;
  memcpy(bytes, slot + 1, length_of(slot));
  return length_of(slot);
}

static void wait_ready(void) {
  while (!NVMC_READY) {
  }
  memory_barrier(); /* what was read of flash before may have changed */
}

/* Lets flash be written or erased, or neither. */
static void allow(uint32_t what) {
  NVMC_CONFIG = what;
  wait_ready();
}

static void erase(uint32_t *page) {
  allow(NVMC_CONFIG_ERASE);
  NVMC_ERASEPAGE = (uint32_t)(uintptr_t)page;
  wait_ready();
  allow(NVMC_CONFIG_READ);
}

static bool holds(const uint32_t *slot, const uint32_t *content) {
  uint32_t i = 0;
  while (i < SLOT_WORDS && slot[i] == content[i]) i++;
  return i == SLOT_WORDS;
}

/* True when flash holds all of it. */
static bool write_slot(uint32_t *slot, const uint32_t *content) {
  allow(NVMC_CONFIG_WRITE);
  for (uint32_t i = 0; i < SLOT_WORDS; i++) {
    ((volatile uint32_t *)slot)[i] = content[i];
    wait_ready();
  }
  allow(NVMC_CONFIG_READ);
  return holds(slot, content);
}

/* Writes to the next slot of the page that takes it. */
static bool write_page(uint32_t *page, const uint32_t *content) {
  uint32_t used = PAGE_WORDS;
  while (used && page[used - 1] == ERASED) used--;
  for (used = (used + LAST) / SLOT_WORDS * SLOT_WORDS; used < PAGE_WORDS; used += SLOT_WORDS) {
    if (write_slot(page + used, content)) return true;
  }
  return false;
}

bool board_store_write(const void *bytes, size_t count) {
  uint32_t *slot = newest(), *page = store_pages, *other = store_pages + PAGE_WORDS;
  uint32_t content[SLOT_WORDS];
  memset(content, 0xFF, sizeof content);
  memcpy(content + 1, bytes, count);
  content[0] = mark_of(slot ? generation_of(slot) : 0, bytes, count);
  content[LAST] = ~content[0];
  if (slot && holds(slot, content)) return true;
  if (slot >= other) {
    page = other;
    other = store_pages;
  }
  if (write_page(page, content)) return true;
  erase(other);
  content[0] += ONE_GENERATION;
  content[LAST] = ~content[0];
  return write_page(other, content);
}
