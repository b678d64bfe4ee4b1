/* The operators of a compiled model, one file per kernel. Outputs equal the TFLite Micro
 * interpreter's bit for bit (float32: within one unit in the last place).
 *
 * Tensors are contiguous, NHWC where they have four dimensions. No kernel allocates, keeps state or
 * fails: the compiler checks shapes and ranges before it emits a call. Inputs, weights and outputs
 * do not overlap unless said; "in place" means that output may be input. The kernels named `packed`
 * want weights in a layout that the compiler writes (described at each) and have limits that the
 * compiler checks.
 */
#ifndef EAR_KERNELS_H
#define EAR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one output channel needs: out = requantize(bias + sum, multiplier, shift) + zero point. */
typedef struct {
  int32_t bias;
  int32_t multiplier; /* see ear_requantize */
  int32_t shift;
} ear_channel;

/* The same for packed kernels, whose shift n to the right is 1..22 and whose sums stay below 2^30.
 * Where said, the input's zero point is folded into the bias: bias - zero point * (sum of the
 * weights). */
typedef struct {
  int32_t multiplier;
  int32_t shift;    /* n - 1 */
  int32_t rounding; /* (2 * output zero point + 1) * 2^(n - 1) */
  int32_t bias;
} ear_packed_channel;

/* A window sliding over an NHWC input. */
typedef struct {
  int32_t batches;
  int32_t in_height, in_width, in_depth;
  int32_t out_height, out_width, out_depth;
  int32_t kernel_height, kernel_width,
      kernel_depth; /* kernel_depth: of CONV_2D, in_depth / groups */
  int32_t stride_height, stride_width;
  int32_t dilation_height, dilation_width;
  int32_t pad_top, pad_left;
  int32_t in_zero_point, out_zero_point;
  int32_t out_min, out_max; /* clamp of the fused activation, -128..127 */
} ear_window;

/* CONV_2D; weights [out_depth][kernel_height][kernel_width][kernel_depth]. */
void ear_conv_2d(const ear_window *window, const int8_t *input, const int8_t *weights,
                 const ear_channel *channels, int8_t *output);

/* DEPTHWISE_CONV_2D of any multiplier; weights [kernel_height][kernel_width][out_depth]. */
void ear_depthwise_conv_2d(const ear_window *window, const int8_t *input, const int8_t *weights,
                           const ear_channel *channels, int8_t *output);

/* CONV_2D without dilation or groups.
 *
 * weights  for every two channels (the last is doubled when out_depth is odd), for every row and
 * column of the kernel, for every four input channels (zeros fill the last): four weights of the
 *          first channel, four of the second; 4-byte aligned
 * scratch  EAR_CONV_2D_PACKED_SCRATCH bytes, 4-byte aligned
 */
void ear_conv_2d_packed(const ear_window *window, const int8_t *input, const int8_t *weights,
                        const ear_packed_channel *channels, int8_t *output, void *scratch);
#define EAR_CONV_2D_PACKED_SCRATCH(kernel_height, kernel_width, in_depth) \
  (6 * (kernel_height) * (kernel_width) * (((in_depth) + 3) / 4 * 4))

/* The same with wider weights: twice the flash, fewer instructions. Weights and biases are doubled.
 *
 * weights  int16 for every two channels (the last is doubled when out_depth is odd), for every row
 * and column of the kernel, for every four input channels (zeros fill the last): of the first
 * channel 0 and 2, of the second 0 and 2, of the first 1 and 3, of the second 1 and 3; 4-byte
 * aligned scratch  EAR_CONV_2D_WIDE_SCRATCH bytes, 4-byte aligned
 */
void ear_conv_2d_wide(const ear_window *window, const int8_t *input, const int16_t *weights,
                      const ear_packed_channel *channels, int8_t *output, void *scratch);
#define EAR_CONV_2D_WIDE_SCRATCH(kernel_height, kernel_width, in_depth) \
  (8 * (kernel_height) * (kernel_width) * (((in_depth) + 3) / 4 * 4))

/* The inner loop of ear_conv_2d_mono for `pairs` (1 or more) times two positions and four channels.
 */
typedef struct ear_strip ear_strip;
typedef void ear_mono_loop(ear_strip *strip, int32_t pairs);

/* For kernels of 3 to 4 and of 7 to 8 columns: the stride is 2 in width, and a row of scratch
 * EAR_CONV_2D_MONO_SHORT_ROW. */
ear_mono_loop ear_mono_loop_4;
ear_mono_loop ear_mono_loop_8;

/* CONV_2D, or DEPTHWISE_CONV_2D, of an input of depth 1, without dilation. Weights and biases are
 * doubled.
 *
 * loop     the inner loop that fits, or NULL for one that is slower and always fits
 * weights  int16 for every four channels (zeros fill the last), for every row of the kernel, for
 * every two columns (zeros fill the last): a pair of each of the four channels; 4-byte aligned
 * scratch  kernel_height rows of EAR_CONV_2D_MONO_ROW int16, 4-byte aligned
 */
void ear_conv_2d_mono(const ear_window *window, const int8_t *input, const int16_t *weights,
                      const ear_packed_channel *channels, ear_mono_loop *loop, int8_t *output,
                      void *scratch);
#define EAR_CONV_2D_MONO_NEED(out_width, stride_width, kernel_width) \
  ((((out_width) + 1) / 2 * 2 * (stride_width) + ((kernel_width) + 1) / 2 * 2 + 7) / 8 * 8)
