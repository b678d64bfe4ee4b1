#include "frontend/frontend.h"

#include <string.h>

#include "frontend/stages.h"

void ear_frontend_init(ear_frontend *frontend) {
  memset(frontend, 0, sizeof *frontend);
}

static void make_row(ear_frontend *frontend, uint16_t features[EAR_CHANNELS]) {
  ear_pair points[EAR_FFT_SIZE];
  uint32_t channels[EAR_CHANNELS];
  int shift = ear_window(frontend->window, points);
  ear_energies(points, shift);
  ear_channels(points, shift, channels);
  ear_reduce_noise(frontend->noise, channels);
  ear_level(frontend->noise, channels);
  for (int i = 0; i < EAR_CHANNELS; ++i) features[i] = ear_log(channels[i]);
}

size_t ear_frontend_feed(ear_frontend *frontend, const int16_t *samples, size_t count,
                         uint16_t features[EAR_CHANNELS], bool *ready) {
  size_t room = (size_t)(EAR_WINDOW_SAMPLES - frontend->filled);
  size_t taken = count < room ? count : room;
  memcpy(frontend->window + frontend->filled, samples, taken * sizeof *samples);
  frontend->filled = (uint16_t)(frontend->filled + taken);
  *ready = frontend->filled == EAR_WINDOW_SAMPLES;
  if (*ready) {
    make_row(frontend, features);
    frontend->filled = EAR_WINDOW_SAMPLES - EAR_HOP_SAMPLES;
    memmove(frontend->window, frontend->window + EAR_HOP_SAMPLES,
            frontend->filled * sizeof *frontend->window);
  }
  return taken;
}

int8_t ear_feature_to_int8(uint16_t feature) {
  int32_t value = (feature * 256 + 333) / 666 - 128;
  return (int8_t)(value < 127 ? value : 127);
}
