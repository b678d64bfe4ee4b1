#include "recognizer/recognizer.h"

#include <string.h>

void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings,
                         uint8_t labels, uint8_t silence) {
  memset(recognizer, 0, sizeof *recognizer);
  recognizer->settings = *settings;
  recognizer->labels = labels;
  recognizer->silence = silence;
  recognizer->last_label = silence;
  int results = EAR_MAX_SCORES / labels;
  recognizer->results = (uint8_t)(results < EAR_MAX_RESULTS ? results : EAR_MAX_RESULTS);
}

bool ear_recognizer_accepts(const ear_recognizer *recognizer,
                            const ear_recognizer_settings *settings) {
  return settings->average_ms >= 1 && settings->average_ms <= EAR_MAX_AVERAGE_MS &&
         settings->minimum_count >= 1 && settings->minimum_count <= recognizer->results;
}

/* The place of the result that is `age` younger than the oldest. */
static int place(const ear_recognizer *recognizer, int age) {
  int at = recognizer->first + age;
  return at < recognizer->results ? at : at - recognizer->results;
}

static void drop_oldest(ear_recognizer *recognizer) {
  recognizer->first = (uint8_t)place(recognizer, 1);
  recognizer->span_ms -= recognizer->gap_ms[recognizer->first];
  --recognizer->count;
}

/* The newest may take the place of the oldest, which then goes. */
static void keep(ear_recognizer *recognizer, const int8_t *scores, uint64_t time_ms) {
  uint64_t gap = recognizer->count ? time_ms - recognizer->newest_ms : 0;
  int newest = place(recognizer, recognizer->count);
  recognizer->newest_ms = time_ms;
  recognizer->gap_ms[newest] = gap < UINT16_MAX ? (uint16_t)gap : UINT16_MAX;
  recognizer->span_ms += recognizer->gap_ms[newest];
  memcpy(recognizer->scores + newest * recognizer->labels, scores, recognizer->labels);
  while (recognizer->count == recognizer->results ||
         recognizer->span_ms > recognizer->settings.average_ms) {
    drop_oldest(recognizer);
  }
  ++recognizer->count;
}

static uint8_t average(const ear_recognizer *recognizer, int label) {
  int sum = 0;
  for (int i = 0; i < recognizer->count; ++i) {
    sum += recognizer->scores[place(recognizer, i) * recognizer->labels + label] + 128;
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
  if (recognizer->count < settings->minimum_count ||
      recognizer->span_ms < settings->average_ms / 4u) {
    return (ear_recognition){recognizer->last_label, 0, false};
  }
  ear_recognition best = find_best(recognizer);
  bool suppressed = best.label == recognizer->last_label && best.label != recognizer->silence &&
                    time_ms - recognizer->last_ms <= settings->suppression_ms;
  best.is_new = best.score > settings->threshold[best.label] && !suppressed;
  if (best.is_new) {
    recognizer->last_label = best.label;
    recognizer->last_ms = time_ms;
  }
  return best;
}
