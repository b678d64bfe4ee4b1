/* The side of docs/protocol.md that every application shares: a table of commands, the parts of
 * replies, `infer`, and the way to and from the serial port. */
#ifndef EAR_CONSOLE_H
#define EAR_CONSOLE_H

#include "engine.h"
#include "link/link.h"

#define CONSOLE_BAUD 115200 /* at start */

/* Whatever application is linked: it defines this type. */
typedef struct application application;

typedef struct {
  const char *usage;   /* begins with the name, one word */
  uint8_t least, most; /* arguments after the name, at most 2 */
  /* Writes the whole reply between console_start and ear_line_end; words[0] is the name, words[2]
   * the last word, words[1] what is between them, spaces too; arguments that were not given are
   * NULL. NULL for `help`, which the console knows. */
  void (*run)(application *app, char *const words[]);
} console_command;

/* Starts the reply to the line that the link has received: with the request's number, `#17 `, when
 * the line begins with one. Returns the line without it. */
char *console_start(ear_link *link);

/* Carries out `line`, which console_start returned, by a table of `count` commands, and queues the
 * reply that was started: exactly one line. Cuts `line` into words. */
void console_run(application *app, ear_link *link, const console_command *commands, size_t count,
                 char *line);

/* Parses a whole decimal number; false when it is none or does not fit. */
bool console_parse(const char *word, uint32_t *value);

/* "error TEXT" */
void console_error(ear_link *link, const char *text);

/* "ok NAME VALUE" */
void console_accept(ear_link *link, const char *name, uint32_t value);

/* Fields of a JSON object, each with a comma before it. */
void console_field(ear_link *link, const char *name, uint64_t value);
void console_text_field(ear_link *link, const char *name, const char *value);

/* The end of `info`: the engine's tensors, or `error` when it is not NULL. */
void console_end_info(ear_link *link, const char *error);

/* The answer to `hello [VERSION]`; false when `version`, which may be NULL, is refused. */
bool console_hello(ear_link *link, const char *version);

/* What `infer` has taken of the peer's input. */
typedef struct {
  uint8_t *input; /* the engine's; NULL while no upload is open */
  uint32_t taken; /* bytes */
} console_upload;

/* The command `infer`; `error` says why the application cannot, or is NULL. */
void console_infer(ear_link *link, console_upload *upload, const char *error);

/* Ends it. */
void console_end_upload(console_upload *upload);

/* Takes the link's frame: a part of the input. The last one is answered by the output too. */
void console_take_frame(ear_link *link, console_upload *upload);

/* Reads the port until a line or a frame is complete, which it returns; EAR_INPUT_NONE when nothing
 * is left, or when a reply would not fit: one command at a time. */
ear_input console_read(ear_link *link);

/* Sends what the port takes of what is queued. */
void console_write(ear_link *link);

#endif
