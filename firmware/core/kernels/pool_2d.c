/* AVERAGE_POOL_2D and MAX_POOL_2D. Padding takes no part: the window is cut at the input's edges.
 */
#include "kernels/kernels.h"

#include "kernels/requantize.h"

typedef struct {
  int32_t top, bottom, left, right; /* the part of the window inside the input */
} part;

static int32_t least(int32_t a, int32_t b) {
  return a < b ? a : b;
}

static part inside(const ear_window *w, int32_t y, int32_t x) {
  int32_t top = y * w->stride_height - w->pad_top;
  int32_t left = x * w->stride_width - w->pad_left;
  return (part){top > 0 ? top : 0, least(top + w->kernel_height, w->in_height), left > 0 ? left : 0,
                least(left + w->kernel_width, w->in_width)};
}

static int32_t average(const ear_window *w, const int8_t *input, part p) {
  int32_t sum = 0;
  for (int32_t y = p.top; y < p.bottom; y++) {
    for (int32_t x = p.left; x < p.right; x++) sum += input[(y * w->in_width + x) * w->in_depth];
  }
  int32_t count = (p.bottom - p.top) * (p.right - p.left);
  return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static int32_t maximum(const ear_window *w, const int8_t *input, part p) {
  int32_t max = -128;
  for (int32_t y = p.top; y < p.bottom; y++) {
    for (int32_t x = p.left; x < p.right; x++) {
      int32_t value = input[(y * w->in_width + x) * w->in_depth];
      if (value > max) max = value;
    }
  }
  return max;
}

typedef int32_t reduction(const ear_window *w, const int8_t *input, part p);

static inline void pool(const ear_window *w, const int8_t *input, int8_t *output,
                        reduction *reduce) {
  for (int32_t batch = 0; batch < w->batches; batch++) {
    for (int32_t y = 0; y < w->out_height; y++) {
      for (int32_t x = 0; x < w->out_width; x++) {
        part p = inside(w, y, x);
        for (int32_t c = 0; c < w->in_depth; c++) {
          *output++ = ear_clamp(reduce(w, input + c, p), w->out_min, w->out_max);
        }
      }
    }
    input += w->in_height * w->in_width * w->in_depth;
  }
}

void ear_average_pool_2d(const ear_window *window, const int8_t *input, int8_t *output) {
  pool(window, input, output, average);
}

void ear_max_pool_2d(const ear_window *window, const int8_t *input, int8_t *output) {
  pool(window, input, output, maximum);
}
