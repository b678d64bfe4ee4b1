/* The commands of docs/protocol.md: one line in, one line out. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "spotter.h"

#define REPLY 480
#define FIRMWARE "0.1.0"
#define AUDIO_BAUD 460800 /* 20 ms of audio is 650 bytes: 325 kbit/s with start and stop bits */

/* Parses a whole decimal number of at most `limit`. */
static bool number(const char *text, uint32_t limit, uint32_t *value) {
  uint64_t sum = 0;
  if (!text || !*text) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    sum = sum * 10 + (uint64_t)(*text - '0');
    if (sum > limit) return false;
  }
  *value = (uint32_t)sum;
  return true;
}

static void hello(spotter *app, const char *version, char *reply) {
  uint32_t wanted = EAR_LINK_VERSION;
  char name[64], label[40];
  if (version && (!number(version, 999, &wanted) || wanted == 0)) {
    snprintf(reply, REPLY, "error hello takes a version from 1");
    return;
  }
  app->machine = true;
  ear_json_string(name, sizeof name, ear_model.name);
  int at = snprintf(reply, REPLY,
                    "{\"protocol\":%d,\"firmware\":\"" FIRMWARE
                    "\",\"board\":\"%s\",\"engine\":\"%s\",\"model\":%s,\"sha256\":\"%.64s\","
                    "\"labels\":[",
                    EAR_LINK_VERSION, board_name(), ear_engine_name(), name, ear_model.sha256);
  for (uint8_t i = 0; i < ear_model.label_count; i++) {
    size_t length = ear_json_string(label, sizeof label, ear_model.labels[i]);
    if ((size_t)at + length + 4 > REPLY) break;
    at += snprintf(reply + at, REPLY - (size_t)at, i ? ",%s" : "%s", label);
  }
  snprintf(reply + at, REPLY - (size_t)at, "]}");
}

static void stats(const spotter *app, char *reply) {
  snprintf(reply, REPLY,
           "{\"ms\":%lu,\"inferences\":%lu,\"hop_cycles\":%lu,\"inference_cycles\":%lu,"
           "\"asleep_ms\":%lu,\"overruns\":%lu,\"serial_lost\":%lu,\"dropped_lines\":%lu,"
           "\"dropped_frames\":%lu,\"reset\":\"%s\"}",
           (unsigned long)(app->samples / 16), (unsigned long)app->inferences,
           (unsigned long)app->hop_cycles, (unsigned long)app->inference_cycles,
           (unsigned long)(board_cycles_asleep() / 64000),
           (unsigned long)board_microphone_overruns(), (unsigned long)board_serial_lost(),
           (unsigned long)app->link.dropped_lines, (unsigned long)app->link.dropped_frames,
           board_reset_reason());
}

/* The label that "threshold.LABEL" names, or -1. */
static int label_of(const char *key) {
  for (uint8_t i = 0; i < ear_model.label_count && i < EAR_MAX_LABELS; i++) {
    if (strcmp(key, ear_model.labels[i]) == 0) return i;
  }
  return -1;
}

/* Reads the setting `key`, after writing `*value` to it when `value` is given. -1: no such setting;
 * -2: out of range. */
static long setting(ear_recognizer_settings *s, const char *key, const uint32_t *value) {
  if (strncmp(key, "threshold", 9) == 0 && (key[9] == '\0' || key[9] == '.')) {
    int label = key[9] ? label_of(key + 10) : -1;
    if (key[9] && label < 0) return -1;
    if (value && *value > 255) return -2;
    for (int i = 0; value && i < EAR_MAX_LABELS; i++) {
      if (label < 0 || i == label) s->threshold[i] = (uint8_t)*value;
    }
    return s->threshold[label < 0 ? 0 : label];
  }
  if (strcmp(key, "suppression") == 0) {
    if (value && *value > 65535) return -2;
    if (value) s->suppression_ms = (uint16_t)*value;
    return s->suppression_ms;
  }
  if (strcmp(key, "average") == 0) {
    if (value && (*value < 1 || *value > 2500)) return -2;
    if (value) s->average_ms = (uint16_t)*value;
    return s->average_ms;
  }
  if (strcmp(key, "minimum_count") == 0) {
    if (value && (*value < 1 || *value > EAR_MAX_RESULTS)) return -2;
    if (value) s->minimum_count = (uint8_t)*value;
    return s->minimum_count;
  }
  return -1;
}

static void set_or_get(spotter *app, const char *key, const char *text, bool set, char *reply) {
  uint32_t value = 0;
  if (!key || (set && !number(text, 65535, &value))) {
    snprintf(reply, REPLY, "error %s", set ? "set takes a name and a number" : "get takes a name");
    return;
  }
  long now = setting(&app->recognizer.settings, key, set ? &value : NULL);
  if (now == -1) snprintf(reply, REPLY, "error no setting %s", key);
  if (now == -2) snprintf(reply, REPLY, "error %s is out of range", key);
  if (now >= 0) snprintf(reply, REPLY, "ok %s %ld", key, now);
}

static void stream(spotter *app, const char *what, const char *state, char *reply) {
  bool on = state && strcmp(state, "on") == 0;
  if (!what || !state || (!on && strcmp(state, "off") != 0)) {
    snprintf(reply, REPLY, "error stream takes scores, features or audio, then on or off");
  } else if (!app->machine) {
    snprintf(reply, REPLY, "error say hello first");
  } else if (strcmp(what, "audio") == 0 && on && app->baud < AUDIO_BAUD) {
    snprintf(reply, REPLY, "error audio needs baud %d", AUDIO_BAUD);
  } else {
    bool *flag = strcmp(what, "scores") == 0     ? &app->stream_scores
                 : strcmp(what, "features") == 0 ? &app->stream_features
                 : strcmp(what, "audio") == 0    ? &app->stream_audio
                                                 : NULL;
    if (flag) *flag = on;
    board_light_streaming(app->stream_audio);
    if (flag) snprintf(reply, REPLY, "ok stream %s %s", what, state);
    if (!flag) snprintf(reply, REPLY, "error no stream %s", what);
  }
}

void spotter_command(spotter *app, const char *line) {
  char words[EAR_LINK_LINE + 1], reply[REPLY];
  char *word[4] = {NULL};
  int count = 0;
  strcpy(words, line); /* a line of the link is never longer */
  for (char *next = words; count < 4;) {
    next += strspn(next, " ");
    if (!*next) break;
    word[count++] = next;
    next += strcspn(next, " ");
    if (*next) *next++ = '\0';
  }
  const char *name = count ? word[0] : "";
  if (strcmp(name, "hello") == 0) {
    hello(app, word[1], reply);
  } else if (strcmp(name, "help") == 0) {
    snprintf(reply, REPLY, "ok hello help stats set get stream reset");
  } else if (strcmp(name, "stats") == 0) {
    stats(app, reply);
  } else if (strcmp(name, "set") == 0 || strcmp(name, "get") == 0) {
    set_or_get(app, word[1], word[2], name[0] == 's', reply);
  } else if (strcmp(name, "stream") == 0) {
    stream(app, word[1], word[2], reply);
  } else if (strcmp(name, "reset") == 0) {
    board_reset();
    return;
  } else {
    snprintf(reply, REPLY, "error unknown command; try help");
  }
  ear_link_line(&app->link, reply);
}
