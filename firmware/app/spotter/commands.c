/* The commands of docs/protocol.md: one line in, one line out. */
#include <stddef.h>
#include <string.h>

#include "board.h"
#include "application.h"

#define CYCLES_PER_MS 64000
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

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
  ear_line_text(link, ",\"sample_rate\":" TEXT(EAR_SAMPLE_RATE) ",\"hop_samples\":" TEXT(
                          EAR_HOP_SAMPLES) ",\"channels\":" TEXT(EAR_CHANNELS));
  console_field(link, "frames", ear_model.frames);
  console_field(link, "hops_per_inference", app->ear.hops);
  console_field(link, "baud", app->baud);
  console_end_info(link, app->error);
}

/* What `stats` says of the counters in the application, uint32_t each. */
static const struct {
  const char *name;
  size_t at;
} counters[] = {
    {"inferences", offsetof(spotter, inferences)},
    {"hop_cycles", offsetof(spotter, hop_cycles)},
    {"inference_cycles", offsetof(spotter, inference_cycles)},
    {"overruns", offsetof(spotter, overruns)},
    {"damaged", offsetof(spotter, link.damaged)},
    {"dropped_lines", offsetof(spotter, link.dropped_lines)},
    {"dropped_frames", offsetof(spotter, link.dropped_frames)},
};

static void stats(spotter *app, char *const words[]) {
  ear_link *link = &app->link;
  uint64_t ms = ear_spotter_ms(&app->spotter), asleep_ms = board_cycles_asleep() / CYCLES_PER_MS;
  (void)words;
  ear_line_text(link, "{\"reset\":");
  ear_line_json(link, board_reset_reason());
  console_field(link, "ms", ms);
  console_field(link, "asleep_ms", asleep_ms);
  console_field(link, "asleep_percent", ms ? asleep_ms * 100 / ms : 0);
  console_field(link, "serial_lost", board_serial_lost());
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
    uint32_t value;
    memcpy(&value, (const char *)app + counters[i].at, sizeof value);
    console_field(link, counters[i].name, value);
  }
  ear_line_seal(link);
}

static const console_command commands[] = {
    {"hello [VERSION]", 0, 1, hello},
    {"help", 0, 0, NULL},
    {"info", 0, 0, info},
    {"stats", 0, 0, stats},
    {"set NAME NUMBER", 2, 2, spotter_set},
    {"get NAME", 1, 1, spotter_get},
    {"save", 0, 0, spotter_save},
    {"stream scores|features|audio on|off", 2, 2, spotter_stream},
    {"infer", 0, 0, spotter_infer},
    {"baud NUMBER", 1, 1, spotter_baud},
    {"reset", 0, 0, spotter_reset},
    {"bye", 0, 0, bye},
};

void spotter_command(spotter *app) {
  char *line = console_start(&app->link);
  console_run(app, &app->link, commands, sizeof commands / sizeof *commands, line);
}
