/* The lesson: a number in over the serial port, the model's answer out. */
#ifndef EAR_LESSON_H
#define EAR_LESSON_H

#include "../console/console.h"
#include "engine.h"
#include "link/link.h"

/* What the model takes or gives, by the tensor's type. */
typedef union {
  float real;
  int8_t step;
} lesson_value;

struct application {
  ear_link link;
  console_upload upload;
  const char *error; /* why the model cannot be asked, or NULL */
  bool machine;      /* the peer said hello */
  bool reset_wanted;
};
typedef application lesson;

/* commands.c: carries out the line that the link has received, a command or a number, and queues
 * exactly one reply line. */
void lesson_line(lesson *app);

/* answer.c: whether `line` is meant as a number: its first character is a digit, a sign or a point.
 */
bool lesson_is_number(const char *line);

/* Writes the reply to such a line: `y = ` and the model's answer with four decimals, or an error. A
 * number that the model's int8 input cannot hold is told. */
void lesson_answer(lesson *app, const char *line);

#endif
