/* core/engine.h on a model that `earkit export` compiled to C. */
#include "engine.h"

#include <string.h>

#include "model.h"
#include "window.h"

#if MODEL_INPUT_COUNT != 1 || MODEL_OUTPUT_COUNT != 1
#error "the firmware runs models of one input and one output"
#endif

static MODEL_OUTPUT_0_TYPE output[MODEL_OUTPUT_0_ELEMENTS];
static const char *error = "";

const char *ear_engine_error(void) {
  return error;
}

const char *ear_engine_name(void) {
  return "compiled";
}

ear_tensor ear_engine_input(void) {
  return (ear_tensor){MODEL_INPUT_0_IS_INT8 ? EAR_INT8 : EAR_FLOAT32, MODEL_INPUT_0_ELEMENTS,
                      MODEL_INPUT_0_SCALE, MODEL_INPUT_0_ZERO_POINT};
}

ear_tensor ear_engine_output(void) {
  return (ear_tensor){MODEL_OUTPUT_0_IS_INT8 ? EAR_INT8 : EAR_FLOAT32, MODEL_OUTPUT_0_ELEMENTS,
                      MODEL_OUTPUT_0_SCALE, MODEL_OUTPUT_0_ZERO_POINT};
}

#if MODEL_STEP_ROWS
static _Alignas(MODEL_ARENA_ALIGNMENT) uint8_t state[MODEL_STATE_BYTES];
#endif

#if MODEL_LOAN

/* The state lends what it need not keep for an input: no more memory is wanted. */
static bool is_lent, is_stale;

bool ear_engine_init(void) {
  memset(state, -128, sizeof state);
  is_stale = true;
  return true;
}

void *ear_engine_borrow(void) {
  is_lent = is_stale = true;
  return state + MODEL_LOAN_INPUT;
}

void ear_engine_give_back(void) {
  is_lent = false;
}

const void *ear_engine_invoke(void) {
  model_invoke_lent(output, state);
  return output;
}

static void step(const int8_t *rows) {
  if (is_stale) {
    model_step_whole(rows, output, state, is_lent);
    is_stale = is_lent;
  } else {
    model_step(rows, output, state);
  }
}

#else

bool ear_engine_init(void) {
#if MODEL_STEP_ROWS
  model_start(state);
#endif
  return true;
}

void ear_engine_give_back(void) {}

#if MODEL_STEP_ROWS
static void step(const int8_t *rows) {
  model_step(rows, output, state);
}
#endif

#if MODEL_STEP_ROWS && MODEL_STATE_BYTES < MODEL_ARENA_BYTES

/* A stream of its own takes an input row by row, in less memory than a whole window wants. */
static _Alignas(MODEL_ARENA_ALIGNMENT) uint8_t other[MODEL_STATE_BYTES];
static _Alignas(4) int8_t padded[MODEL_STEP_ROWS * MODEL_ROW_BYTES + MODEL_INPUT_0_ELEMENTS];

enum {
  STEP_BYTES = MODEL_STEP_ROWS * MODEL_ROW_BYTES,
  /* So many bytes before the input that it ends with a step. */
  BEFORE = (STEP_BYTES - MODEL_INPUT_0_ELEMENTS % STEP_BYTES) % STEP_BYTES
};

void *ear_engine_borrow(void) {
  return padded + BEFORE;
}

const void *ear_engine_invoke(void) {
  model_start(other);
  for (size_t place = 0; place < BEFORE + MODEL_INPUT_0_ELEMENTS; place += STEP_BYTES) {
    model_step(padded + place, output, other);
  }
  return output;
}

#else

static _Alignas(MODEL_ARENA_ALIGNMENT) uint8_t arena[MODEL_ARENA_BYTES];
static _Alignas(4) MODEL_INPUT_0_TYPE input[MODEL_INPUT_0_ELEMENTS];

void *ear_engine_borrow(void) {
  return input;
}

const void *ear_engine_invoke(void) {
  model_invoke(input, output, arena);
  return output;
}

#endif

#endif

#if MODEL_STEP_ROWS

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  if (count != MODEL_STEP_ROWS || row_bytes != MODEL_ROW_BYTES) {
    error = "the model was compiled for other steps; export it again";
    return NULL;
  }
  step(rows);
  return output;
}

#elif MODEL_INPUT_0_IS_INT8 && MODEL_OUTPUT_0_IS_INT8

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  static _Alignas(4) int8_t window[MODEL_INPUT_0_ELEMENTS];
  static bool is_started;
  if (!is_started) memset(window, -128, sizeof window);
  is_started = true;
  ear_window_push(window, sizeof window, rows, count * row_bytes);
  model_invoke(window, output, arena);
  return output;
}

#else

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  (void)rows, (void)count, (void)row_bytes;
  error = "the model's window does not move: it takes no int8 rows";
  return NULL;
}

#endif
