/* One line in, one line out. */
#include <string.h>

#include "console.h"

#define WORDS 3

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

static void help(ear_link *link, const console_command *commands, size_t count) {
  ear_line_text(link, "ok ");
  for (size_t i = 0; i < count; i++) {
    if (i) ear_line_text(link, "; ");
    ear_line_text(link, commands[i].usage);
  }
}

/* Splits `line` in place; returns the number of words, at most WORDS + 1. */
static int split(char *line, char *words[]) {
  int count = 0;
  for (bool inside = false; *line; line++) {
    if (*line == ' ') {
      *line = '\0';
      inside = false;
    } else if (!inside) {
      if (count > WORDS) break;
      words[count++] = line;
      inside = true;
    }
  }
  return count;
}

void console_run(application *app, ear_link *link, const console_command *commands, size_t count,
                 char *line) {
  char *words[WORDS + 1] = {NULL};
  int extra = split(line, words) - 1;
  if (extra < 0) words[0] = line; /* spaces only */
  const console_command *end = commands + count, *command = commands;
  while (command < end && strcmp(words[0], command->name) != 0) command++;
  ear_line_start(link);
  if (command == end) {
    ear_line_text(link, "error unknown command; try help");
  } else if (extra < command->least || extra > command->most) {
    ear_line_text(link, "error usage: ");
    ear_line_text(link, command->usage);
  } else if (!command->run) {
    help(link, commands, count);
  } else {
    command->run(app, words);
  }
  if (ear_line_end(link)) return;
  ear_line_start(link);
  ear_line_text(link, "error the reply does not fit");
  ear_line_end(link);
}
