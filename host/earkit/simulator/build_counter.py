"""Builds `earkit.simulator._counter`: a Unicorn block hook that counts instructions, in C for speed.

It is not linked with Unicorn: the library hands its own functions over as pointers. Run this file to
build the module in place.
"""

from pathlib import Path

from cffi import FFI

HERE = Path(__file__).parent if "__file__" in globals() else Path("host/earkit/simulator")

ffibuilder = FFI()
ffibuilder.cdef("""
    typedef struct {
      uint64_t count;        /* instructions begun so far */
      uint64_t block;        /* address of the block that ran last */
      uint64_t deadline;     /* the run stops at the first block that begins at or after it */
      const uint8_t *flash;  /* host memory of the code; elsewhere instructions are not cached */
      uint32_t flash_base, flash_size;
      uint32_t *blocks;      /* per halfword of flash: block size in bytes << 16 | instructions */
      const uint8_t *ram;
      uint32_t ram_base, ram_size;
      int (*stop)(void *);
      uint32_t *marks;       /* addresses whose entry is logged, sorted */
      uint32_t mark_count;
      uint64_t *log;         /* pairs (address, count before the block); a ring of log_size pairs */
      uint32_t log_size;
      uint64_t log_count;
      uint32_t *runs;        /* per halfword of flash: how often the block there ran; or NULL */
      uint64_t jumps;        /* while `runs` is there: blocks that did not follow the one before */
    } ear_counter;
    void ear_count_block(void *uc, uint64_t address, uint32_t size, void *counter);
""")
ffibuilder.set_source(
    "earkit.simulator._counter",
    """
    #include <stdint.h>

    typedef struct {
      uint64_t count, block, deadline;
      const uint8_t *flash;
      uint32_t flash_base, flash_size;
      uint32_t *blocks;
      const uint8_t *ram;
      uint32_t ram_base, ram_size;
      int (*stop)(void *);
      uint32_t *marks;
      uint32_t mark_count;
      uint64_t *log;
      uint32_t log_size;
      uint64_t log_count;
      uint32_t *runs;
      uint64_t jumps;
    } ear_counter;

    /* Thumb: a first halfword of 0b11101 and above begins a 32-bit instruction (ARMv7-M, A5.1). */
    static uint32_t instructions(const uint8_t *code, uint32_t size) {
      uint32_t count = 0;
      for (uint32_t at = 0; at < size; ++count) at += (code[at + 1] >> 3) >= 0x1D ? 4 : 2;
      return count;
    }

    static uint32_t count_of(ear_counter *c, uint32_t address, uint32_t size) {
      uint32_t offset = address - c->flash_base;
      if (offset < c->flash_size) {
        uint32_t *known = &c->blocks[offset / 2];
        if (*known >> 16 != size) *known = size << 16 | instructions(c->flash + offset, size);
        return *known & 0xFFFF;
      }
      offset = address - c->ram_base;
      return offset < c->ram_size ? instructions(c->ram + offset, size) : 0;
    }

    static int is_marked(const ear_counter *c, uint32_t address) {
      uint32_t low = 0, high = c->mark_count;
      while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (c->marks[middle] < address) low = middle + 1; else high = middle;
      }
      return low < c->mark_count && c->marks[low] == address;
    }

    static void profile(ear_counter *c, uint32_t address) {
      uint32_t before = (uint32_t)c->block - c->flash_base, offset = address - c->flash_base;
      if (offset < c->flash_size) c->runs[offset / 2]++;
      if (before >= c->flash_size || c->block + (c->blocks[before / 2] >> 16) != address) c->jumps++;
    }

    static void ear_count_block(void *uc, uint64_t address, uint32_t size, void *user) {
      ear_counter *c = user;
      if (c->count >= c->deadline) { /* Unicorn stops before it runs this block: not counted yet */
        c->stop(uc);
        return;
      }
      if (c->mark_count && is_marked(c, (uint32_t)address)) {
        uint64_t *entry = c->log + 2 * (c->log_count++ % c->log_size);
        entry[0] = address;
        entry[1] = c->count;
      }
      if (c->runs) profile(c, (uint32_t)address);
      c->block = address;
      c->count += count_of(c, (uint32_t)address, size);
    }
    """,
    py_limited_api=True,
    extra_compile_args=["-O2"],
)

if __name__ == "__main__":
    ffibuilder.compile(tmpdir=str(HERE.parents[1]))
