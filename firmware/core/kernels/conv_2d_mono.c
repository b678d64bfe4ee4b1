/* An input of depth 1 (a spectrogram): two positions and four channels at once. The rows under the
 * kernel are kept as int16 without zero point, with zeros beside them, and slide as the window
 * moves down; rows outside the input are skipped. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/conv_2d_mono_strip.h"
#include "kernels/requantize.h"

typedef struct {
  const ear_window *window;
  const int8_t *input;
  int16_t *rows;
  int32_t row_size;    /* int16 in a row, even */
  int32_t first, next; /* rows[0] is row `first` of the input; rows up to `next` are there */
} rows_buffer;

/* What lies beside the input in a row stays zero, also when the row moves. */
static void zero_edges(const ear_window *w, int16_t *rows, int32_t row_size) {
  int32_t end = w->pad_left + w->in_width;
  for (int32_t i = 0; i < w->kernel_height; i++, rows += row_size) {
    memset(rows, 0, (size_t)w->pad_left * sizeof *rows);
    memset(rows + end, 0, (size_t)(row_size - end) * sizeof *rows);
  }
}

static void unpack_row(const ear_window *w, const int8_t *input, int16_t *row) {
  uint32_t zero_point = (uint32_t)(uint16_t)-w->in_zero_point * 0x10001u;
  int32_t left = w->in_width;
  for (; left >= 4; left -= 4, input += 4, row += 4) {
    uint32_t word = ear_load32(input);
    uint32_t even = ear_sxtab16(zero_point, word), odd = ear_sxtab16_odd(zero_point, word);
    ear_store32(row, ear_pkhbt(even, odd));
    ear_store32(row + 2, ear_pkhtb(even, odd));
  }
  for (; left > 0; left--) *row++ = (int16_t)(*input++ - w->in_zero_point);
}

/* Makes rows[0] row `first` of the input and fills up to row `next`. */
static void slide(rows_buffer *b, int32_t first, int32_t next) {
  if (first > b->first && first < b->next) {
    size_t row_bytes = (size_t)b->row_size * sizeof *b->rows;
    ear_move_rows(b->rows, (size_t)(first - b->first) * row_bytes,
                  (size_t)(b->next - first) * row_bytes);
  }
  if (b->next < first) b->next = first;
  b->first = first;
  for (; b->next < next; b->next++) {
    unpack_row(b->window, b->input + b->next * b->window->in_width,
               b->rows + (b->next - first) * b->row_size + b->window->pad_left);
  }
}

/* The part of a strip that `loop` does; returns how many positions are left. It always does two:
 * with an odd width the second of the last spoils the first of the next row, which comes after it.
 */
static int32_t run_fast(const ear_window *w, ear_strip *t, ear_mono_loop *loop,
                        int32_t channel_count, int is_last) {
  int32_t pairs = is_last ? w->out_width / 2 : (w->out_width + 1) / 2;
  if (!loop || channel_count != 4 || pairs == 0) return w->out_width;
  loop(t, pairs);
  return w->out_width - 2 * pairs;
}

/* One row of the output. `first_row`: of the kernel, above which it hangs over the edge. */
static void run_row(const rows_buffer *b, int32_t first_row, const int16_t *weights,
                    const ear_packed_channel *channels, ear_mono_loop *loop, int8_t *output,
                    int is_last) {
  const ear_window *w = b->window;
  int32_t row_words = (w->kernel_width + 1) / 2 * 4;
  const ear_word *first = (const ear_word *)(const void *)weights + first_row * row_words;
  for (int32_t c = 0; c < w->out_depth; c += 4, first += w->kernel_height * row_words) {
    int32_t count = w->out_depth - c < 4 ? w->out_depth - c : 4;
    ear_strip t;
    t.x = b->rows;
    t.weights = first;
    t.end = first + (b->next - b->first) * row_words;
    t.row_bytes = 2 * b->row_size;
    t.output = output + c;
    t.depth = w->out_depth;
    t.channels = channels + c;
    t.row_words = row_words;
    for (int32_t i = 0; i < 4; i++)
      t.bias[i] = t.bias[4 + i] = i < count ? channels[c + i].bias : 0;
    ear_run_strip(&t, w->stride_width, run_fast(w, &t, loop, count, is_last), count);
  }
  ear_clamp_all(output, w->out_width * w->out_depth, w->out_min, w->out_max);
}

void ear_conv_2d_mono(const ear_window *window, const int8_t *input, const int16_t *weights,
                      const ear_packed_channel *channels, ear_mono_loop *loop, int8_t *output,
                      void *scratch) {
  const ear_window *w = window;
  int32_t row_size = EAR_CONV_2D_MONO_ROW(w->out_width, w->stride_width, w->kernel_width);
  zero_edges(w, scratch, row_size);
  for (int32_t batch = 0; batch < w->batches; batch++) {
    rows_buffer b = {w, input, scratch, row_size, 0, 0};
    for (int32_t y = 0; y < w->out_height; y++) {
      int32_t top = y * w->stride_height - w->pad_top;
      int32_t bottom = top + w->kernel_height;
      int32_t first = top > 0 ? top : 0;
      slide(&b, first, bottom < w->in_height ? bottom : w->in_height);
      int is_last = batch == w->batches - 1 && y == w->out_height - 1;
      run_row(&b, first - top, weights, channels, loop, output, is_last);
      output += w->out_width * w->out_depth;
    }
    input += w->in_height * w->in_width;
  }
}
