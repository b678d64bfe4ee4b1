// core/engine.h on TFLite Micro. It is C++ because that is, builds as C++14 and includes nothing of
// a board.
#include "engine.h"

#include <new>
#include <string.h>

#include "model_data.h"
#include "model_tflm.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"
#include "window.h"

#if MODEL_TFLM_PER_CHANNEL_DENSE && defined(__has_include)
#if __has_include("tensorflow/lite/micro/all_ops_resolver.h")
#error \
    "the model's dense layer is quantised per channel; this old TFLite Micro would give wrong outputs without a word: take the compiled engine, or convert the model with dense layers per tensor"
#endif
#endif

namespace {

constexpr int kSchemaVersion = 3;

// Places for two objects that are made in start(): nothing has to run before main or after it.
alignas(ModelResolver) uint8_t resolver_place[sizeof(ModelResolver)];
alignas(tflite::MicroInterpreter) uint8_t interpreter_place[sizeof(tflite::MicroInterpreter)];
alignas(16) uint8_t arena[MODEL_TFLM_ARENA_BYTES];
alignas(4) uint8_t lent[MODEL_TFLM_INPUT_BYTES];  // an input in the arena would be overwritten
tflite::MicroInterpreter *interpreter;
const char *problem = "the engine was not started";

// Why the model cannot run, or "".
const char *start() {
  const tflite::Model *model = tflite::GetModel(model_data);
  if (model->version() != kSchemaVersion) {
    return "the model's .tflite schema is not version 3; convert the model again";
  }
  ModelResolver &resolver = *new (resolver_place) ModelResolver;
  if (!model_add_operators(resolver)) {
    return "this TFLite Micro lacks an operator of the model; take a newer one, or the compiled "
           "engine";
  }
  interpreter =
      new (interpreter_place) tflite::MicroInterpreter(model, resolver, arena, sizeof arena);
  if (interpreter->AllocateTensors() != kTfLiteOk) {
    return "TFLite Micro cannot prepare the model: arena too small? Export it again where "
           "tflite-micro is installed";
  }
  if (interpreter->inputs_size() != 1 || interpreter->outputs_size() != 1) {
    return "the firmware runs models of one input and one output";
  }
  if (interpreter->input(0)->bytes != MODEL_TFLM_INPUT_BYTES) {
    return "model_tflm.h and model_data.c are of different models; export the model again";
  }
  return "";
}

ear_tensor facts(const TfLiteTensor *tensor) {
  const bool is_int8 = tensor->type == kTfLiteInt8;
  return {is_int8 ? EAR_INT8 : EAR_FLOAT32,
          static_cast<uint32_t>(is_int8 ? tensor->bytes : tensor->bytes / sizeof(float)),
          is_int8 ? tensor->params.scale : 1.0f, is_int8 ? tensor->params.zero_point : 0};
}

const void *invoke(const void *input) {
  memcpy(interpreter->input(0)->data.raw, input, MODEL_TFLM_INPUT_BYTES);
  if (interpreter->Invoke() != kTfLiteOk) {
    problem = "TFLite Micro failed to run the model; take the compiled engine";
    return nullptr;
  }
  return interpreter->output(0)->data.raw;
}

}  // namespace

bool ear_engine_init(void) {
  problem = start();
  return problem[0] == '\0';
}

const char *ear_engine_error(void) {
  return problem;
}

const char *ear_engine_name(void) {
  return "tflm";
}

ear_tensor ear_engine_input(void) {
  return facts(interpreter->input(0));
}

ear_tensor ear_engine_output(void) {
  return facts(interpreter->output(0));
}

void *ear_engine_borrow(void) {
  return lent;
}

void ear_engine_give_back(void) {}

const void *ear_engine_invoke(void) {
  return invoke(lent);
}

// The window lies outside the arena, where the interpreter would overwrite it.
const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes) {
  alignas(4) static int8_t window[MODEL_TFLM_INPUT_BYTES];
  static bool is_started;
  if (!is_started) memset(window, -128, sizeof window);
  is_started = true;
  ear_window_push(window, sizeof window, rows, count * row_bytes);
  return static_cast<const int8_t *>(invoke(window));
}
