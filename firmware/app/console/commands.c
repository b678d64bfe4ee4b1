/* One line in, one line out. */
#include <string.h>

#include "console.h"

bool console_parse(const char *word, uint32_t *value) {
  uint64_t sum = 0;
  if (!*word) return false;
  for (; *word; word++) {
    if (*word < '0' || *word > '9') return false;
    sum = sum * 10 + (uint64_t)(*word - '0');
    if (sum > UINT32_MAX) return false;
  }
  *value = (uint32_t)sum;
  return true;
}

/* Where the spaces, or else the word, at `at` end. */
static char *skip(char *at, bool spaces) {
  while (*at && (*at == ' ') == spaces) at++;
  return at;
}

/* Ends the word at `word` and returns what comes next. */
static char *cut(char *word) {
  char *end = skip(word, false), *next = skip(end, true);
  *end = '\0';
  return next;
}

char *console_start(ear_link *link) {
  uint32_t number;
  ear_line_start(link);
  if (link->line[0] != '#') return link->line;
  char *rest = cut(link->line);
  if (!console_parse(link->line + 1, &number)) return link->line;
  ear_line_text(link, link->line);
  ear_line_text(link, " ");
  return rest;
}

static void help(ear_link *link, const console_command *commands, size_t count) {
  ear_line_text(link, "ok ");
  for (size_t i = 0; i < count; i++) {
    if (i) ear_line_text(link, "; ");
    ear_line_text(link, commands[i].usage);
  }
}

/* Cuts `rest` into arguments and returns their number. Of two the second is the last word, and the
 * first all before it: the name of a setting may hold spaces. */
static uint8_t split(char *rest, uint8_t most, char *words[]) {
  char *before = rest, *last = rest, *end = skip(rest, false);
  for (char *next; *(next = skip(end, true)); end = skip(last, false)) {
    before = end;
    last = next;
  }
  *end = '\0';
  if (!*rest) return 0;
  words[1] = rest;
  if (most < 2 || last == rest) return 1;
  *before = '\0';
  words[2] = last;
  return 2;
}

static bool is_called(const console_command *command, const char *name) {
  size_t length = strlen(name);
  return strncmp(command->usage, name, length) == 0 &&
         (command->usage[length] == ' ' || command->usage[length] == '\0');
}

void console_run(application *app, ear_link *link, const console_command *commands, size_t count,
                 char *line) {
  char *words[3] = {skip(line, true)}, *rest = cut(words[0]);
  const console_command *end = commands + count, *command = commands;
  while (command < end && !is_called(command, words[0])) command++;
  uint8_t given = command == end ? 0 : split(rest, command->most, words);
  if (command == end) {
    console_error(link, "unknown command; try help");
  } else if (given < command->least || given > command->most) {
    console_error(link, "usage: ");
    ear_line_text(link, command->usage);
  } else if (!command->run) {
    help(link, commands, count);
  } else {
    command->run(app, words);
  }
  if (ear_line_end(link)) return;
  console_start(link);
  console_error(link, "the reply does not fit");
  ear_line_end(link);
}
