/* The inner loops of the packed dense layer. */
#ifndef EAR_FULLY_CONNECTED_SUMS_H
#define EAR_FULLY_CONNECTED_SUMS_H

#include <stdint.h>

#include "dsp.h"

/* Adds `count` inputs to four outputs' sums; `w` is the packed weights of both. */
void ear_sums4(const int8_t *x, int32_t count, const ear_word *w, int32_t sum[4]);

/* The same of one output: returns `sum` with them. */
int32_t ear_sum1(const int8_t *x, int32_t count, const ear_word *w, int32_t sum);

#endif
