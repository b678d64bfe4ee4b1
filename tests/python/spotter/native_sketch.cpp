// The Arduino sketch's class on this computer: prints what it hears as the firmware does.
#include <cstdio>

#include "Earkit.h"
#include "board.h"

int main() {
  EarkitHeard heard;
  if (!Earkit.begin()) {
    std::puts(Earkit.error());
    return 1;
  }
  for (;;) {
    while (Earkit.listen(heard)) {
      std::printf("Heard %s (%u) @%lums\n", heard.word, heard.score,
                  static_cast<unsigned long>(heard.ms));
      std::fflush(stdout);
    }
    board_sleep();  // ends the program when the sound has ended
  }
}
