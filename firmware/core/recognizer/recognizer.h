/* Recogniser: turns the model's scores over time into words heard, once each.
 *
 * The semantics of TFLM's RecognizeCommands (micro_speech/recognize_commands.cc): scores are
 * averaged over `average_ms`; the best label is reported when its average is above `threshold`
 * (equal is not enough) and it is another than the one reported last, or more than `suppression_ms`
 * have passed since then. With fewer than `minimum_count` results, or when they span less than a
 * quarter of `average_ms`, nothing is reported. Silence is never suppressed, and a report of it
 * lets the same word come again at once (TFLM takes label 0 for silence; here the model says which
 * it is). Unlike TFLM's, time is 64-bit milliseconds from the sample count, so it does not
 * overflow, each label has its threshold, settings can change while it runs, and when more than
 * `results` fall into `average_ms` the oldest go (TFLM keeps 50 and drops the newest). No heap, no
 * globals.
 */
#ifndef EAR_RECOGNIZER_H
#define EAR_RECOGNIZER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EAR_MAX_LABELS 16
#define EAR_NO_LABEL 255
#define EAR_MAX_AVERAGE_MS 2500
#define EAR_MAX_RESULTS 64 /* results kept for averaging: 1 s holds 26 at 40 ms */
#define EAR_MAX_SCORES 512 /* in all of them: 64 results of 8 labels, 32 of 16 */

typedef struct {
  uint16_t average_ms;               /* 1..EAR_MAX_AVERAGE_MS; TFLM: 1000 */
  uint16_t suppression_ms;           /* 0..65535; TFLM: 1500 */
  uint8_t minimum_count;             /* 1..`results`; TFLM: 3 */
  uint8_t threshold[EAR_MAX_LABELS]; /* per label, 0..255; 255 never reports; TFLM: 200 */
} ear_recognizer_settings;

/* Owned by the caller; `settings` may be changed between calls, `labels` and `results` read, the
 * rest is private. */
typedef struct {
  ear_recognizer_settings settings;
  uint8_t labels;  /* 2..EAR_MAX_LABELS */
  uint8_t silence; /* index of the label that is never suppressed, or EAR_NO_LABEL */
  uint8_t results; /* that are kept at most */
  uint8_t first;   /* ring of the results inside the averaging window */
  uint8_t count;
  uint8_t last_label;               /* what was reported last; silence at first */
  uint64_t last_ms;                 /* when */
  uint64_t newest_ms;               /* of the newest result */
  uint32_t span_ms;                 /* from the oldest to the newest */
  uint16_t gap_ms[EAR_MAX_RESULTS]; /* of each, since the one before; at most 65535 */
  int8_t scores[EAR_MAX_SCORES];    /* `labels` of each */
} ear_recognizer;

typedef struct {
  uint8_t label; /* index of the best averaged label */
  uint8_t score; /* its averaged score, 0..255 */
  bool is_new;   /* true once for each word heard */
} ear_recognition;

/* Starts with no history. `labels` is the number of the model's outputs, 2..EAR_MAX_LABELS;
 * `silence` is the index of the label that means silence, or EAR_NO_LABEL. */
void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings,
                         uint8_t labels, uint8_t silence);

/* Whether `settings` are in range for this recogniser: for those that come from outside. */
bool ear_recognizer_accepts(const ear_recognizer *recognizer,
                            const ear_recognizer_settings *settings);

/* Takes one result of the model.
 *
 * scores   `labels` int8 values; a score is value + 128
 * time_ms  when the window that they describe ended, in ms of sound since start; never goes back
 *
 * Returns the averaged best label, the first of equals; is_new says whether to report it. While
 * there are too few results: the label reported last (`silence` at first) with score 0. Silence and
 * unknown are reported too, as in TFLM; which labels are words is the spotter's to say. */
ear_recognition ear_recognizer_update(ear_recognizer *recognizer, const int8_t *scores,
                                      uint64_t time_ms);

#ifdef __cplusplus
}
#endif
#endif
