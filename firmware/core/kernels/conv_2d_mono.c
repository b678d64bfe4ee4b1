/* An input of depth 1 (a spectrogram): two positions and four channels at once. The rows under the
 * kernel are kept as int16 without zero point, with zeros beside them, and slide as the window
 * moves down; rows outside the input are skipped. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/requantize.h"

typedef struct {
  const ear_window *window;
  const int8_t *input;
  int16_t *rows;
  int32_t row_size;    /* int16 in a row, even */
  int32_t first, next; /* rows[0] is row `first` of the input; rows up to `next` are there */
} rows_buffer;

static void unpack_row(const ear_window *w, const int8_t *input, int16_t *row) {
  uint32_t zero_point = (uint32_t)(uint16_t)-w->in_zero_point * 0x10001u;
  row += w->pad_left;
  int32_t x = 0;
  for (; x + 4 <= w->in_width; x += 4) {
    uint32_t word = ear_load32(input + x);
    uint32_t even = ear_sxtab16(zero_point, word), odd = ear_sxtab16_odd(zero_point, word);
    ear_store32(row + x, ear_pkhbt(even, odd));
    ear_store32(row + x + 2, ear_pkhtb(even, odd));
  }
  for (; x < w->in_width; x++) row[x] = (int16_t)(input[x] - w->in_zero_point);
}

/* Moves whole blocks of 16 bytes down; the buffer ends with room for the last. */
static void move_down(int16_t *to, const int16_t *from, int32_t count) {
  typedef struct {
    ear_word words[4];
  } block;
  block *out = (block *)(void *)to;
  const block *in = (const block *)(const void *)from;
  for (int32_t blocks = (count + 7) / 8; blocks > 0; blocks--) *out++ = *in++;
}

/* Makes rows[0] row `first` of the input and fills up to row `next`. */
static void slide(rows_buffer *b, int32_t first, int32_t next) {
  if (first > b->first && first < b->next) {
    move_down(b->rows, b->rows + (first - b->first) * b->row_size, (b->next - first) * b->row_size);
  }
  if (b->next < first) b->next = first;
  b->first = first;
  for (; b->next < next; b->next++) {
    unpack_row(b->window, b->input + b->next * b->window->in_width,
               b->rows + (b->next - first) * b->row_size);
  }
}

typedef struct {
  int32_t at[2][4]; /* position, channel */
} sums;

/* One row of the kernel. */
static inline const ear_word *add_row(const int16_t *x, int32_t stride, const ear_word *w,
                                      int32_t pairs, sums *s) {
  for (const int16_t *end = x + 2 * pairs; x < end; x += 2, w += 4) {
    uint32_t x0 = ear_load32(x), x1 = ear_load32(x + stride);
    for (int c = 0; c < 4; c++) {
      s->at[0][c] = ear_smlad(x0, w[c], s->at[0][c]);
      s->at[1][c] = ear_smlad(x1, w[c], s->at[1][c]);
    }
  }
  return w;
}

static void store(const ear_window *w, const ear_channel *channels, int32_t count,
                  const int32_t *sum, int8_t *output) {
  for (int32_t c = 0; c < count; c++) {
    output[c] = ear_requantize_fast(sum[c], channels[c].multiplier, channels[c].shift,
                                    2 * w->out_zero_point + 1);
  }
}

/* One row of the output, four channels of it. */
static void out_row(const rows_buffer *b, const ear_word *weights, const ear_channel *channels,
                    int32_t count, int8_t *output) {
  const ear_window *w = b->window;
  int32_t pairs = (w->kernel_width + 1) / 2;
  int32_t bias[4] = {0};
  for (int32_t c = 0; c < count; c++) bias[c] = channels[c].bias;
  const int16_t *x = b->rows;
  for (int32_t column = 0; column < w->out_width; column += 2) {
    sums s;
    memcpy(s.at[0], bias, sizeof bias);
    memcpy(s.at[1], bias, sizeof bias);
    const ear_word *wp = weights;
    const int16_t *row = x;
    for (int32_t rows = b->next - b->first; rows > 0; rows--, row += b->row_size) {
      wp = add_row(row, w->stride_width, wp, pairs, &s);
    }
    store(w, channels, count, s.at[0], output);
    output += w->out_depth;
    if (column + 1 < w->out_width) store(w, channels, count, s.at[1], output);
    output += w->out_depth;
    x += 2 * w->stride_width;
  }
}

static void clamp_row(const ear_window *w, int8_t *output) {
  if (w->out_min == -128 && w->out_max == 127) return;
  for (int32_t i = 0; i < w->out_width * w->out_depth; i++) {
    output[i] = ear_clamp(output[i], w->out_min, w->out_max);
  }
}

void ear_conv_2d_mono(const ear_window *window, const int8_t *input, const int16_t *weights,
                      const ear_channel *channels, int8_t *output, void *scratch) {
  const ear_window *w = window;
  int32_t row_words = (w->kernel_width + 1) / 2 * 4; /* of the weights of four channels */
  int32_t row_size = EAR_CONV_2D_MONO_ROW(w->out_width, w->stride_width, w->kernel_width);
  memset(scratch, 0, (size_t)(w->kernel_height * row_size) * sizeof(int16_t));
  for (int32_t batch = 0; batch < w->batches; batch++) {
    rows_buffer b = {w, input, scratch, row_size, 0, 0};
    for (int32_t y = 0; y < w->out_height; y++) {
      int32_t top = y * w->stride_height - w->pad_top;
      int32_t bottom = top + w->kernel_height;
      int32_t first = top > 0 ? top : 0;
      slide(&b, first, bottom < w->in_height ? bottom : w->in_height);
      const ear_word *wp = (const ear_word *)(const void *)weights + (first - top) * row_words;
      for (int32_t c = 0; c < w->out_depth; c += 4, wp += w->kernel_height * row_words) {
        int32_t count = w->out_depth - c < 4 ? w->out_depth - c : 4;
        out_row(&b, wp, channels + c, count, output + c);
      }
      clamp_row(w, output);
      output += w->out_width * w->out_depth;
    }
    input += w->in_height * w->in_width;
  }
}
