"""Builds `earkit.core._core`, the firmware's portable core as a Python module.

`setup.py` takes `ffibuilder` from here; run directly, it builds the module in place. Paths are relative
to the checkout's root, which is where both run.
"""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from cffi import FFI

SOURCES = [
    *(f"firmware/core/frontend/{name}.c"
      for name in ("fft", "filterbank", "frontend", "gain", "log", "noise", "root", "tables", "window")),
    "firmware/core/recognizer/recognizer.c",
    "firmware/core/spotter/spotter.c",
]  # fmt: skip

DECLARATIONS = """
typedef struct { uint16_t filled; ...; } ear_frontend;
void ear_frontend_init(ear_frontend *frontend);
size_t feed_rows(ear_frontend *frontend, const int16_t *samples, size_t count, uint16_t *rows);
void rows_to_int8(const uint16_t *features, int8_t *out, size_t count);

#define EAR_MAX_LABELS ...
#define EAR_MAX_AVERAGE_MS ...
#define EAR_MAX_RESULTS ...
typedef struct {
    uint16_t average_ms; uint16_t suppression_ms; uint8_t minimum_count; uint8_t threshold[...]; ...;
} ear_recognizer_settings;
typedef struct { ear_recognizer_settings settings; uint8_t results; ...; } ear_recognizer;
typedef struct { uint8_t label; uint8_t score; bool is_new; ...; } ear_recognition;
void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings, uint8_t labels,
                         uint8_t silence);
ear_recognition ear_recognizer_update(ear_recognizer *recognizer, const int8_t *scores, uint64_t time_ms);

#define EAR_NO_LABEL ...
#define EAR_SAMPLE_RATE ...
#define EAR_HOP_SAMPLES ...
#define EAR_WINDOW_SAMPLES ...
#define EAR_CHANNELS ...
#define EAR_LOWER_HZ ...
#define EAR_UPPER_HZ ...
#define EAR_SPOTTER_HOPS ...
typedef struct {
    uint8_t label_count; uint16_t words; uint8_t silence; uint8_t hop_ms; uint16_t frames;
    ear_recognizer_settings recognizer; ...;
} ear_model_info;
typedef struct {
    const ear_model_info *model; uint8_t hops; uint8_t row_count; ear_recognizer recognizer; ...;
} ear_spotter_ear;
typedef struct { uint32_t blocks; ...; } ear_spotter;
#define EAR_SPOTTER_BLOCK ...
typedef struct { uint8_t label; uint8_t score; bool is_word; ...; } ear_heard;
bool ear_spotter_init(ear_spotter *spotter, ear_spotter_ear *ears, uint8_t count);
uint32_t ear_spotter_push(ear_spotter *spotter, const int16_t *samples, uint32_t lost);
uint64_t ear_spotter_ms(const ear_spotter *spotter);
const int8_t *ear_spotter_row(const ear_spotter *spotter, uint8_t ear);
bool ear_spotter_decide(ear_spotter *spotter, uint8_t ear, const int8_t *scores, ear_heard *heard);
const int8_t *ear_rows(const ear_spotter_ear *ear);
size_t push_all(ear_spotter *spotter, ear_spotter_ear *ear, const int16_t *samples, size_t blocks, int8_t
                *rows, int64_t *ms, uint8_t *is_full);
void decide_all(ear_spotter_ear *ear, const int8_t *scores, const int64_t *ms, size_t count, uint8_t *labels,
                uint8_t *averages, uint8_t *is_word);
"""

SOURCE = """
#include <string.h>

#include "frontend/frontend.h"
#include "recognizer/recognizer.h"
#include "spotter/spotter.h"

/* Feeds all of `samples`; returns how many rows of EAR_CHANNELS went into `rows`. */
static size_t feed_rows(ear_frontend *frontend, const int16_t *samples, size_t count, uint16_t *rows) {
  size_t made = 0;
  while (count > 0) {
    bool ready;
    size_t taken = ear_frontend_feed(frontend, samples, count, rows + made * EAR_CHANNELS, &ready);
    samples += taken;
    count -= taken;
    made += ready;
  }
  return made;
}

static const int8_t *ear_rows(const ear_spotter_ear *ear) {
  return ear->rows[0];
}

/* Pushes `blocks` blocks to a spotter of one ear. For each time that it is due: its rows, the time,
 * and whether its window is full. Returns how often. */
static size_t push_all(ear_spotter *spotter, ear_spotter_ear *ear, const int16_t *samples, size_t blocks,
                       int8_t *rows, int64_t *ms, uint8_t *is_full) {
  size_t count = 0, bytes = (size_t)ear->hops * EAR_CHANNELS;
  for (size_t i = 0; i < blocks; i++, samples += EAR_SPOTTER_BLOCK) {
    if (!ear_spotter_push(spotter, samples, 0)) continue;
    memcpy(rows + count * bytes, ear->rows, bytes);
    ms[count] = (int64_t)ear_spotter_ms(spotter);
    is_full[count++] = ear_spotter_is_full(ear);
  }
  return count;
}

/* `count` decisions one after another; what came of each goes into the three arrays. */
static void decide_all(ear_spotter_ear *ear, const int8_t *scores, const int64_t *ms, size_t count,
                       uint8_t *labels, uint8_t *averages, uint8_t *is_word) {
  for (size_t i = 0; i < count; ++i, scores += ear->model->label_count) {
    ear_heard found = {0, 0, false};
    bool is_new = ear_spotter_decide_at(ear, scores, (uint64_t)ms[i], &found);
    labels[i] = found.label;
    averages[i] = found.score;
    is_word[i] = is_new && found.is_word;
  }
}

static void rows_to_int8(const uint16_t *features, int8_t *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = ear_feature_to_int8(features[i]);
}
"""


def gcc_version() -> int:
    """0 where there is no gcc."""
    if not shutil.which("gcc"):
        return 0
    return int(subprocess.check_output(["gcc", "-dumpversion"], text=True).split(".")[0])


def clones() -> list[str]:
    """Doubles the FFT's speed; glibc's loader chooses. Elsewhere the compiler's baseline serves."""
    if platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        return []
    newest = '"arch=x86-64-v4", ' if gcc_version() >= 12 else ""
    return [f'-DEAR_CLONES=__attribute__((target_clones({newest}"avx2", "default")))']


ffibuilder = FFI()
ffibuilder.cdef(DECLARATIONS)
ffibuilder.set_source(
    "earkit.core._core",
    SOURCE,
    sources=SOURCES,
    depends=[str(path) for path in Path("firmware/core").rglob("*.h")],
    include_dirs=["firmware/core"],
    define_macros=[("EAR_SPOTTER_HOPS", "4")],
    libraries=["m"] if os.name == "posix" else [],
    extra_compile_args=["-std=gnu11", "-O3", "-fno-math-errno", *clones()],
    py_limited_api=True,
)


def build_in_place() -> None:
    from setuptools import Distribution  # type: ignore[import-untyped]

    os.chdir(Path(__file__).parents[3])
    module = ffibuilder.distutils_extension("build")
    distribution = Distribution({"ext_modules": [module], "package_dir": {"": "host"}})
    distribution.get_command_obj("build_ext").inplace = True
    distribution.run_command("build_ext")


if __name__ == "__main__":
    build_in_place()
