/* Commands that change something: settings, streams, speed, inference on the peer's data. */
#include <string.h>

#include "board.h"
#include "application.h"

#define AUDIO_BAUD 460800 /* a hop of audio is 654 bytes: 327 kbit/s with start and stop bits */
#define CONFIRM_HOPS 100  /* 2 s */

static void text(spotter *app, const char *part) {
  ear_line_text(&app->link, part);
}

/* One number that `set` and `get` reach. */
typedef struct {
  void *at;
  uint8_t bytes; /* 1 or 2 */
  uint16_t least, most;
} setting;

static bool find(spotter *app, const char *name, setting *found) {
  ear_recognizer_settings *s = &app->ear.recognizer.settings;
  if (strcmp(name, "suppression") == 0) {
    *found = (setting){&s->suppression_ms, 2, 0, 65535};
  } else if (strcmp(name, "average") == 0) {
    *found = (setting){&s->average_ms, 2, 1, EAR_MAX_AVERAGE_MS};
  } else if (strcmp(name, "minimum_count") == 0) {
    *found = (setting){&s->minimum_count, 1, 1, app->ear.recognizer.results};
  } else if (strncmp(name, "threshold.", 10) == 0) {
    uint8_t i = 0;
    while (i < ear_model.label_count && strcmp(name + 10, ear_model.labels[i]) != 0) i++;
    if (i == ear_model.label_count || i >= EAR_MAX_LABELS) return false;
    *found = (setting){&s->threshold[i], 1, 0, 255};
  } else {
    return false;
  }
  return true;
}

static uint32_t read_setting(const setting *s) {
  return s->bytes == 1 ? *(uint8_t *)s->at : *(uint16_t *)s->at;
}

static void write_setting(const setting *s, uint32_t value) {
  if (s->bytes == 1) {
    *(uint8_t *)s->at = (uint8_t)value;
  } else {
    *(uint16_t *)s->at = (uint16_t)value;
  }
}

static void no_setting(spotter *app, const char *name) {
  console_error(&app->link, "no setting ");
  text(app, name);
  text(app, "; threshold[.LABEL], suppression, average, minimum_count");
}

static void out_of_range(spotter *app, const setting *s) {
  console_error(&app->link, "the number must be ");
  ear_line_number(&app->link, s->least);
  text(app, " to ");
  ear_line_number(&app->link, s->most);
}

void spotter_set(spotter *app, char *const words[]) {
  uint8_t *thresholds = app->ear.recognizer.settings.threshold;
  bool all = strcmp(words[1], "threshold") == 0;
  setting s = {thresholds, 1, 0, 255};
  uint32_t value;
  if (!all && !find(app, words[1], &s)) {
    no_setting(app, words[1]);
  } else if (!console_parse(words[2], &value) || value < s.least || value > s.most) {
    out_of_range(app, &s);
  } else {
    write_setting(&s, value);
    if (all) memset(thresholds, (int)value, EAR_MAX_LABELS);
    console_accept(&app->link, words[1], value);
  }
}

void spotter_get(spotter *app, char *const words[]) {
  const uint8_t *thresholds = app->ear.recognizer.settings.threshold;
  setting s;
  if (strcmp(words[1], "threshold") == 0) {
    for (uint8_t i = 1; i < ear_model.label_count && i < EAR_MAX_LABELS; i++) {
      if (thresholds[i] == thresholds[0]) continue;
      console_error(&app->link, "the thresholds differ; get threshold.LABEL");
      return;
    }
    console_accept(&app->link, words[1], thresholds[0]);
  } else if (find(app, words[1], &s)) {
    console_accept(&app->link, words[1], read_setting(&s));
  } else {
    no_setting(app, words[1]);
  }
}

#define SAVED_VERSION 1

/* What `save` keeps. */
typedef struct {
  uint8_t version; /* of this layout */
  char model[8];   /* the start of its SHA-256: thresholds are those of its labels */
  ear_recognizer_settings settings;
} saved;
_Static_assert(sizeof(saved) <= BOARD_STORE_BYTES, "the settings fit the store");

