/* A terminal in place of a serial port. */
#ifndef EAR_NATIVE_TERMINAL_H
#define EAR_NATIVE_TERMINAL_H

/* Opens a new raw pseudo-terminal, prints "port: NAME" on stderr, and returns its near end,
 * non-blocking, or -1 with errno. */
int terminal_open(void);

#endif
