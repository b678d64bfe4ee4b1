/* Spotter: sound in, words out. The only code that knows how samples become a word: the hop, the
 * window and its quiet time, lost sound and the clock, and which labels are words.
 *
 * It knows no board, no text and no engine: the caller runs the engine between two calls.
 *
 *   for each block of EAR_SPOTTER_BLOCK samples:
 *     due = ear_spotter_push(&spotter, block, lost);
 *     for each ear i whose bit in `due` is set:
 *       scores = run the engine of ear i on its newest features, ears[i].hops rows of ears[i].rows
 *       if (ear_spotter_decide(&spotter, i, scores, &heard) && heard.is_word)
 *         report heard.label, heard.score, ear_spotter_ms(&spotter)
 *
 * An ear is a front end, a model and a decision rule. Ears of the same hop share a front end. This
 * version has the front end of 20 ms hops. Exported models share their C names, so that a program
 * links one of them. No heap, no globals.
 */
#ifndef EAR_SPOTTER_H
#define EAR_SPOTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/frontend.h"
#include "model_info.h"
#include "recognizer/recognizer.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef EAR_SPOTTER_HOPS
#define EAR_SPOTTER_HOPS 2 /* 1..4: most hops between two decisions; a build may set it */
#endif
#define EAR_SPOTTER_EARS 8                /* most ears */
#define EAR_SPOTTER_BLOCK EAR_HOP_SAMPLES /* samples in a push: the shortest hop of the build */

/* One ear. The caller owns it and sets `model` and `hops`; ear_spotter_init sets the rest. A model
 * that is computed step by step takes MODEL_STEP_ROWS for `hops` (model.h). */
typedef struct {
  const ear_model_info *model; /* labels, window and decision rule; outlives the spotter */
  uint8_t hops;                /* between two decisions, 1..EAR_SPOTTER_HOPS */
  uint8_t row_count;           /* private: rows since the last decision */
  uint16_t missing;            /* private: rows until the window is full */
  int8_t rows[EAR_SPOTTER_HOPS][EAR_CHANNELS]; /* read: int8 features, oldest first */
  ear_recognizer recognizer; /* its `settings` may be changed between calls; the rest is private */
} ear_spotter_ear;

/* The caller owns it; ear_spotter_init sets it up. */
typedef struct {
  ear_spotter_ear *ears; /* private */
  uint8_t count;         /* private */
  bool has_row;          /* private: the last push completed a row */
  uint32_t blocks;       /* read: pushed or lost since init; wraps after 994 days */
  ear_frontend frontend; /* private; last, because it is large */
} ear_spotter;

/* What an ear hears. */
typedef struct {
  uint8_t label; /* index of the label that is best on average */
  uint8_t score; /* its averaged score, 0..255 */
  bool is_word;  /* the label is a word: neither silence nor unknown */
} ear_heard;

/* Starts with no sound: `ears`, 1..EAR_SPOTTER_EARS of them, which outlive the spotter. False when
 * this build cannot honour one: another hop than 20 ms, no window, not 2..EAR_MAX_LABELS labels, or
 * `hops` out of range. */
bool ear_spotter_init(ear_spotter *spotter, ear_spotter_ear *ears, uint8_t count);

/* Takes one block of sound.
 *
 * samples  EAR_SPOTTER_BLOCK of them, 16 bit, mono, EAR_SAMPLE_RATE; not kept after the call
 * lost     blocks that were lost before this one; they move the clock on
 *
 * Returns the set of ears that are due: bit i for ears[i]. */
uint32_t ear_spotter_push(ear_spotter *spotter, const int16_t *samples, uint32_t lost);

/* Sound since ear_spotter_init in ms, lost sound included. */
uint64_t ear_spotter_ms(const ear_spotter *spotter);

/* The row of features that the last push completed, EAR_CHANNELS of int8 for ear `ear`; NULL when
 * it completed none. Valid until the next push. */
static inline const int8_t *ear_spotter_row(const ear_spotter *spotter, uint8_t ear) {
  const ear_spotter_ear *wanted = &spotter->ears[ear];
  return spotter->has_row ? wanted->rows[wanted->row_count - 1] : NULL;
}

/* Takes what the model of an ear that is due says: one int8 per label, a score is value + 128. Call
 * it before the next push. True when the rule reports something new, once for each time that it is
 * heard, never before the window was full; `heard` then says what. */
bool ear_spotter_decide(ear_spotter *spotter, uint8_t ear, const int8_t *scores, ear_heard *heard);

/* Whether the window of `ear` has been full: before, its scores do not count. */
bool ear_spotter_is_full(const ear_spotter_ear *ear);

/* The rule of an ear alone, for scores of full windows that were computed all at once: what
 * ear_spotter_decide would answer at `ms`, which never goes back. */
bool ear_spotter_decide_at(ear_spotter_ear *ear, const int8_t *scores, uint64_t ms,
                           ear_heard *heard);

#ifdef __cplusplus
}
#endif
#endif
