/* Takes sound, and says what is heard. */
#include "board.h"
#include "application.h"

_Static_assert(BOARD_BLOCK_SAMPLES == EAR_SPOTTER_BLOCK, "the board's blocks are the spotter's");

#define LIGHT 150  /* blocks, 3 s: as in TFLM's example */
#define WELL 3000  /* blocks, 60 s: who has listened for so long has not failed at start */
#define RESTARTS 3 /* of the microphone, each 0.2 s after the one before */

void spotter_start_event(spotter *app, const char *kind) {
  ear_line_start(&app->link);
  ear_line_text(&app->link, "{\"event\":");
  ear_line_json(&app->link, kind);
}

void spotter_end_event(spotter *app) {
  console_field(&app->link, "ms", ear_spotter_ms(&app->spotter));
  console_field(&app->link, "seq", app->events++);
  ear_line_seal(&app->link);
  ear_line_end(&app->link);
}

void spotter_say_error(spotter *app, const char *error) {
  if (app->machine) {
    spotter_start_event(app, "error");
    console_text_field(&app->link, "text", error);
    spotter_end_event(app);
  } else {
    ear_line_start(&app->link);
    console_error(&app->link, error);
    ear_line_end(&app->link);
  }
}

void spotter_fail(spotter *app, const char *error) {
  app->error = error;
  spotter_say_error(app, error);
}

void spotter_watch_microphone(spotter *app) {
  if (app->error || app->reset_wanted || !board_microphone_is_silent()) return;
  if (app->restarts++ < RESTARTS) {
    spotter_say_error(app, "no sound comes; the microphone is started again");
    board_microphone_start();
  } else {
    spotter_say_error(app, "no sound comes; the board is started again");
    app->reset_wanted = RESET_AS_DEAF;
  }
}

/* As TFLM's example: yes green, no red, unknown blue; further words by turns. */
static void show(spotter *app, const ear_heard *heard) {
  board_color word = heard->label % 2 ? BOARD_RED : BOARD_GREEN;
  board_color other = heard->label == ear_model.silence ? BOARD_DARK : BOARD_BLUE;
  board_light(heard->is_word ? word : other);
  app->light_until = app->spotter.blocks + LIGHT;
}

static void report_heard(spotter *app, const ear_heard *heard) {
  ear_link *link = &app->link;
  const char *label = ear_model.labels[heard->label];
  if (app->machine) {
    spotter_start_event(app, "heard");
    console_text_field(link, "label", label);
    console_field(link, "score", heard->score);
    spotter_end_event(app);
    return;
  }
  ear_line_start(link);
  ear_line_text(link, "Heard ");
  ear_line_text(link, label);
  ear_line_text(link, " (");
  ear_line_number(link, heard->score);
  ear_line_text(link, ") @");
  ear_line_number(link, ear_spotter_ms(&app->spotter));
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
    console_field(&app->link, "total", app->overruns);
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
  const int8_t *scores = ear_engine_slide(app->ear.rows[0], app->ear.hops, EAR_CHANNELS);
  app->inference_cycles = board_cycles() - start;
  app->inferences++;
  if (!scores) {
    spotter_fail(app, ear_engine_error());
    return;
  }
  if (app->stream_scores) report_scores(app, scores);
  ear_heard heard;
  if (!ear_spotter_decide(&app->spotter, 0, scores, &heard)) return;
  show(app, &heard);
  if (heard.is_word) report_heard(app, &heard);
}

static void stream_row(spotter *app) {
  const int8_t *row = ear_spotter_row(&app->spotter, 0);
  if (!row || !app->stream_features) return;
  ear_link_frame(&app->link, EAR_FRAME_FEATURES, app->spotter.blocks, (const uint8_t *)row,
                 EAR_CHANNELS);
}

static uint32_t count_overruns(spotter *app) {
  uint32_t lost = board_microphone_overruns() - app->overruns;
  app->overruns += lost;
  return lost;
}

void spotter_take_block(spotter *app, const int16_t *block) {
  uint32_t start = board_cycles(), lost = count_overruns(app);
  uint32_t due = ear_spotter_push(&app->spotter, block, lost);
  app->hop_cycles = board_cycles() - start;
  app->restarts = 0;
  if (app->spotter.blocks >= WELL) board_forget_failures();
  if (lost) report_overruns(app);
  if (app->spotter.blocks == app->light_until) board_light(BOARD_DARK);
  if (app->stream_audio) {
    ear_link_frame(&app->link, EAR_FRAME_AUDIO, app->spotter.blocks, (const uint8_t *)block,
                   BOARD_BLOCK_SAMPLES * sizeof *block);
  }
  stream_row(app);
  board_microphone_release(); /* before the inference, which may take longer than a block */
  if (due) infer(app);
}
