/* How the application runs a model. One implementation per engine in firmware/engines; exactly one
 * is linked. The model has one input and one output tensor.
 */
#ifndef EAR_ENGINE_H
#define EAR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { EAR_INT8, EAR_FLOAT32 } ear_type;

/* Real value = (quantised value - zero_point) * scale, for EAR_INT8. */
typedef struct {
  ear_type type;
  uint32_t count; /* elements */
  float scale;
  int32_t zero_point;
} ear_tensor;

/* Prepares the engine. False when the model cannot run; ear_engine_error says why. */
bool ear_engine_init(void);

/* What went wrong last: one line that says what to do, or "" when nothing did. Static storage. */
const char *ear_engine_error(void);

/* "compiled" or "tflm". */
const char *ear_engine_name(void);

/* Describe the tensors; valid after init. */
ear_tensor ear_engine_input(void);
ear_tensor ear_engine_output(void);

/* Lends the caller the place of a whole input, ear_engine_input().count elements of its type,
 * 4-byte aligned, until ear_engine_give_back. It may lie in the memory that saves ear_engine_slide
 * work, which until then computes whole windows: the same results, later. Giving back what was not
 * lent does nothing. */
void *ear_engine_borrow(void);
void ear_engine_give_back(void);

/* Runs the model on the whole input that was put there; it stays as it is, and so does the window
 * that ear_engine_slide keeps. Returns the output, owned by the engine and valid until its next
 * call, or NULL on failure. */
const void *ear_engine_invoke(void);

/* Runs the model on a window that moves over time. The engine keeps the window (int8 models whose
 * input is rows of `row_bytes`); it starts as all -128. `rows` are the `count` newest rows, oldest
 * first, which push the oldest ones out; `count` and `row_bytes` are the same in every call. The
 * result is that of ear_engine_invoke on the same window, bit for bit. Returns as that does. */
const int8_t *ear_engine_slide(const int8_t *rows, size_t count, size_t row_bytes);

#ifdef __cplusplus
}
#endif
#endif
