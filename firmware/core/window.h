/* A window of rows that moves on in time, for engines that compute it whole. */
#ifndef EAR_WINDOW_H
#define EAR_WINDOW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Pushes the `bytes` newest into a window of `size` bytes, oldest first, and the oldest out. */
static inline void ear_window_push(int8_t *window, size_t size, const int8_t *newest,
                                   size_t bytes) {
  if (bytes > size) {
    newest += bytes - size;
    bytes = size;
  }
  memmove(window, window + bytes, size - bytes);
  memcpy(window + size - bytes, newest, bytes);
}

#endif
