/* The commands of docs/protocol.md: one line in, one line out. */
#include "board.h"
#include "application.h"

#define CYCLES_PER_MS 64000

static void hello(spotter *app, char *const words[]) {
  if (!console_hello(&app->link, words[1])) return;
  app->machine = true;
  app->events = 0;
  console_end_upload(&app->upload);
  spotter_stop_streams(app);
}

static void bye(spotter *app, char *const words[]) {
  (void)words;
  app->machine = false;
  console_end_upload(&app->upload);
  spotter_stop_streams(app);
  if (app->baud != CONSOLE_BAUD) app->baud_wanted = CONSOLE_BAUD;
  ear_line_text(&app->link, "ok bye");
}

static void info(spotter *app, char *const words[]) {
  ear_link *link = &app->link;
  (void)words;
  ear_line_text(link, "{\"board\":");
  ear_line_json(link, board_name());
  console_field(link, "sample_rate", EAR_SAMPLE_RATE);
  console_field(link, "hop_samples", EAR_HOP_SAMPLES);
  console_field(link, "channels", EAR_CHANNELS);
  console_field(link, "frames", ear_model.frames);
  console_field(link, "hops_per_inference", app->ear.hops);
  console_field(link, "baud", app->baud);
  console_end_info(link, app->error);
}

static void stats(spotter *app, char *const words[]) {
  ear_link *link = &app->link;
  uint64_t ms = ear_spotter_ms(&app->spotter), asleep_ms = board_cycles_asleep() / CYCLES_PER_MS;
  (void)words;
  ear_line_text(link, "{\"reset\":");
  ear_line_json(link, board_reset_reason());
  console_field(link, "ms", ms);
  console_field(link, "inferences", app->inferences);
  console_field(link, "hop_cycles", app->hop_cycles);
  console_field(link, "inference_cycles", app->inference_cycles);
  console_field(link, "asleep_ms", asleep_ms);
  console_field(link, "asleep_percent", ms ? asleep_ms * 100 / ms : 0);
  console_field(link, "overruns", app->overruns);
  console_field(link, "serial_lost", board_serial_lost());
  console_field(link, "damaged", link->damaged);
  console_field(link, "dropped_lines", link->dropped_lines);
  console_field(link, "dropped_frames", link->dropped_frames);
  ear_line_seal(link);
}

static const console_command commands[] = {
    {"hello", 0, 1, hello, "hello [VERSION]"},
    {"help", 0, 0, NULL, "help"},
    {"info", 0, 0, info, "info"},
    {"stats", 0, 0, stats, "stats"},
    {"set", 2, 2, spotter_set, "set NAME NUMBER"},
    {"get", 1, 1, spotter_get, "get NAME"},
    {"save", 0, 0, spotter_save, "save"},
    {"stream", 2, 2, spotter_stream, "stream scores|features|audio on|off"},
    {"infer", 0, 0, spotter_infer, "infer"},
    {"baud", 1, 1, spotter_baud, "baud NUMBER"},
    {"reset", 0, 0, spotter_reset, "reset"},
    {"bye", 0, 0, bye, "bye"},
};

void spotter_command(spotter *app) {
  char *line = console_start(&app->link);
  console_run(app, &app->link, commands, sizeof commands / sizeof *commands, line);
}
