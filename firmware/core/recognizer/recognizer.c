#include "recognizer/recognizer.h"

#include <string.h>

void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings,
                         uint8_t labels) {
  memset(recognizer, 0, sizeof *recognizer);
  recognizer->settings = *settings;
  recognizer->labels = labels;
}

static void drop_oldest(ear_recognizer *recognizer) {
  recognizer->first = (uint8_t)((recognizer->first + 1) % EAR_MAX_RESULTS);
  --recognizer->count;
}

static void keep(ear_recognizer *recognizer, const int8_t *scores, uint64_t time_ms) {
  if (recognizer->count == EAR_MAX_RESULTS) drop_oldest(recognizer);
  int newest = (recognizer->first + recognizer->count++) % EAR_MAX_RESULTS;
  recognizer->time_ms[newest] = time_ms;
  memcpy(recognizer->scores[newest], scores, recognizer->labels);
  while (recognizer->time_ms[recognizer->first] + recognizer->settings.average_ms < time_ms) {
    drop_oldest(recognizer);
  }
}

static uint8_t average(const ear_recognizer *recognizer, int label) {
  int sum = 0;
  for (int i = 0; i < recognizer->count; ++i) {
    sum += recognizer->scores[(recognizer->first + i) % EAR_MAX_RESULTS][label] + 128;
  }
  return (uint8_t)(sum / recognizer->count);
}

static ear_recognition find_best(const ear_recognizer *recognizer) {
  ear_recognition best = {0, 0, false};
  for (uint8_t label = 0; label < recognizer->labels; ++label) {
    uint8_t score = average(recognizer, label);
    if (score > best.score) best = (ear_recognition){label, score, false};
  }
  return best;
}

ear_recognition ear_recognizer_update(ear_recognizer *recognizer, const int8_t *scores,
                                      uint64_t time_ms) {
  const ear_recognizer_settings *settings = &recognizer->settings;
  keep(recognizer, scores, time_ms);
  uint64_t span = time_ms - recognizer->time_ms[recognizer->first];
  if (recognizer->count < settings->minimum_count || span < settings->average_ms / 4u) {
    return (ear_recognition){recognizer->last_label, 0, false};
  }
  ear_recognition best = find_best(recognizer);
  bool suppressed = best.label == recognizer->last_label && best.label != 0 &&
                    time_ms - recognizer->last_ms <= settings->suppression_ms;
  best.is_new = best.score > settings->threshold[best.label] && !suppressed;
  if (best.is_new) {
    recognizer->last_label = best.label;
    recognizer->last_ms = time_ms;
  }
  return best;
}
