// Says each word that the board hears, and lights the built-in light for a second.
#include <Earkit.h>

static uint32_t lightUntil;

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  Serial.begin(115200);
  Serial1.begin(115200);
  if (!Earkit.begin()) {
    Serial.println(Earkit.error());
    Serial1.println(Earkit.error());
  }
}

void loop() {
  EarkitHeard heard;
  if (Earkit.listen(heard)) {
    Serial.println(heard.word);
    Serial1.println(heard.word);
    lightUntil = millis() + 1000;
  }
  digitalWrite(LED_BUILTIN, (int32_t)(lightUntil - millis()) > 0 ? HIGH : LOW);
  delay(5);  // lets the core sleep
}
