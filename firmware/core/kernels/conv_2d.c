#include "kernels/kernels.h"

#include "kernels/requantize.h"

static int32_t dot(const int8_t *x, const int8_t *weights, int32_t count, int32_t zero_point) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; i++) sum += (x[i] - zero_point) * weights[i];
  return sum;
}

static int32_t window_sum(const ear_window *w, const int8_t *input, const int8_t *weights,
                          int32_t top, int32_t left) {
  int32_t sum = 0;
  for (int32_t ky = 0; ky < w->kernel_height; ky++) {
    int32_t y = top + ky * w->dilation_height;
    if (y < 0 || y >= w->in_height) continue;
    for (int32_t kx = 0; kx < w->kernel_width; kx++) {
      int32_t x = left + kx * w->dilation_width;
      if (x < 0 || x >= w->in_width) continue;
      sum += dot(input + (y * w->in_width + x) * w->in_depth,
                 weights + (ky * w->kernel_width + kx) * w->kernel_depth, w->kernel_depth,
                 w->in_zero_point);
    }
  }
  return sum;
}

static int8_t *position(const ear_window *w, const int8_t *input, const int8_t *weights,
                        const ear_channel *channels, int32_t top, int32_t left, int8_t *output) {
  int32_t group_channels = w->out_depth / (w->in_depth / w->kernel_depth);
  int32_t filter_size = w->kernel_height * w->kernel_width * w->kernel_depth;
  for (int32_t c = 0; c < w->out_depth; c++) {
    const int8_t *group = input + c / group_channels * w->kernel_depth;
    int32_t sum = window_sum(w, group, weights + c * filter_size, top, left);
    sum = (int32_t)((uint32_t)sum + (uint32_t)channels[c].bias);
    int32_t out = ear_requantize(sum, channels[c].multiplier, channels[c].shift);
    *output++ = ear_clamp(out + w->out_zero_point, w->out_min, w->out_max);
  }
  return output;
}

void ear_conv_2d(const ear_window *window, const int8_t *input, const int8_t *weights,
                 const ear_channel *channels, int8_t *output) {
  for (int32_t batch = 0; batch < window->batches; batch++) {
    for (int32_t y = 0; y < window->out_height; y++) {
      for (int32_t x = 0; x < window->out_width; x++) {
        output =
            position(window, input, weights, channels, y * window->stride_height - window->pad_top,
                     x * window->stride_width - window->pad_left, output);
      }
    }
    input += window->in_height * window->in_width * window->in_depth;
  }
}
