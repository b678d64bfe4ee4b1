/* core/engine.h on a model that `earshot export` compiled to C. */
#include "engine.h"

#include <string.h>

#include "model.h"
#include "window.h"

#if MODEL_INPUT_COUNT != 1 || MODEL_OUTPUT_COUNT != 1
#error "the firmware runs models of one input and one output"
#endif

static _Alignas(MODEL_ARENA_ALIGNMENT) uint8_t arena[MODEL_ARENA_BYTES];
static MODEL_OUTPUT_0_TYPE output[MODEL_OUTPUT_0_ELEMENTS];
static const char *error = "";

bool ear_engine_init(void) {
  return true;
}

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

const void *ear_engine_invoke(const void *input) {
  model_invoke(input, output, arena);
  return output;
}

#if MODEL_STEP_ROWS

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  static _Alignas(MODEL_ARENA_ALIGNMENT) uint8_t state[MODEL_STATE_BYTES];
  static bool is_started;
  if (count != MODEL_STEP_ROWS || row_bytes != MODEL_ROW_BYTES) {
    error = "the model was compiled for other steps; export it again";
    return NULL;
  }
  if (!is_started) model_start(state);
  is_started = true;
  model_step(rows, output, state);
  return output;
}

#elif MODEL_INPUT_0_IS_INT8 && MODEL_OUTPUT_0_IS_INT8

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  static _Alignas(4) int8_t window[MODEL_INPUT_0_ELEMENTS];
  static bool is_started;
  if (!is_started) memset(window, -128, sizeof window);
  is_started = true;
  ear_window_push(window, sizeof window, rows, count * row_bytes);
  return ear_engine_invoke(window);
}

#else

const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  (void)rows, (void)count, (void)row_bytes;
  error = "the model's window does not move: it takes no int8 rows";
  return NULL;
}

#endif