void spotter_save(spotter *app, char *const words[]) {
  saved block = {.version = SAVED_VERSION};
  (void)words;
  memcpy(block.model, ear_model.sha256, sizeof block.model);
  block.settings = app->ear.recognizer.settings;
  if (board_store_write(&block, sizeof block)) {
    text(app, "ok save");
  } else {
    console_error(&app->link, "the settings are not kept");
  }
}

void spotter_load(spotter *app) {
  saved block;
  if (board_store_read(&block, sizeof block) == sizeof block && block.version == SAVED_VERSION &&
      strncmp(block.model, ear_model.sha256, sizeof block.model) == 0 &&
      ear_recognizer_accepts(&app->ear.recognizer, &block.settings)) {
    app->ear.recognizer.settings = block.settings;
  }
}

void spotter_stop_streams(spotter *app) {
  app->stream_scores = app->stream_features = app->stream_audio = false;
  board_light_streaming(false);
}

void spotter_stream(spotter *app, char *const words[]) {
  bool on = strcmp(words[2], "on") == 0;
  bool *stream = strcmp(words[1], "scores") == 0     ? &app->stream_scores
                 : strcmp(words[1], "features") == 0 ? &app->stream_features
                 : strcmp(words[1], "audio") == 0    ? &app->stream_audio
                                                     : NULL;
  if (!stream || (!on && strcmp(words[2], "off") != 0)) {
    console_error(&app->link, "usage: stream scores|features|audio on|off");
  } else if (on && !app->machine) {
    console_error(&app->link, "say hello first");
  } else if (on && stream == &app->stream_audio && app->baud < AUDIO_BAUD) {
    console_error(&app->link, "audio needs baud ");
    ear_line_number(&app->link, AUDIO_BAUD);
  } else {
    *stream = on;
    board_light_streaming(app->stream_audio);
    text(app, "ok stream ");
    text(app, words[1]);
    text(app, on ? " on" : " off");
  }
}

static bool known_baud(uint32_t baud) {
  return baud == CONSOLE_BAUD || baud == 230400 || baud == 460800 || baud == 921600 ||
         baud == 1000000;
}

void spotter_baud(spotter *app, char *const words[]) {
  uint32_t baud;
  if (!console_parse(words[1], &baud) || !known_baud(baud)) {
    console_error(&app->link, "baud is 115200, 230400, 460800, 921600 or 1000000");
  } else if (app->error) {
    console_error(&app->link, "not listening");
  } else {
    if (baud == app->baud) {
      app->baud_before = baud; /* confirmed */
    } else {
      app->baud_wanted = baud;
    }
    console_accept(&app->link, "baud", baud);
  }
}

void spotter_reset(spotter *app, char *const words[]) {
  (void)words;
  app->reset_wanted = RESET_WHEN_SENT;
  text(app, "ok reset");
}

void spotter_infer(spotter *app, char *const words[]) {
  (void)words;
  console_infer(&app->link, &app->upload, app->machine ? app->error : "say hello first");
}

static void change_baud(spotter *app, uint32_t baud, uint32_t before) {
  if (!board_serial_set_baud(baud)) return; /* nobody confirms, and the peer comes back */
  app->baud = baud;
  app->baud_before = before;
  app->baud_until = app->spotter.blocks + CONFIRM_HOPS;
  if (baud < AUDIO_BAUD) {
    app->stream_audio = false;
    board_light_streaming(false);
  }
}

void spotter_serve_port(spotter *app) {
  if (app->link.count) return; /* not all is sent */
  if (app->reset_wanted) board_reset(app->reset_wanted == RESET_AS_DEAF);
  if (app->baud_wanted) {
    uint32_t baud = app->baud_wanted;
    app->baud_wanted = 0;
    /* The speed at start needs no confirmation: it is what a peer tries first. */
    change_baud(app, baud, baud == CONSOLE_BAUD ? baud : app->baud);
  } else if (app->baud != app->baud_before &&
             (int32_t)(app->spotter.blocks - app->baud_until) >= 0) {
    change_baud(app, app->baud_before, app->baud_before);
  }
}
