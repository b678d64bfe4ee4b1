#include "sound.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint32_t little(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  while (count--) value = value << 8 | bytes[count];
  return value;
}

/* Reads the chunks of a RIFF file up to its samples. */
static bool skip_to_samples(FILE *file) {
  uint8_t chunk[8], format[16];
  bool fits = false;
  while (fread(chunk, 1, sizeof chunk, file) == sizeof chunk) {
    uint32_t size = little(chunk + 4, 4);
    if (memcmp(chunk, "data", 4) == 0) return fits;
    if (memcmp(chunk, "fmt ", 4) == 0 && size >= sizeof format) {
      if (fread(format, 1, sizeof format, file) != sizeof format) return false;
      fits = little(format, 2) == 1 && little(format + 2, 2) == 1 &&
             little(format + 4, 4) == 16000 && little(format + 14, 2) == 16;
      size -= sizeof format;
    }
    if (fseek(file, (long)(size + size % 2), SEEK_CUR) != 0) return false;
  }
  return false;
}

FILE *sound_open(const char *path) {
  uint8_t head[12];
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  bool is_wav = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, "RIFF", 4) == 0 &&
                memcmp(head + 8, "WAVE", 4) == 0;
  if (!is_wav) {
    rewind(file);
  } else if (!skip_to_samples(file)) {
    fclose(file);
    return NULL;
  }
  return file;
}
