// Says each word that the board hears, and lights the built-in light for a second.
#include <Earshot.h>

static uint32_t lightUntil;

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  Serial.begin(115200);
  Serial1.begin(115200);
  if (!Earshot.begin()) {
    Serial.println(Earshot.error());
    Serial1.println(Earshot.error());
  }
}

void loop() {
  EarshotHeard heard;
  if (Earshot.listen(heard)) {
    Serial.println(heard.word);
    Serial1.println(heard.word);
    lightUntil = millis() + 1000;
  }
  digitalWrite(LED_BUILTIN, (int32_t)(lightUntil - millis()) > 0 ? HIGH : LOW);
  delay(5);  // lets the core sleep
}
