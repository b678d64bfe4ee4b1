/* The C library's and libgcc's versions of these are unrolled for speed, 2.5 kB in all; here they
 * serve commands, numbers in text and moves of at most 2 kB, so that small ones do. */
#include <stdint.h>
#include <string.h>

/* The core loads and stores words at any address. */
typedef uint32_t __attribute__((aligned(1), may_alias)) word;

void *memmove(void *to, const void *from, size_t count) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((size_t)(t - f) < count) { /* the target begins inside the source */
    while (count--) t[count] = f[count];
    return to;
  }
  for (; count >= 8; count -= 8, t += 8, f += 8) {
    ((word *)t)[0] = ((const word *)f)[0];
    ((word *)t)[1] = ((const word *)f)[1];
  }
  while (count--) *t++ = *f++;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
    __attribute__((alias("memmove")));

void *memset(void *to, int value, size_t count) {
  uint8_t *t = to;
  for (; count >= 4; count -= 4, t += 4) *(word *)t = (uint8_t)value * 0x01010101u;
  while (count--) *t++ = (uint8_t)value;
  return to;
}

size_t strlen(const char *text) {
  const char *end = text;
  while (*end) end++;
  return (size_t)(end - text);
}

int strcmp(const char *a, const char *b) {
  for (; *a && *a == *b; a++) b++;
  return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t count) {
  for (; count && *a && *a == *b; a++, count--) b++;
  return count ? (unsigned char)*a - (unsigned char)*b : 0;
}

char *strcpy(char *to, const char *from) {
  char *at = to;
  while ((*at++ = *from++)) {
  }
  return to;
}

/* Schoolbook division, as many steps as the quotient has bits. */
__attribute__((used)) static uint64_t divide(uint64_t n, uint64_t d, uint64_t *rest) {
  uint64_t quotient = 0;
  if (d != 0 && n >= d) {
    int shift = __builtin_clzll(d) - __builtin_clzll(n);
    d <<= shift;
    for (; shift >= 0; shift--, d >>= 1) {
      quotient <<= 1;
      if (n >= d) {
        n -= d;
        quotient |= 1;
      }
    }
  }
  *rest = n;
  return quotient;
}

/* Quotient in r0 and r1, remainder in r2 and r3 (Run-time ABI for the Arm Architecture, 5.1.2). */
void __aeabi_uldivmod(void);
__attribute__((naked)) void __aeabi_uldivmod(void) {
  __asm__ volatile(
      "push {r4, lr}\n"
      "sub sp, #16\n"
      "add r4, sp, #8\n"
      "str r4, [sp]\n"
      "bl %c0\n"
      "ldrd r2, r3, [sp, #8]\n"
      "add sp, #16\n"
      "pop {r4, pc}\n" ::"i"(divide));
}
