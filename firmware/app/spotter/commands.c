/* The commands of docs/protocol.md: one line in, one line out. */
#include <string.h>

#include "board.h"
#include "spotter.h"
#include "version.h"

#define CYCLES_PER_MS 64000
#define WORDS 3

static void text(spotter *app, const char *part) {
  ear_line_text(&app->link, part);
}

static void field(spotter *app, const char *name, uint64_t value) {
  text(app, ",\"");
  text(app, name);
  text(app, "\":");
  ear_line_number(&app->link, value);
}

static void string_field(spotter *app, const char *name, const char *value) {
  text(app, ",\"");
  text(app, name);
  text(app, "\":");
  ear_line_json(&app->link, value);
}

static void hello(spotter *app, char *const words[]) {
  if (words[1] && strcmp(words[1], "1") != 0) {
    text(app, "error this firmware (" SPOTTER_VERSION ") speaks protocol 1, not ");
    text(app, words[1]);
    return;
  }
  app->machine = true;
  app->events = 0;
  app->link.sequence = 0;
  app->infer_open = false;
  spotter_stop_streams(app);
  text(app, "{\"protocol\":1,\"firmware\":\"" SPOTTER_VERSION "\"");
  string_field(app, "board", board_name());
  string_field(app, "engine", ear_engine_name());
  string_field(app, "model", ear_model.name);
  string_field(app, "sha256", ear_model.sha256);
  text(app, ",\"labels\":[");
  for (uint8_t i = 0; i < ear_model.label_count; i++) {
    if (i) text(app, ",");
    ear_line_json(&app->link, ear_model.labels[i]);
  }
  text(app, "]}");
}

static void bye(spotter *app, char *const words[]) {
  (void)words;
  app->machine = false;
  app->infer_open = false;
  spotter_stop_streams(app);
  if (app->baud != SPOTTER_BAUD) app->baud_wanted = SPOTTER_BAUD;
  text(app, "ok bye");
}

/* `value` >= 0 with nine decimals, without a float library: the mantissa is 24 bits, 10^9 is 30. */
static void decimal_field(spotter *app, const char *name, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t nano = (uint64_t)((bits & 0x7fffff) | 0x800000) * 1000000000u;
  int shift = 150 - (int)(bits >> 23 & 255);
  nano = shift <= 0 || shift > 63 ? 0 : (nano + (1ull << (shift - 1))) >> shift;
  field(app, name, nano / 1000000000u);
  char digits[] = ".000000000";
  uint32_t rest = (uint32_t)(nano % 1000000000u);
  for (int i = 9; i > 0; i--, rest /= 10) digits[i] = (char)('0' + rest % 10);
  text(app, digits);
}

static void tensor(spotter *app, const char *name, ear_tensor facts) {
  string_field(app, name, facts.type == EAR_INT8 ? "int8" : "float32");
  text(app, ",\"");
  text(app, name);
  text(app, "_zero_point\":");
  if (facts.zero_point < 0) text(app, "-");
  ear_line_number(&app->link,
                  (uint64_t)(facts.zero_point < 0 ? -(int64_t)facts.zero_point : facts.zero_point));
}

static void info(spotter *app, char *const words[]) {
  (void)words;
  text(app, "{\"board\":");
  ear_line_json(&app->link, board_name());
  field(app, "sample_rate", EAR_SAMPLE_RATE);
  field(app, "hop_samples", EAR_HOP_SAMPLES);
  field(app, "channels", EAR_CHANNELS);
  field(app, "frames", ear_model.frames);
  field(app, "hops_per_inference", SPOTTER_ROWS);
  field(app, "baud", app->baud);
  if (app->error) {
    string_field(app, "error", app->error);
  } else {
    tensor(app, "input", ear_engine_input());
    field(app, "input_count", ear_engine_input().count);
    decimal_field(app, "input_scale", ear_engine_input().scale);
    tensor(app, "output", ear_engine_output());
    field(app, "output_count", ear_engine_output().count);
    decimal_field(app, "output_scale", ear_engine_output().scale);
  }
  text(app, "}");
}

static void stats(spotter *app, char *const words[]) {
  uint64_t ms = spotter_ms(app), asleep_ms = board_cycles_asleep() / CYCLES_PER_MS;
  (void)words;
  text(app, "{\"reset\":");
  ear_line_json(&app->link, board_reset_reason());
  field(app, "ms", ms);
  field(app, "inferences", app->inferences);
  field(app, "hop_cycles", app->hop_cycles);
  field(app, "inference_cycles", app->inference_cycles);
  field(app, "asleep_ms", asleep_ms);
  field(app, "asleep_percent", ms ? asleep_ms * 100 / ms : 0);
  field(app, "overruns", app->overruns);
  field(app, "serial_lost", board_serial_lost());
  field(app, "damaged", app->link.damaged);
  field(app, "dropped_lines", app->link.dropped_lines);
  field(app, "dropped_frames", app->link.dropped_frames);
  text(app, "}");
}

static void help(spotter *app, char *const words[]);

static const struct {
  const char *name;
  int least, most; /* words after the name */
  void (*run)(spotter *app, char *const words[]);
  const char *usage;
} commands[] = {
    {"hello", 0, 1, hello, "hello [VERSION]"},
    {"help", 0, 0, help, "help"},
    {"info", 0, 0, info, "info"},
    {"stats", 0, 0, stats, "stats"},
    {"set", 2, 2, spotter_set, "set NAME NUMBER"},
    {"get", 1, 1, spotter_get, "get NAME"},
    {"stream", 2, 2, spotter_stream, "stream scores|features|audio on|off"},
    {"infer", 0, 0, spotter_infer, "infer"},
    {"baud", 1, 1, spotter_baud, "baud NUMBER"},
    {"reset", 0, 0, spotter_reset, "reset"},
    {"bye", 0, 0, bye, "bye"},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void help(spotter *app, char *const words[]) {
  (void)words;
  text(app, "ok ");
  for (size_t i = 0; i < COMMANDS; i++) {
    if (i) text(app, "; ");
    text(app, commands[i].usage);
  }
}

/* Splits `line` in place; returns the number of words, at most WORDS + 1. */
static int split(char *line, char *words[]) {
  int count = 0;
  while (count <= WORDS) {
    line += strspn(line, " ");
    if (!*line) break;
    words[count++] = line;
    line += strcspn(line, " ");
    if (*line) *line++ = '\0';
  }
  return count;
}

static void dispatch(spotter *app, char *const words[], int extra) {
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(words[0], commands[i].name) != 0) continue;
    if (extra >= commands[i].least && extra <= commands[i].most) {
      commands[i].run(app, words);
    } else {
      text(app, "error usage: ");
      text(app, commands[i].usage);
    }
    return;
  }
  text(app, "error unknown command; try help");
}

void spotter_command(spotter *app, const char *line) {
  char copy[EAR_LINK_LINE + 1];
  char *words[WORDS + 1] = {NULL};
  strcpy(copy, line); /* a line of the link is never longer */
  int count = split(copy, words);
  if (!count) words[0] = copy; /* spaces only */
  ear_line_start(&app->link);
  dispatch(app, words, count - 1);
  if (ear_line_end(&app->link)) return;
  ear_line_start(&app->link);
  text(app, "error the reply does not fit");
  ear_line_end(&app->link);
}
