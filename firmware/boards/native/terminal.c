#define _GNU_SOURCE
#include "terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

int terminal_open(void) {
  struct termios raw;
  int near = posix_openpt(O_RDWR | O_NOCTTY);
  if (near < 0) return -1;
  if (grantpt(near) != 0 || unlockpt(near) != 0 || tcgetattr(near, &raw) != 0) {
    close(near);
    return -1;
  }
  cfmakeraw(&raw);
  tcsetattr(near, TCSANOW, &raw);
  fcntl(near, F_SETFL, O_NONBLOCK);
  fprintf(stderr, "port: %s\n", ptsname(near));
  return near;
}
