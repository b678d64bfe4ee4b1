/* The main loop: answers, and sleeps in between. */
#include "board.h"
#include "lesson.h"

static lesson app;

static const char *start(void) {
  if (board_failures() == BOARD_FAILURES) {
    return "it failed three times in a row; reset tries again";
  }
  if (!ear_engine_init()) return ear_engine_error();
  if (ear_engine_input().count != 1 || ear_engine_output().count != 1) {
    return "the model does not fit the lesson: one number in, one number out";
  }
  return NULL;
}

static void report(const char *error) {
  ear_line_start(&app.link);
  console_error(&app.link, error);
  ear_line_end(&app.link);
}

static void read_serial(void) {
  ear_input input;
  while (!app.reset_wanted && (input = console_read(&app.link))) {
    if (input == EAR_INPUT_LINE) {
      lesson_line(&app);
    } else {
      console_take_frame(&app.link, &app.upload);
    }
  }
}

int main(void) {
  board_init();
  ear_link_init(&app.link);
  app.error = start();
  if (app.error) report(app.error);
  board_light(app.error ? BOARD_RED : BOARD_GREEN);
  for (;;) {
    read_serial();
    console_write(&app.link);
    if (app.reset_wanted && !app.link.count) board_reset(false);
    board_sleep();
  }
}
