/* What the lesson understands of docs/protocol.md. */
#include "board.h"
#include "lesson.h"

static void hello(lesson *app, char *const words[]) {
  if (!console_hello(&app->link, words[1])) return;
  app->machine = true;
  console_end_upload(&app->upload);
}

static void bye(lesson *app, char *const words[]) {
  (void)words;
  app->machine = false;
  console_end_upload(&app->upload);
  ear_line_text(&app->link, "ok bye");
}

static void info(lesson *app, char *const words[]) {
  (void)words;
  ear_line_text(&app->link, "{\"board\":");
  ear_line_json(&app->link, board_name());
  console_field(&app->link, "baud", CONSOLE_BAUD);
  console_end_info(&app->link, app->error);
}

static void infer(lesson *app, char *const words[]) {
  (void)words;
  console_infer(&app->link, &app->upload, app->machine ? app->error : "say hello first");
}

static void reset(lesson *app, char *const words[]) {
  (void)words;
  app->reset_wanted = true;
  ear_line_text(&app->link, "ok reset");
}

/* Who types the placeholder that `help` shows. */
static void number(lesson *app, char *const words[]) {
  (void)words;
  console_error(&app->link, "type a number, such as 10 or -2.5");
}

static const console_command commands[] = {
    {"NUMBER", 0, 0, number}, {"hello [VERSION]", 0, 1, hello}, {"help", 0, 0, NULL},
    {"info", 0, 0, info},     {"infer", 0, 0, infer},           {"reset", 0, 0, reset},
    {"bye", 0, 0, bye},
};

void lesson_line(lesson *app) {
  char *line = console_start(&app->link);
  if (!lesson_is_number(line)) {
    console_run(app, &app->link, commands, sizeof commands / sizeof *commands, line);
    return;
  }
  lesson_answer(app, line);
  ear_line_end(&app->link);
}
