#include "frontend/stages.h"
#include "frontend/tables.h"

#define CORRECTION_BITS 3
#define FRACTION_BITS 16
#define SEGMENT_BITS 9 /* of a fraction, below the table's index */
#define LN_2 45426u    /* 2^16 * ln 2 */
#define SCALE_BITS 6

uint16_t ear_log(uint32_t value) {
  value <<= CORRECTION_BITS;
  if (value <= 1) return 0;
  int whole = ear_bit_length(value) - 1;
  uint32_t fraction = ((value << (31 - whole)) & 0x7FFFFFFFu) >> (31 - FRACTION_BITS);
  uint32_t segment = fraction >> SEGMENT_BITS;
  int32_t low = ear_log_table[segment], high = ear_log_table[segment + 1];
  int32_t between = (high - low) * (int32_t)(fraction & ((1u << SEGMENT_BITS) - 1));
  uint32_t log2 = ((uint32_t)whole << FRACTION_BITS) + fraction + (uint32_t)(low + (between >> 16));
  uint32_t half = 1u << (FRACTION_BITS - 1);
  uint32_t natural = (uint32_t)(((uint64_t)LN_2 * log2 + half) >> FRACTION_BITS);
  return (uint16_t)(((natural << SCALE_BITS) + half) >> FRACTION_BITS);
}
