/* Memory of tensors that move in time. */
#include "kernels/kernels.h"

#include <string.h>

#include "dsp.h"

/* Eight words at once; the C library's memmove may go byte by byte. */
typedef struct {
  ear_word words[8];
} block;

static void move_words(ear_word *to, const ear_word *from, size_t blocks) {
  block *out = (block *)(void *)to;
  const block *in = (const block *)(const void *)from;
  while (blocks--) *out++ = *in++;
}

void ear_move_rows(void *rows, size_t by, size_t kept) {
  uint8_t *to = rows;
  if ((((uintptr_t)rows | by) & 3) == 0) {
    size_t blocks = kept / sizeof(block);
    move_words(rows, (const ear_word *)(const void *)(to + by), blocks);
    to += sizeof(block) * blocks;
    kept %= sizeof(block);
    for (; kept >= 4; kept -= 4, to += 4) *(ear_word *)(void *)to = ear_load32(to + by);
  }
  for (; kept > 0; kept--, to++) *to = to[by];
}

void ear_repeat_row(void *rows, size_t row_bytes, size_t count) {
  uint8_t *to = rows;
  for (const uint8_t *row = to + count * row_bytes; to < row; to += row_bytes) {
    memcpy(to, row, row_bytes);
  }
}
