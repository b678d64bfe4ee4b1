/* Sound in, words out. */
#include "board.h"
#include "spotter.h"

#define HOPS_PER_SECOND 50
#define QUIET HOPS_PER_SECOND       /* the window is not full before */
#define LIGHT (3 * HOPS_PER_SECOND) /* as in TFLM's example */

uint64_t spotter_ms(const spotter *app) {
  return (uint64_t)app->hops * (1000 / HOPS_PER_SECOND);
}

void spotter_start_event(spotter *app, const char *kind) {
  ear_line_start(&app->link);
  ear_line_text(&app->link, "{\"event\":");
  ear_line_json(&app->link, kind);
}

void spotter_end_event(spotter *app) {
  ear_line_text(&app->link, ",\"ms\":");
  ear_line_number(&app->link, spotter_ms(app));
  ear_line_text(&app->link, ",\"seq\":");
  ear_line_number(&app->link, app->events++);
  ear_line_text(&app->link, "}");
  ear_line_end(&app->link);
}

void spotter_fail(spotter *app, const char *error) {
  app->error = error;
  if (app->machine) {
    spotter_start_event(app, "error");
    ear_line_text(&app->link, ",\"text\":");
    ear_line_json(&app->link, error);
    spotter_end_event(app);
  } else {
    ear_line_start(&app->link);
    ear_line_text(&app->link, "error ");
    ear_line_text(&app->link, error);
    ear_line_end(&app->link);
  }
}

/* As TFLM's example: yes green, no red, unknown blue; further words by turns. */
static void show(spotter *app, uint8_t label) {
  static const board_color words[] = {BOARD_GREEN, BOARD_RED};
  board_light(label == 0 ? BOARD_DARK : label == 1 ? BOARD_BLUE : words[label % 2]);
  app->light_until = app->hops + LIGHT;
}

static void report_heard(spotter *app, ear_recognition heard) {
  ear_link *link = &app->link;
  const char *label = ear_model.labels[heard.label];
  if (app->machine) {
    spotter_start_event(app, "heard");
    ear_line_text(link, ",\"label\":");
    ear_line_json(link, label);
    ear_line_text(link, ",\"score\":");
    ear_line_number(link, heard.score);
    spotter_end_event(app);
    return;
  }
  ear_line_start(link);
  ear_line_text(link, "Heard ");
  ear_line_text(link, label);
  ear_line_text(link, " (");
  ear_line_number(link, heard.score);
  ear_line_text(link, ") @");
  ear_line_number(link, spotter_ms(app));
  ear_line_text(link, "ms");
  ear_line_end(link);
}

static void report_scores(spotter *app, const int8_t *scores) {
  if (!ear_link_room_for_reply(&app->link)) { /* words heard go first */
    app->link.dropped_lines++;
    app->events++;
    return;
  }
  spotter_start_event(app, "scores");
  ear_line_text(&app->link, ",\"scores\":[");
  for (uint8_t i = 0; i < ear_model.label_count; i++) {
    if (i) ear_line_text(&app->link, ",");
    ear_line_number(&app->link, (uint64_t)(scores[i] + 128));
  }
  ear_line_text(&app->link, "]");
  spotter_end_event(app);
}

static void report_overruns(spotter *app) {
  if (app->machine) {
    spotter_start_event(app, "overruns");
    ear_line_text(&app->link, ",\"total\":");
    ear_line_number(&app->link, app->overruns);
    spotter_end_event(app);
    return;
  }
  ear_line_start(&app->link);
  ear_line_text(&app->link, "Overruns ");
  ear_line_number(&app->link, app->overruns);
  ear_line_text(&app->link, ": sound was lost");
  ear_line_end(&app->link);
}

static void infer(spotter *app) {
  uint32_t start = board_cycles();
  const int8_t *scores = ear_engine_slide(app->rows[0], SPOTTER_ROWS, EAR_CHANNELS);
  app->inference_cycles = board_cycles() - start;
  app->inferences++;
  app->row_count = 0;
  if (!scores) {
    spotter_fail(app, ear_engine_error());
    return;
  }
  if (app->stream_scores) report_scores(app, scores);
  if (app->hops < QUIET) return;
  ear_recognition heard = ear_recognizer_update(&app->recognizer, scores, spotter_ms(app));
  if (!heard.is_new) return;
  show(app, heard.label);
  if (heard.label > 1) report_heard(app, heard);
}

static void take_row(spotter *app, const uint16_t *features) {
  int8_t *row = app->rows[app->row_count];
  for (int i = 0; i < EAR_CHANNELS; i++) row[i] = ear_feature_to_int8(features[i]);
  if (app->stream_features) {
    ear_link_frame(&app->link, EAR_FRAME_FEATURES, app->hops, (const uint8_t *)row, EAR_CHANNELS);
  }
  app->row_count++;
}

/* Lost blocks move the clock on, so that times stay true. */
static void count_overruns(spotter *app) {
  uint32_t lost = board_microphone_overruns() - app->overruns;
  if (!lost) return;
  app->hops += lost;
  app->overruns += lost;
  report_overruns(app);
}

void spotter_take_block(spotter *app, const int16_t *block) {
  uint16_t features[EAR_CHANNELS];
  uint32_t start = board_cycles();
  size_t taken = 0;
  bool ready = false;
  count_overruns(app);
  app->hops++;
  if (app->hops == app->light_until) board_light(BOARD_DARK);
  if (app->stream_audio) {
    ear_link_frame(&app->link, EAR_FRAME_AUDIO, app->hops, (const uint8_t *)block,
                   BOARD_BLOCK_SAMPLES * sizeof *block);
  }
  while (taken < BOARD_BLOCK_SAMPLES && !app->error) {
    taken += ear_frontend_feed(&app->frontend, block + taken, BOARD_BLOCK_SAMPLES - taken, features,
                               &ready);
    if (!ready) continue;
    app->hop_cycles = board_cycles() - start;
    take_row(app, features);
  }
  board_microphone_release(); /* before the inference, which may take longer than a hop */
  if (app->row_count == SPOTTER_ROWS) infer(app);
}
