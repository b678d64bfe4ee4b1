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
]  # fmt: skip

DECLARATIONS = """
typedef struct { uint16_t filled; ...; } ear_frontend;
void ear_frontend_init(ear_frontend *frontend);
size_t feed_rows(ear_frontend *frontend, const int16_t *samples, size_t count, uint16_t *rows);
void rows_to_int8(const uint16_t *features, int8_t *out, size_t count);

#define EAR_MAX_LABELS ...
typedef struct {
    uint16_t average_ms; uint16_t suppression_ms; uint8_t minimum_count; uint8_t threshold[...]; ...;
} ear_recognizer_settings;
typedef struct { ear_recognizer_settings settings; uint8_t results; ...; } ear_recognizer;
typedef struct { uint8_t label; uint8_t score; bool is_new; ...; } ear_recognition;
void ear_recognizer_init(ear_recognizer *recognizer, const ear_recognizer_settings *settings, uint8_t labels);
ear_recognition ear_recognizer_update(ear_recognizer *recognizer, const int8_t *scores, uint64_t time_ms);
void update_rows(ear_recognizer *recognizer, const int8_t *scores, const int64_t *times_ms, size_t count,
                 uint8_t *labels, uint8_t *averages, uint8_t *is_new);
"""

SOURCE = """
#include "frontend/frontend.h"
#include "recognizer/recognizer.h"

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

/* `count` results one after another; what came of each goes into the three arrays. */
static void update_rows(ear_recognizer *recognizer, const int8_t *scores, const int64_t *times_ms,
                        size_t count, uint8_t *labels, uint8_t *averages, uint8_t *is_new) {
  for (size_t i = 0; i < count; ++i, scores += recognizer->labels) {
    ear_recognition found = ear_recognizer_update(recognizer, scores, (uint64_t)times_ms[i]);
    labels[i] = found.label;
    averages[i] = found.score;
    is_new[i] = found.is_new;
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
    depends=[str(path) for path in Path("firmware/core").glob("*/*.h")] + ["firmware/core/dsp.h"],
    include_dirs=["firmware/core"],
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
