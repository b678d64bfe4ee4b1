/* The inner loop for kernels of four or eight columns that move by two over up to 40 columns, which
 * is what keyword models have. The second position reads what the first reads next, so that eight
 * columns cost four loads of the input, eight of weights and 32 SMLAD. Every register is in use,
 * more than GCC manages by itself: 47 instructions a row of eight columns instead of about 75. */
#ifndef EAR_CONV_2D_MONO_LOOP_H
#define EAR_CONV_2D_MONO_LOOP_H

#include "kernels/conv_2d_mono_strip.h"

#if EAR_DSP

/* r4-r7 are the sums at the first position, r8-r11 at the second; r1 the weights. */
#define EAR_TWO_COLUMNS(a, b)  \
  "ldrd r12, lr, [r1], #8\n\t" \
  "smlad r4, " a               \
  ", r12, r4\n\t"              \
  "smlad r8, " b               \
  ", r12, r8\n\t"              \
  "smlad r5, " a               \
  ", lr, r5\n\t"               \
  "smlad r9, " b               \
  ", lr, r9\n\t"               \
  "ldrd r12, lr, [r1], #8\n\t" \
  "smlad r6, " a               \
  ", r12, r6\n\t"              \
  "smlad r10, " b              \
  ", r12, r10\n\t"             \
  "smlad r7, " a               \
  ", lr, r7\n\t"               \
  "smlad r11, " b ", lr, r11\n\t"

/* r3 the channel, r12 the output. */
#define EAR_CHANNEL(a, b)                                   \
  "ldm r3!, {r0, r1, r2, lr}\n\t" EAR_REQUANTIZE_DOUBLED(a) \
      EAR_REQUANTIZE_DOUBLED(b) "strb " a ", [r12], #1\n\t"

/* From the strip to the first row of the kernel: the stack holds strip, pairs and end of the
 * weights. */
#define EAR_STRIP_BEGIN             \
  "ldr r2, [r0, #40]\n\t"           \
  "push {r0, r1, r2, r4-r11, lr}\n" \
  "1:\n\t"                          \
  "ldr r2, [sp]\n\t"                \
  "ldm r2!, {r4-r11}\n\t"           \
  "ldm r2, {r0, r1}\n"              \
  "2:\n\t"

/* From the end of a row of the kernel to the next row, the next two positions, or the end. */
#define EAR_STRIP_END \
  "ldr r12, [sp, #8]\n\t"                \
  "cmp r1, r12\n\t"                      \
  "bne 2b\n\t"                           \
  "ldr r2, [sp]\n\t"                     \
  "ldr r12, [r2, #48]\n\t"               \
  "ldr r3, [r2, #56]\n\t"                \
  EAR_CHANNEL("r4", "r8")                \
  EAR_CHANNEL("r5", "r9")                \
  EAR_CHANNEL("r6", "r10")               \
  EAR_CHANNEL("r7", "r11")               \
  "ldr r2, [sp]\n\t"                     \
  "ldr r1, [r2, #52]\n\t"                \
  "add r12, r1\n\t"                      \
  "strb r8, [r12, #-4]\n\t"              \
  "strb r9, [r12, #-3]\n\t"              \
  "strb r10, [r12, #-2]\n\t"             \
  "strb r11, [r12, #-1]\n\t"             \
  "add r12, r1\n\t"                      \
  "sub r12, #4\n\t"                      \
  "str r12, [r2, #48]\n\t"               \
  "ldr r0, [r2, #32]\n\t"                \
  "add r0, #8\n\t"                       \
  "str r0, [r2, #32]\n\t"                \
  "ldr r1, [sp, #4]\n\t"                 \
  "subs r1, #1\n\t"                      \
  "str r1, [sp, #4]\n\t"                 \
  "bne 1b\n\t"                           \
  "add sp, #12\n\t"                      \
  "pop {r4-r11, pc}"

#define EAR_FIRST_COLUMNS "ldrd r2, r3, [r0], #96\n\t" EAR_TWO_COLUMNS("r2", "r3")
#define EAR_EVEN_COLUMNS(offset) "ldr r2, [r0, #" offset "]\n\t" EAR_TWO_COLUMNS("r3", "r2")
#define EAR_ODD_COLUMNS(offset) "ldr r3, [r0, #" offset "]\n\t" EAR_TWO_COLUMNS("r2", "r3")

/* Defines the loop whose rows are these columns. */
#define EAR_MONO_LOOP(name, columns)                                         \
  __attribute__((naked)) void name(__attribute__((unused)) ear_strip *strip, \
                                   __attribute__((unused)) int32_t pairs) {  \
    __asm__ volatile(EAR_STRIP_BEGIN columns EAR_STRIP_END);                 \
  }

_Static_assert(2 * EAR_CONV_2D_MONO_SHORT_ROW == 96 && offsetof(ear_strip, x) == 32 &&
                   offsetof(ear_strip, end) == 40 && offsetof(ear_strip, output) == 48 &&
                   offsetof(ear_strip, depth) == 52 && offsetof(ear_strip, channels) == 56 &&
                   sizeof(ear_packed_channel) == 16,
               "the assembly knows these");

#else

#define EAR_MONO_LOOP(name, columns)           \
  void name(ear_strip *strip, int32_t pairs) { \
    ear_run_strip(strip, 2, 2 * pairs, 4);     \
  }

#endif
#endif
