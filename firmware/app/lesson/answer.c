/* A number as a person writes it, through the model and back. */
#include <string.h>

#include "lesson.h"

#define LIMIT 1e9    /* of x: further away nobody asks */
#define LARGEST 1e14 /* of y: what a 64-bit count of ten-thousandths holds with ease */
#define DECIMALS 4

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool lesson_is_number(const char *line) {
  line += strspn(line, " ");
  return is_digit(*line) || strspn(line, "+-.") > 0;
}

/* Digits with at most one point among them; more decimals than a double holds add nothing. Returns
 * what follows, or NULL when there was no digit. */
static const char *read_digits(const char *at, double *value) {
  double unit = 1.0;
  bool any = false, is_fraction = false;
  for (*value = 0.0; is_digit(*at) || (*at == '.' && !is_fraction); at++) {
    if (*at == '.') {
      is_fraction = true;
      continue;
    }
    any = true;
    *value = *value * 10.0 + (*at - '0');
    if (is_fraction) unit *= 10.0;
  }
  *value /= unit;
  return any ? at : NULL;
}

/* False when `line` is no number, or one beyond LIMIT. */
static bool read_number(const char *line, float *x) {
  double value;
  line += strspn(line, " ");
  bool is_negative = *line == '-';
  if (*line == '-' || *line == '+') line++;
  line = read_digits(line, &value);
  if (!line || line[strspn(line, " ")] || value > LIMIT) return false;
  *x = (float)(is_negative ? -value : value);
  return true;
}

static void write_number(ear_link *link, double value) {
  char digits[DECIMALS + 2] = ".";
  double magnitude = value < 0 ? -value : value;
  if (!(magnitude < LARGEST)) {
    ear_line_text(link, "too large to write");
    return;
  }
  uint64_t count = (uint64_t)(magnitude * 10000.0 + 0.5); /* ten to the DECIMALS */
  if (value < 0 && count) ear_line_text(link, "-");
  ear_line_number(link, count / 10000);
  uint32_t rest = (uint32_t)(count % 10000);
  for (int i = DECIMALS; i > 0; i--, rest /= 10) digits[i] = (char)('0' + rest % 10);
  ear_line_text(link, digits);
}

/* The nearest step, half away from zero, as the converter rounds; the ends when it lies beyond. */
static int32_t nearest_step(ear_tensor tensor, float x) {
  float steps = x / tensor.scale;
  if (steps > 1000.0f) steps = 1000.0f;
  if (steps < -1000.0f) steps = -1000.0f;
  return (int32_t)(steps + (steps < 0 ? -0.5f : 0.5f)) + tensor.zero_point;
}

/* The model's input for `x`; false when int8 ends before it, and the last step takes its place. */
static bool hold(ear_tensor tensor, float x, lesson_value *input) {
  if (tensor.type == EAR_FLOAT32) {
    input->real = x;
    return true;
  }
  int32_t wanted = nearest_step(tensor, x);
  input->step = (int8_t)(wanted < -128 ? -128 : wanted > 127 ? 127 : wanted);
  return input->step == wanted;
}

static double real_value(ear_tensor tensor, const void *element) {
  if (tensor.type == EAR_FLOAT32) return (double)*(const float *)element;
  return (double)tensor.scale * (*(const int8_t *)element - tensor.zero_point);
}

static void ask(lesson *app, float x) {
  ear_link *link = &app->link;
  lesson_value *input = ear_engine_borrow(); /* for good: no window moves here */
  bool fits = hold(ear_engine_input(), x, input);
  const void *output = ear_engine_invoke();
  if (!output) {
    console_error(link, ear_engine_error());
    return;
  }
  ear_line_text(link, app->machine ? "ok y = " : "y = ");
  write_number(link, real_value(ear_engine_output(), output));
  if (fits) return;
  ear_line_text(link, " (x is beyond this model's int8, which ends here: ");
  write_number(link, real_value(ear_engine_input(), input));
  ear_line_text(link, ")");
}

void lesson_answer(lesson *app, const char *line) {
  float x;
  if (app->error) {
    console_error(&app->link, app->error);
  } else if (read_number(line, &x)) {
    ask(app, x);
  } else {
    console_error(&app->link, "type a number, such as 10 or -2.5, at most a billion");
  }
}
