/* The inner loop of ear_conv_2d_wide: four positions and two channels at once, four values in 22
 * instructions, 16 of them SMLAD. Every register is in use, more than GCC manages by itself. */
#ifndef EAR_CONV_2D_WIDE_LOOP_H
#define EAR_CONV_2D_WIDE_LOOP_H

#include "kernels/conv_2d_patch.h"

#define EAR_WIDE_UNROLLED 4    /* fours in a round of the loop */
#define EAR_WIDE_FOUR_BYTES 88 /* its code */

#if EAR_DSP

/* r0 the columns, r1 the weights; r2, r3 hold those of the two channels, r12, lr two positions. */
#define EAR_WIDE_PAIR          \
  "ldrd r2, r3, [r1], #8\n\t"  \
  "ldrd r12, lr, [r0], #8\n\t" \
  "smlad r4, r12, r2, r4\n\t"  \
  "smlad r5, r12, r3, r5\n\t"  \
  "smlad r6, lr, r2, r6\n\t"   \
  "smlad r7, lr, r3, r7\n\t"   \
  "ldrd r12, lr, [r0], #8\n\t" \
  "smlad r8, r12, r2, r8\n\t"  \
  "smlad r9, r12, r3, r9\n\t"  \
  "smlad r10, lr, r2, r10\n\t" \
  "smlad r11, lr, r3, r11\n\t"

#define EAR_WIDE_FOUR EAR_WIDE_PAIR EAR_WIDE_PAIR

/* The next channel, whose table is at r3. */
#define EAR_WIDE_CHANNEL(a, b, c, d)                                                  \
  "ldm r3!, {r0, r1, r2, lr}\n\t" EAR_REQUANTIZE_DOUBLED(a) EAR_REQUANTIZE_DOUBLED(b) \
      EAR_REQUANTIZE_DOUBLED(c) EAR_REQUANTIZE_DOUBLED(d)

/* Two channels of a position, at r1. */
#define EAR_WIDE_STORE(a, b) "strb " b ", [r1, #1]\n\tstrb " a ", [r1]\n\t"

/* All pairs of channels at the four positions. */
__attribute__((naked, noinline)) static void ear_wide_loop(__attribute__((unused))
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
      "mov r10, r4\n\t"
      "mov r11, r5\n\t"
      "ldr r0, [r2]\n\t"
      "ldr r1, [r2, #8]\n\t"
      "ldr r3, [r2, #28]\n\t"
      "adr r2, 2f + 1\n\t"
      "add r2, r3\n\t"
      "bx r2\n\t"
      ".balign 4\n"
      "2:\n\t" EAR_WIDE_FOUR EAR_WIDE_FOUR EAR_WIDE_FOUR EAR_WIDE_FOUR
      "ldr r12, [sp, #4]\n\t"
      "cmp r0, r12\n\t"
      "bne 2b\n\t"
      "ldr r12, [sp]\n\t"
      "str r1, [r12, #8]\n\t"
      "ldr r3, [r12, #12]\n\t" EAR_WIDE_CHANNEL("r4", "r6", "r8", "r10")
          EAR_WIDE_CHANNEL("r5", "r7", "r9", "r11")
      "str r3, [r12, #12]\n\t"
      "ldrd r1, r2, [r12, #16]\n\t"
      "add r3, r1, #2\n\t"
      "str r3, [r12, #16]\n\t" EAR_WIDE_STORE("r4", "r5")
      "add r1, r2\n\t" EAR_WIDE_STORE("r6", "r7")
      "add r1, r2\n\t" EAR_WIDE_STORE("r8", "r9")
      "add r1, r2\n\t" EAR_WIDE_STORE("r10", "r11")
      "ldr r0, [r12, #24]\n\t"
      "subs r0, #1\n\t"
      "str r0, [r12, #24]\n\t"
      "bne 1b\n\t"
      "add sp, #8\n\t"
      "pop {r4-r11, pc}");
}

static void ear_fast_wide(ear_patch *patch) {
  int32_t fours = (int32_t)(patch->end - patch->columns) / 8;
  int32_t skipped = (EAR_WIDE_UNROLLED - fours % EAR_WIDE_UNROLLED) % EAR_WIDE_UNROLLED;
  patch->entry = skipped * EAR_WIDE_FOUR_BYTES;
  ear_wide_loop(patch);
}

#define EAR_FAST_WIDE ear_fast_wide

#else
#define EAR_FAST_WIDE NULL
#endif
#endif
