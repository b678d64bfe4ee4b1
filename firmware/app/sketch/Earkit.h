// Hears words in an Arduino sketch: microphone, front end, model, recogniser. For boards whose
// microphone boards/arduino knows: Nano 33 BLE Sense, rev 1 and 2. Nothing is printed, no light is
// touched.
#ifndef EARKIT_H
#define EARKIT_H

#include <stdint.h>

struct EarkitHeard {
  const char *word;  // one of the model's labels; it lives on
  uint8_t score;     // 0..255, averaged
  uint32_t ms;       // of sound since begin(); wraps after 49 days
};

class EarkitClass {
 public:
  // Starts the model and the microphone. False when that fails; error() says why.
  bool begin();

  // Takes what sound there is and says whether a word was heard; call it in loop(), at least every
  // 40 ms (what is later is lost and counted). It takes about 3 ms per 40 ms of sound.
  bool listen(EarkitHeard &heard);

  // What went wrong, one line, or "".
  const char *error() const { return error_; }

  // Blocks of 20 ms that were lost because loop() came too late.
  uint32_t overruns() const;

 private:
  const char *start();
  bool take(const int16_t *block, EarkitHeard &heard);
  bool decide(EarkitHeard &heard);

  const char *error_ = "Earkit.begin() was not called";
  uint32_t lost_ = 0;
};

extern EarkitClass Earkit;

#endif
