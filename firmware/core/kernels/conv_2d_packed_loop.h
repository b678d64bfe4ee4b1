/* The inner loop of ear_conv_2d_packed: three positions and two channels at once, four values in 20
 * instructions, 12 of them SMLAD. Every register is in use, more than GCC manages by itself. */
#ifndef EAR_CONV_2D_PACKED_LOOP_H
#define EAR_CONV_2D_PACKED_LOOP_H

#include "kernels/conv_2d_patch.h"

#if EAR_DSP

/* r10, r11 hold the even weights of the two channels, r2, r3 the odd ones. */
#define EAR_ONE_POSITION(sum0, sum1) \
  "smlad " sum0 ", r12, r10, " sum0  \
  "\n\t"                             \
  "smlad " sum1 ", r12, r11, " sum1  \
  "\n\t"                             \
  "smlad " sum0 ", lr, r2, " sum0    \
  "\n\t"                             \
  "smlad " sum1 ", lr, r3, " sum1 "\n\t"

/* r0 the columns, r1 the weights. */
#define EAR_FOUR_VALUES \
  "ldrd r2, r3, [r1], #8\n\t"                            \
  "ldrd r12, lr, [r0], #8\n\t"                           \
  "sxtb16 r10, r2\n\t"                                   \
  "sxtb16 r11, r3\n\t"                                   \
  "sxtb16 r2, r2, ror #8\n\t"                            \
  "sxtb16 r3, r3, ror #8\n\t" EAR_ONE_POSITION("r4", "r5") \
  "ldrd r12, lr, [r0], #8\n\t" EAR_ONE_POSITION("r6", "r7") \
  "ldrd r12, lr, [r0], #8\n\t" EAR_ONE_POSITION("r8", "r9")

/* ear_requantize_packed: r0 multiplier, r1 shift, r2 rounding; the output at r10. */
#define EAR_PATCH_REQUANTIZE(sum, place) \
  "add lr, r2, " sum                     \
  ", asr #31\n\t"                        \
  "lsl " sum                             \
  ", #1\n\t"                             \
  "smmlar " sum ", " sum                 \
  ", r0, lr\n\t"                         \
  "asr " sum                             \
  ", r1\n\t"                             \
  "ssat " sum ", #8, " sum               \
  ", asr #1\n\t"                         \
  "strb " sum ", " place "\n\t"

#define EAR_PATCH_CHANNEL(a, b, c)                                      \
  "ldm r3!, {r0, r1, r2, lr}\n\t" EAR_PATCH_REQUANTIZE(b, "[r10, r11]") \
      EAR_PATCH_REQUANTIZE(c, "[r10, r11, lsl #1]") EAR_PATCH_REQUANTIZE(a, "[r10], #1")

/* All pairs of channels at the three positions. */
__attribute__((naked, noinline)) static void ear_packed_loop(__attribute__((unused))
                                                             ear_patch *patch) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "ldr r1, [r0, #4]\n\t"
      "push {r0, r1}\n" /* patch, end of the columns */
      "1:\n\t"
      "ldr r2, [sp]\n\t"
      "ldr r3, [r2, #12]\n\t"
      "ldr r4, [r3, #12]\n\t"
      "ldr r5, [r3, #28]\n\t"
      "mov r6, r4\n\t"
      "mov r7, r5\n\t"
      "mov r8, r4\n\t"
      "mov r9, r5\n\t"
      "ldr r0, [r2]\n\t"
      "ldr r1, [r2, #8]\n\t"
      "ldr r3, [r2, #28]\n\t"
      "cmp r3, #0\n\t"
      "bne 3f\n"
      "2:\n\t" EAR_FOUR_VALUES "\n3:\n\t" EAR_FOUR_VALUES
      "ldr r12, [sp, #4]\n\t"
      "cmp r0, r12\n\t"
      "bne 2b\n\t"
      "ldr r12, [sp]\n\t"
      "str r1, [r12, #8]\n\t"
      "ldr r3, [r12, #12]\n\t"
      "ldrd r10, r11, [r12, #16]\n\t" EAR_PATCH_CHANNEL("r4", "r6", "r8")
          EAR_PATCH_CHANNEL("r5", "r7", "r9")
      "str r3, [r12, #12]\n\t"
      "str r10, [r12, #16]\n\t"
      "ldr r0, [r12, #24]\n\t"
      "subs r0, #1\n\t"
      "str r0, [r12, #24]\n\t"
      "bne 1b\n\t"
      "add sp, #8\n\t"
      "pop {r4-r11, pc}");
}

static void ear_fast_packed(ear_patch *patch) {
  patch->entry = (int32_t)(patch->end - patch->columns) / 6 % 2;
  ear_packed_loop(patch);
}

#define EAR_FAST_PACKED ear_fast_packed

#else
#define EAR_FAST_PACKED NULL
#endif
#endif
