/* Recogniser: turns the model's scores over time into words heard, once each.
 *
 * The semantics of TFLM's RecognizeCommands (micro_speech/recognize_commands.cc): scores are
 * averaged over `average_ms`; the best label is reported when its average is above `threshold`
 * (equal is not enough) and it is another than the one reported last, or more than `suppression_ms`
 * have passed since then. With fewer than `minimum_count` results, or when they span less than a
 * quarter of `average_ms`, nothing is reported. Label 0 (silence) is never suppressed, and a report
 * of it lets the same word come again at once. Unlike TFLM's, time is 64-bit milliseconds from the
 * sample count, so it does not overflow, each label has its threshold, settings can change while it
 * runs, and when more than EAR_MAX_RESULTS fall into `average_ms` the oldest go (TFLM keeps 50 and
 * drops the newest). No heap, no globals.
 */
#ifndef EAR_RECOGNIZER_H
#define EAR_RECOGNIZER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EAR_MAX_LABELS 16
#define EAR_MAX_RESULTS 64 /* results kept for averaging: 1 s holds 25 at 40 ms */

typedef struct {
  uint16_t average_ms;               /* 1..2500; TFLM: 1000 */
  uint16_t suppression_ms;           /* 0..65535; TFLM: 1500 */
  uint8_t minimum_count;             /* 1..EAR_MAX_RESULTS; TFLM: 3 */
  uint8_t threshold[EAR_MAX_LABELS]; /* per label, 0..255; 255 never reports; TFLM: 200 */
} ear_recognizer_settings;

/* Owned by the caller; `settings` may be changed between calls, the rest is private. */
typedef struct {
  ear_recognizer_settings settings;
  uint8_t labels; /* 2..EAR_MAX_LABELS */
  uint8_t first;  /* ring of the results inside the averaging window */
  uint8_t count;
  uint8_t last_label; /* what was reported last */
  uint64_t last_ms;   /* when */
  uint64_t time_ms[EAR_MAX_RESULTS];
  int8_t scores[EAR_MAX_RESULTS][EAR_MAX_LABELS];
} ear_recognizer;

typedef struct {
  uint8_t label; /* index of the best averaged label */
  uint8_t score; /* its averaged score, 0..255 */
  bool is_new;   /* true once for each word heard */
} ear_recognition;

/* Starts with no history. `labels` is the number of the model's outputs. */
void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings,
                         uint8_t labels);

/* Takes one result of the model.
 *
 * scores   `labels` int8 values; a score is value + 128
 * time_ms  when the window that they describe ended, in ms of sound since start; never goes back
 *
 * Returns the averaged best label, the first of equals; is_new says whether to report it. While
 * there are too few results: the label reported last with score 0. Labels 0 and 1 (silence,
 * unknown) are reported too, as in TFLM; the caller does not print them. */
ear_recognition ear_recognizer_update(ear_recognizer *recognizer, const int8_t *scores,
                                      uint64_t time_ms);

#ifdef __cplusplus
}
#endif
#endif
