/* The main loop: takes sound, answers commands, sleeps in between. */
#include "board.h"
#include "application.h"

#define BUSY_BLOCKS \
  4 /* an overloaded board sleeps this often all the same: it feeds the watchdog */

static spotter app;

static void read_serial(void) {
  ear_input input;
  while (!app.baud_wanted && !app.reset_wanted && (input = console_read(&app.link))) {
    if (input == EAR_INPUT_LINE) {
      spotter_command(&app);
    } else {
      console_take_frame(&app.link, &app.upload);
    }
  }
}

static bool model_fits(void) {
  ear_tensor input = ear_engine_input(), output = ear_engine_output();
  return input.type == EAR_INT8 && output.type == EAR_INT8 &&
         output.count == ear_model.label_count &&
         input.count == (uint32_t)ear_model.frames * EAR_CHANNELS;
}

/* The settings first: they can be read and changed though nothing else starts. */
static const char *start(void) {
  static const char misfit[] = "the model does not fit; export it again";
  app.ear.model = &ear_model;
  app.ear.hops = EAR_SPOTTER_HOPS;
  if (!ear_spotter_init(&app.spotter, &app.ear, 1)) return misfit;
  spotter_load(&app);
  if (board_failures() == BOARD_FAILURES) {
    return "not listening, as it failed three times in a row; stats says why; reset tries again";
  }
  if (!ear_engine_init()) return ear_engine_error();
  if (!model_fits()) return misfit;
  return board_microphone_start() ? NULL : "the microphone fails; reset the board";
}

int main(void) {
  board_init();
  ear_link_init(&app.link);
  app.baud = app.baud_before = CONSOLE_BAUD;
  const char *error = start();
  if (error) spotter_fail(&app, error);
  for (int busy = 0;;) {
    const int16_t *block = app.error ? NULL : board_microphone_block();
    if (block) spotter_take_block(&app, block);
    spotter_watch_microphone(&app);
    read_serial();
    console_write(&app.link);
    spotter_serve_port(&app);
    if (block && ++busy < BUSY_BLOCKS) continue;
    busy = 0;
    board_sleep();
  }
}