#define EAR_CONV_2D_MONO_SHORT_ROW 48 /* shorter rows are filled up */
#define EAR_CONV_2D_MONO_ROW(out_width, stride_width, kernel_width)                          \
  (EAR_CONV_2D_MONO_NEED(out_width, stride_width, kernel_width) < EAR_CONV_2D_MONO_SHORT_ROW \
       ? EAR_CONV_2D_MONO_SHORT_ROW                                                          \
       : EAR_CONV_2D_MONO_NEED(out_width, stride_width, kernel_width))

/* DEPTHWISE_CONV_2D of multiplier 1 and a depth that is a multiple of 4. The zero point is folded;
 * weights and biases are doubled.
 *
 * weights  int16 for every four channels, for every tap of the kernel in row order: of channels 0,
 * 2, 1, 3; 4-byte aligned scratch  EAR_DEPTHWISE_PACKED_SCRATCH bytes, aligned as a pointer
 */
void ear_depthwise_conv_2d_packed(const ear_window *window, const int8_t *input,
                                  const int16_t *weights, const ear_packed_channel *channels,
                                  int8_t *output, void *scratch);
#define EAR_DEPTHWISE_PACKED_SCRATCH(kernel_height, kernel_width, in_depth) \
  (((kernel_height) * (kernel_width) + 2) / 3 * 3 * sizeof(void *) + (in_depth))

/* AVERAGE_POOL_2D and MAX_POOL_2D; only sizes, strides, padding and the clamp of the window are
 * read. */
void ear_average_pool_2d(const ear_window *window, const int8_t *input, int8_t *output);
void ear_max_pool_2d(const ear_window *window, const int8_t *input, int8_t *output);

typedef struct {
  int32_t batches, in_count, out_count;
  int32_t in_zero_point, out_zero_point;
  int32_t out_min, out_max;
} ear_dense;

/* FULLY_CONNECTED; weights [out_count][in_count]. */
void ear_fully_connected(const ear_dense *dense, const int8_t *input, const int8_t *weights,
                         const ear_channel *channels, int8_t *output);

/* FULLY_CONNECTED. The zero point is folded.
 *
 * weights  for every four outputs, for every four inputs (zeros fill the last): four weights of
 * each; then the outputs that are left over one after another; 4-byte aligned
 */
void ear_fully_connected_packed(const ear_dense *dense, const int8_t *input, const int8_t *weights,
                                const ear_packed_channel *channels, int8_t *output);

/* The same of one batch by parts of the input, in order; the last one writes the output.
 *
 * first    where the part's `count` inputs lie in the whole input; both multiples of 4, but for the
 *          last part's count
 * sums     out_count of them, kept by the caller from part to part
 */
void ear_fully_connected_part(const ear_dense *dense, const int8_t *part, int32_t first,
                              int32_t count, const int8_t *weights,
                              const ear_packed_channel *channels, int32_t *sums, int8_t *output);

/* FULLY_CONNECTED in float32; bias may be NULL. Sums in order, without fused multiply-add. */
void ear_fully_connected_float(int32_t batches, int32_t in_count, int32_t out_count,
                               const float *input, const float *weights, const float *bias,
                               float out_min, float out_max, float *output);

/* MEAN over up to two runs of neighbouring dimensions; sizes that are not needed are 1. */
typedef struct {
  int32_t kept[3], kept_stride[3];
  int32_t reduced[2], reduced_stride[2];
  int32_t offset; /* input zero point * elements in one mean */
  int32_t multiplier, shift;
  int32_t out_zero_point;
} ear_mean_shape;
void ear_mean(const ear_mean_shape *mean, const int8_t *input, int8_t *output);

/* ADD with broadcasting: a stride is 0 where a dimension is repeated. In place over an operand that
 * is not repeated. */
typedef struct {
  int32_t shape[4], stride_a[4], stride_b[4];
  int32_t zero_point_a, zero_point_b, out_zero_point;
  int32_t multiplier_a, shift_a, multiplier_b, shift_b, out_multiplier, out_shift;
  int32_t out_min, out_max;
} ear_add_shape;
void ear_add(const ear_add_shape *add, const int8_t *a, const int8_t *b, int8_t *output);

/* PAD of up to four dimensions. */
typedef struct {
  int32_t shape[4]; /* of the input */
  int32_t before[4], after[4];
  int8_t value;
} ear_pad_shape;
void ear_pad(const ear_pad_shape *pad, const int8_t *input, int8_t *output);

/* SOFTMAX over rows of `depth`. In place.
 *
 * multiplier, left_shift  the input's scale times beta in TFLM's fixed point (5 integer bits)
 * minimum                 differences from the row's maximum below it count as zero
 */
void ear_softmax(int32_t rows, int32_t depth, int32_t multiplier, int32_t left_shift,
                 int32_t minimum, const int8_t *input, int8_t *output);

/* Any function of one int8, as a table from -128 on: LOGISTIC, RELU, RELU6, QUANTIZE. In place. */
void ear_lookup(int32_t count, const int8_t table[256], const int8_t *input, int8_t *output);

/* Rows of a tensor that moves in time: moves the `kept` bytes that lie `by` bytes after `rows` down
 * to it. The places may overlap. */
void ear_move_rows(void *rows, size_t by, size_t kept);

/* Copies the row that follows `count` rows of `row_bytes` onto each of them. */
void ear_repeat_row(void *rows, size_t row_bytes, size_t count);

/* QUANTIZE from float32: divides by the scale, rounds half away from zero, clamps. NaN becomes
 * -128. */
void ear_quantize(int32_t count, float scale, int32_t zero_point, const float *input,
                  int8_t *output);

/* DEQUANTIZE to float32. */
void ear_dequantize(int32_t count, float scale, int32_t zero_point, const int8_t *input,
                    float *output);

#ifdef __cplusplus
}
#endif
#endif
