/* The main loop: takes sound, reports words, answers commands, sleeps in between. */
#include <stdio.h>

#include "board.h"
#include "spotter.h"

#define QUIET_MS 1000 /* the window is not full before */

static spotter app;

static void show_label(uint8_t label) {
  static const board_color colors[] = {BOARD_GREEN, BOARD_RED, BOARD_BLUE};
  board_light(label == 0 ? BOARD_DARK : label == 1 ? BOARD_BLUE : colors[(label - 2) % 3]);
}

static void report_heard(ear_recognition heard, uint64_t ms) {
  char text[160], label[64];
  const char *name = ear_model.labels[heard.label];
  if (app.machine) {
    ear_json_string(label, sizeof label, name);
    snprintf(text, sizeof text,
             "{\"event\":\"heard\",\"label\":%s,\"score\":%u,\"ms\":%lu,\"seq\":%lu}", label,
             heard.score, (unsigned long)ms, (unsigned long)app.events++);
  } else {
    snprintf(text, sizeof text, "Heard %.60s (%u) @%lums", name, heard.score, (unsigned long)ms);
  }
  ear_link_line(&app.link, text);
}

static void report_scores(const int8_t *scores, uint64_t ms) {
  char text[160];
  int at = snprintf(text, sizeof text, "{\"event\":\"scores\",\"scores\":[");
  for (uint8_t i = 0; i < ear_model.label_count; i++) {
    at += snprintf(text + at, sizeof text - (size_t)at, i ? ",%d" : "%d", scores[i] + 128);
  }
  snprintf(text + at, sizeof text - (size_t)at, "],\"ms\":%lu,\"seq\":%lu}", (unsigned long)ms,
           (unsigned long)app.events++);
  ear_link_line(&app.link, text);
}

static void infer(void) {
  uint32_t start = board_cycles();
  const int8_t *scores = ear_engine_slide(app.rows[0], SPOTTER_ROWS, EAR_CHANNELS);
  app.inference_cycles = board_cycles() - start;
  app.inferences++;
  app.row_count = 0;
  if (!scores) {
    app.listening = false;
    char text[160];
    snprintf(text, sizeof text, "error %.150s", ear_engine_error());
    ear_link_line(&app.link, text);
    return;
  }
  uint64_t ms = app.samples / (EAR_SAMPLE_RATE / 1000);
  if (app.stream_scores) report_scores(scores, ms);
  if (ms < QUIET_MS) return;
  ear_recognition heard = ear_recognizer_update(&app.recognizer, scores, ms);
  if (!heard.is_new) return;
  show_label(heard.label);
  if (heard.label > 1) report_heard(heard, ms);
}

static void take_row(const uint16_t *features) {
  for (int i = 0; i < EAR_CHANNELS; i++) {
    app.rows[app.row_count][i] = ear_feature_to_int8(features[i]);
  }
  if (app.stream_features) {
    ear_link_frame(&app.link, EAR_FRAME_FEATURES, (const uint8_t *)app.rows[app.row_count],
                   EAR_CHANNELS);
  }
  if (++app.row_count == SPOTTER_ROWS) infer();
}

static void take_block(const int16_t *block) {
  uint16_t features[EAR_CHANNELS];
  uint32_t start = board_cycles();
  size_t taken = 0;
  bool ready = false;
  if (app.stream_audio) {
    ear_link_frame(&app.link, EAR_FRAME_AUDIO, (const uint8_t *)block, BOARD_BLOCK_SAMPLES * 2);
  }
  app.samples += BOARD_BLOCK_SAMPLES;
  while (taken < BOARD_BLOCK_SAMPLES) {
    taken += ear_frontend_feed(&app.frontend, block + taken, BOARD_BLOCK_SAMPLES - taken, features,
                               &ready);
    if (ready) {
      app.hop_cycles = board_cycles() - start;
      take_row(features);
    }
  }
}

static void report_overruns(void) {
  char text[80];
  uint32_t overruns = board_microphone_overruns();
  if (overruns == app.overruns_said) return;
  snprintf(text, sizeof text,
           app.machine ? "{\"event\":\"overruns\",\"total\":%lu,\"seq\":%lu}"
                       : "Overruns %lu: sound was lost",
           (unsigned long)overruns, (unsigned long)app.events);
  if (ear_link_line(&app.link, text)) {
    app.overruns_said = overruns;
    app.events += app.machine;
  }
}

static void serve_serial(void) {
  uint8_t byte;
  size_t count;
  /* One command at a time: its reply must fit before the next is read. */
  while (EAR_LINK_QUEUE - app.link.count > 512 && board_serial_read(&byte, 1) == 1) {
    ear_line_state state = ear_link_receive(&app.link, byte);
    if (state == EAR_LINE_TOO_LONG) ear_link_line(&app.link, "error line too long");
    if (state == EAR_LINE_READY) spotter_command(&app, app.link.line);
  }
  const uint8_t *bytes = ear_link_pending(&app.link, &count);
  if (count) ear_link_sent(&app.link, board_serial_write(bytes, count));
}

static const char *start(void) {
  if (!ear_engine_init()) return ear_engine_error();
  ear_tensor input = ear_engine_input(), output = ear_engine_output();
  if (input.type != EAR_INT8 || output.type != EAR_INT8 || ear_model.label_count < 2 ||
      ear_model.label_count > EAR_MAX_LABELS || output.count != ear_model.label_count ||
      input.count != (uint32_t)ear_model.frames * EAR_CHANNELS) {
    return "the model does not fit the spotter: int8 rows of 40 in, one int8 score per label out";
  }
  ear_recognizer_init(&app.recognizer, &ear_model.recognizer, ear_model.label_count);
  ear_frontend_init(&app.frontend);
  return board_microphone_start() ? NULL : "the microphone does not start; reset the board";
}

int main(void) {
  char text[160];
  board_init();
  ear_link_init(&app.link);
  app.baud = 115200;
  const char *error = start();
  app.listening = error == NULL;
  if (error) {
    snprintf(text, sizeof text, "error %.150s", error);
    ear_link_line(&app.link, text);
  }
  for (;;) {
    const int16_t *block = app.listening ? board_microphone_block() : NULL;
    if (block) {
      take_block(block);
      board_microphone_release();
      report_overruns();
    }
    serve_serial();
    if (!block) board_sleep();
  }
}
