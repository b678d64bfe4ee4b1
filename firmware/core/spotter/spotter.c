#include "spotter/spotter.h"

#include <stddef.h>

#define SAMPLES_PER_MS (EAR_SAMPLE_RATE / 1000)
#define HOP_MS (EAR_HOP_SAMPLES / SAMPLES_PER_MS)
#define BLOCK_MS (EAR_SPOTTER_BLOCK / SAMPLES_PER_MS)

static bool can_honour(const ear_spotter_ear *ear) {
  const ear_model_info *model = ear->model;
  return model->hop_ms == HOP_MS && model->frames > 0 && model->label_count >= 2 &&
         model->label_count <= EAR_MAX_LABELS && ear->hops >= 1 && ear->hops <= EAR_SPOTTER_HOPS;
}

static void start(ear_spotter_ear *ear) {
  const ear_model_info *model = ear->model;
  ear->row_count = 0;
  ear->missing = model->frames;
  ear_recognizer_init(&ear->recognizer, &model->recognizer, model->label_count, model->silence);
}

bool ear_spotter_init(ear_spotter *spotter, ear_spotter_ear *ears, uint8_t count) {
  for (unsigned i = 0; i < count; i++) {
    if (!can_honour(&ears[i])) return false;
    start(&ears[i]);
  }
  ear_frontend_init(&spotter->frontend);
  spotter->ears = ears;
  spotter->count = count;
  spotter->has_row = false;
  spotter->blocks = 0;
  return true;
}

/* Whether the ear is due. */
static bool take_row(ear_spotter_ear *ear, const uint16_t *features) {
  if (ear->row_count == ear->hops) ear->row_count = 0;
  int8_t *row = ear->rows[ear->row_count++];
  for (int i = 0; i < EAR_CHANNELS; i++) row[i] = ear_feature_to_int8(features[i]);
  if (ear->missing) ear->missing--;
  return ear->row_count == ear->hops;
}

uint32_t ear_spotter_push(ear_spotter *spotter, const int16_t *samples, uint32_t lost) {
  uint16_t features[EAR_CHANNELS];
  uint32_t due = 0;
  size_t taken = 0;
  spotter->blocks += 1 + lost;
  spotter->has_row = false;
  while (taken < EAR_SPOTTER_BLOCK) {
    bool ready;
    taken += ear_frontend_feed(&spotter->frontend, samples + taken, EAR_SPOTTER_BLOCK - taken,
                               features, &ready);
    if (!ready) continue;
    spotter->has_row = true;
    for (unsigned i = 0; i < spotter->count; i++) {
      due |= (uint32_t)take_row(&spotter->ears[i], features) << i;
    }
  }
  return due;
}

uint64_t ear_spotter_ms(const ear_spotter *spotter) {
  return (uint64_t)spotter->blocks * BLOCK_MS;
}

bool ear_spotter_is_full(const ear_spotter_ear *ear) {
  return ear->missing == 0;
}

bool ear_spotter_decide_at(ear_spotter_ear *ear, const int8_t *scores, uint64_t ms,
                           ear_heard *heard) {
  ear_recognition best = ear_recognizer_update(&ear->recognizer, scores, ms);
  if (!best.is_new) return false;
  heard->label = best.label;
  heard->score = best.score;
  heard->is_word = ear->model->words >> best.label & 1;
  return true;
}

bool ear_spotter_decide(ear_spotter *spotter, uint8_t ear, const int8_t *scores, ear_heard *heard) {
  ear_spotter_ear *due = &spotter->ears[ear];
  return ear_spotter_is_full(due) &&
         ear_spotter_decide_at(due, scores, ear_spotter_ms(spotter), heard);
}
